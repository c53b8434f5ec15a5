"""Messages from the browser to the server."""

from typing import ClassVar, Literal

from pydantic import Field

from igym.protocol.base import (
    KB,
    LARGEST_INPUT,
    Count,
    Id,
    Json,
    Line,
    LongText,
    Message,
    Milliseconds,
    Name,
    Number,
    Part,
    Player,
    Seconds,
    Text,
    UnixMilliseconds,
    Values,
)

EpisodeReason = Literal["terminated", "truncated", "max_steps", "move_limit", "partial"]
LinkState = Literal["up", "lost", "down"]
Transport = Literal["p2p", "relay", "turn"]
Visit = Count


class Browser(Part):
    """What the browser says about itself; stored and used by screening, trusted for nothing else."""

    user_agent: Line
    language: Line = ""
    screen_width: Count
    screen_height: Count
    viewport_width: Count
    viewport_height: Count
    pixel_ratio: Number = 1.0
    touch: bool = False
    webgl: bool = True
    hardware_threads: Count = 1
    timezone: Line = ""


class PageTiming(Part):
    """When a page was first shown and left, in ms since its visit began, on a clock that survives a reload of the tab.

    `submitted_at_ms`: when it was left, unix ms of the host's clock as the browser knows it.
    """

    shown_ms: Milliseconds
    submitted_ms: Milliseconds
    submitted_at_ms: UnixMilliseconds | None = None


class AnswerTiming(PageTiming):
    """`first_change_ms`: question → ms from the page being first shown to the question being first touched.

    `video_s`: question → where the recording stood then, s of it; pages with recordings only.
    """

    first_change_ms: dict[Name, Milliseconds] = Field(default_factory=dict, max_length=500)
    video_s: dict[Name, Seconds] = Field(default_factory=dict, max_length=500)


class Hello(Message):
    """First message of a connection. ``tab`` survives a reload; ``visit`` is what the page still shows."""

    name: ClassVar[str] = "hello"
    acked: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 8 * KB
    protocol: Count
    tab: Id
    browser: Browser
    visit: Visit | None = None


class Loading(Message):
    """Progress of loading; ``loaded``/``total`` in bytes or steps, ``label`` readable by a person."""

    name: ClassVar[str] = "loading"
    step: Name
    label: Line
    loaded: Count
    total: Count


class Loaded(Message):
    """The game runtime stands ready in this page."""

    name: ClassVar[str] = "loaded"
    load_ms: Milliseconds
    cold: bool


class Answers(Message):
    """Everything filled in on a page with questions; it is checked again by the scene's own rules."""

    name: ClassVar[str] = "answers"
    acked: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 256 * KB
    visit: Visit
    values: Values
    timing: AnswerTiming
    timed_out: bool = False
    """The page's time was up: these are the answers so far."""


class Advance(Message):
    """The button of a page without questions."""

    name: ClassVar[str] = "advance"
    acked: ClassVar[bool] = True
    visit: Visit
    timing: PageTiming
    timed_out: bool = False


class GlobalsSet(Message):
    """The page or its game changed shared values of this participant."""

    name: ClassVar[str] = "globals_set"
    max_bytes: ClassVar[int] = 64 * KB
    values: Values


class EpisodeStarted(Message):
    """Frame 0 of this episode is due in this browser."""

    name: ClassVar[str] = "episode_started"
    visit: Visit
    match: Id
    episode: Count


class EpisodeEnded(Message):
    """``chain`` is the hex hash over all confirmed rows; ``scores`` maps agent to its return."""

    name: ClassVar[str] = "episode_ended"
    acked: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 8 * KB
    visit: Visit
    match: Id
    episode: Count
    frames: Count
    reason: EpisodeReason
    chain: str = Field(pattern=r"^[0-9a-f]{0,128}$")
    scores: dict[Name, Number] = Field(default_factory=dict, max_length=64)


