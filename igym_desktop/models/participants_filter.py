"""Which participants the live table shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from igym_desktop.flow.words import ENDED
from igym_desktop.models.participants_columns import Column, Row


def needs_attention(row: Row) -> bool:
    """Whether a researcher should look: warned, paused, gone, or not reachable."""
    return (
        bool(row.get("warnings"))
        or row.get("state") in ("paused", "excluded", "dropped")
        or (row.get("connection") in ("away", "lost") and row.get("state") not in ENDED)
    )


FILTERS: dict[str, Callable[[Row], bool]] = {
    "all": lambda row: True,
    "active": lambda row: row.get("state") not in ENDED,
    "waiting": lambda row: row.get("state") in ("waiting", "countdown"),
    "playing": lambda row: row.get("state") in ("playing", "paused"),
    "attention": needs_attention,
    "ended": lambda row: row.get("state") in ENDED,
}
"""Named filters of the table."""

SEARCHED = frozenset(
    {
        "who",
        "seat",
        "state",
        "scene",
        "connection",
        "partners",
        "focus",
        "warnings",
        "match",
        "code",
        "reason",
        "joined",
    }
    | {"browser"}
)
"""Columns that words are looked for in: what tells people apart, not the figures that change all the time."""
_FIELDS = (
    "id", "label", "seat", "state", "loading", "scene_id", "scene_index", "scene_total", "connection", "partners",
    "focused", "warnings", "match_id", "code", "reason", "joined_at", "browser",
)  # fmt: skip
"""What those columns are made of."""


class Search:
    """Words that all have to occur in a row; its text is made again only when it would be another."""

    def __init__(self, columns: list[Column]) -> None:
        self._columns = [column for column in columns if column.key in SEARCHED]
        self._words: list[str] = []
        self._texts: dict[str, tuple[tuple[Any, ...], str]] = {}

    def use(self, text: str) -> None:
        """Every word of `text` has to occur."""
        self._words = text.casefold().split()

    def accepts(self, key: str, row: Row) -> bool:
        """Whether the participant `key` has all the words."""
        if not self._words:
            return True
        text = self._text_of(key, row)
        return all(word in text for word in self._words)

    def forget(self, keep: Mapping[str, Row]) -> None:
        """Lets go of participants who are gone."""
        self._texts = {key: known for key, known in self._texts.items() if key in keep}

    def _text_of(self, key: str, row: Row) -> str:
        facts = tuple(row.get(name) for name in _FIELDS)
        known = self._texts.get(key)
        if known is not None and known[0] == facts:
            return known[1]
        text = f"{' '.join(column.cell(row).text for column in self._columns)} {key}".casefold()
        self._texts[key] = (facts, text)
        return text
