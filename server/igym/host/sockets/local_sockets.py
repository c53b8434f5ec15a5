"""The way to participants' pages whose connections this process holds."""

from __future__ import annotations

from igym.host.ice.relay_guests import RelayGuests
from igym.host.ports import Routes
from igym.host.sockets.bounded_sockets import BoundedServer
from igym.host.sockets.connections import NAMESPACE, Connection, Connections
from igym.protocol.base import Message
from igym.protocol.binary import Relay, RelayIn


class LocalSockets:
    """Messages to a person go to the connection that counts; what cannot be delivered is dropped."""

    def __init__(
        self, server: BoundedServer, connections: Connections, routes: Routes, relay_guests: RelayGuests
    ) -> None:
        self._server = server
        self._connections = connections
        self._routes = routes
        self._relay_guests = relay_guests

    def live(self, participant: str) -> Connection | None:
        """Where the participant's messages go: the connection the core counts, if it is still open."""
        known = self._routes.live_connection(participant)
        return (self._connections.by_id(known) if known else None) or self._connections.live(participant)

    async def send(self, participant: str, message: Message, connection_id: str | None) -> None:
        connection = self._connections.by_id(connection_id) if connection_id else self.live(participant)
        if connection is not None and connection.participant == participant:
            # What is written down and shared holds no password: each participant gets one of their own here.
            await self._connections.send(connection, self._relay_guests.personal(message, participant))

    async def relay(self, sender: str, packet: Relay) -> bool:
        target = self._routes.relay_target(sender, packet.to)
        if target is None:
            return False
        participant, player = target
        receiver = self.live(participant)
        if receiver is not None and self._server.takes_relayed(receiver.sid, NAMESPACE):
            await self._connections.send(receiver, RelayIn(source=player, packet=packet.packet))
        return True

    async def hang_up(self, connection_id: str) -> None:
        connection = self._connections.by_id(connection_id)
        if connection is not None:
            await self._connections.hang_up(connection)
