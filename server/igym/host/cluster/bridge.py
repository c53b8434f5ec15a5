"""Launchers on other computers and monitors: an edge connects each of them to the server that leads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import socketio
from socketio import exceptions

from igym.host.session.control import CONTROL, MONITOR
from igym.host.sockets.bounded_sockets import BoundedServer

CONNECT_S = 10.0
ANSWER_S = 3600.0
"""Commands such as an export take as long as they take; a lost connection ends the wait."""


class Bridge:
    """A connection of its own to the leader for each that comes; whoever ends first ends the other one."""

    def __init__(self, server: BoundedServer, leader: Callable[[], str | None]) -> None:
        self._server = server
        self._leader = leader
        self._clients: dict[str, socketio.AsyncClient] = {}
        for namespace in (CONTROL, MONITOR):
            server.on("connect", partial(self._connect, namespace), namespace=namespace)
            server.on("disconnect", self._disconnect, namespace=namespace)
            server.on("*", partial(self._pass_on, namespace), namespace=namespace)

    async def close(self) -> None:
        for client in list(self._clients.values()):
            await _end(client)

    async def _connect(self, namespace: str, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        address = self._leader()
        if address is None:
            raise exceptions.ConnectionRefusedError("nobody leads", {"code": "unreachable"})
        client = socketio.AsyncClient(reconnection=False, logger=False, engineio_logger=False, handle_sigint=False)
        told: list[Any] = []
        client.on("*", partial(self._hand_back, namespace, sid), namespace=namespace)
        client.on("connect_error", lambda why=None: told.append(why), namespace=namespace)
        client.on("disconnect", partial(self._lost, namespace, sid), namespace=namespace)
        self._clients[sid] = client
        try:
            await client.connect(
                address, headers=_headers(environ), auth=auth, namespaces=[namespace], transports=["websocket"],
                wait_timeout=CONNECT_S,
            )  # fmt: skip
        except (exceptions.SocketIOError, OSError, TimeoutError) as error:
            self._clients.pop(sid, None)
            await _end(client)
            why = told[0] if told and isinstance(told[0], dict) else {}
            data = why.get("data") or {"code": "unreachable"}
            raise exceptions.ConnectionRefusedError(str(why.get("message") or "unreachable"), data) from error
        if not self._server.is_open(sid, namespace):
            # Gone while the leader was asked, which nobody is told of.
            self._clients.pop(sid, None)
            await _end(client)
            raise exceptions.ConnectionRefusedError("gone", {"code": "unreachable"})

    async def _hand_back(self, namespace: str, sid: str, name: str, *arguments: Any) -> None:
        await self._server.emit(name, arguments, to=sid, namespace=namespace)

    async def _pass_on(self, namespace: str, name: str, sid: str, *arguments: Any) -> Any:
        client = self._clients.get(sid)
        if client is None:
            return None
        with suppress(exceptions.SocketIOError):
            return await client.call(name, arguments, namespace=namespace, timeout=ANSWER_S)
        await self._server.drop(sid, namespace)
        return None

    async def _lost(self, namespace: str, sid: str, *reason: Any) -> None:
        if self._clients.pop(sid, None) is not None:
            await self._server.drop(sid, namespace)

    async def _disconnect(self, sid: str, reason: str = "") -> None:
        client = self._clients.pop(sid, None)
        if client is not None:
            await _end(client)


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    request = environ.get("aiohttp.request")
    told = {
        "X-Forwarded-For": getattr(request, "remote", "") or "",
        "X-Forwarded-Proto": getattr(request, "scheme", ""),
    }
    return {**told, "X-Forwarded-Host": getattr(request, "host", "")}


async def _end(client: socketio.AsyncClient) -> None:
    """Also where the connection never stood."""
    with suppress(Exception):
        async with asyncio.timeout(CONNECT_S):
            await client.shutdown()
    http = client.eio.http
    if http is not None and not http.closed:
        await http.close()
