"""What a session needs of the outside, whoever provides it: each part is handed the ports it uses and knows no more.

| port | provided by |
|---|---|
| `Store` | `igym.host.store.store.Store` |
| `Reader` | `igym.host.store.store_reader.StoreReader` |
| `Bus` | `igym.host.inbox.Inbox` |
| `Desk` | `igym.host.sockets.desk.SessionDesk`; of an edge: `igym.host.cluster.far_desk.FarDesk` |
| `Sockets` | `igym.host.sockets.local_sockets.LocalSockets`; with edges: `igym.host.cluster.edges.Edges` |
| `Relays` | `igym.host.sockets.local_sockets.LocalSockets`; of an edge: `igym.host.cluster.edge_sockets.EdgeSockets` |
| `Routes` | `igym.host.session.queries.SessionQueries`; of an edge: `igym.host.cluster.routes.RouteTable` |
| `Runner` | `igym.host.children.child.LocalRunner`; with workers: `igym.host.jobs.handing.HandingRunner` |
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from igym.core.events import Event, RttMeasured
from igym.host.inbox import Outcome
from igym.protocol.base import Message
from igym.protocol.binary import Relay

if TYPE_CHECKING:
    from asyncio import StreamReader

    from igym.host.base.spawn import Kind
    from igym.host.store.store import BatchRecord, EventRecord, RecordRow, SessionRecord
    from igym.host.store.store_reader import BatchKey, SessionRow, StoredBatch, StoredEvent, StoredRecord


Ack = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """A page that says something: whose it is, the core's name for its connection, and where it speaks from."""

    participant: str
    connection: str
    address: str


@dataclass(frozen=True)
class Reply:
    """What came of a message: its acknowledgement, or why it was not used."""

    ack: Ack | None = None
    refusal: tuple[str, str] | None = None
    """Code and text."""


class TurnedAwayError(Exception):
    """A connection that is not admitted; `code`: "unknown_participant", or "busy": later perhaps.

    `text` is for the person, in their words, and `again_s` in how many seconds to come again; "" and 0: as ever.
    """

    def __init__(self, code: str, text: str = "", again_s: float = 0.0) -> None:
        super().__init__(code)
        self.code, self.text, self.again_s = code, text, again_s


class Store(Protocol):
    """Writes what happened. A future resolves when it survives a power cut, and fails with `StoreWriteError`."""

    @property
    def path(self) -> Path:
        """Where readers find what is written."""

    @property
    def epoch(self) -> int:
        """The number of this server's turn of writing."""

    def start_session(self, record: SessionRecord) -> Future[None]: ...

    def set_session_state(self, session: str, state: str, ended_at: float | None) -> Future[None]: ...

    def beat(self) -> Future[None]:
        """Shows whoever stands by that this program still does its work."""

    def append_events(self, session: str, events: Iterable[EventRecord], records: Iterable[RecordRow]) -> Future[None]:
        """All of them or none."""

    def append_batch(self, session: str, record: BatchRecord) -> Future[bool]:
        """True when it brought frames, False when a batch that starts here is stored already."""

    def append_telemetry(self, session: str, participant: str, at: float, kind: str, body: str) -> Future[None]: ...

    def append_console(
        self, session: str, participant: str, entries: Iterable[tuple[float, str, str]]
    ) -> Future[None]: ...

    def erase_participant(
        self, session: str, participant: str, kept_records: Iterable[str]
    ) -> Future[dict[str, int]]: ...

    def empty_events(self, session: str, participant: str, emptied: Callable[[str], str | None]) -> Future[int]: ...

    async def erase_session(self, session: str, kept_records: Iterable[str], at: float) -> dict[str, int]: ...

    def close(self) -> None:
        """What is queued is written first."""


