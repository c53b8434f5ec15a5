"""The launcher's connection to a running engine: Socket.IO in the Qt event loop, turned into signals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from igym.protocol.told import from_table
from igym_desktop.i18n import said, tr

NAMESPACE = "/control"
COMMAND_LIMIT_S = 60.0
LONG_COMMANDS_S = {"export": 4 * 3600.0, "fetch": 4 * 3600.0}
CLOSE_LIMIT_S = 8.0
FIRST_ATTEMPTS = 3  # a busy computer may miss the first answer; a refusal stays one


@dataclass(frozen=True)
class Reply:
    """The engine's answer to a command."""

    ok: bool
    result: Any = None
    code: str = ""
    text: str = ""


@dataclass
class Connection:
    """One opening of a link, until it is closed."""

    url: str
    token: str
    client: Any = None
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    usable: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while the namespace is joined; the first snapshot may come a moment earlier."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set from a loss of the connection until it stands again."""


class ControlLink(QObject):
    """Connects, reconnects by itself, and delivers the engine's messages until `close`."""

    connected = Signal()
    disconnected = Signal()
    snapshot = Signal(object)
    changes = Signal(object)
    log = Signal(object)
    """Dicts, carried as they are: as `Signal(dict)` Qt would translate every value of every row there and back."""
    progress = Signal(object)
    """`{done, total, what}` of a long command."""
    refused = Signal(str)
    """The token was not accepted or nothing answers for too long."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection: Connection | None = None
        self._closing: set[asyncio.Task[Any]] = set()

    @property
    def is_connected(self) -> bool:
        """Whether a command would reach the engine now."""
        return bool(self._connection and self._connection.client and self._connection.client.eio.state == "connected")

    def open(self, url: str, token: str) -> None:
        """Starts to connect; `connected` or `refused` follows."""
        self.close()
        connection = Connection(url, token)
        self._connection = connection
        self._spawn(connection, self._connect(connection))

    def close(self) -> None:
        """Lets go of the engine without stopping it."""
        # Given up before it is closed: what its socket still brings until then reaches no page (`_emit`).
        connection, self._connection = self._connection, None
        if connection:
            task = asyncio.get_event_loop().create_task(_disconnect(connection))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def closed(self) -> None:
        """Returns when every connection that was let go is really closed."""
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_LIMIT_S)

    def command(self, name: str, args: Mapping[str, Any], reason: str, done: Callable[[Reply], None]) -> None:
        """Sends one command; `done` is always called exactly once."""
        if not self.is_connected or self._connection is None:
            done(Reply(False, code="not_connected", text=tr("There is no connection to the server at the moment.")))
            return
        self._spawn(self._connection, self._command(self._connection, name, args, reason, done))

    def _spawn(self, connection: Connection, work: Any) -> None:
        task = asyncio.get_event_loop().create_task(work)
        connection.tasks.add(task)
        task.add_done_callback(connection.tasks.discard)

    async def _connect(self, connection: Connection) -> None:
        import socketio

        # handle_sigint would take the process's signals away from the launcher.
        client = socketio.AsyncClient(
            reconnection_delay=0.2, reconnection_delay_max=2, logger=False, handle_sigint=False
        )
        connection.client = client
        self._listen(client, connection)
        for attempts_left in reversed(range(FIRST_ATTEMPTS)):
            try:
                await self._first_connect(client, connection)
                return
            except socketio.exceptions.ConnectionError as error:
                if not attempts_left or connection is not self._connection:
                    self._emit(connection, self.refused, str(error))
                    return
            await asyncio.sleep(0.3)

    def _listen(self, client: Any, connection: Connection) -> None:
        for name, target in (
            ("connect", lambda: self._joined(connection)),
            ("disconnect", lambda *_: self._left(connection)),
            ("snapshot", lambda data: self._hear(connection, self.snapshot, data)),
            ("changes", lambda data: self._hear(connection, self.changes, data)),
            ("log", lambda data: self._hear(connection, self.log, data)),
            ("progress", lambda data: self._hear(connection, self.progress, data)),
        ):
            client.on(name, target, namespace=NAMESPACE)

    async def _first_connect(self, client: Any, connection: Connection) -> None:
        await client.connect(
            connection.url,
            auth={"token": connection.token},
            namespaces=[NAMESPACE],
            transports=["websocket"],
            retry=False,
            wait_timeout=10,
        )

    def _joined(self, connection: Connection) -> None:
        connection.gone.clear()
        connection.usable.set()
        self._emit(connection, self.connected)

    def _left(self, connection: Connection) -> None:
        connection.usable.clear()
        connection.gone.set()
        self._emit(connection, self.disconnected)

    def _hear(self, connection: Connection, signal: Any, message: Any) -> None:
        self._emit(connection, signal, from_table(message))

    def _emit(self, connection: Connection, signal: Any, *values: Any) -> None:
        if connection is self._connection:
            signal.emit(*values)

    async def _command(
        self, connection: Connection, name: str, args: Mapping[str, Any], reason: str, done: Callable[[Reply], None]
    ) -> None:
        message = {"name": name, "args": dict(args), "reason": reason}
        try:
            # The transport stands a moment before the namespace does, and what is sent in between is lost.
            await asyncio.wait_for(connection.usable.wait(), 10)
            answer = await _asked(connection, message, LONG_COMMANDS_S.get(name, COMMAND_LIMIT_S))
        # Also when it is cancelled because the link closes: whoever asked waits for exactly one answer.
        except (Exception, asyncio.CancelledError) as error:
            text = tr("The server did not answer. Look at the table before trying again: it may have acted already.")
            done(Reply(False, code="no_answer", text=f"{text} ({type(error).__name__})"))
            return
        done(_reply(answer))


async def _asked(connection: Connection, message: dict[str, Any], limit_s: float) -> Any:
    """The answer; raises `ConnectionError` when the connection breaks, as it would never come then."""
    call = connection.client.call("command", message, namespace=NAMESPACE, timeout=limit_s)
    tasks = asyncio.ensure_future(call), asyncio.ensure_future(connection.gone.wait())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            raise ConnectionError("the connection broke")
        return tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()


def _reply(answer: Any) -> Reply:
    if not isinstance(answer, Mapping):
        return Reply(False, code="bad_answer", text=tr("The server's answer could not be read."))
    told = from_table(dict(answer))
    return Reply(bool(told.get("ok")), told.get("result"), str(told.get("code", "")), said(str(told.get("text", ""))))


async def _disconnect(connection: Connection) -> None:
    """Also ends what was still waiting for an answer: nothing of this connection runs afterwards."""
    for task in list(connection.tasks):
        task.cancel()
    if connection.tasks:
        # A library that swallows the cancellation must not keep the app from closing.
        await asyncio.wait(connection.tasks, timeout=CLOSE_LIMIT_S / 4)
    if connection.client is not None:
        await shut(connection.client)


async def shut(client: Any) -> None:
    """Closes a client and everything it has open."""
    # First: the end of its socket would be taken for a loss, and mended.
    client.reconnection = False
    try:
        await asyncio.wait_for(_end(client), 2)
    except Exception:  # closing: whatever is left is dropped with the process
        pass
    # A shutdown that ran out of its time has left this open.
    if client.eio.http and not client.eio.http.closed:
        await client.eio.http.close()
    reading = client.eio.read_loop_task
    if reading and not reading.done():
        await asyncio.wait([reading], timeout=2)


async def _end(client: Any) -> None:
    await client.shutdown()
    # Given up while it was still joining, it counts as not connected, and its shutdown leaves the socket open.
    if client.eio.state == "connected":
        await client.eio.disconnect()
