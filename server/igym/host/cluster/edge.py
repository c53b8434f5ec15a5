"""An edge: holds participants' sockets and serves the pages of whichever server leads. It keeps nothing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from igym.host.base import network
from igym.host.base.clock import Clock, steady_s
from igym.host.base.closers import Closers
from igym.host.base.journal import Journal
from igym.host.cluster import leader
from igym.host.cluster.bridge import Bridge
from igym.host.cluster.edge_clock import EdgeClock
from igym.host.cluster.edge_link import EdgeLink, LineLostError
from igym.host.cluster.edge_sockets import EdgeSockets
from igym.host.cluster.far_desk import FarDesk
from igym.host.cluster.passing import Passing
from igym.host.cluster.redis_bus import RedisBus, Trouble, checked_server
from igym.host.cluster.routes import RouteTable
from igym.host.http.proxies import Proxies, public_address
from igym.host.http.responses import add_security_headers, json_answer
from igym.host.http.web_files import Served, Vendored, web_client_folder
from igym.host.session.control import CONTROL, MONITOR
from igym.host.sockets.bounded_sockets import BoundedServer
from igym.host.sockets.connections import Connections
from igym.host.sockets.ping_reports import PingReports
from igym.host.sockets.sockets import ParticipantSockets
from igym.host.web.doorkeeper import Doorkeeper, raise_file_limit
from igym.host.web.file_routes import CURRENT, FileRoutes
from igym.host.web.web import MAX_REQUEST_BYTES, know_types

SHUTDOWN_LIMIT_S = 1.0
ASK_TIME_EVERY_S = 2.0
TROUBLES: dict[Trouble, str] = {
    "away": "Redis does not answer. People who are connected wait; all goes on as soon as it is back.",
    "refused": "Redis refuses the password in IGYM_REDIS_PASSWORD. People who are connected wait; all goes on as soon "
    "as it is taken again.",
}


@dataclass(frozen=True)
class EdgeOptions:
    """`study`: the name of the study's tables, "" for the only one on this Redis server."""

    redis: str
    study: str = ""
    port: int = 8000
    address: str | None = None
    public_url: str = ""
    trusted_proxy: str = ""


