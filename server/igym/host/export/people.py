"""What the records say about each participant, gathered once for all tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from igym.core.places import ENDING_KINDS, PersonState
from igym.host.export.join_keys import Place, drawn_columns, place_of, sorted_keys
from igym.host.export.played import played_of
from igym.host.export.times import iso, seconds_between
from igym.host.store.store_reader import StoredRecord, StoreReader

NOT_THEIRS = ("engine restarted", "transferred")
"""Why a page was cut off through no network and no participant."""
HEADER = (
    "session",
    "participant",
    "label",
    "seat",
    "status",
    "reason",
    "joined_at",
    "joined_at_iso",
    "ended_at",
    "ended_at_iso",
    "time_in_study_s",
    "completion_code",
    "last_scene",
    "ended_in",
    "last_episode",
    "last_frame",
    "scenes_completed",
    "episodes",
    "partial_episodes",
    "matches",
    "reloads",
    "disconnections",
    "language",
    "browser",
    "erased",
    "simulated",
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
    ended_in: str | None = None
    last_episode: int | None = None
    last_frame: int | None = None
    scenes_completed: int = 0
    episodes: int = 0
    partial_episodes: int = 0
    matches: list[str] = field(default_factory=list)
    reloads: int = 0
    disconnections: int = 0
    language: str | None = None
    browser: str | None = None
    erased: bool = False
    simulated: bool = False
    given: list[tuple[Place, dict[str, str]]] = field(default_factory=list)
    """Each time `condition`, `condition.<factor>` or `order.<node>` was given a level."""
    branches: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    """What their link said."""
    checks: dict[str, Any] = field(default_factory=dict)
    """`<form>.attempts` and `<form>.passed`."""
    attributes: dict[str, Any] = field(default_factory=dict)
    earnings: float | None = None
    currency: str | None = None
    earned_for: list[str] = field(default_factory=list)
    opened: bool = False
    """Their page was open once: the next time it is opened anew is a reload."""
    gone: int | None = None
    """The event that told that their page is cut off, while it is."""

    def keys(self, until: Place | None = None) -> dict[str, str]:
        """Conditions and orders as they were then; the newest without `until`."""
        levels = (levels for place, levels in self.given if until is None or place < until)
        return {name: level for each in levels for name, level in each.items()}

    def row(self, session: str) -> list[Any]:
        """One line of `participants.csv`, in the order of `HEADER`."""
        ends = [self.joined_at, iso(self.joined_at), self.ended_at, iso(self.ended_at)]
        stay = seconds_between(self.joined_at, self.ended_at)
        where = [self.last_scene, self.ended_in, self.last_episode, self.last_frame]
        counts = [self.scenes_completed, self.episodes, self.partial_episodes, " ".join(self.matches)]
        who = [session, self.id, self.label, self.seat, self.status, self.reason, *ends, stay, self.code]
        cut_off = [self.reloads, self.disconnections]
        return [*who, *where, *counts, *cut_off, self.language, self.browser, self.erased, self.simulated]


People = dict[str, dict[str, Person]]
"""Session → id → person."""
Table = tuple[list[str], list[list[Any]]]
"""Header and rows."""


def everybody(source: StoreReader) -> People:
    """Return the participants of every session, in order."""
    return {row.id: people_of(source, row.id) for row in source.sessions()}


def all_key_names(people: People) -> list[str]:
    """Every condition and order column that somebody has a level in, in any session."""
    return key_names(person for session in people.values() for person in session.values())


def key_names(people: Iterable[Person]) -> list[str]:
    """Every condition and order column that somebody has a level in."""
    return sorted_keys(name for person in people for _, levels in person.given for name in levels)


def key_cells(person: Person | None, names: Sequence[str], until: Place | None = None) -> list[str | None]:
    """One cell for each of the columns `names`, as things were at `until`."""
    found = person.keys(until) if person else {}
    return [found.get(name) for name in names]


def people_of(source: StoreReader, session: str) -> dict[str, Person]:
    """Return every participant of a session by id, in order of joining."""
    people: dict[str, Person] = {}
    for record in source.records(session, kinds=("match_formed", "joined", *_STEPS, *ENDING_KINDS)):
        _take(people, record)
    row = source.session(session)
    erased = row is not None and row.erased_at is not None
    for person in people.values():
        person.erased = person.erased or erased
        # Whoever is gone and has no end went away and did not come back.
        person.disconnections += person.gone is not None and person.ended_at is None
    for episode in played_of(source, session):
        if person_ := people.get(episode.participant):
            person_.episodes += 1
            person_.partial_episodes += episode.partial
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
    if person is not None:
        _STEPS.get(record.kind, _end)(person, record)


def _members(record: StoredRecord) -> Iterator[str]:
    return (player["participant"] for player in record.body.get("players", ()) if player.get("participant"))


def _joined(person: Person, record: StoredRecord) -> None:
    person.label = record.body.get("label")
    person.seat = record.body.get("seat")
    person.params = record.body.get("params") or person.params
    person.language = record.body.get("language") or person.language


def _simulated(person: Person, record: StoredRecord) -> None:
    person.simulated = True


def _browser(person: Person, record: StoredRecord) -> None:
    person.browser = record.body.get("user_agent")
    # A page that was opened anew was not cut off: it went because it was closed.
    if record.body.get("new_page") and person.opened:
        person.reloads += person.ended_at is None
    else:
        _back(person, record)
    person.opened, person.gone = True, None


def _connection(person: Person, record: StoredRecord) -> None:
    if record.body.get("state") == "away" and person.ended_at is None:
        person.gone = None if record.body.get("reason") in NOT_THEIRS else record.seq
    elif record.body.get("state") == "connected":
        _back(person, record)


def _back(person: Person, record: StoredRecord) -> None:
    """What was over with the very event that told of it was no loss: a sign of life that came at the last moment."""
    if person.gone is not None and person.gone < record.seq:
        person.disconnections += person.ended_at is None
    person.gone = None


def _entered(person: Person, record: StoredRecord) -> None:
    person.last_scene = record.scene or record.body.get("scene_id")


def _left(person: Person, record: StoredRecord) -> None:
    person.scenes_completed += 1


def _code(person: Person, record: StoredRecord) -> None:
    person.code = record.body.get("code")


def _attributes(person: Person, record: StoredRecord) -> None:
    if record.body.get("condition"):
        person.given.append((place_of(record), drawn_columns(record)))
    else:
        person.attributes.update(record.body.get("values", {}))


def _plan(person: Person, record: StoredRecord) -> None:
    person.given.append((place_of(record), drawn_columns(record)))


def _branch(person: Person, record: StoredRecord) -> None:
    person.branches[str(record.body.get("branch"))] = str(record.body.get("choice"))


def _checked(person: Person, record: StoredRecord) -> None:
    for name in ("attempts", "passed"):
        person.checks[f"{record.scene}.{name}"] = record.body.get(name)


def _earnings(person: Person, record: StoredRecord) -> None:
    person.earnings = record.body.get("amount")
    person.currency = record.body.get("currency") or None
    person.earned_for = list(record.body.get("reasons", ()))


def _returned(person: Person, record: StoredRecord) -> None:
    """Given up, and there again: what was said of the end holds no longer."""
    person.status, person.reason, person.ended_at = "in progress", None, None


def _end(person: Person, record: StoredRecord) -> None:
    # Whoever closes the page with the code was not cut off.
    if record.kind != "finished":
        _back(person, record)
    person.gone = None
    person.status = _status(record)
    person.reason = record.body.get("reason")
    person.erased = bool(record.body.get("erase"))
    if "ended_at" not in record.body and person.ended_at is not None:
        return  # Withdrawn later: where and when their part ended stays true.
    person.ended_at = record.body.get("ended_at", record.at)
    person.last_scene = record.scene or person.last_scene
    person.ended_in = record.body.get("place")
    person.last_episode, person.last_frame = record.body.get("episode"), record.body.get("frame")
    person.code = record.body.get("code") or person.code


def _status(record: StoredRecord) -> str:
    """Earlier versions wrote `finished` for everybody at the session's end, and `excluded` for the entry checks."""
    if record.kind == "finished" and record.body.get("outcome") == "session_ended":
        return str(PersonState.UNFINISHED)
    if record.kind == "excluded" and str(record.body.get("reason", "")).startswith("screening: "):
        return str(PersonState.SCREENED_OUT)
    return record.kind


_STEPS: dict[str, Callable[[Person, StoredRecord], None]] = {
    "joined": _joined,
    "browser": _browser,
    "connection": _connection,
    "scene_entered": _entered,
    "scene_left": _left,
    "code_issued": _code,
    "attributes": _attributes,
    "plan_drawn": _plan,
    "branch": _branch,
    "checked": _checked,
    "earnings": _earnings,
    "simulated": _simulated,
    "returned": _returned,
}
