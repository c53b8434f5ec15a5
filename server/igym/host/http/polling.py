"""Long polling: the bodies of requests, each taken whole or not at all.

The driver for aiohttp asks for a body's length at once and gets what has come so far, which is less than the whole body
on a slow or interrupted network; what it cannot read it answers with "ok". Either way packets would be lost, or cut
short, in the midst of others: a page that is told of an end sends again what nobody has confirmed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any

import engineio
from aiohttp import web
from engineio import async_socket, base_socket
from engineio.async_drivers.aiohttp import translate_request
from engineio.payload import Payload

from igym.host.base.clock import steady_s
from igym.host.http.bodies import whole_body

LONGEST_OWN_PACKET = 16
BETWEEN = "\x1e"
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


class WholeBodies(engineio.AsyncServer):  # type: ignore[misc]
    """An Engine.IO server for which a body that is none, broke off or overtakes another ends the connection."""

    cut: Callable[[str], Awaitable[None]]
    """Ends the connection of this name, if there is one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._posting: dict[str, bytes] = {}
        self._async: dict[str, Any] = {**self._async, "translate_request": self._with_its_body}

    async def handle_request(self, request: web.Request) -> Any:
        sid = request.query.get("sid", "")
        if request.method != "POST" or sid not in self.sockets:
            return await super().handle_request(request)
        if sid in self._posting:
            return await self._ended(sid)
        self._posting[sid] = b""
        try:
            return await self._taken(request, sid)
        finally:
            del self._posting[sid]

    async def _taken(self, request: web.Request, sid: str) -> Any:
        try:
            body = await whole_body(request.content, self.max_http_buffer_size)
        except BaseException:
            # Broken off, or given up because it came too slowly.
            await self.cut(sid)
            raise
        if body is None or not _are_packets(body):
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
        _is_base64(packet[1:]) if packet[:1] == "b" else is_packet(packet) for packet in packets
    )


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
