"""A frozen picture of the session for tables and monitors. Nothing here is a fact of its own."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any

from igym.core import plans
from igym.core.match import BEFORE_PLAY, Match
from igym.core.participant import ENDINGS, ConnectionState, Participant, PersonState
from igym.core.places import InMatch, spot_of
from igym.core.state import HAVE_PEOPLE, State
from igym.experiment.design import NODE


@dataclass(frozen=True)
class SessionRow:
    id: str
    experiment_id: str
    title: str
    state: str
    admission: str
    started_at: float | None
    expected: int | None
    join_url: str
    kind: str
    """study, pilot, rehearsal or test."""
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class LoadingView:
    label: str
    fraction: float


@dataclass(frozen=True)
class ParticipantRow:
    """Times are unix s, ``rtt_ms`` is ms; ``frame`` and ``episode`` are the last stored ones of the running match.

    Of somebody whose part has ended, ``scene_id``, ``episode`` and ``frame`` say where that was.
    """

    id: str
    label: str | None
    seat: str | None
    state: str
    connection: str
    scene_id: str | None
    scene_index: int
    scene_total: int
    loading: LoadingView | None
    rtt_ms: float | None
    fps: float | None
    match_id: str | None
    partners: tuple[str, ...]
    episode: int | None
    frame: int | None
    focused: bool
    warnings: int
    waiting_since: float | None
    code: str | None
    reason: str
    joined_at: float
    browser: str
    simulated: bool


@dataclass(frozen=True)
class MatchRow:
    id: str
    scene_id: str
    state: str
    participants: tuple[str, ...]
    episode: int
    frame: int
    parity: str
    transport: str
    started_at: float | None
    ended_at: float | None
    reason: str


@dataclass(frozen=True)
class WaitroomRow:
    scene_id: str
    waiting: int
    needed: int
    oldest_since: float | None


@dataclass(frozen=True)
class MessageRow:
    """What the researcher wrote: to whom, and who has pressed OK. ``at``, ``until`` are unix s; None: until OK."""

    id: str
    at: float
    text: str
    until: float | None
    people: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(frozen=True)
class CellRow:
    """A cell of the design: people ``wanted`` (None: no limit), under way, finished, and gone before the end."""

    id: str
    levels: dict[str, str]
    wanted: int | None
    running: int
    finished: int
    dropped: int
    open: bool


@dataclass(frozen=True)
class ProblemRow:
    id: str
    at: float
    level: str
    title: str
    text: str
    traceback: str
    participant: str | None
    match: str | None
    game_fails: bool
    count: int


@dataclass(frozen=True)
class SessionView:
    session: SessionRow
    counts: dict[str, int]
    participants: tuple[ParticipantRow, ...]
    matches: tuple[MatchRow, ...]
    waitrooms: tuple[WaitroomRow, ...]
    problems: tuple[ProblemRow, ...]
    cells: tuple[CellRow, ...] = ()
    messages: tuple[MessageRow, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {name: plain(value) for name, value in vars(self).items()}


def plain(value: Any) -> Any:
    """Lists for tuples, dicts for rows; quicker than ``dataclasses.asdict``, which copies every value."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {name: plain(item) for name, item in vars(value).items()}
    return value


def build(state: State, admission: str) -> SessionView:
    """Everything, made anew."""
    kinds = Counter((person.draws.get(NODE), progress(person)) for person in state.participants.values())
    return assembled(
        state,
        admission,
        counts=counts(state),
        participants=tuple(participant_row(state, person) for person in state.participants.values()),
        matches=tuple(match_row(state, match) for match in state.matches.values()),
        cells=cell_rows(state, lambda cell, how_far: kinds[cell, how_far]),
        notices=notices(state),
    )


def assembled(
    state: State,
    admission: str,
    *,
    counts: dict[str, int],
    participants: tuple[ParticipantRow, ...],
    matches: tuple[MatchRow, ...],
    cells: tuple[CellRow, ...],
    notices: tuple[MessageRow, ...],
) -> SessionView:
    """A view of these parts; what is always small is made anew."""
    return SessionView(
        session=_session(state, admission),
        counts=counts,
        participants=participants,
        matches=matches,
        waitrooms=_waitrooms(state),
        problems=tuple(
            ProblemRow(p.id, p.at, p.level, p.title, p.text, p.traceback, p.participant, p.match, p.game_fails, p.count)
            for p in state.problems.values()
        ),
        cells=cells,
        messages=notices,
    )


