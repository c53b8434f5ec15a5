"""Everything that can happen to a session. Each handled event is stored and rebuilds the session when replayed."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from igym.core.wire import Wired
from igym.protocol.base import Message


@dataclass(frozen=True)
class Event(Wired):
    """Base of all events."""


@dataclass(frozen=True)
class Joined(Event):
    """A person pressed the join button and was admitted; ``token_hash`` is what proves their connections later."""

    type: ClassVar[str] = "joined"
    participant: str
    label: str | None = None
    seat: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    token_hash: str = ""
    simulated: bool = False
    instead_of: str = ""
    """Who had this lab computer's browser and has not finished."""


@dataclass(frozen=True)
class Connected(Event):
    type: ClassVar[str] = "connected"
    participant: str
    connection: str
    address: str = ""


@dataclass(frozen=True)
class Disconnected(Event):
    type: ClassVar[str] = "disconnected"
    participant: str
    connection: str
    reason: str = ""


@dataclass(frozen=True)
class MessageReceived(Event):
    type: ClassVar[str] = "message"
    participant: str
    connection: str
    message: Message


@dataclass(frozen=True)
class RttMeasured(Event):
    """Answered pings, on the server's own clock.

    ``rtt_ms`` is the newest, answered ``ago_s`` before; ``earlier`` are those that no rule waited for, oldest first, as
    ``[ago_s, rtt_ms]``.
    """

    type: ClassVar[str] = "rtt"
    participant: str
    rtt_ms: float
    ago_s: float = 0.0
    earlier: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True)
class RowsStored(Event):
    """A batch of rows is on disk. ``chain`` is the row hash after its last row."""

    type: ClassVar[str] = "rows_stored"
    participant: str
    match: str
    episode: int
    first: int
    count: int
    last_frame: int
    chain: str = ""


@dataclass(frozen=True)
class DifferenceFound(Event):
    """Answer to ``FindDifference``: the first frame on which members' rows differ, or None when all agree."""

    type: ClassVar[str] = "difference_found"
    match: str
    episode: int
    frame: int | None
    columns: tuple[str, ...] = ()
    compared: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))


@dataclass(frozen=True)
class HostEnvReady(Event):
    """The env on the host is loaded, and where it was interrupted it stands again where it was."""

    type: ClassVar[str] = "host_env_ready"
    match: str


@dataclass(frozen=True)
class HostEpisodeStarted(Event):
    type: ClassVar[str] = "host_episode_started"
    match: str
    episode: int


@dataclass(frozen=True)
class HostEpisodeEnded(Event):
    """``participants`` are the members whose rows go to this end."""

    type: ClassVar[str] = "host_episode_ended"
    match: str
    episode: int
    frames: int
    reason: str
    chain: str
    scores: dict[str, float] = field(default_factory=dict)
    participants: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "participants", tuple(self.participants))


@dataclass(frozen=True)
class HostGameOver(Event):
    """The last episode has ended, and all its rows are on disk."""

    type: ClassVar[str] = "host_game_over"
    match: str


@dataclass(frozen=True)
class HostGlobalsSet(Event):
    """Code of the scene that ran on the host changed this participant's shared values."""

    type: ClassVar[str] = "host_globals_set"
    participant: str
    match: str
    values: dict[str, Any]


@dataclass(frozen=True)
class HostEnvFailed(Event):
    """The env stepped on the host raised, hung or could not start."""

    type: ClassVar[str] = "host_env_failed"
    match: str
    text: str
    traceback: str = ""


@dataclass(frozen=True)
class Tick(Event):
    """Time has passed; sent when ``next_deadline`` is reached."""

    type: ClassVar[str] = "tick"


@dataclass(frozen=True)
class Answered(Event):
    """A researcher's function returned ``value`` or failed with ``error`` (type, message, traceback, file, line).

    ``participant``: whom it was asked about, if about one person.
    """

    type: ClassVar[str] = "answered"
    question_id: str
    value: Any = None
    error: dict[str, Any] | None = None
    participant: str | None = None


@dataclass(frozen=True)
class Command(Event):
    """The researcher's action; ``by`` names who gave it (the launcher, the command line)."""

    type: ClassVar[str] = "command"
    name: str
    args: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    by: str = "launcher"


@dataclass(frozen=True)
class EngineStarted(Event):
    """The engine runs (again). After a restart every connection is gone and every wait is armed anew.

    ``kind`` (study, pilot, rehearsal or test) counts at the first start and stays.
    """

    type: ClassVar[str] = "engine_started"
    join_url: str = ""
    ice: dict[str, Any] = field(default_factory=dict)
    kind: str = "study"


@dataclass(frozen=True)
class EngineStopping(Event):
    type: ClassVar[str] = "engine_stopping"
    reason: str = ""


@dataclass(frozen=True)
class HistoryLoaded(Event):
    """Groups of earlier sessions of this experiment, as tuples of labels."""

    type: ClassVar[str] = "history_loaded"
    groups: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", tuple(tuple(group) for group in self.groups))