class Reader(Protocol):
    """Reads what is stored, also while it is written to; one for each thread."""

    def sessions(self) -> list[SessionRow]: ...

    def session(self, session: str) -> SessionRow | None: ...

    def events(self, session: str, *, types: tuple[str, ...] = (), after: int = -1) -> Iterator[StoredEvent]: ...

    def records(
        self, session: str, *, kinds: tuple[str, ...] = (), participant: str | None = None, match: str | None = None,
        scene: str | None = None, after: int = -1,
    ) -> Iterator[StoredRecord]: ...  # fmt: skip

    def last_seq(self, session: str) -> int: ...

    def newest_batches(self, session: str) -> Iterator[BatchKey]: ...

    def batches(
        self, session: str, *, match: str | None = None, participant: str | None = None, scene: str | None = None,
        episode: int | None = None, from_frame: int | None = None,
    ) -> Iterator[StoredBatch]: ...  # fmt: skip

    def close(self) -> None: ...


class Bus(Protocol):
    """Brings events to the core, in the order they were given, and its answers back."""

    @property
    def is_blocked(self) -> bool:
        """Nothing can be stored at the moment: events wait, and nobody new should be admitted."""

    def submit(self, event: Event) -> Future[Outcome]:
        """Resolves when the event is stored and what follows from it has been done."""


class Desk(Protocol):
    """Takes what pages say to where the core is, and brings its answers: for whoever holds the connections."""

    async def admit(self, token_hash: str, connection: str, address: str) -> str:
        """Whose the new connection is; the core knows of it from now on. Raises `TurnedAwayError`."""

    def left(self, caller: Caller, reason: str) -> None:
        """A connection that was admitted has ended."""

    async def take(self, caller: Caller, message: Message) -> Reply:
        """Messages of one connection are handled in the order of the calls, each once; what is acknowledged is on
        disk."""

    def pings(self, told: RttMeasured) -> None:
        """Round trips of one person, for the core."""

    def bar(self, participant: str) -> None:
        """Nobody with this person's cookie is admitted for a while."""


class Sockets(Protocol):
    """Messages to participants; what finds nobody is dropped, as the page asks for its state when it comes back."""

    async def send(self, participant: str, message: Message, connection_id: str | None) -> None:
        """To the connection that counts, or to the one that is named if it is this participant's."""

    async def hang_up(self, connection_id: str) -> None:
        """Closes one connection."""


class Relays(Protocol):
    """The way for packets from page to page, which links repeat when they are lost."""

    async def relay(self, sender: str, packet: Relay) -> bool:
        """To the connection that counts, dropped where nobody is or keeps up; False when it may not pass at all."""


class Routes(Protocol):
    """Which connection counts and where its messages may go, asked at every packet."""

    def live_connection(self, participant: str) -> str | None:
        """The connection whose messages count, by the core's name for it."""

    def relay_target(self, participant: str, player: int) -> tuple[str, int] | None:
        """`(target participant, own player)`, or None when the packet may not pass."""

    def counts_activity(self, participant: str) -> bool:
        """Whether a rule of the game this person plays asks when they did something last."""

    def counts_pings(self, participant: str) -> bool:
        """Whether the core waits for each answered ping of this person."""


class Written(Protocol):
    """What is written to a process, as `asyncio.StreamWriter`."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...

    def is_closing(self) -> bool: ...


class Running(Protocol):
    """A command that was started, as `asyncio.subprocess.Process`."""

    @property
    def stdin(self) -> Written | None: ...

    @property
    def stdout(self) -> StreamReader | None: ...

    @property
    def stderr(self) -> StreamReader | None: ...

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def kill(self) -> None: ...

    async def wait(self) -> int: ...


class Runner(Protocol):
    """Runs this program's own commands beside the session: whatever may hang, crash or take long.

    What is said through the pipes is between the command and whoever started it (`LineChild`, `EnvProcess`).
    """

    async def start(self, kind: Kind, arguments: Sequence[str], pipe_bytes: int) -> Running:
        """The command, running; `pipe_bytes`: how much of what it says is held before somebody reads it.

        Raises `OSError` when it cannot be started.
        """
