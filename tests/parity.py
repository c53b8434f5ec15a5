"""What all members of a match must have alike in their row files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

OWN = ("participant", "player", "agent", "condition")
OWN_PREFIXES = ("local.", "condition.", "order.")


def is_shared(column: str) -> bool:
    """Whether a column is the match's and not this member's own."""
    return column not in OWN and not column.startswith(OWN_PREFIXES)


def shared(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without what is its member's own."""
    return {name: value for name, value in row.items() if is_shared(name)}


def shared_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All rows so."""
    return [shared(row) for row in rows]
