"""What a report tells, from the functions that make the tables: its numbers are theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from igym.core.places import PersonState
from igym.core.user_agents import browser_on_system
from igym.host.base.errors import HostError
from igym.host.export.members import matches_table
from igym.host.export.names import STUDY
from igym.host.export.payments import Payment, payments_of
from igym.host.export.people import People, Person, people_of
from igym.host.export.selection import Selection, annotation_of, kind_of
from igym.host.report.records import FilesOnDisk, files_on_disk
from igym.host.report.timing import Pace, Timing, paces_of, timing_of
from igym.host.store.store_reader import SessionRow, StoreReader
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import Told

ENDED_EARLY = ("excluded", "withdrawn", "dropped", "timed_out", "unfinished")
"""Ends of a part that had begun, in the order in which the report tells them; everybody else is still taking part."""
STILL = "in progress"
DIFFERS, BROKEN = Told("recordings of a match differ"), Told("a match or an episode broke off")
ERASED = Told("data erased")


@dataclass(frozen=True)
class PartEnded:
    """One person whose part the study or the experimenter ended, and why. Nobody who withdrew."""

    session: str
    participant: str
    status: str
    reason: str
    scene: str


@dataclass(frozen=True)
class Flow:
    """Lines of `participants.csv`, from joining to data that are complete. Each mapping: reason → how many.

    `joined` = `screened_out` + all of `ended` + `finished`, and `finished` = `incomplete` + `complete`.
    """

    joined: int
    screened_out: Counter[str]
    ended: dict[str, Counter[str]]
    """State → reason → how many; of those who withdrew no reason is told."""
    finished: int
    incomplete: Counter[str]
    complete: int


@dataclass(frozen=True)
class MatchLine:
    """The lines of one match in `matches.csv`, together. Who has withdrawn is only counted."""

    session: str
    scene: str
    match: str
    members: int
    withdrawn: int
    rtts_ms: tuple[float, ...]
    """`rtt_ms` of each member of whom it was measured, smallest first."""
    frames: int
    predicted: int
    rollback: int
    absent: int
    stall_ms: float
    parity: str | None
    outcomes: Counter[str]
    timing: Timing


@dataclass(frozen=True)
class Paid:
    """What one session pays, as in `payments.csv`. `withdrawn`: (currency, amount) of those who have withdrawn."""

    session: str
    payments: tuple[Payment, ...]
    withdrawn: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class SessionLine:
    """One session; `code` stands for its log ("" before there was a chain)."""

    id: str
    name: str
    started_at: float
    ended_at: float | None
    joined: int
    finished: int
    app_version: str
    code: str


@dataclass(frozen=True)
class Report:
    """Everything that is told, of one session or of all sessions of a kind."""

    experiment: str
    title: str
    version: str
    kind: str
    sessions: tuple[SessionLine, ...]
    people: int
    """Different participant ids; one that came to two sessions has two lines."""
    flow: Flow
    told: tuple[PartEnded, ...]
    matches: tuple[MatchLine, ...]
    paid: tuple[Paid, ...]
    files: FilesOnDisk
    simulated: int = 0
    """Simulated participants among the lines, because they played with people or all of them were."""
    left_out: int = 0
    """Simulated participants who are in none of the lines."""
    paces: tuple[Pace, ...] = ()
    """How frames came, for each frame rate."""
    minutes: tuple[float, ...] = ()
    """How long those who finished took, from joining to their end; the shortest first."""
    browsers: Counter[str] = field(default_factory=Counter)
    """Browser, version and system → how many people, as the browsers name themselves."""


def read_report(folder: Path, session: str | None = None, kind: str = STUDY) -> Report:
    """Read a data folder: one session, whatever its kind, or all of `kind`. Nothing is written.

    Raises `HostError`: `unknown_session`, `nothing_to_report`, or what opening the recordings raises.
    """
    with StoreReader(folder / DATABASE) as everyone:
        kind = kind if session is None else _kind_of(everyone, session)
        return report_of(Selection(everyone, kind), folder, session)


def _kind_of(everyone: StoreReader, session: str) -> str:
    ids = [row.id for row in everyone.sessions()]
    if session not in ids:
        known = ", ".join(ids) or "none"
        raise HostError(
            "unknown_session",
            Told("There is no session {session} here. There are: {known}.", session=session, known=known),
        )
    return kind_of(everyone, session)


def report_of(source: Selection, folder: Path, session: str | None = None) -> Report:
    """The same of what a `Selection` shows; `folder` is where the exported files are."""
    rows = [row for row in source.sessions() if session in (None, row.id)]
    if not rows:
        raise _nothing_to_report(source)
    people: People = {row.id: people_of(source, row.id) for row in rows}
    lines = _lines(matches_table(source, people))
    matches = tuple(_matches(source, people, lines))
    newest = rows[-1].experiment
    everybody = [person for found in people.values() for person in found.values()]
    return Report(
        experiment=str(newest.get("id") or folder.name), title=str(newest.get("title") or newest.get("id") or ""),
        version=str(newest.get("version") or ""), kind=source.kind,
        sessions=tuple(_session(source, row, people[row.id]) for row in rows),
        people=len({person.id for person in everybody}), flow=flow_of(people, lines), told=tuple(_told(people)),
        matches=matches, paid=tuple(_paid(source, name, found) for name, found in people.items()),
        files=files_on_disk(folder, source.kind), simulated=sum(person.simulated for person in everybody),
        left_out=sum(len(source.left_out(row.id)[0]) for row in rows),
        paces=paces_of((line.scene, line.timing) for line in matches), minutes=_minutes(everybody),
        browsers=Counter(browser_on_system(str(person.browser)) for person in everybody if _counts(person)),
    )  # fmt: skip


def _nothing_to_report(source: Selection) -> HostError:
    there = ", ".join(sorted({kind_of(source.everyone, row.id) for row in source.everyone.sessions()}))
    if not there:
        why = Told("No session here is a {kind}: there is nothing to report.", kind=source.kind)
    else:
        why = Told(
            "No session here is a {wanted}; there are: {there}. Ask for them with --kind.",
            wanted=source.kind,
            there=there,
        )
    return HostError("nothing_to_report", why)


def _counts(person: Person) -> bool:
    """Whether their browser is told of: a program has none, and of who withdrew nothing is told."""
    return bool(person.browser) and not person.simulated and person.status != PersonState.WITHDRAWN


def _minutes(people: Iterable[Person]) -> tuple[float, ...]:
    finished = (person for person in people if person.status == PersonState.FINISHED and person.ended_at is not None)
    return tuple(sorted((float(person.ended_at or 0) - person.joined_at) / 60 for person in finished))


def _lines(table: tuple[list[str], list[list[Any]]]) -> list[dict[str, Any]]:
    header, rows = table
    return [dict(zip(header, row, strict=True)) for row in rows]


def _session(source: Selection, row: SessionRow, people: Mapping[str, Person]) -> SessionLine:
    head = source.trail_head(row.id)
    finished = sum(person.status == PersonState.FINISHED for person in people.values())
    name, _ = annotation_of(source.everyone, row.id)
    code = head.code if head else ""
    return SessionLine(row.id, name, row.started_at, row.ended_at, len(people), finished, row.app_version, code)


def flow_of(people: People, matches: Sequence[Mapping[str, Any]]) -> Flow:
    """`matches`: the lines of `matches.csv` about these people."""
    played: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in matches:
        played.setdefault((line["session"], line["participant"]), []).append(line)
    screened: Counter[str] = Counter()
    ended: dict[str, Counter[str]] = {state: Counter() for state in (*ENDED_EARLY, STILL)}
    incomplete: Counter[str] = Counter()
    finished = 0
    for session, found in people.items():
        for person in found.values():
            reason = str(person.reason or "")
            if person.status == PersonState.SCREENED_OUT:
                screened[reason] += 1
            elif person.status == PersonState.FINISHED:
                finished += 1
                if why := _incomplete(person, played.get((session, person.id), [])):
                    incomplete[why] += 1
            elif person.status in ENDED_EARLY:
                ended[person.status]["" if person.status == PersonState.WITHDRAWN else reason] += 1
            else:
                ended[STILL][""] += 1
    joined = sum(map(len, people.values()))
    return Flow(joined, screened, ended, finished, incomplete, finished - incomplete.total())


def _incomplete(person: Person, matches: Sequence[Mapping[str, Any]]) -> str:
    """The first of what is not as planned in a finished person's data; "" when all is."""
    if person.erased:
        return ERASED
    if any(line["parity"] == "differs" for line in matches):
        return DIFFERS
    broken = any(line["outcome"] != "complete" or line["partial_episodes"] for line in matches)
    return BROKEN if broken else ""


