"""The view of a session, kept: a look builds only the rows of those who are under way or were heard of since the last.

Whoever is done and says nothing costs nothing any more, however many they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from igym.core import view
from igym.core.participant import ENDINGS, ConnectionState, Participant, PersonState
from igym.core.state import HAVE_PEOPLE, State
from igym.core.touched import Touched
from igym.core.view import CellRow, MatchRow, MessageRow, ParticipantRow, SessionView
from igym.experiment.design import NODE


@dataclass(frozen=True)
class Share:
    """What one person adds to the counts."""

    simulated: bool
    state: str
    connection: str | None
    """None: not counted any more, as their part has ended."""
    cell: tuple[str, str] | None
    """Cell of the design, and how far they came in it."""


class KeptView:
    """Rows as of the last look. ``take_changes`` gives each changed one once."""

    def __init__(self) -> None:
        self._people: dict[str, ParticipantRow] = {}
        self._matches: dict[str, MatchRow] = {}
        self._notices: tuple[MessageRow, ...] = ()
        self._shares: dict[str, Share] = {}
        self._sums: Counter[tuple[object, ...]] = Counter()
        self._phases: Counter[str] = Counter()
        self._moving: tuple[str, ...] = ()
        self._running: tuple[str, ...] = ()
        self._changed_people: dict[str, None] = {}
        self._changed_matches: dict[str, None] = {}

    def look(self, state: State, touched: Touched) -> None:
        """Brings the rows up to date; ``touched`` is gathered anew afterwards."""
        if not touched.anything:
            return
        if touched.everything:
            people: Iterable[str] = list(state.participants)
            matches: Iterable[str] = list(state.matches)
        else:
            new = _added(state.participants, len(self._people))
            people = dict.fromkeys((*new, *self._moving, *state.roster.under_way, *touched.people))
            matches = dict.fromkeys(
                (*_added(state.matches, len(self._matches)), *self._running, *touched.matches)
            )  # fmt: skip
        for who in people:
            if who in state.participants:
                self._person(state, state.participants[who])
        for match in matches:
            if match in state.matches:
                self._match(state, match)
        self._moving = tuple(state.roster.under_way)
        self._running = tuple(match for match in matches if match in state.matches and not state.matches[match].is_over)
        if touched.notices:
            self._notices = view.notices(state)
        touched.looked()

    def counts(self, state: State) -> dict[str, int]:
        """Like ``view.counts``."""
        mixed = state.kind in HAVE_PEOPLE
        shown = (False,) if mixed else (False, True)
        simulated = self._sums["simulated", True]
        return {
            "joined": len(self._people) - simulated if mixed else len(self._people),
            "simulated": simulated if mixed else 0,
            **{str(kind): sum(self._sums["connection", of, str(kind)] for of in shown) for kind in ConnectionState},
            **{str(kind): sum(self._sums["state", of, str(kind)] for of in shown) for kind in PersonState},
        }

    def matches_by_state(self) -> dict[str, int]:
        return {phase: number for phase, number in self._phases.items() if number}

    def small_parts(self, state: State, admission: str) -> SessionView:
        """Everything but the rows of people and matches."""
        return view.assembled(
            state, admission, counts=self.counts(state), participants=(), matches=(), cells=self._cells(state),
            notices=self._notices,
        )  # fmt: skip

    def people(self, first: int, count: int) -> list[ParticipantRow]:
        """Rows of people in the order in which they joined."""
        return list(islice(self._people.values(), first, first + count))

    def matches(self, first: int, count: int) -> list[MatchRow]:
        """Rows of matches in the order in which they were formed."""
        return list(islice(self._matches.values(), first, first + count))

    def take_changes(self) -> tuple[list[ParticipantRow], list[MatchRow]]:
        """Rows of people and of matches that are not as they were at the last call."""
        people = [self._people[who] for who in self._changed_people]
        matches = [self._matches[match] for match in self._changed_matches]
        self._changed_people.clear()
        self._changed_matches.clear()
        return people, matches

    def _person(self, state: State, person: Participant) -> None:
        row = view.participant_row(state, person)
        if self._people.get(person.id) != row:
            self._people[person.id] = row
            self._changed_people[person.id] = None
        share = _share(state, person)
        before = self._shares.get(person.id)
        if before != share:
            self._shares[person.id] = share
            self._sums.update(_keys(share))
            self._sums.subtract(_keys(before) if before is not None else ())

    def _match(self, state: State, identifier: str) -> None:
        row = view.match_row(state, state.matches[identifier])
        before = self._matches.get(identifier)
        if before == row:
            return
        self._matches[identifier] = row
        self._changed_matches[identifier] = None
        self._phases[row.state] += 1
        if before is not None:
            self._phases[before.state] -= 1

    def _cells(self, state: State) -> tuple[CellRow, ...]:
        return view.cell_rows(state, lambda cell, progress: self._sums["cell", cell, progress])


def _share(state: State, person: Participant) -> Share:
    ended = person.state in ENDINGS
    cell = person.draws.get(NODE) if state.experiment.assigned is not None else None
    return Share(
        person.simulated,
        str(person.state),
        None if ended else str(person.connection),
        None if cell is None else (cell, view.progress(person)),
    )


def _keys(share: Share) -> Iterator[tuple[object, ...]]:
    yield "simulated", share.simulated
    yield "state", share.simulated, share.state
    if share.connection is not None:
        yield "connection", share.simulated, share.connection
    if share.cell is not None:
        yield "cell", *share.cell


def _added(known: dict[str, Any], before: int) -> list[str]:
    """Ids that were not there when there were `before`, oldest first."""
    return list(islice(reversed(known), len(known) - before))[::-1]
