"""At an edge: what the core sends to pages, and packets from page to page."""

from __future__ import annotations

import asyncio
from typing import Any

from igym.host.base.journal import Journal
from igym.host.cluster import frames
from igym.host.cluster.addresses import relay_channel
from igym.host.cluster.edge_link import EdgeLink
from igym.host.cluster.redis_bus import RedisBus
from igym.host.cluster.routes import Route, RouteTable
from igym.host.sockets.bounded_sockets import BoundedServer
from igym.host.sockets.connections import NAMESPACE, Connection, Connections
from igym.host.sockets.ping_reports import PingReports
from igym.protocol.binary import Relay, RelayIn
from igym.protocol.codec import encode

MOST_RELAYED = 2000
"""Packets that wait for Redis; links repeat what is dropped beyond that."""


class EdgeSockets:
    """Carries out the core's frames, one after the other, so that a page's last message comes before its end."""

    def __init__(
        self, server: BoundedServer, connections: Connections, routes: RouteTable, link: EdgeLink, bus: RedisBus,
        study: str, name: str, pings: PingReports, journal: Journal,
    ) -> None:  # fmt: skip
        self._server, self._connections, self._routes, self._link = server, connections, routes, link
        self._bus, self._study, self._name, self._pings, self._journal = bus, study, name, pings, journal
        self._todo: asyncio.Queue[tuple[str, list[Any]]] = asyncio.Queue()
        self._out: list[tuple[str, bytes]] = []
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        for kind in ("send", "close", "gone"):
            link.on_frame[kind] = self._later(kind)
        link.on_frame["route"] = self._route
        link.on_frame["gather"] = self._gather

    def start(self) -> None:
        listening = self._bus.listen(relay_channel(self._study, self._name), self._relayed)
        self._tasks = [self._link.working(work) for work in (self._carry_out(), self._pass_on(), listening)]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def anew(self, why: str) -> None:
        """Nothing said so far counts any more: everybody comes back, and asks for what is true now."""
        whose = self._connections.all()
        if whose:
            self._journal.warning("edge", f"{len(whose)} connections are ended, to come back anew: {why}.")
        self._todo.put_nowait(("cut", [connection.id for connection in whose]))

    # -- from the core

    def _later(self, kind: str) -> Any:
        def put(*parts: Any) -> None:
            self._todo.put_nowait((kind, list(parts)))

        return put

    async def _carry_out(self) -> None:
        while True:
            kind, parts = await self._todo.get()
            try:
                await self._do(kind, parts)
            except Exception as error:
                self._bus.nonsense.leave_out("was to be told to a page", error)

    async def _do(self, kind: str, parts: list[Any]) -> None:
        if kind in ("cut", "gone"):
            await self._cut(parts)
        elif kind == "relayed":
            await self._deliver(*parts)
        elif (connection := self._connections.by_id(parts[0])) is not None:
            await (self._send(connection, *parts[1:]) if kind == "send" else self._connections.hang_up(connection))

    async def _send(self, connection: Connection, name: str, payload: Any) -> None:
        if not connection.is_closing:
            await self._server.emit(name, payload, to=connection.sid, namespace=NAMESPACE)

    async def _cut(self, connections: list[str]) -> None:
        for known in [self._connections.by_id(each) for each in connections]:
            if known is not None:
                known.is_closing = True
                await self._server.drop(known.sid, NAMESPACE)

    def _route(self, participant: str, told: list[Any]) -> None:
        if self._connections.of(participant):
            self._routes.put(participant, Route.of(told))

    def _gather(self, number: int, connections: list[str]) -> None:
        for known in [self._connections.by_id(each) for each in connections]:
            if known is not None:
                self._pings.of(known)
        self._link.tell("gathered", number)

    # -- from page to page

    async def relay(self, sender: str, packet: Relay) -> bool:
        target = self._routes.relay_target(sender, packet.to)
        if target is None:
            return False
        where = self._routes.connection_beside(sender, packet.to)
        message = RelayIn(source=target[1], packet=packet.packet)
        if where is None:
            return True
        if self._connections.by_id(where) is not None:
            await self._deliver(where, *encode(message))
        elif len(self._out) < MOST_RELAYED:
            edge = where.rpartition("-")[0]
            self._out.append((relay_channel(self._study, edge), frames.pack(where, *encode(message))))
            self._woken.set()
        return True

    async def _deliver(self, connection: str, name: str, payload: Any) -> None:
        known = self._connections.by_id(connection)
        if known is not None and not known.is_closing and self._server.takes_relayed(known.sid, NAMESPACE):
            await self._server.emit(name, payload, to=known.sid, namespace=NAMESPACE)

    async def _pass_on(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            out, self._out = self._out, []
            await self._bus.publish(out)

    def _relayed(self, data: bytes) -> None:
        where, name, payload = frames.unpack(data)
        if not (isinstance(where, str) and name == RelayIn.name and isinstance(payload, bytes)):
            raise ValueError("no packet of a link")
        self._todo.put_nowait(("relayed", [where, name, payload]))
