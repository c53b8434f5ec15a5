"""Whose data a table is about: sessions of one kind, and people rather than programs that stand in for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from igym.core.state import HAVE_PEOPLE
from igym.host.export.names import STUDY
from igym.host.store.store_reader import NEVER_READ, BatchKey, SessionRow, StoredBatch, StoredRecord, StoreReader


def kind_of(source: StoreReader, session: str) -> str:
    """What a session is for; one recorded before there were kinds is a study."""
    kind = STUDY
    for record in source.records(session, kinds=("session_started", "session_kind")):
        kind = str(record.body.get("session_kind", kind))
    return kind


def annotation_of(source: StoreReader, session: str) -> tuple[str, str]:
    """(name, note) that a session was given last; empty texts when it was given none."""
    name = note = ""
    for record in source.records(session, kinds=("session_annotated",)):
        name, note = str(record.body.get("name", "")), str(record.body.get("note", ""))
    return name, note


Hidden = tuple[frozenset[str], frozenset[str]]
"""Participants and matches that are left out."""
NOBODY: Hidden = (frozenset(), frozenset())


@dataclass
class _Seen:
    """What is known of a session's simulated participants after event `seq`."""

    seq: int = NEVER_READ
    simulated: set[str | None] = field(default_factory=set)
    members: dict[str | None, set[str | None]] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    """Matches without people."""
    hidden: Hidden = NOBODY

    def take(self, records: Iterable[StoredRecord]) -> None:
        for record in records:
            if record.kind == "simulated":
                self.simulated.add(record.participant)
            else:
                found = {player.get("participant") for player in record.body.get("players", ())}
                self.members[record.match] = found
                if not found - {None}:
                    self.empty.add(str(record.match))
        self.hidden = self._hidden() if self.simulated else (frozenset(), frozenset(self.empty))

    def _hidden(self) -> Hidden:
        alone = {match: found for match, found in self.members.items() if not found - self.simulated - {None}}
        met = {who for match, found in self.members.items() if match not in alone for who in found}
        # A match of simulated people alone is left out with them, also when one of them met a person elsewhere.
        return frozenset(str(who) for who in self.simulated - met), frozenset(str(match) for match in alone)


class Selection(StoreReader):
    """The sessions of one kind. Where real people take part, simulated ones are left out unless `simulated`.

    Somebody simulated who played with a real person stays: that person's data tell of them. It shares the connection of
    `everyone`, who closes it.
    """

    def __init__(self, everyone: StoreReader, kind: str, *, simulated: bool = False) -> None:
        self.path = everyone.path
        self._connection = everyone._connection
        self._check: Callable[[int], None] = lambda frames: None
        self.everyone = everyone
        self.kind = kind
        self._all = self.pays_simulated = simulated or kind not in HAVE_PEOPLE
        self._kinds: dict[str, str] = {}
        self._seen: dict[str, _Seen] = {}

    def sessions(self) -> list[SessionRow]:
        return [row for row in super().sessions() if self._kind_of(row.id) == self.kind]

    def _kind_of(self, session: str) -> str:
        if session not in self._kinds:
            self._kinds[session] = kind_of(self.everyone, session)
        return self._kinds[session]

    def left_out(self, session: str) -> Hidden:
        """As things stand: people come and play while a session runs, so what is new is read each time."""
        if self._all:
            return NOBODY
        seen = self._seen.setdefault(session, _Seen())
        newest = self.everyone.last_seq(session)
        if seen.seq != newest:
            seen.take(self.everyone.records(session, kinds=("simulated", "match_formed"), after=seen.seq))
            seen.seq = newest
        return seen.hidden

    def records(self, session: str, **filters: Any) -> Iterator[StoredRecord]:
        people, matches = self.left_out(session)
        found = super().records(session, **filters)
        return (record for record in found if record.participant not in people and record.match not in matches)

    def formed_matches(self, session: str, participant: str, scene: str) -> list[str]:
        _, matches = self.left_out(session)
        return [match for match in self.everyone.formed_matches(session, participant, scene) if match not in matches]

    def episodes(self, session: str, *, match: str | None = None) -> list[tuple[str, str, int, str]]:
        people, matches = self.left_out(session)
        return [key for key in super().episodes(session, match=match) if key[3] not in people and key[1] not in matches]

    def frames_stored(self, session: str) -> Iterator[tuple[str, str, str, int, int]]:
        people, matches = self.left_out(session)
        return (key for key in super().frames_stored(session) if key[0] not in people and key[1] not in matches)

    def batch_keys(self, session: str) -> list[BatchKey]:
        people, matches = self.left_out(session)
        return [
            key for key in super().batch_keys(session) if key.participant not in people and key.match not in matches
        ]

    def batches(self, session: str, **filters: Any) -> Iterator[StoredBatch]:
        people, matches = self.left_out(session)
        found = super().batches(session, **filters)
        return (batch for batch in found if batch.participant not in people and batch.match not in matches)

    def console(self, session: str, **filters: Any) -> Iterator[tuple[str, float, str, str]]:
        people, _ = self.left_out(session)
        return (line for line in super().console(session, **filters) if line[0] not in people)