def notices(state: State) -> tuple[MessageRow, ...]:
    """What the researcher wrote to people, and who has read it."""
    return tuple(
        MessageRow(
            posted.id, posted.at, posted.text, posted.until, tuple(posted.read),
            tuple(who for who, at in posted.read.items() if at is not None),
        )
        for posted in state.posted.values()
    )  # fmt: skip


def _session(state: State, admission: str) -> SessionRow:
    return SessionRow(
        id=state.session_id,
        experiment_id=state.experiment.id,
        title=state.experiment.title,
        state=state.phase,
        admission="open" if admission == "open" else "closed",
        started_at=state.started_at,
        expected=state.experiment.participants,
        join_url=state.join_url,
        kind=state.kind,
        name=state.name,
        note=state.note,
    )


def counts(state: State) -> dict[str, int]:
    """Each state's people add up to ``joined``; connections are counted among those still in the session.

    Where real people take part, simulated ones are counted under ``simulated`` alone.
    """
    mixed = state.kind in HAVE_PEOPLE
    counted = [person for person in state.participants.values() if not (mixed and person.simulated)]
    states = Counter(person.state for person in counted)
    connections = Counter(person.connection for person in counted if person.state not in ENDINGS)
    return {
        "joined": len(counted),
        "simulated": len(state.participants) - len(counted),
        **{str(kind): connections[kind] for kind in ConnectionState},
        **{str(kind): states[kind] for kind in PersonState},
    }


def participant_row(state: State, person: Participant) -> ParticipantRow:
    """One person as tables show them."""
    index, total = plans.progress(person)
    place = person.place
    spot = person.ended_in or spot_of(place)
    match = place.match if isinstance(place, InMatch) else None
    room = state.waitrooms.get(person.waitroom) if person.waitroom else None
    ticket = (room.tickets.get(person.id) or room.absent.get(person.id)) if room else None
    browser = person.screened.get("browser", "") if person.screened else ""
    return ParticipantRow(
        id=person.id,
        label=person.label,
        seat=person.seat,
        state=str(person.state),
        connection=str(person.connection),
        scene_id=spot.scene,
        scene_index=index,
        scene_total=total,
        loading=LoadingView(*person.progress) if person.progress else None,
        rtt_ms=person.rtt_ms,
        fps=person.fps if match else None,
        match_id=person.match,
        partners=tuple(member for member in match.members if member != person.id) if match else (),
        episode=place.episode if isinstance(place, InMatch) else spot.episode,
        frame=spot.frame,
        focused=person.watch.hidden_since is None,
        warnings=person.warnings,
        waiting_since=ticket.since if ticket else None,
        code=person.code,
        reason=person.reason,
        joined_at=person.joined_at,
        browser=browser,
        simulated=person.simulated,
    )


def match_row(state: State, match: Match) -> MatchRow:
    """One match as tables show it."""
    parity = "pending" if match.phase in BEFORE_PLAY else state.ledger.stamp(match.id)
    return MatchRow(
        id=match.id,
        scene_id=match.scene_id,
        state=str(match.phase),
        participants=tuple(match.members),
        episode=match.episode,
        frame=match.frame,
        parity=parity,
        transport=match.transport,
        started_at=match.started_at,
        ended_at=match.ended_at,
        reason=match.reason,
    )


def _waitrooms(state: State) -> tuple[WaitroomRow, ...]:
    """One row for each scene; rooms split by group draws are added up."""
    rows: dict[str, WaitroomRow] = {}
    for room in state.waitrooms.values():
        needed = state.game(room.spec_id).players
        known = rows.get(room.scene_id)
        oldest = [since for since in (room.oldest_since, known.oldest_since if known else None) if since is not None]
        waiting = len(room.tickets) + (known.waiting if known else 0)
        rows[room.scene_id] = WaitroomRow(room.scene_id, waiting, needed, min(oldest, default=None))
    return tuple(rows.values())


def cell_rows(state: State, number: Callable[[str, str], int]) -> tuple[CellRow, ...]:
    """``number(cell, progress)``: how many people came so far in a cell; see ``progress``."""
    design = state.experiment.assigned
    if design is None:
        return ()
    return tuple(
        CellRow(
            cell.id,
            dict(cell.levels),
            wanted=design.cell_limit,
            running=number(cell.id, "running"),
            finished=number(cell.id, "finished"),
            dropped=number(cell.id, "dropped"),
            open=cell.id not in state.closed_cells,
        )
        for cell in design.cells()
    )


def progress(person: Participant) -> str:
    """``"running"``, ``"finished"`` or ``"dropped"``: what a person counts as in their cell of the design."""
    return "finished" if person.completed else "running" if plans.takes_place(person) else "dropped"
