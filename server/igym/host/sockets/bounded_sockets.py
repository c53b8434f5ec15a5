"""A Socket.IO server of which no connection takes more than its share of memory, however it sends or stops reading."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import socketio
from aiohttp import WSMsgType, web
from engineio.async_drivers.aiohttp import WebSocket
from engineio.packet import MESSAGE
from engineio.packet import Packet as EioPacket
from socketio.packet import ACK, BINARY_EVENT, EVENT, Packet

from igym.host.base.rates import CONTROL_FRAMES, Flow
from igym.host.http import lean_socket  # noqa: F401 it takes the place of the library's
from igym.host.http.polling import WholeBodies, at_its_rate, is_packet

MAX_MESSAGE_BYTES = 512 * 1024
MOST_ATTACHMENTS = 1
"""No message has more than one binary argument."""
MOST_IN_WORK_BYTES = 4 * 1024 * 1024
"""Messages of one connection that are being dealt with at the same time."""
MOST_QUEUED = 4000
MOST_QUEUED_BYTES = 8 * 1024 * 1024
"""What waits for one receiver behind the message that is on its way: as much as a page that is loaded again is told at
most. Beyond that it has stopped reading."""
WHOLE_VIEWS_BYTES = 48 * 1024 * 1024
"""The same where everybody in a session is told of in one message."""
STOPPED_READING = "stopped reading"
"""Why a connection was ended."""
RELAY_QUEUED = 256
RELAY_QUEUED_BYTES = 1024 * 1024
"""Relayed packets beyond that are dropped: links repeat what was lost."""
WORTH_COMPRESSING = 1024
"""Bytes of a message; the page asks for compression when it connects, and each message says whether it is."""
WRITTEN_AT_ONCE = 32 * 1024
"""So little may wait in a connection, and what is small is written at once; well below where writing has to wait."""
_log = logging.getLogger("socketio.server")
_EVENTS = (str(EVENT), str(BINARY_EVENT))
_PLACE = {"_placeholder": True, "num": 0}
LONGEST_OFTEN_SAID = 120
_PLAIN = frozenset({str, int, float, bool, type(None)})
_NO_NAMES = frozenset({*socketio.AsyncServer.reserved_events, *socketio.AsyncClient.reserved_events, "*"})
"""What the library itself calls handlers for, and the name of the handler of all others: no page says these."""


class _Json:
    """What the library takes of the module `json`: with an encoder that is not made anew for each packet."""

    loads = staticmethod(json.loads)
    _encode = staticmethod(json.JSONEncoder(separators=(",", ":")).encode)

    @staticmethod
    def dumps(data: Any, separators: tuple[str, str]) -> str:
        """`separators`: always those."""
        return _Json._encode(data)


class BoundedPacket(Packet):  # type: ignore[misc]
    """Announces at most one attachment; JSON that is none, or nested too deeply, is a `ValueError`."""

    json = _Json

    def decode(self, encoded_packet: Any) -> int:
        try:
            count = int(super().decode(encoded_packet) or 0)
        except (TypeError, IndexError, RecursionError) as error:
            raise ValueError(f"not a packet: {error}") from error
        binary = self.packet_type in (5, 6)
        if count > MOST_ATTACHMENTS or binary != (count == 1):
            raise ValueError("another number of attachments than a message has")
        if self.packet_type in (2, 5) and not _is_event(self.data):
            raise ValueError("an event is a list that begins with its name, which is none of the library's own")
        return count

    @classmethod
    def data_is_binary(cls, data: Any) -> bool:
        """Whether there are bytes anywhere in it.

        As in the library, whose way takes twice as long as the JSON of a table that launchers are sent.
        """
        waiting = [data]
        while waiting:
            value = waiting.pop()
            if isinstance(value, bytes | bytearray):
                return True
            inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            waiting.extend(item for item in inside if type(item) not in _PLAIN)
        return False

    def add_attachment(self, attachment: Any) -> bool:
        if not isinstance(attachment, bytes):
            raise ValueError("text where announced bytes belong")
        try:
            return bool(super().add_attachment(attachment))
        except (TypeError, IndexError, KeyError, RecursionError) as error:
            raise ValueError(f"not an attachment: {error}") from error


class _Event(NamedTuple):
    """What a page says; `id`: the number under which it waits for an acknowledgement."""

    namespace: str
    id: int | None
    data: list[Any]


class _Announced(NamedTuple):
    """An event of one argument, bytes that follow, which nobody waits for."""

    namespace: str
    name: str


def _may_be_often_said(text: str) -> bool:
    """Whether it announces bytes and has no number of its own, so that it is the same each time."""
    return len(text) <= LONGEST_OFTEN_SAID and text[0] == str(BINARY_EVENT) and ',["' in text


@lru_cache(maxsize=64)
def _announced(text: str) -> _Announced | None:
    """What is announced by a packet that is the same each time; None for another packet, a `ValueError` for none."""
    packet = BoundedPacket(encoded_packet=text)
    is_such = packet.packet_type == BINARY_EVENT and packet.id is None and packet.data[1:] == [_PLACE]
    return _Announced(packet.namespace or "/", packet.data[0]) if is_such else None


@lru_cache(maxsize=64)
def _announcement(namespace: str, name: str) -> str:
    """The packet before that of the bytes: as the library writes it."""
    packet = BoundedPacket(EVENT, namespace=namespace, data=[name, b""])
    return str(packet.encode()[0])


def _is_event(data: Any) -> bool:
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in _NO_NAMES


class _Patient:
    """What came over a WebSocket, which others have their turn between."""

    def __init__(self, reader: Any, flow: Flow) -> None:
        self._reader, self._flow = reader, flow

    async def read(self) -> Any:
        await asyncio.sleep(0)
        message = await self._reader.read()
        await _counted(self._flow, message)
        return message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


async def _counted(flow: Flow, message: Any) -> None:
    """Counts what came over a WebSocket before anything is made of it; returns when the next may be read."""
    data = message.data
    carries = message.type is WSMsgType.BINARY or (message.type is WSMsgType.TEXT and data.startswith(str(MESSAGE)))
    await at_its_rate(flow, len(data) if isinstance(data, str | bytes) else 0, 1 if carries else CONTROL_FRAMES)


class _Wire(WebSocket):  # type: ignore[misc]
    """Where packets come in; the first that is none counts as the end of the connection."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        """As the library's, but that pings of the WebSocket itself come to `wait`."""
        self.environ = environ
        sock = web.WebSocketResponse(max_msg_size=self.server.max_http_buffer_size, autoping=False)
        self._sock: Any = sock
        self._flow = Flow(asyncio.get_running_loop().time())
        await sock.prepare(environ["aiohttp.request"])
        await self.handler(self)
        return sock

    async def close(self) -> None:
        # Whatever came before the other side's farewell is read until then, and that may be much.
        self._sock._reader = _Patient(self._sock._reader, self._flow)
        await self._sock.close()

    async def wait(self) -> Any:
        while (message := await self._read()).type in (WSMsgType.PING, WSMsgType.PONG):
            if message.type is WSMsgType.PING:
                await self._sock.pong(message.data)
            # However many have come already.
            await asyncio.sleep(0)
        data = message.data
        return data if isinstance(data, bytes) or (isinstance(data, str) and is_packet(data)) else None

    async def _read(self) -> Any:
        message = await self._sock.receive()
        await _counted(self._flow, message)
        return message

    async def send(self, message: str | bytes) -> None:
        """What is small goes as it is: to compress it costs this computer more than it saves the network.

        What is not is compressed by itself, so that no history of what was sent is kept for each connection.
        """
        text = isinstance(message, str)
        data = message.encode() if isinstance(message, str) else message
        writer = self._sock._writer
        bits = self._sock.compress if len(data) >= WORTH_COMPRESSING else 0
        writer.compress = 0
        await writer.send_frame(data, WSMsgType.TEXT if text else WSMsgType.BINARY, bits)

    @property
    def takes_more(self) -> bool:
        """Whether something small can be sent without a wait.

        A connection whose receiver fell behind is full until three quarters of what waited are gone.
        """
        transport = self.environ["aiohttp.request"].transport
        return (
            transport is not None
            and transport.get_write_buffer_size() < WRITTEN_AT_ONCE
            and not self._sock._writer.protocol.writing_paused
        )


