"""Ids as file names of a standard may hold them: letters and digits only, spelled the same in names and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from igym.host.store.store_reader import StoreReader

_SINGLE = ("participant", "match", "scene", "last_scene")
_SEVERAL = ("partner", "matches")
"""Columns with ids parted by spaces."""


class Spelling:
    """The words for the ids of one session's participants, matches and scenes; no two ids share one."""

    def __init__(self, source: StoreReader, session: str) -> None:
        people = [str(record.participant) for record in source.records(session, kinds=("joined",))]
        matches, scenes = [], []
        for record in source.records(session, kinds=("match_formed", "scene_entered", "answers")):
            scenes.append(str(record.scene or record.body.get("scene_id")))
            matches += [str(record.match)] if record.kind == "match_formed" else []
        for scene, match, _, participant in source.episodes(session):
            people, matches, scenes = [*people, participant], [*matches, match], [*scenes, scene]
        self.kinds = {
            "participant": dict.fromkeys(people), "match": dict.fromkeys(matches), "scene": dict.fromkeys(scenes),
        }  # fmt: skip
        self._words = unique_words(sorted({id for ids in self.kinds.values() for id in ids}))

    def word(self, identifier: str) -> str:
        """The word for an id; what is none stays as it is."""
        return self._words.get(identifier, identifier)

    def rows(self, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[list[Any]]:
        """A table's rows with its ids spelled so."""
        spelled = [self._of_column(name) for name in header]
        return ([value if how is None else how(value) for how, value in zip(spelled, row, strict=True)] for row in rows)

    def values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Column → value, the ids spelled so."""
        [row] = self.rows(list(values), [list(values.values())])
        return dict(zip(values, row, strict=True))

    def table(self) -> list[tuple[str, str, str]]:
        """`(kind, id here, id as recorded)` of every id."""
        return [(kind, self.word(id), id) for kind, ids in self.kinds.items() for id in ids]

    def _of_column(self, name: str) -> Any:
        if name in _SINGLE or name.startswith("player_participants."):
            return lambda value: value if value is None else self.word(str(value))
        if name in _SEVERAL:
            return lambda value: value if value is None else " ".join(map(self.word, str(value).split(" ")))
        return None


def unique_words(values: Iterable[str]) -> dict[str, str]:
    """Give each id a word of letters and digits only; upper and lower case count as the same."""
    taken: set[str] = set()
    words = {}
    for value in values:
        word = base = letters_and_digits(value) or "x"
        number = 2
        while word.lower() in taken:
            word, number = f"{base}x{number}", number + 1
        taken.add(word.lower())
        words[value] = word
    return words


def letters_and_digits(text: str) -> str:
    """What is left of a text without all other characters."""
    return re.sub(r"[^A-Za-z0-9]", "", text)