class GameOver(Message):
    """The last episode is over here; ``reason`` is "complete" or why not."""

    name: ClassVar[str] = "game_over"
    acked: ClassVar[bool] = True
    visit: Visit
    match: Id
    reason: Name


class Sentence(Part):
    """What a text was made of, so that it can be said in the researcher's language (``igym.protocol.told``)."""

    key: Text
    values: Values


class ClientError(Message):
    """Something went wrong in the page; ``fatal``: the game cannot go on here. ``sentence``: of the message."""

    name: ClassVar[str] = "client_error"
    max_bytes: ClassVar[int] = 32 * KB
    where: Literal["python", "javascript", "asset", "packages"]
    message: Text
    traceback: LongText = ""
    file: Line | None = None
    line: Count | None = None
    fatal: bool = False
    sentence: Sentence | None = None


class ConsoleEntry(Part):
    at_ms: UnixMilliseconds
    level: Literal["debug", "log", "info", "warning", "error"]
    text: Text


class Console(Message):
    """Lines of the browser's console, kept and never acted on."""

    name: ClassVar[str] = "console"
    max_bytes: ClassVar[int] = 128 * KB
    entries: list[ConsoleEntry] = Field(max_length=200)


class Focus(Message):
    """Whether anybody can see the page."""

    name: ClassVar[str] = "focus"
    hidden: bool
    blurred: bool
    at_ms: UnixMilliseconds


class Activity(Message):
    """Some input happened; at most one a second."""

    name: ClassVar[str] = "activity"
    at_ms: UnixMilliseconds


class Sample(Part):
    """What a page measured of its play: ``fps``, ``frame_ms_p50``, ``stalls``, ``link`` and so on.

    ``age_ms``: how long before the message was sent.
    """

    age_ms: Milliseconds
    values: Values


class Metrics(Message):
    """What was measured in play, a sample a second, in their order; told every few seconds."""

    name: ClassVar[str] = "metrics"
    max_bytes: ClassVar[int] = 64 * KB
    visit: Visit
    match: Id
    samples: list[Sample] = Field(min_length=1, max_length=20)


class WebEvent(Message):
    """From the task inside a WebScene's iframe; one that comes again, after a lost connection, has the same ``key``."""

    name: ClassVar[str] = "web_event"
    max_bytes: ClassVar[int] = 256 * KB
    visit: Visit
    event: Literal["start", "data", "end"] = Field(alias="name")
    data: Json = None
    key: Id | None = None


class ReplayEvent(Message):
    """What happens to the recordings of a page. ``position_s``: how far they are; ``failed``: they cannot be shown."""

    name: ClassVar[str] = "replay_event"
    visit: Visit
    event: Literal["play", "pause", "stop", "end", "failed"]
    position_s: Seconds
    at_ms: UnixMilliseconds
    text: Line = ""
    key: Id | None = None


class Signal(Message):
    """WebRTC description or candidate for another player of my match."""

    name: ClassVar[str] = "signal"
    max_bytes: ClassVar[int] = 32 * KB
    match: Id
    to: Player
    data: dict[str, Json] = Field(max_length=16)


class Link(Message):
    """What this browser sees of its link to ``peer``."""

    name: ClassVar[str] = "link"
    match: Id
    peer: Player
    state: LinkState
    transport: Transport
    rtt_ms: Milliseconds | None = None


class MatchReady(Message):
    """Environment loaded and every link validated."""

    name: ClassVar[str] = "match_ready"
    acked: ClassVar[bool] = True
    match: Id


class Probe(Message):
    """Result of a latency probe; ``rtt_ms`` lists each ping's round trip."""

    name: ClassVar[str] = "probe"
    probe: Id
    peer: Id
    state: Literal["connected", "failed"]
    rtt_ms: list[Milliseconds] = Field(default_factory=list, max_length=64)


class Pong(Message):
    """Answer to ``ping``, at once."""

    name: ClassVar[str] = "pong"
    n: Count


