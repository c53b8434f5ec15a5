"""On which line of a TOML text each entry stands; `tomllib`, which reads the text, does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Place = tuple[str | int, ...]
"""Keys and positions from the top of the document down to one entry."""


class Lines:
    """Looks up lines, counted from 1."""

    def __init__(self, text: str) -> None:
        self._places: dict[Place, tuple[int, str]] = {}
        here: Place = ()
        counts: dict[Place, int] = {}
        for line, statement, found in _statements(text):
            if statement.lstrip().startswith("["):
                here = _entered(found, counts)
                self._places.setdefault(here, (line, statement))
            else:
                for place in _inner(found, here):
                    self._places.setdefault(place, (line, statement))

    def line(self, place: Place) -> int | None:
        """The line of an entry, or of the nearest one that holds it; None when there is none."""
        for length in range(len(place), 0, -1):
            known = self._places.get(place[:length])
            if known is not None:
                return known[0] + _within(known[1], place[length:])
        return None


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each header and each `key = value` with its first line; a value may go over several lines."""
    waiting, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not waiting and (not line.strip() or line.lstrip().startswith("#")):
            continue
        first = first if waiting else number
        waiting = f"{waiting}{line}\n"
        try:
            found = tomllib.loads(waiting)
        except tomllib.TOMLDecodeError:
            continue
        yield first, waiting, found
        waiting = ""


def _entered(header: Mapping[str, Any], counts: dict[Place, int]) -> Place:
    """The table a header opens; a table of a list gets its position."""
    place: Place = ()
    inner: Any = header
    while isinstance(inner, Mapping) and inner:
        name, inner = next(iter(inner.items()))
        place = (*place, name)
        if isinstance(inner, list):
            counts[place] = counts.get(place, -1) + 1
            inner = None
        if place in counts:
            place = (*place, counts[place])
    return place


def _inner(found: Mapping[str, Any], here: Place) -> Iterator[Place]:
    for name, value in found.items():
        yield (*here, name)
        if isinstance(value, Mapping):
            yield from _inner(value, (*here, name))


def _within(statement: str, rest: Place) -> int:
    """Lines between the start of a value over several lines and the name looked for inside it."""
    names = [str(part) for part in rest if isinstance(part, str)]
    if not names:
        return 0
    for index, line in enumerate(statement.splitlines()):
        if re.search(rf"(?<![\w-]){re.escape(names[-1])}(?![\w-])", line):
            return index
    return 0
