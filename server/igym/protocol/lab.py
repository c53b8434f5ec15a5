"""Messages of the lab check: each seat's page measures its computer and its way to every other seat."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from igym.protocol.base import KB, Count, Direction, Id, Line, Message, Milliseconds, Name, Number, Part, Text
from igym.protocol.client import Browser, Transport
from igym.protocol.server import Ice, MatchPlayer, Preload

SeatLabel = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\w .\-]+$")]
"""What stands on the computer, such as ``PC07``."""
Verdict = Literal["go", "warning", "stop", "open"]
"""``open``: still being measured."""
FindingCode = Literal[
    "no_wasm",
    "game_failed",
    "screened_out",
    "step_too_slow",
    "step_slow",
    "no_pair",
    "relayed",
    "no_webrtc",
    "slow_host",
    "slow_pair",
    "slow_display",
    "not_in_front",
    "other_browser",
    "gone",
]


class SeatHello(Message):
    """First message of a seat's page. ``tab`` survives a reload."""

    name: ClassVar[str] = "seat_hello"
    acked: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 8 * KB
    protocol: Count
    seat: SeatLabel
    tab: Id
    browser: Browser


class SeatProgress(Message):
    """What the page is measuring now; ``loaded``/``total`` in bytes or steps."""

    name: ClassVar[str] = "seat_progress"
    step: Name
    loaded: Count = 0
    total: Count = 0


class GameMeasured(Part):
    """The chosen experiment's game in this browser; ``problem`` is why it did not open."""

    load_ms: Milliseconds | None = None
    step_ms: Milliseconds | None = None
    save_ms: Milliseconds | None = None
    problem: Text = ""


class SeatMeasured(Message):
    """``refresh_hz`` is ``None`` when the page was not in front; ``game`` when there is none to try."""

    name: ClassVar[str] = "seat_measured"
    acked: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 16 * KB
    wasm: bool
    webrtc: bool
    in_front: bool
    refresh_hz: Number | None = None
    game: GameMeasured | None = None


class PairMeasured(Message):
    """One end's report of a pair; ``rtt_ms`` are round trips over the way that carries packets."""

    name: ClassVar[str] = "pair_measured"
    pair: Id
    state: Literal["connected", "failed"]
    transport: Transport | None = None
    rtt_ms: list[Milliseconds] = Field(default_factory=list, max_length=100)


class LabMessage(Message):
    direction: ClassVar[Direction] = "server"
    max_bytes: ClassVar[int] = 16 * KB


class LabMatch(Part):
    """A match of this seat with itself: enough for the game to open."""

    id: Id
    seed: Count
    me: Count = 0
    players: list[MatchPlayer]
    bots: list[Name] = Field(default_factory=list)
    episode: Count = 0


class SeatWelcome(LabMessage):
    """What to measure. ``match`` is ``None`` without a game that runs in browsers."""

    name: ClassVar[str] = "seat_welcome"
    max_bytes: ClassVar[int] = 256 * KB
    title: Line
    seat: SeatLabel
    match: LabMatch | None = None
    preload: Preload
    ice: Ice = Ice()


class PairStart(LabMessage):
    """Connect to the seat ``peer`` as player ``me`` of two and report with ``pair_measured``."""

    name: ClassVar[str] = "pair_start"
    pair: Id
    peer: SeatLabel
    me: Count
    pings: Count = 5
    ice: Ice = Ice()


class MeasureAgain(LabMessage):
    """The researcher wants everything measured anew."""

    name: ClassVar[str] = "measure_again"


class Finding(Part):
    """One thing worth knowing about a seat, in no language; ``values`` fill the words."""

    code: FindingCode
    level: Verdict
    values: dict[Name, Line | Number | None] = Field(default_factory=dict)


class SeatResult(LabMessage):
    """What the check says of this seat so far; ``pairs_done`` of ``pairs`` other seats are measured."""

    name: ClassVar[str] = "seat_result"
    verdict: Verdict
    findings: list[Finding] = Field(default_factory=list)
    pairs_done: Count = 0
    pairs: Count = 0


class SeatClosed(LabMessage):
    """``taken_over``: another page says it is this seat. ``ended``: the check is over."""

    name: ClassVar[str] = "seat_closed"
    reason: Literal["taken_over", "ended"]