def _told(people: People) -> Iterable[PartEnded]:
    wanted = (PersonState.SCREENED_OUT, PersonState.EXCLUDED)
    for session, found in people.items():
        for person in found.values():
            if person.status in wanted:
                scene = str(person.ended_in or person.last_scene or "")
                yield PartEnded(session, person.id, person.status, str(person.reason or ""), scene)


def _matches(source: Selection, people: People, lines: Sequence[Mapping[str, Any]]) -> Iterable[MatchLine]:
    together: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in lines:
        together.setdefault((line["session"], line["match"]), []).append(line)
    for (session, match), members in together.items():
        gone = {who for who, person in people[session].items() if person.status == PersonState.WITHDRAWN}
        left = [line for line in members if line["participant"] not in gone]
        rtts = sorted(float(line["rtt_ms"]) for line in left if line["rtt_ms"] is not None)
        counted = {name: sum(line[f"{name}_frames"] for line in left) for name in ("predicted", "rollback", "absent")}
        yield MatchLine(
            session=session, scene=str(members[0]["scene"]), match=match, members=len(members),
            withdrawn=len(members) - len(left), rtts_ms=tuple(rtts), frames=sum(line["frames"] for line in left),
            **counted, stall_ms=sum(line["stall_ms"] for line in left), parity=_parity(line["parity"] for line in left),
            outcomes=Counter(str(line["outcome"]) for line in left), timing=timing_of(source, session, match, gone),
        )  # fmt: skip


def _parity(found: Iterable[str | None]) -> str | None:
    told = {each for each in found if each}
    return "differs" if "differs" in told else next(iter(told), None)


def _paid(source: Selection, session: str, people: Mapping[str, Person]) -> Paid:
    gone = {who for who, person in people.items() if person.status == PersonState.WITHDRAWN}
    earned = payments_of(source, people)
    kept = tuple(payment for payment in earned if payment.participant not in gone)
    return Paid(
        session, kept, tuple((payment.currency, payment.amount) for payment in earned if payment.participant in gone)
    )
