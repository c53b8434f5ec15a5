"""Long polling: the bodies of requests, each taken whole or not at all.

The driver for aiohttp asks for a body's length at once and gets what has come so far, which is less than the whole body
on a slow or interrupted network; what it cannot read it answers with "ok". Either way packets would be lost, or cut
short, in the midst of others: a page that is told of an end sends again what nobody has confirmed.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import engineio
from aiohttp import web
from engineio import async_socket, base_socket
from engineio.async_drivers.aiohttp import translate_request
from engineio.payload import Payload

from igym.host.base.clock import steady_s
from igym.host.base.rates import Flow
from igym.host.http.bodies import whole_body

LONGEST_OWN_PACKET = 16
BETWEEN = "\x1e"
IN_BODIES = tuple("1345")
"""Kinds of packets that a page posts: what asks for an answer is said over a WebSocket alone."""
MOST_PACKETS = 16 * 1024
"""A page gathers them while a request is under way; a limit of bytes bounds them, not the 16 of the library."""
Payload.max_decode_packets = MOST_PACKETS


class _Steady:
    """By the computer's date whoever is asked for a sign of life while it jumps ahead would be given up."""

    time = staticmethod(steady_s)


async_socket.time = base_socket.time = _Steady


def is_packet(text: str) -> bool:
    """Engine.IO's own packets carry next to nothing, its messages a packet of Socket.IO."""
    if text[:1] == "4":
        return text[1:2] in tuple("0123456")
    return text[:1] in tuple("12356") and len(text) <= LONGEST_OWN_PACKET


class Waiting(asyncio.Queue[Any]):
    """What is to be sent, behind that which is on its way; None is the end of it."""

    bytes = 0
    """Of all that waits; letters count as bytes."""

    def _put(self, item: Any) -> None:
        self.bytes += size_of(item)
        super()._put(item)

    def _get(self) -> Any:
        item = super()._get()
        self.bytes -= size_of(item)
        return item


def size_of(packet: Any) -> int:
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


async def at_its_rate(flow: Flow, size: int, frames: int) -> None:
    """Counts what came, before anything is made of it; returns when it may be looked at. `size` in bytes."""
    pause_s = flow.wait_s(size, asyncio.get_running_loop().time(), frames)
    if pause_s:
        await asyncio.sleep(pause_s)


class WholeBodies(engineio.AsyncServer):  # type: ignore[misc]
    """An Engine.IO server for which a body that is none, broke off or overtakes another ends the connection."""

    cut: Callable[[str], Awaitable[None]]
    """Ends the connection of this name, if there is one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._posting: dict[str, bytes] = {}
        self._polling: set[str] = set()
        self._async: dict[str, Any] = {**self._async, "translate_request": self._with_its_body}

    async def handle_request(self, request: web.Request) -> Any:
        sid = request.query.get("sid", "")
        if sid not in self.sockets:
            return await super().handle_request(request)
        if request.method == "POST":
            return await self._posted(request, sid)
        if "Upgrade" in request.headers:
            return await super().handle_request(request)
        return await self._polled(request, sid)

    async def _polled(self, request: web.Request, sid: str) -> Any:
        """One answer at a time, and it has left: or whoever asks on and reads nothing could have ever more held."""
        if sid in self._polling:
            return await self._ended(sid)
        self._polling.add(sid)
        try:
            answer = await super().handle_request(request)
            with suppress(ConnectionError):
                await answer.prepare(request)
                await answer.write_eof()
            return answer
        finally:
            self._polling.discard(sid)

    async def _posted(self, request: web.Request, sid: str) -> Any:
        if self.sockets[sid].closed or sid in self._posting:
            # The page has said farewell, or this overtakes another body.
            return await self._ended(sid)
        self._posting[sid] = b""
        try:
            return await self._taken(request, sid)
        finally:
            del self._posting[sid]

    def create_queue(self, *_: Any, **__: Any) -> Waiting:
        return Waiting()

    async def disconnect(self, sid: str | None = None) -> None:
        """At once: the library waits until all has been read that was to be sent, which nobody may ever do."""
        await (super().disconnect() if sid is None else self.cut(sid))

    async def _taken(self, request: web.Request, sid: str) -> Any:
        try:
            body = await whole_body(request.content, self.max_http_buffer_size)
        except BaseException:
            # Broken off, or given up because it came too slowly.
            await self.cut(sid)
            raise
        if body is None:
            return await self._ended(sid)
        if (socket := self.sockets.get(sid)) is not None:
            await at_its_rate(socket.flow, len(body), body.count(BETWEEN.encode()) + 1)
        if not _are_packets(body):
            return await self._ended(sid)
        self._posting[sid] = body
        return await super().handle_request(request)

    async def _ended(self, sid: str) -> web.Response:
        await self.cut(sid)
        return web.Response(status=400, text="This connection is ended: what came is no whole body.")

    def _with_its_body(self, request: web.Request) -> dict[str, Any]:
        environ: dict[str, Any] = translate_request(request)
        body = self._posting.get(request.query.get("sid", ""), b"")
        return environ | {"wsgi.input": _Read(body), "CONTENT_LENGTH": str(len(body))}


class _Read:
    """A body that has come."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, length: int) -> bytes:
        return self._body[:length]


def _are_packets(body: bytes) -> bool:
    try:
        packets = body.decode().split(BETWEEN)
    except UnicodeDecodeError:
        return False
    return len(packets) <= MOST_PACKETS and all(
        _is_base64(packet[1:]) if packet[:1] == "b" else packet.startswith(IN_BODIES) and is_packet(packet)
        for packet in packets
    )


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
