"""What is kept in indices and sums, found again by looking at everybody who ever joined."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from igym.core import conditions, joining, plans
from igym.core.session import Session
from igym.core.state import State
from igym.core.view import SessionView
from igym.experiment.design import NODE


def check_found(state: State) -> None:
    people, roster = list(state.participants.values()), state.roster
    assert list(roster.under_way) == [person.id for person in people if not person.is_final]
    assert plans.places_taken(state) == sum(map(plans.takes_place, people))
    assert roster.ids == {person.id.casefold() for person in people}
    assert roster.labels == {person.label.casefold(): person.id for person in people if person.label is not None}
    assert plans.cell_counts(state) == counted(state)
    for person in people:
        assert joining.by_token(state, person.token_hash) is person
        assert roster.matches.get(person.id, []) == [m.id for m in state.matches.values() if m.seat_of(person.id)]
        for name, places in ((person.seat, roster.seats), (person.transfer_to, roster.transfers)):
            assert [place for place, who in places.items() if person.id in who] == [name] * (name is not None)
    assert len(roster.tokens) == len(people)
    for match in state.matches:
        assert state.ledger.episodes(match) == sorted(at for known, at in state.ledger.parity if known == match)
    check_bots(state)
    check_strata(state)


def check_bots(state: State) -> None:
    """Which of a pool was drawn how often, in matches that began or still may."""
    counted: dict[tuple[str, str, int], int] = Counter()
    for match in state.matches.values():
        if not (match.is_over and match.started_at is None):
            for agent, places in match.fixed.get("pools", {}).items():
                counted.update((match.spec_id, agent, place) for place in places)  # type: ignore[attr-defined]
    kept = {
        (spec, agent, place): number
        for spec, agents in state.roster.bots.items()
        for agent, places in agents.items()
        for place, number in places.items()
        if number
    }
    assert kept == dict(counted)


_TOLD: WeakKeyDictionary[Session, tuple[dict[str, Any], dict[str, Any]]] = WeakKeyDictionary()


def check_kept(session: Session, whole: SessionView) -> None:
    """The view that is kept is the one made anew, and so is what somebody has who was told each change."""
    kept = session.look()
    people, matches = kept.people(0, len(whole.participants) + 1), kept.matches(0, len(whole.matches) + 1)
    assert replace(session.small_parts(), participants=tuple(people), matches=tuple(matches)) == whole
    assert {phase: number for phase, number in session.counts()[1].items() if number} == Counter(
        row.state for row in whole.matches
    )
    told = _TOLD.setdefault(session, ({}, {}))
    for known, changed in zip(told, kept.take_changes(), strict=True):
        known.update({row.id: row for row in changed})
    assert told == ({row.id: row for row in whole.participants}, {row.id: row for row in whole.matches})


def check_strata(state: State) -> None:
    design = state.experiment.assigned
    if design is None or not design.strata:
        return
    for person in state.participants.values():
        own = conditions.stratum(design, person)
        others = (other for other in state.participants.values() if conditions.stratum(design, other) == own)
        cells = Counter(other.draws[NODE] for other in others if NODE in other.draws and plans.takes_place(other))
        found = conditions._in_stratum(state, design, person) or {}
        assert {cell: number for cell, number in found.items() if number} == dict(cells)


def counted(state: State) -> dict[str, dict[str, int]]:
    sizes = plans.group_sizes(state)
    counts: dict[str, Counter[str]] = {}
    matched: dict[str, Counter[str]] = {}
    for person in state.participants.values():
        for node, outcome in person.draws.items():
            if f"{node}={outcome}" in person.matched_keys:
                matched.setdefault(node, Counter())[outcome] += 1
            elif plans._counts(person, node, outcome, grouped=plans._is_grouped(node, sizes)):
                counts.setdefault(node, Counter())[outcome] += 1
    for node, cells in matched.items():
        size = plans.size_of(node, sizes)
        for outcome, number in cells.items():
            counts.setdefault(node, Counter())[outcome] += math.ceil(number / size) * size
    return {node: dict(cells) for node, cells in counts.items()}
