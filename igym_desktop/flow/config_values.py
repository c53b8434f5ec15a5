"""Values of an env's config on one line, also those that a match or an episode decides; trials from a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from igym_desktop.flow.values import read_value, write_value
from igym_desktop.i18n import tr

VALUE, PER_EPISODE = "$value", "$per_episode"
"""How a stored study marks them."""


def read_config(text: str) -> Any:
    """`each episode: a, b`, `each episode, shuffled: a, b`, `from layout, else open`, or a plain value."""
    stripped = text.strip()
    for order, word in (("random", tr("each episode, shuffled")), ("listed", tr("each episode"))):
        if stripped.casefold().startswith(f"{word.casefold()}:"):
            values = _read_list(stripped[len(word) + 1 :])
            return {PER_EPISODE: values, "order": order} if values else text
    found = re.fullmatch(rf"{re.escape(tr('from'))}\s+([\w.-]+)(?:,\s*{re.escape(tr('else'))}\s+(.+))?", stripped)
    if found:
        return {VALUE: found[1], **({"default": read_value(found[2])} if found[2] is not None else {})}
    return read_value(text)


def write_config(value: Any) -> str:
    """A line that reads back as the value."""
    if isinstance(value, Mapping) and set(value) <= {PER_EPISODE, "order"} and value.get(PER_EPISODE):
        word = tr("each episode, shuffled") if value.get("order") == "random" else tr("each episode")
        return f"{word}: {_write_list(value[PER_EPISODE])}"
    if isinstance(value, Mapping) and VALUE in value and set(value) <= {VALUE, "default"}:
        more = f", {tr('else')} {write_value(value['default'])}" if "default" in value else ""
        return f"{tr('from')} {value[VALUE]}{more}"
    line = write_value(value)
    # A text that only looks like one of these is put into quotes.
    return line if read_config(line) == value else write_value([value])[1:-1]


def _read_list(text: str) -> list[Any]:
    whole = read_value(text)
    return whole if isinstance(whole, list) else [read_value(part.strip()) for part in text.split(",") if part.strip()]


def _write_list(values: Sequence[Any]) -> str:
    line = ", ".join(map(write_value, values))
    return line if _read_list(line) == list(values) else write_value(list(values))


def trials_of(rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """A table of trials, its first row the names of settings: a value for each episode, in that order."""
    lines = [row for row in rows if any(cell.strip() for cell in row)]
    header, trials = (lines[0], lines[1:]) if lines else ([], [])
    names = [re.sub(r"\W+", "_", name.strip()) for name in header]
    return {
        name: {
            PER_EPISODE: [read_value(row[at].strip()) if at < len(row) else None for row in trials],
            "order": "listed",
        }
        for at, name in enumerate(names)
        if name and trials
    }
