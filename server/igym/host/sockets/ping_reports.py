"""Round trips that connections of this process hold, on their way to the core."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from igym.core.events import RttMeasured
from igym.host.base.clock import Clock
from igym.host.sockets.connections import Connection, Connections


class PingReports:
    """`tell` is handed several round trips of one person as one event."""

    def __init__(self, connections: Connections, clock: Clock, tell: Callable[[RttMeasured], object]) -> None:
        self._connections = connections
        self._clock = clock
        self._tell = tell

    def of(self, connection: Connection) -> None:
        """The core gets what has been measured of this one and not been told yet."""
        told = connection.held_pings.take(connection.participant, self._clock())
        if told is not None:
            self._tell(told)

    async def gather(self, participants: Iterable[str] | None = None) -> None:
        """The same of these people, or of everybody."""
        whose = self._connections.all() if participants is None else (
            known for participant in participants for known in self._connections.of(participant)
        )  # fmt: skip
        for connection in whose:
            self.of(connection)
