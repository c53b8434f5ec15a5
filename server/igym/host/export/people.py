"""What the records say about each participant, gathered once for all tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from igym.host.store_reader import StoredRecord, StoreReader

OUTCOMES = ("finished", "excluded", "withdrawn", "dropped", "timed_out")
HEADER = (
    "session",
    "participant",
    "label",
    "seat",
    "status",
    "reason",
    "joined_at",
    "ended_at",
    "completion_code",
    "last_scene",
    "scenes_completed",
    "episodes",
    "partial_episodes",
    "matches",
    "language",
    "browser",
    "erased",
)


@dataclass
class Person:
    """One participant of one session as the records tell it; times are unix seconds."""

    id: str
    joined_at: float
    label: str | None = None
    seat: str | None = None
    status: str = "in progress"
    reason: str | None = None
    ended_at: float | None = None
    code: str | None = None
    last_scene: str | None = None
    scenes_completed: int = 0
    episodes: int = 0
    partial_episodes: int = 0
    matches: list[str] = field(default_factory=list)
    language: str | None = None
    browser: str | None = None
    erased: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    earnings: float | None = None
    currency: str | None = None
    earned_for: list[str] = field(default_factory=list)

    def row(self, session: str) -> list[Any]:
        """One line of `participants.csv`, in the order of `HEADER`."""
        values = [self.id, self.label, self.seat, self.status, self.reason, self.joined_at, self.ended_at, self.code]
        counts = [self.last_scene, self.scenes_completed, self.episodes, self.partial_episodes, " ".join(self.matches)]
        return [session, *values, *counts, self.language, self.browser, self.erased]


def people_of(source: StoreReader, session: str) -> dict[str, Person]:
    """Return every participant of a session by id, in order of joining."""
    people: dict[str, Person] = {}
    for record in source.records(session):
        _take(people, record)
    row = source.session(session)
    if row is not None and row.erased_at is not None:
        for person in people.values():
            person.erased = True
    return people


def _take(people: dict[str, Person], record: StoredRecord) -> None:
    if record.kind == "match_formed":
        for member in _members(record):
            if member in people:
                people[member].matches.append(str(record.match))
        return
    if record.participant is None:
        return
    if record.kind == "joined":
        people.setdefault(record.participant, Person(record.participant, record.at))
    person = people.get(record.participant)
    if person is not None and record.kind in _STEPS:
        _STEPS[record.kind](person, record)
    elif person is not None and record.kind in OUTCOMES:
        _end(person, record)


def _members(record: StoredRecord) -> Iterator[str]:
    return (player["participant"] for player in record.body.get("players", ()) if player.get("participant"))


def _joined(person: Person, record: StoredRecord) -> None:
    person.label = record.body.get("label")
    person.seat = record.body.get("seat")
    person.language = record.body.get("language")


def _browser(person: Person, record: StoredRecord) -> None:
    person.browser = record.body.get("user_agent")


def _entered(person: Person, record: StoredRecord) -> None:
    person.last_scene = record.scene or record.body.get("scene_id")


def _left(person: Person, record: StoredRecord) -> None:
    person.scenes_completed += 1


def _episode(person: Person, record: StoredRecord) -> None:
    person.episodes += 1
    person.partial_episodes += bool(record.body.get("partial"))


def _code(person: Person, record: StoredRecord) -> None:
    person.code = record.body.get("code")


def _attributes(person: Person, record: StoredRecord) -> None:
    person.attributes.update(record.body.get("values", {}))


def _earnings(person: Person, record: StoredRecord) -> None:
    person.earnings = record.body.get("amount")
    person.currency = record.body.get("currency") or None
    person.earned_for = list(record.body.get("reasons", ()))


def _end(person: Person, record: StoredRecord) -> None:
    person.status = record.kind
    person.reason = record.body.get("reason")
    person.ended_at = record.at
    person.code = record.body.get("code") or person.code
    person.erased = bool(record.body.get("erase"))


_STEPS = {
    "joined": _joined,
    "browser": _browser,
    "scene_entered": _entered,
    "scene_left": _left,
    "episode_ended": _episode,
    "code_issued": _code,
    "attributes": _attributes,
    "earnings": _earnings,
}
