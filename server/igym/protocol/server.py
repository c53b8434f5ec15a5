"""Messages from the server to the browser."""

from typing import ClassVar, Literal

from pydantic import Field

from igym.protocol.base import (
    KB,
    Count,
    Direction,
    Id,
    Json,
    Line,
    LongText,
    Message,
    Milliseconds,
    Name,
    Part,
    Player,
    Text,
    UnixMilliseconds,
    Values,
)

MB = 1024 * KB
MatchStateName = Literal["connecting", "validating", "countdown", "playing", "paused", "ended"]
Outcome = Literal[
    "finished", "unfinished", "dropped", "timed_out", "screened_out", "excluded", "withdrawn", "taken_over", "refused"
]
Substitute = Literal["bot", "default"]


class ServerMessage(Message):
    direction: ClassVar[Direction] = "server"
    max_bytes: ClassVar[int] = 8 * KB


class Preload(Part):
    """What to fetch while the first pages are read."""

    vendor_packages: list[Name] = Field(default_factory=list)
    packages: list[Line] = Field(default_factory=list)
    bundles: list[Name] = Field(default_factory=list)
    wheels_index: Line = "/simple/"


class MatchPlayer(Part):
    player: Player
    agent: Name
    name: Line = ""


class Ice(Part):
    """Where to find STUN and TURN; ``None`` when the host offers none."""

    stun: Line | None = None
    turn: dict[str, Json] | None = None


class MatchSpec(Part):
    """One match as one member sees it. ``me`` is that member's player number.

    ``keys`` are secrets of this member: player → 32 hex digits known to those two alone, under the own number to nobody
    else. Browsers mark their inputs with them, so that nobody can tell what another one did.
    """

    id: Id
    seed: Count
    me: Player
    players: list[MatchPlayer]
    bots: list[Name] = Field(default_factory=list)
    episode: Count = 0
    begun: bool = False
    """Its game may be running in other browsers: a page that is shown it now comes into it."""
    ice: Ice = Ice()
    transport: Literal["auto", "p2p", "relay"] = "auto"
    fixed: dict[str, Json] = Field(default_factory=dict)
    keys: dict[str, Line] = Field(default_factory=dict)


class Welcome(ServerMessage):
    """First answer to ``hello``: who this is, and what to fetch meanwhile. ``server_ms`` is the host's clock."""

    name: ClassVar[str] = "welcome"
    max_bytes: ClassVar[int] = 256 * KB
    protocol: Count
    session: Id
    participant: Id
    label: Line | None = None
    title: Line
    language: Line | None = None
    globals: Values
    preload: Preload
    server_ms: UnixMilliseconds


class SceneShown(ServerMessage):
    """Show this scene. ``index`` counts from 0; ``shown_before`` says the page may resume its own state."""

    name: ClassVar[str] = "scene"
    max_bytes: ClassVar[int] = 4 * MB
    visit: Count
    index: Count
    total: Count
    spec: dict[str, Json]
    globals: Values
    match: MatchSpec | None = None
    shown_before: bool = False


class Waiting(ServerMessage):
    """``waiting``/``needed`` are people (``None`` = hidden); times are unix ms of the server's clock."""

    name: ClassVar[str] = "waiting"
    max_bytes: ClassVar[int] = 64 * KB
    visit: Count
    scene: Name
    header: Text = ""
    message: LongText = ""
    waiting: Count | None = None
    needed: Count | None = None
    deadline_ms: UnixMilliseconds | None = None
    server_ms: UnixMilliseconds
    phase: Literal["waiting", "probing"] = "waiting"


class MatchState(ServerMessage):
    """Where the match is, for each member. ``from_frame`` belongs to ``substitutes``."""

    name: ClassVar[str] = "match_state"
    max_bytes: ClassVar[int] = 128 * KB
    match: Id
    state: MatchStateName
    server_ms: UnixMilliseconds
    starts_at_ms: UnixMilliseconds | None = None
    reason: Line = ""
    text: LongText = ""
    deadline_ms: UnixMilliseconds | None = None
    substitutes: dict[str, Substitute] = Field(default_factory=dict)
    done: list[Player] = Field(default_factory=list)
    """Players whose browsers say nothing more: they finished, or their person is gone."""
    from_frame: Count | None = None
    episodes: Count | None = None
    """So many may be played so far; None where the scene says how many there are."""


