"""What changed between two views of a session: small messages however many people take part."""

from __future__ import annotations

from typing import Any

View = dict[str, Any]


def changes_between(old: View | None, new: View) -> dict[str, Any] | None:
    """A `changes` message (without its number), or None when nothing changed. Everything is new without an old view."""
    before = old or {}
    participants = _changed(before.get("participants", ()), new["participants"])
    matches = _changed(before.get("matches", ()), new["matches"])
    gone = _gone(before.get("participants", ()), new["participants"])
    problems = _changed(before.get("problems", ()), new["problems"])
    problems += [{"id": solved, "cleared": True} for solved in _gone(before.get("problems", ()), new["problems"])]
    whole = ("session", "counts", "waitrooms", "cells", "messages")
    parts: dict[str, Any] = {name: new[name] for name in whole if name in new}
    same = old is not None and all(before.get(name) == value for name, value in parts.items())
    if same and not (participants or matches or gone or problems):
        return None
    return {**parts, "participants": participants, "matches": matches, "gone": gone, "problems": problems}


def _changed(old: Any, new: Any) -> list[dict[str, Any]]:
    known = {row["id"]: row for row in old}
    return [row for row in new if known.get(row["id"]) != row]


def _gone(old: Any, new: Any) -> list[str]:
    return sorted({row["id"] for row in old} - {row["id"] for row in new})
