"""What changed between two looks at a session: small messages however many people take part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from igym.core.view import MatchRow, ParticipantRow, plain

View = dict[str, Any]
WHOLE = ("session", "counts", "waitrooms", "cells", "messages")


def changes_of(
    old: View | None, new: View, people: Sequence[ParticipantRow], matches: Sequence[MatchRow]
) -> dict[str, Any] | None:
    """A `changes` message (without its number), or None when nothing changed.

    `old` and `new` are views without rows of people and matches, `people` and `matches` the rows that changed.
    Everything is new without an old view. Nobody who joined ever goes, so `gone` is empty.
    """
    before = old or {}
    problems = _changed(before.get("problems", ()), new["problems"])
    problems += [{"id": solved, "cleared": True} for solved in _gone(before.get("problems", ()), new["problems"])]
    parts: dict[str, Any] = {name: new[name] for name in WHOLE if name in new}
    same = old is not None and all(before.get(name) == value for name, value in parts.items())
    if same and not (people or matches or problems):
        return None
    rows = {"participants": plain(tuple(people)), "matches": plain(tuple(matches))}
    return {**parts, **rows, "gone": [], "problems": problems}


def _changed(old: Any, new: Any) -> list[dict[str, Any]]:
    known = {row["id"]: row for row in old}
    return [row for row in new if known.get(row["id"]) != row]


def _gone(old: Any, new: Any) -> list[str]:
    return sorted({row["id"] for row in old} - {row["id"] for row in new})