@dataclass
class _InWork:
    """Messages of one connection that are being dealt with."""

    size: int = 0
    room: asyncio.Event = field(default_factory=asyncio.Event)


class BoundedServer(socketio.AsyncServer):  # type: ignore[misc]
    """Reads each connection only as fast as it may send and its messages are dealt with.

    What is no packet ends its connection. A receiver for whom too much waits is let go: it has stopped reading.
    """

    def __init__(self, whole_views: Iterable[str] = ()) -> None:
        """`whole_views`: namespaces of those who watch a session, and are told of everybody in it."""
        super().__init__(
            async_mode="aiohttp", max_http_buffer_size=MAX_MESSAGE_BYTES, ping_interval=5, ping_timeout=10,
            logger=False, engineio_logger=False, serializer=BoundedPacket,
        )  # fmt: skip
        self.eio._async = {**self.eio._async, "websocket": _Wire}
        self.eio.cut = self.cut
        self._in_work: dict[str, _InWork] = {}
        self._dealing: set[asyncio.Task[None]] = set()
        self.at_once: set[tuple[str, str]] = set()
        """(namespace, name) of messages whose handlers wait for nothing: they are called without a task."""
        self._whole_views = tuple(whole_views)

    def _engineio_server_class(self) -> type[WholeBodies]:
        return WholeBodies

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        socket = self._socket(eio_sid)
        if socket is None or socket.closing:
            return
        work, size = self._in_work.get(eio_sid), len(data) if isinstance(data, str | bytes) else 0
        if work is None:
            work = self._in_work[eio_sid] = _InWork()
        if work.size > MOST_IN_WORK_BYTES:
            await self._take_turn(eio_sid, work)
            # It may have gone, or have been cut, while this message waited.
            if self._socket(eio_sid) is None:
                return
        try:
            event = await self._take(eio_sid, data)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            _log.warning("a connection that sent no packet was ended (%s)", error)
            await self.cut(eio_sid)
            return
        if event is not None:
            await self._begin(eio_sid, work, size, event)

    async def _take_turn(self, eio_sid: str, work: _InWork) -> None:
        """Returns when there is room, or the connection is gone: then nothing makes room any more."""
        while work.size > MOST_IN_WORK_BYTES and self._in_work.get(eio_sid) is work:
            work.room.clear()
            await work.room.wait()

    async def _take(self, eio_sid: str, data: Any) -> _Event | None:
        """The event that is whole with this; the rest, which is rare, is dealt with the library's way."""
        announced = self._binary_packet.get(eio_sid)
        if isinstance(announced, _Announced):
            if not isinstance(data, bytes):
                raise ValueError("text where announced bytes belong")
            del self._binary_packet[eio_sid]
            return _Event(announced.namespace, None, [announced.name, data])
        if announced is not None:
            if not announced.add_attachment(data):
                return None
            del self._binary_packet[eio_sid]
            packet = announced
        elif isinstance(data, str) and data.startswith(_EVENTS):
            packet = _announced(data) if _may_be_often_said(data) else None
            packet = packet or self.packet_class(encoded_packet=data)
            if isinstance(packet, _Announced) or packet.attachment_count:
                if not self.manager.sid_from_eio_sid(eio_sid, packet.namespace or "/"):
                    raise ValueError("bytes are announced where nobody was let in")
                self._binary_packet[eio_sid] = packet
                return None
        else:
            await super()._handle_eio_message(eio_sid, data)
            return None
        if packet.packet_type in (EVENT, BINARY_EVENT):
            return _Event(packet.namespace or "/", packet.id, packet.data)
        await self._handle_ack(eio_sid, packet.namespace, packet.id, packet.data)
        return None

    async def _begin(self, eio_sid: str, work: _InWork, size: int, event: _Event) -> None:
        """Counted before its task begins: several messages are read before the first of them is dealt with."""
        sid = self.manager.sid_from_eio_sid(eio_sid, event.namespace)
        if not self.manager.is_connected(sid, event.namespace):
            return
        work.size += size
        dealing = self._deal_with(eio_sid, sid, event, work, size)
        if (event.namespace, event.data[0]) in self.at_once:
            await dealing
            return
        task = asyncio.create_task(dealing)
        self._dealing.add(task)
        task.add_done_callback(self._dealing.discard)

    async def _deal_with(self, eio_sid: str, sid: Any, event: _Event, work: _InWork, size: int) -> None:
        try:
            answer = await self._trigger_event(event.data[0], event.namespace, sid, *event.data[1:])
            if event.id is not None and answer is not self.not_handled:
                arguments = [] if answer is None else [answer]
                ack = self.packet_class(ACK, namespace=event.namespace, id=event.id, data=arguments)
                await self._send_packet(eio_sid, ack)
        finally:
            work.size -= size
            work.room.set()

    async def _trigger_event(self, event: str, namespace: Any, *arguments: Any) -> Any:
        """Handlers of what pages say are all to be waited for; the library looks each time whether they are."""
        if event in ("connect", "disconnect"):
            return await super()._trigger_event(event, namespace, *arguments)
        handler, arguments = self._get_event_handler(event, namespace, arguments)
        if handler is None:
            return self.not_handled
        try:
            return await handler(*arguments)
        except asyncio.CancelledError:
            return None

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        work = self._in_work.pop(eio_sid, None)
        if work is not None:
            work.room.set()
        # A message whose attachment never came.
        self._binary_packet.pop(eio_sid, None)
        await super()._handle_eio_disconnect(eio_sid, reason)

    async def emit(self, event: str, data: Any = None, to: Any = None, *, namespace: str, **rest: Any) -> None:
        """To one connection at once; the library looks for it among the rooms, and makes a task that it waits for."""
        eio_sid = self.manager.eio_sid_from_sid(to, namespace) if isinstance(to, str) and not rest else None
        if eio_sid is None:
            await super().emit(event, data, to, namespace=namespace, **rest)
            return
        if isinstance(data, bytes):
            await self._send_parts(eio_sid, (_announcement(namespace, event), data))
            return
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        await self._send_packet(eio_sid, self.packet_class(EVENT, namespace=namespace, data=[event, *arguments]))

    async def _send_packet(self, eio_sid: str, pkt: Any) -> None:
        encoded = pkt.encode()
        await self._send_parts(eio_sid, encoded if isinstance(encoded, list) else (encoded,))

    async def _send_parts(self, eio_sid: str, parts: Sequence[str | bytes]) -> None:
        socket = self._socket(eio_sid)
        if socket is None:
            return
        if self._has_stopped_reading(eio_sid):
            await self.cut(eio_sid, STOPPED_READING)
            return
        for part in parts:
            await socket.send(EioPacket(MESSAGE, part))

    def takes_relayed(self, sid: str, namespace: str) -> bool:
        """Whether the receiver keeps up, so that a packet that is repeated anyway may go to it."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        return eio_sid is not None and not self._is_full(eio_sid, RELAY_QUEUED, RELAY_QUEUED_BYTES)

    def is_open(self, sid: str, namespace: str) -> bool:
        """Whether the connection still stands, also while it is being let in: of that no end is told."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        return eio_sid is not None and self._socket(eio_sid) is not None

    async def drop(self, sid: str, namespace: str) -> None:
        """Like `cut`, by the name a namespace has for the connection."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        if eio_sid is not None:
            await self.cut(eio_sid)

    async def cut(self, eio_sid: str, why: str = "") -> None:
        """Ends a connection without waiting for what was to be sent to it; `why` is what its namespaces are told."""
        socket = self._socket(eio_sid)
        if socket is None:
            return
        _empty(socket.queue)
        await socket.close(wait=False, abort=True, reason=why or self.reason.SERVER_DISCONNECT)
        # Ends the writer, which closes the transport; nothing else would.
        socket.queue.put_nowait(None)
        self.eio.sockets.pop(eio_sid, None)

    def _has_stopped_reading(self, eio_sid: str) -> bool:
        if not self._is_full(eio_sid, MOST_QUEUED, MOST_QUEUED_BYTES):
            return False
        views = any(self.manager.sid_from_eio_sid(eio_sid, namespace) for namespace in self._whole_views)
        return not views or self._is_full(eio_sid, MOST_QUEUED, WHOLE_VIEWS_BYTES)

    def _is_full(self, eio_sid: str, most: int, most_bytes: int) -> bool:
        socket = self._socket(eio_sid)
        return socket is not None and (socket.queue.qsize() >= most or socket.queue.bytes >= most_bytes)

    def _socket(self, eio_sid: str) -> Any | None:
        socket = self.eio.sockets.get(eio_sid)
        return None if socket is None or socket.closed else socket


def _empty(queue: asyncio.Queue[Any]) -> None:
    while not queue.empty():
        queue.get_nowait()
        queue.task_done()
