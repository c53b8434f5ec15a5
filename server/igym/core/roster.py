"""Who is found by what, and what those whose part has ended add up to, so that nobody looks at all who ever came.

Plain facts of the state; `core.joining`, `core.endings` and `core.past` keep them as people join, move and end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Counts = dict[str, dict[str, int]]
"""Node of the plan → outcome → people."""


@dataclass(slots=True)
class Past:
    """Sums over those whose part has ended."""

    places: int = 0
    """People who count as taking part: they finished."""
    outcomes: Counts = field(default_factory=dict)
    """Those of them who got an outcome by themselves."""
    matched: Counts = field(default_factory=dict)
    """Those who were matched inside an outcome drawn for a group, whether they finished or not."""
    strata: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    """What people are balanced within → cell of the design → those who finished in it."""


@dataclass(slots=True)
class Roster:
    """Ids of participants by token, name and place."""

    tokens: dict[str, str] = field(default_factory=dict)
    """Hash of a token → whom it lets act."""
    labels: dict[str, str] = field(default_factory=dict)
    """Label, upper and lower case being one → who has it."""
    ids: set[str] = field(default_factory=set)
    """Every id, in lower case."""
    seats: dict[str, list[str]] = field(default_factory=dict)
    """Seat → who sits there or sat there last."""
    transfers: dict[str, list[str]] = field(default_factory=dict)
    """Seat → who is to go on there."""
    under_way: dict[str, None] = field(default_factory=dict)
    """Everybody whose part has not ended, in the order they joined."""
    matches: dict[str, list[str]] = field(default_factory=dict)
    """Participant → their matches, oldest first."""
    bots: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)
    """Game → agent with a pool → place in it → how often it was drawn, those matches left out that never began."""
    past: Past = field(default_factory=Past)