class Edge:
    """`start` returns when it answers; raises `HostError`."""

    def __init__(self, options: EdgeOptions) -> None:
        self.options = options
        self.name = secrets.token_hex(4)
        self.clock = EdgeClock()
        self.journal = Journal(Clock())
        self.port = 0
        self._closers = Closers(lambda text: self.journal.warning("edge", text))
        self._link: EdgeLink | None = None
        self._sockets: EdgeSockets | None = None
        self._passing: Passing | None = None

    async def start(self) -> int:
        """The port it answers at."""
        try:
            return await self._start()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        await self._closers.close()

    @property
    def is_well(self) -> bool:
        """Somebody leads and is heard."""
        return self._link is not None and self._link.is_well

    async def broken(self) -> None:
        """Raises what ended its work; returns never."""
        assert self._link is not None
        await self._link.broken

    async def _start(self) -> int:
        # First of all: whoever reads that the port is taken has touched nothing.
        bound = network.listening_sockets(network.bind_addresses(self.options.address), self.options.port)
        self._closers.add(*(each.close for each in bound))
        self.port = int(bound[0].getsockname()[1])
        await checked_server(self.options.redis)
        bus = RedisBus(self.options.redis, self._tell_of_bus, lambda line: self.journal.error("edge", line))
        self._closers.add(bus.close)
        study = await self._study(bus)
        link = self._link = EdgeLink(bus, study, self.name, self._anew)
        server, routes = BoundedServer((CONTROL, MONITOR)), RouteTable()
        connections = Connections(server, self.name)
        desk = FarDesk(link, routes, connections)
        pings = PingReports(connections, self.clock, desk.pings)
        sockets = self._sockets = EdgeSockets(
            server, connections, routes, link, bus, study, self.name, pings, self.journal
        )
        ParticipantSockets(server, desk, self.clock, routes, self.journal, self._session, connections, sockets, pings)
        sockets.start()
        self._closers.add(sockets.close)
        link.start()
        self._closers.add(link.close)
        await self._led(link)
        timing = asyncio.create_task(self._keep_time())
        self._closers.add(_ending(timing))
        await self._listen(bound, server, bus)
        return self.port

    @staticmethod
    async def _led(link: EdgeLink) -> None:
        """Returns when somebody leads; raises why nobody can be followed."""
        waiting: asyncio.Future[Any] = asyncio.ensure_future(link.ready.wait())
        try:
            await asyncio.wait({waiting, link.broken}, return_when=asyncio.FIRST_COMPLETED)
            if link.broken.done():
                link.broken.result()
        finally:
            waiting.cancel()

    async def _study(self, bus: RedisBus) -> str:
        """Waits for a study that is led, where none was named."""
        while not self.options.study:
            found = await leader.only_study(bus)
            if found is not None:
                return found
            await asyncio.sleep(leader.LOOK_EVERY_S)
        return self.options.study

    async def _listen(self, bound: list[Any], server: BoundedServer, bus: RedisBus) -> None:
        assert self._link is not None
        link = self._link
        know_types()
        client = web_client_folder()

        def leading() -> str | None:
            return link.leader.http if link.leader is not None else None

        passing, bridge = Passing(leading), Bridge(server, leading)
        self._passing = passing
        self._closers.add(passing.close, bridge.close)
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        add_security_headers(app, ())
        OwnFiles(Served(client, without=("vendor",)), Vendored(client / "vendor"), passing).add_to(app)
        app.router.add_get("/health", self._health)
        server.attach(app)
        app.router.add_route("*", "/{path:.*}", passing.answer)
        proxies = Proxies(self.options.trusted_proxy, public_address(self.options.public_url).prefix)
        keeper = Doorkeeper(lambda _, text: self.journal.warning("door", text), raise_file_limit(), proxies)
        app.middlewares.append(keeper.patience)
        runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_LIMIT_S, access_log=None)
        await runner.setup()
        self._closers.add(runner.cleanup)
        for each in bound:
            listening = await keeper.listen(runner, each, None)
            self._closers.add(listening.close)
        self._closers.add(bus.end)

    async def _health(self, request: web.Request) -> web.Response:
        """200 `{status: "ok"}`, or 503 `{status: "failing", reason}` while nobody leads or can be heard."""
        told = {"status": "ok"} if self.is_well else {"status": "failing", "reason": "no_leader"}
        return json_answer(told, 200 if self.is_well else 503)

    def _session(self) -> str:
        found = self._link.leader if self._link is not None else None
        return found.session if found is not None else ""

    def _anew(self, why: str) -> None:
        assert self._link is not None
        if self._sockets is not None:
            self._sockets.anew(why)
        if self._passing is not None:
            self._passing.anew()
        self.clock.forget()
        if self._link.leader is not None:
            self.journal.info("edge", f"The session {self._link.leader.session} is led by {self._link.leader.http}.")
        else:
            self.journal.warning("edge", f"Nobody can take part: {why}.")

    def _tell_of_bus(self, trouble: Trouble | None) -> None:
        if trouble is not None:
            self.journal.error("edge", TROUBLES[trouble])
            return
        self.journal.info("edge", "Redis answers.")
        if self._link is not None:
            self._link.bus_is_back()

    async def _keep_time(self) -> None:
        """Everybody's pages follow the core's clock, whichever edge they ask."""
        assert self._link is not None
        while True:
            asked_s = steady_s()
            with suppress(LineLostError):
                core_ms = await self._link.ask("time")
                if isinstance(core_ms, int | float):
                    self.clock.measured(core_ms / 1000, steady_s() - asked_s)
            await asyncio.sleep(ASK_TIME_EVERY_S)


class OwnFiles(FileRoutes):
    """The files of this edge's own version. The leader has all others, and knows which are the present ones."""

    def __init__(self, client: Served, vendored: Vendored, passing: Passing) -> None:
        super().__init__(client, vendored)
        self._passing = passing

    async def static(self, request: web.Request) -> web.StreamResponse:
        own = request.match_info["hash"] == self._client.hash and request.match_info["path"] != CURRENT
        return await (super().static(request) if own else self._passing.answer(request))

    async def vendor(self, request: web.Request) -> web.StreamResponse:
        own = request.match_info["hash"] == self._vendored.hash and request.match_info["path"] != CURRENT
        return await (super().vendor(request) if own else self._passing.answer(request))


def _ending(task: asyncio.Task[None]) -> Callable[[], Any]:
    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return end
