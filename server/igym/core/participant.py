"""One person of a session: the facts, where they are, and what is still to be asked about them."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any

from igym.core.limits import RTT_WINDOW
from igym.core.places import (
    ENDINGS,
    Absence,
    Closed,
    Entry,
    InMatch,
    InRoom,
    Page,
    PersonState,
    Place,
    Spot,
    Step,
    Visit,
    check_move,
    state_of,
)
from igym.experiment.plan import Plan, Position
from igym.protocol.client import Browser
from igym.protocol.server import Closed as LastPage
from igym.protocol.server import Notice


class ConnectionState(StrEnum):
    CONNECTED = "connected"
    AWAY = "away"
    LOST = "lost"


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
class Wish:
    """A question to a researcher's function that waits for its turn. ``facts`` are those of the moment it arose."""

    kind: str
    function: str
    then: str
    limit_s: float
    facts: dict[str, Any]


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
    simulated: bool = False
    """A program that stands in for a person."""
    place: Place = field(default_factory=Entry)
    then: Step | None = None
    """What the person does once ``mailbox`` is empty."""
    mailbox: deque[Wish] = field(default_factory=deque)
    asked: str | None = None
    """The question about this person that is under way; one at a time."""
    settled_up: bool = False
    """The last questions are asked or queued: no other follows them."""
    open_match: str | None = None
    """A match in which this person's part is done, while others have not said so yet."""
    connection: ConnectionState = ConnectionState.AWAY
    live: str | None = None
    """The connection whose messages count."""
    greeting: set[str] = field(default_factory=set)
    """Connections that have not said hello yet."""
    tab: str | None = None
    browser: Browser | None = None
    last_seen: float = 0.0
    absence: Absence | None = None
    """While no browser of theirs is there."""
    rtts: deque[float] = field(default_factory=lambda: deque(maxlen=RTT_WINDOW))
    loaded: bool = False
    load_ms: float | None = None
    progress: tuple[str, float] | None = None
    screened: dict[str, Any] | None = None
    plan: Plan | None = None
    position: Position | None = None
    draws: dict[str, str] = field(default_factory=dict)
    matched_keys: set[str] = field(default_factory=set)
    """Group draws (``node=outcome``) inside which the person was matched."""
    completed: bool = False
    """Reached the end of the plan."""
    code_shown: bool = False
    """A page with the completion code reached their browser."""
    visits: int = 0
    globals: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    debriefings: list[str] = field(default_factory=list)
    """What has to be told on the last page."""
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Form that checks its answers → ``{attempts, passed}``."""
    conditions: dict[str, str] = field(default_factory=dict)
    submitted: set[int] = field(default_factory=set)
    """Numbers of the visits that were answered or left; the same message again changes nothing."""
    code: str | None = None
    group: str | None = None
    failed_matches: int = 0
    watch: Watch = field(default_factory=Watch)
    warnings: int = 0
    fps: float | None = None
    notices: list[Notice] = field(default_factory=list)
    """Messages still to be sent: a page that comes up takes older ones away, so they follow it."""
    reason: str = ""
    ended_in: Spot | None = None
    """Where they were when their part ended."""
    transfer_to: str | None = None
    muted: bool = False
    """The researcher has closed every chat for this person."""

    def move(self, to: Place, then: Step | None = None) -> Place:
        """Change place, and what follows; the place before. Raises ``IllegalTransitionError``."""
        check_move(self.id, self.place, to)
        before, self.place, self.then = self.place, to, then
        return before

    @property
    def state(self) -> PersonState:
        return state_of(self.place, self.loaded)

    @property
    def visit(self) -> Visit | None:
        """The open scene; None before the first, between two and after the last."""
        return self.place.visit if isinstance(self.place, Page | InRoom | InMatch) else None

    @property
    def match(self) -> str | None:
        return self.place.match.id if isinstance(self.place, InMatch) else None

    @property
    def waitroom(self) -> str | None:
        return self.place.room if isinstance(self.place, InRoom) else None

    @property
    def closing(self) -> LastPage | None:
        """The last page, once there is one."""
        return self.place.page if isinstance(self.place, Closed) else None

    @property
    def is_final(self) -> bool:
        return isinstance(self.place, Closed)

    @property
    def reached_end(self) -> bool:
        """Their part is done, whether or not they look at the last page: the plan, or the code was shown."""
        return self.completed or self.code_shown

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


__all__ = ["ENDINGS", "ConnectionState", "Participant", "PersonState", "Visit", "Watch", "Wish"]
