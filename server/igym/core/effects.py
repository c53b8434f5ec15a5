"""Everything a session can ask its host to do, in order, after the causing event is on disk."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from igym.core.wire import Wired
from igym.protocol.base import Message

Level = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True)
class Effect(Wired):
    """Base of all effects."""


@dataclass(frozen=True)
class Send(Effect):
    """Send to the participant's live connection, or to ``connection`` when one is named. Dropped when it is gone."""

    type: ClassVar[str] = "send"
    participant: str
    message: Message
    connection: str | None = None


@dataclass(frozen=True)
class Refuse(Effect):
    """The message was not acted on; its sender is told (ack ``ok: false`` or ``refused``) and it is counted."""

    type: ClassVar[str] = "refuse"
    participant: str
    message_type: str
    code: str
    text: str
    connection: str | None = None


@dataclass(frozen=True)
class TryAgain(Effect):
    """The answers are kept as an attempt, and the page stays: ``text`` above it, ``fields`` at the questions."""

    type: ClassVar[str] = "try_again"
    participant: str
    text: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CloseConnection(Effect):
    type: ClassVar[str] = "close_connection"
    connection: str
    reason: str


@dataclass(frozen=True)
class Ask(Effect):
    """Call a researcher's function in its own process and answer with ``Answered``, exactly once.

    The function may run ``limit_s`` from its beginning. ``deadline`` (unix s) is when that would be over if it began
    at once.
    """

    type: ClassVar[str] = "ask"
    question_id: str
    kind: str
    function: str
    context: dict[str, Any]
    deadline: float
    fallback: Any = None
    limit_s: float = 0.0


@dataclass(frozen=True)
class Record(Effect):
    """Write down what was decided, beside the event that caused it; exports are made of these alone."""

    type: ClassVar[str] = "record"
    kind: str
    participant: str | None = None
    match: str | None = None
    scene: str | None = None
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportEpisode(Effect):
    type: ClassVar[str] = "export_episode"
    participant: str
    match: str
    episode: int


@dataclass(frozen=True)
class ExportScene(Effect):
    type: ClassVar[str] = "export_scene"
    participant: str
    visit: int


@dataclass(frozen=True)
class ExportMatch(Effect):
    type: ClassVar[str] = "export_match"
    match: str


@dataclass(frozen=True)
class FindDifference(Effect):
    """Compare members' stored rows of one episode up to their last common frame; answer with ``DifferenceFound``."""

    type: ClassVar[str] = "find_difference"
    match: str
    episode: int


@dataclass(frozen=True)
class EraseRows(Effect):
    """Erase this participant's rows, answers and telemetry, keeping partners' rows and a tombstone."""

    type: ClassVar[str] = "erase_rows"
    participant: str


@dataclass(frozen=True)
class Perform(Effect):
    """An audited command that only the host can carry out: export, backup, retention, stop_engine."""

    type: ClassVar[str] = "perform"
    name: str
    args: dict[str, Any]


@dataclass(frozen=True)
class CommandDone(Effect):
    """The outcome of the command being handled: ``result``, or a refusal's ``code`` and ``text``."""

    type: ClassVar[str] = "command_done"
    ok: bool
    result: Any = None
    code: str = ""
    text: str = ""


@dataclass(frozen=True)
class Problem(Effect):
    """Something the researcher must see."""

    type: ClassVar[str] = "problem"
    level: Level
    title: str
    text: str
    traceback: str = ""
    participant: str | None = None
    match: str | None = None


@dataclass(frozen=True)
class RuleFailed(Effect):
    """A rule raised. What it had begun is undone; ``rule`` is the event's type, or the deadline's."""

    type: ClassVar[str] = "rule_failed"
    rule: str
    error: str
    traceback: str
    is_deadline: bool = False


@dataclass(frozen=True)
class StartHostEnv(Effect):
    type: ClassVar[str] = "start_host_env"
    match: str


@dataclass(frozen=True)
class StopHostEnv(Effect):
    type: ClassVar[str] = "stop_host_env"
    match: str


@dataclass(frozen=True)
class Log(Effect):
    type: ClassVar[str] = "log"
    level: Level
    text: str
    data: dict[str, Any] = field(default_factory=dict)