class Clock(Message):
    """Clock question; the ack is ``{t1_ms, t2_ms}``, unix ms at the host's receive and reply.

    Now and then it tells what the last answers gave: ``offset_ms``, host clock minus page clock, from an exchange with
    the round trip ``rtt_ms``.
    """

    name: ClassVar[str] = "clock"
    acked: ClassVar[bool] = True
    t0_ms: UnixMilliseconds
    offset_ms: Number | None = None
    rtt_ms: Milliseconds | None = None


class HostJoin(Message):
    """This page shows a match that runs on the host: it wants the whole picture and where the game stands."""

    name: ClassVar[str] = "host_join"
    match: Id


class HostInput(Message):
    """What this player does from now on: 0 = nothing, k = the k-th entry of the action mapping, more with sticks."""

    name: ClassVar[str] = "host_input"
    match: Id
    input: int = Field(ge=0, le=LARGEST_INPUT)
    at_ms: UnixMilliseconds


class DrawnPicture(Part):
    """A picture of a game on the host, and the refresh of the display for which it was drawn, on the host's clock."""

    number: Count
    at_ms: UnixMilliseconds


class HostSeen(Message):
    """The newest picture this page has shown, a few times a second; and whether anybody can have seen it.

    ``shown`` are the pictures drawn since it last said so; ``refresh_ms`` is the time from one refresh to the next.
    """

    name: ClassVar[str] = "host_seen"
    match: Id
    number: Count
    focused: bool
    hidden: bool
    shown: list[DrawnPicture] = Field(default_factory=list, max_length=32)
    refresh_ms: Milliseconds | None = None


class InputEvent(Part):
    """What a participant did with keyboard, pointer or gamepad; ``at_ms`` is the host's clock as the page knows it.

    ``code`` names a key by where it lies, a button or an axis; ``key`` is what the key writes. ``x`` and ``y`` are
    pixels of the drawing surface, ``value`` is where an axis is, -1 to 1. ``episode`` and ``frame``: the picture that
    stood on the display.
    """

    at_ms: UnixMilliseconds
    kind: Literal["down", "up", "move", "axis", "blur"]
    device: Literal["keyboard", "mouse", "touch", "pen", "gamepad"] | None = None
    code: str = Field(default="", max_length=40)
    key: str = Field(default="", max_length=40)
    x: Number | None = None
    y: Number | None = None
    value: Number | None = None
    episode: Count | None = None
    frame: Count | None = None


class InputLog(Message):
    """What was pressed, moved and let go in a match whose scene records it.

    ``page`` is drawn anew by each page and ``first`` counts its events, so that the same ones again are known;
    ``left_out`` counts those that came too fast to be told, up to here.
    """

    name: ClassVar[str] = "input_log"
    acked: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 128 * KB
    visit: Visit
    match: Id
    page: Id
    first: Count
    left_out: Count = 0
    events: list[InputEvent] = Field(min_length=1, max_length=500)


class NoticeRead(Message):
    """The participant has closed a notice that asked to be told so."""

    name: ClassVar[str] = "notice_read"
    id: Id


class ChatSay(Message):
    """Something said in the talk this page shows: own words, or the number of a phrase, or of a sign in answer ``to``.

    ``id`` is drawn by the page; the same one again changes nothing. ``episode`` and ``frame`` are where the game stood.
    """

    name: ClassVar[str] = "chat_say"
    acked: ClassVar[bool] = True
    max_bytes: ClassVar[int] = 16 * KB
    visit: Visit
    id: Id
    text: str = Field(default="", max_length=2000)
    phrase: Count | None = None
    reaction: Count | None = None
    to: Count | None = None
    episode: Count | None = None
    frame: Count | None = None
    at_ms: UnixMilliseconds


class Leave(Message):
    """The participant withdraws."""

    name: ClassVar[str] = "leave"
    acked: ClassVar[bool] = True
