"""One person of a session: the facts, and which state may follow which."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any

from igym.core.limits import RTT_WINDOW
from igym.experiment.plan import Plan, Position
from igym.protocol.client import Browser
from igym.protocol.server import Closed


class PersonState(StrEnum):
    ARRIVING = "arriving"
    LOADING = "loading"
    SCREENING = "screening"
    IN_SCENE = "in_scene"
    WAITING = "waiting"
    COUNTDOWN = "countdown"
    PLAYING = "playing"
    PAUSED = "paused"
    FINISHED = "finished"
    EXCLUDED = "excluded"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"
    TIMED_OUT = "timed_out"


class ConnectionState(StrEnum):
    CONNECTED = "connected"
    AWAY = "away"
    LOST = "lost"


S = PersonState
FINAL = frozenset({S.FINISHED, S.EXCLUDED, S.WITHDRAWN, S.TIMED_OUT})
"""Nothing follows: a reload shows the last page again."""
ENDINGS = FINAL | {S.DROPPED}
IN_MATCH = frozenset({S.COUNTDOWN, S.PLAYING, S.PAUSED})

_STEPS: dict[PersonState, frozenset[PersonState]] = {
    S.ARRIVING: frozenset({S.LOADING}),
    S.LOADING: frozenset({S.SCREENING, S.IN_SCENE, S.WAITING, S.COUNTDOWN}),
    S.SCREENING: frozenset({S.IN_SCENE}),
    S.IN_SCENE: frozenset({S.WAITING, S.LOADING, S.COUNTDOWN}),
    S.WAITING: frozenset({S.IN_SCENE, S.LOADING, S.COUNTDOWN}),
    S.COUNTDOWN: frozenset({S.PLAYING, S.WAITING, S.LOADING, S.IN_SCENE}),
    S.PLAYING: frozenset({S.PAUSED, S.IN_SCENE, S.WAITING}),
    S.PAUSED: frozenset({S.PLAYING, S.IN_SCENE, S.WAITING}),
    S.DROPPED: frozenset({S.ARRIVING, S.LOADING, S.IN_SCENE}),
}
TRANSITIONS: dict[PersonState, frozenset[PersonState]] = {
    state: frozenset() if state in FINAL else _STEPS[state] | (ENDINGS - {state}) for state in PersonState
}


class IllegalTransitionError(RuntimeError):
    """A rule tried to move someone where they cannot go from where they are."""


@dataclass(slots=True)
class Visit:
    """One time a participant was shown a scene."""

    number: int
    scene_id: str
    index: int
    entered_at: float
    shown: bool = False
    submitted: bool = False
    page_done: bool = False
    """The page before play was left (gym scenes only)."""
    page_html: str | None = None
    code: str | None = None
    timing: dict[str, Any] | None = None


@dataclass(slots=True)
class Watch:
    """What monitoring remembers about one participant."""

    hidden_since: float | None = None
    """Since when the page is hidden or left, by the server's clock."""
    last_input_at: float | None = None
    warned: set[str] = field(default_factory=set)
    high_pings: deque[bool] = field(default_factory=deque)
    slow_seconds: int = 0
    next_callback_frame: int = 0
    callback_pending: bool = False


@dataclass(slots=True)
class Participant:
    """All facts about one person. Only the rules in this package change it."""

    id: str
    number: int
    label: str | None
    seat: str | None
    params: dict[str, str]
    language: str | None
    token_hash: str
    joined_at: float
    state: PersonState = PersonState.ARRIVING
    connection: ConnectionState = ConnectionState.AWAY
    live: str | None = None
    """The connection whose messages count."""
    greeting: set[str] = field(default_factory=set)
    """Connections that have not said hello yet."""
    tab: str | None = None
    browser: Browser | None = None
    last_seen: float = 0.0
    away_since: float | None = None
    rtts: deque[float] = field(default_factory=lambda: deque(maxlen=RTT_WINDOW))
    loaded: bool = False
    load_ms: float | None = None
    progress: tuple[str, float] | None = None
    screened: dict[str, Any] | None = None
    entry_questions: int = 0
    """Hooks whose answers the first scene waits for."""
    plan_seed: int | None = None
    plan: Plan | None = None
    position: Position | None = None
    draws: dict[str, str] = field(default_factory=dict)
    matched_keys: set[str] = field(default_factory=set)
    """Group draws (``node=outcome``) inside which the person was matched."""
    completed: bool = False
    """Reached the end of the plan."""
    visit: Visit | None = None
    visits: int = 0
    globals: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    submitted: set[int] = field(default_factory=set)
    """Numbers of the visits that were answered or left; the same message again changes nothing."""
    code: str | None = None
    group: str | None = None
    match: str | None = None
    waitroom: str | None = None
    failed_matches: int = 0
    watch: Watch = field(default_factory=Watch)
    warnings: int = 0
    fps: float | None = None
    frame: int | None = None
    episode: int | None = None
    closing: Closed | None = None
    reason: str = ""
    transfer_to: str | None = None

    def move(self, to: PersonState) -> None:
        """Change state; moving to the present state is no transition. Raises ``IllegalTransitionError``."""
        if to is self.state:
            return
        if to not in TRANSITIONS[self.state]:
            raise IllegalTransitionError(f"{self.id}: {self.state} → {to}")
        self.state = to

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def is_here(self) -> bool:
        """Connected and still in the session."""
        return self.connection is ConnectionState.CONNECTED and self.state not in ENDINGS

    @property
    def rtt_ms(self) -> float | None:
        """Median of the last server pings; None before the first."""
        return median(self.rtts) if self.rtts else None

    @property
    def name(self) -> str:
        return self.label or self.id
