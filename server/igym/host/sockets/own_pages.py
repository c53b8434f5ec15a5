"""Pages whose connections this process holds itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.ice.relay_guests import RelayGuests
from igym.host.ports import Desk, Routes
from igym.host.sockets.bounded_sockets import BoundedServer
from igym.host.sockets.connections import Connections
from igym.host.sockets.local_sockets import LocalSockets
from igym.host.sockets.ping_reports import PingReports
from igym.host.sockets.sockets import ParticipantSockets


class OwnPages:
    """`sockets` leads to them from the start; what they say is taken from `serve` on."""

    def __init__(
        self, server: BoundedServer, clock: Clock, routes: Routes, relay_guests: RelayGuests, journal: Journal,
        session_id: str,
    ) -> None:  # fmt: skip
        self._server, self._clock, self._routes, self._journal = server, clock, routes, journal
        self._session_id = session_id
        self.connections = Connections(server, secrets.token_hex(3))
        self.sockets = LocalSockets(server, self.connections, routes, relay_guests)
        self._pings: PingReports | None = None

    def serve(self, desk: Desk) -> None:
        self._pings = PingReports(self.connections, self._clock, desk.pings)
        ParticipantSockets(
            self._server, desk, self._clock, self._routes, self._journal, lambda: self._session_id, self.connections,
            self.sockets, self._pings,
        )  # fmt: skip

    async def gather_pings(self, participants: Iterable[str] | None = None) -> None:
        """The core is told what has been measured of these people, or of everybody."""
        if self._pings is not None:
            await self._pings.gather(participants)

    @property
    def connected(self) -> int:
        """Open connections."""
        return len(self.connections.all())