class SignalIn(ServerMessage):
    """What another player's ``signal`` brought."""

    name: ClassVar[str] = "signal_in"
    max_bytes: ClassVar[int] = 32 * KB
    match: Id
    from_player: Player
    data: dict[str, Json]


class ProbeStart(ServerMessage):
    """Measure the link to ``peer``: connect within ``connect_ms``, send ``pings`` pings and report with ``probe``."""

    name: ClassVar[str] = "probe_start"
    probe: Id
    peer: Id
    initiator: bool
    pings: Count = 5
    connect_ms: Milliseconds = 10_000
    ice: Ice = Ice()


class HostPhase(ServerMessage):
    """Where a game on the host stands. ``until_ms``: end of a countdown or freeze, unix ms of the host's clock."""

    name: ClassVar[str] = "host_phase"
    match: Id
    phase: Literal["countdown", "playing", "frozen", "over"]
    episode: Count
    until_ms: UnixMilliseconds | None = None


class HostMove(ServerMessage):
    """Whose move a game on the host waits for, as its receiver sees it; null: nobody's. ``until_ms``: when their own
    time is up, unix ms of the host's clock."""

    name: ClassVar[str] = "host_move"
    match: Id
    whose: Literal["mine", "made", "others"] | None
    until_ms: UnixMilliseconds | None = None


class HostHud(ServerMessage):
    """The numbers above a game on the host, sent when they change. An infinite score is a text."""

    name: ClassVar[str] = "host_hud"
    max_bytes: ClassVar[int] = 16 * KB
    match: Id
    episode: Count
    scores: dict[str, float | str] = Field(default_factory=dict)
    text: Text | None = None


class HostSounds(ServerMessage):
    """Sounds to play now."""

    name: ClassVar[str] = "host_sounds"
    match: Id
    names: list[Name] = Field(max_length=64)


class Notice(ServerMessage):
    """A line above the page; without ``expires_ms`` it stays until it is closed."""

    name: ClassVar[str] = "notice"
    max_bytes: ClassVar[int] = 16 * KB
    id: Id
    level: Literal["info", "warning"] = "info"
    text: Text
    expires_ms: UnixMilliseconds | None = None
    receipt: bool = False
    """The page says so (``notice_read``) when it was closed by hand."""


class ChatLine(Part):
    """``who`` is the number under which the speaker is known in this talk; ``to`` the line a sign answers."""

    number: Count
    who: Count
    name: Line = ""
    mine: bool = False
    text: Text
    to: Count | None = None
    at_ms: UnixMilliseconds


class Chat(ServerMessage):
    """The talk beside this page, whole. ``closed`` says why nothing can be said at the moment, empty when it can.

    ``left`` is how many messages this person may still send, None for any number.
    """

    name: ClassVar[str] = "chat"
    max_bytes: ClassVar[int] = 2 * MB
    talk: Line
    visit: Count
    free_text: bool
    phrases: list[Line] = Field(default_factory=list)
    reactions: list[Line] = Field(default_factory=list)
    longest: Count
    left: Count | None = None
    closed: Literal["", "playing", "muted", "alone", "used_up"] = ""
    lines: list[ChatLine] = Field(default_factory=list)


class ChatSaid(ServerMessage):
    """One more line of this talk."""

    name: ClassVar[str] = "chat_said"
    max_bytes: ClassVar[int] = 32 * KB
    talk: Line
    line: ChatLine


class Closed(ServerMessage):
    """The last page. ``body`` is the researcher's HTML; ``code`` is the recorded completion code."""

    name: ClassVar[str] = "closed"
    max_bytes: ClassVar[int] = 1 * MB
    outcome: Outcome
    header: Text = ""
    body: str = ""
    code: Line | None = None
    redirect_url: Text | None = None
    redirect_after_s: float = 0.0


class Refused(ServerMessage):
    """A message was not acted on: its name, a code for programs, a sentence for the person."""

    name: ClassVar[str] = "refused"
    message: Line
    code: Name
    text: Line


class Globals(ServerMessage):
    """Shared values of this participant that were changed by a function of the study."""

    name: ClassVar[str] = "globals"
    max_bytes: ClassVar[int] = 256 * KB
    values: Values


class Ping(ServerMessage):
    """The browser answers ``pong`` at once; the host keeps the clock."""

    name: ClassVar[str] = "ping"
    n: Count
