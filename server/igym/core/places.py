"""Where a participant is in a session, and what they do next. One function changes it: ``Participant.move``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from igym.core.match import BEFORE_PLAY, IllegalTransitionError, Match, MatchPhase
from igym.experiment.plan import Position
from igym.protocol.server import Closed as LastPage
from igym.protocol.told import Told


class PersonState(StrEnum):
    """What tables show; computed from the place."""

    ARRIVING = "arriving"
    LOADING = "loading"
    SCREENING = "screening"
    IN_SCENE = "in_scene"
    WAITING = "waiting"
    COUNTDOWN = "countdown"
    PLAYING = "playing"
    PAUSED = "paused"
    FINISHED = "finished"
    UNFINISHED = "unfinished"
    DROPPED = "dropped"
    TIMED_OUT = "timed_out"
    SCREENED_OUT = "screened_out"
    EXCLUDED = "excluded"
    WITHDRAWN = "withdrawn"


S = PersonState
STATES_SAID = {
    S.ARRIVING: Told("arriving"),
    S.LOADING: Told("loading"),
    S.SCREENING: Told("screening"),
    S.IN_SCENE: Told("in a scene"),
    S.WAITING: Told("waiting"),
    S.COUNTDOWN: Told("about to play"),
    S.PLAYING: Told("playing"),
    S.PAUSED: Told("paused"),
    S.FINISHED: Told("finished"),
    S.UNFINISHED: Told("not finished"),
    S.DROPPED: Told("dropped out"),
    S.TIMED_OUT: Told("timed out"),
    S.SCREENED_OUT: Told("screened out"),
    S.EXCLUDED: Told("excluded"),
    S.WITHDRAWN: Told("withdrawn"),
}
"""Within a sentence."""
ENDINGS = frozenset({S.FINISHED, S.UNFINISHED, S.DROPPED, S.TIMED_OUT, S.SCREENED_OUT, S.EXCLUDED, S.WITHDRAWN})
"""Nothing follows: a reload shows the last page again."""
ENDING_KINDS = frozenset(map(str, ENDINGS))
"""The records that say how somebody's part ended."""


@dataclass(slots=True)
class Visit:
    """One time a participant was shown a scene."""

    number: int
    scene_id: str
    index: int
    entered_at: float
    open: bool = False
    """The page may be shown: its text and code stand."""
    shown: bool = False
    submitted: bool = False
    page_done: bool = False
    """The page before play was left (gym scenes only)."""
    page_html: str | None = None
    code: str | None = None
    timing: dict[str, Any] | None = None
    ends_at: float | None = None
    """When the page's time is up."""
    timed_out: bool = False
    attempts: int = 0
    """Answers given to a form that checks them."""
    last_try: dict[str, Any] | None = None
    board: dict[str, Any] | None = None
    """Of a page that shows results: those that were shown first."""
    replays: list[dict[str, Any]] | None = None
    """The recordings this visit shows (replay scenes only), once the host has found them."""
    orders: dict[str, list[str]] = field(default_factory=dict)
    """Question → the order in which its list is shown (rankings only)."""
    heard: list[str] = field(default_factory=list)
    """Keys of the last events of the page: one that is sent again is no other event."""


@dataclass(slots=True)
class Entry:
    """Before the first scene."""

    state: PersonState = PersonState.ARRIVING


@dataclass(slots=True)
class Page:
    """A scene, or the page before play."""

    visit: Visit


@dataclass(slots=True)
class Deciding:
    """Between two scenes: researcher's functions are asked what comes next, or the rest of a match is waited for."""


@dataclass(slots=True)
class InRoom:
    visit: Visit
    room: str
    """The waitroom's key."""


@dataclass(slots=True)
class InMatch:
    """``episode`` and ``frame`` are the last this member has on disk."""

    visit: Visit
    match: Match
    player: int
    episode: int | None = None
    frame: int | None = None


@dataclass(slots=True)
class Closed:
    """The end: the page shown now and on every return."""

    state: PersonState
    page: LastPage


Place = Entry | Page | Deciding | InRoom | InMatch | Closed

_INSIDE = (Page, Deciding, InRoom, InMatch)
_AFTER: dict[type[Place], tuple[type[Place], ...]] = {
    Entry: (Entry, Deciding, Closed),
    Deciding: (Page, Deciding, Closed),
    Page: (*_INSIDE, Closed),
    InRoom: (Page, Deciding, InMatch, Closed),
    InMatch: (Page, Deciding, InRoom, Closed),
    Closed: (),
}


def check_move(who: str, before: Place, after: Place) -> None:
    """Raises ``IllegalTransitionError`` when the one place cannot follow the other."""
    if type(after) not in _AFTER[type(before)]:
        raise IllegalTransitionError(f"{who}: {type(before).__name__} → {type(after).__name__}")


def state_of(place: Place, loaded: bool) -> PersonState:
    """The word for a place; in a match it follows the match's phase."""
    if isinstance(place, InMatch):
        return _in_match(place.match.phase, loaded)
    if isinstance(place, Entry | Closed):
        return place.state
    return S.WAITING if isinstance(place, InRoom) else S.IN_SCENE


def _in_match(phase: MatchPhase, loaded: bool) -> PersonState:
    if phase in BEFORE_PLAY:
        return S.COUNTDOWN if loaded else S.LOADING
    return S.PAUSED if phase is MatchPhase.PAUSED else S.PLAYING


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody was at one moment, for tables; ``episode`` and ``frame`` are the last on disk in a match."""

    place: Literal["entry", "page", "between", "waitroom", "match", "end"]
    scene: str | None = None
    visit: int | None = None
    match: str | None = None
    episode: int | None = None
    frame: int | None = None


def spot_of(place: Place) -> Spot:
    """A place in words and numbers that outlive it."""
    if isinstance(place, InMatch):
        episode = place.match.episode if place.episode is None and place.match.started_at is not None else place.episode
        return Spot("match", place.visit.scene_id, place.visit.number, place.match.id, episode, place.frame)
    if isinstance(place, Page | InRoom):
        return Spot("page" if isinstance(place, Page) else "waitroom", place.visit.scene_id, place.visit.number)
    return Spot("entry" if isinstance(place, Entry) else "between" if isinstance(place, Deciding) else "end")


@dataclass(frozen=True, slots=True)
class Absence:
    """Since when a browser is gone, and where its person was. ``own``: not because the engine went."""

    since: float
    spot: Spot
    own: bool = True


# What follows once nobody has to be asked any more.


@dataclass(frozen=True, slots=True)
class GoTo:
    """Enter what stands there in the plan; None is the plan's end."""

    position: Position | None


@dataclass(frozen=True, slots=True)
class GoOn:
    """On to the next step of the plan; ``choice`` is the option of the branch the person stands at."""

    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Branching:
    """A branch function was asked. Without a usable answer the branch is passed by."""


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Show the page of the present scene, or go on to play when it has none."""


@dataclass(frozen=True, slots=True)
class Play:
    """Into the waitroom, or into a match of one's own."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The plan is done."""


@dataclass(frozen=True, slots=True)
class EndEarly:
    """A code and the end, because partners were lost; ``text`` is what the person is told."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class TimeOut:
    """The end after a wait in vain; empty texts are filled in."""

    reason: str
    header: str = ""
    body: str = ""
    redirect_url: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class SettleUp:
    """The last questions about someone whose part has ended."""

    outcome: str
    reason: str
    finished: bool


Step = GoTo | GoOn | Branching | OpenPage | Play | Finish | EndEarly | TimeOut | SettleUp
