"""The sockets of participants: who is behind each, which one messages go to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import socketio

from igym.host.base.rates import FORGOTTEN_S, Limiter
from igym.host.ports import Caller
from igym.host.sockets.pings import HeldPings, PingTimer
from igym.protocol.base import Message
from igym.protocol.codec import encode

NAMESPACE = "/participant"


@dataclass
class Connection:
    """One open socket and whose it is."""

    sid: str
    caller: Caller
    limiter: Limiter = field(default_factory=Limiter)
    """Of the participant: another connection brings no other."""
    pings: PingTimer = field(default_factory=PingTimer)
    held_pings: HeldPings = field(default_factory=HeldPings)
    pinging: asyncio.Task[None] | None = None
    is_closing: bool = False
    relays: bool = False
    """A packet of theirs has passed: those that come after the end of the game are lost, and no offence."""

    @property
    def id(self) -> str:
        """The core's name for it, unique in a session and no secret."""
        return self.caller.connection

    @property
    def participant(self) -> str:
        return self.caller.participant

    @property
    def address(self) -> str:
        return self.caller.address


class Connections:
    """Registry of open sockets; the newest open one of a participant is where its messages go."""

    def __init__(self, server: socketio.AsyncServer, prefix: str) -> None:
        self._server = server
        self._prefix = prefix
        self._count = 0
        self._by_sid: dict[str, Connection] = {}
        self._by_id: dict[str, Connection] = {}
        self._of: dict[str, list[Connection]] = {}
        self._limiters: dict[str, Limiter] = {}

    def next_id(self) -> str:
        """The name of the next connection."""
        self._count += 1
        return f"{self._prefix}-{self._count}"

    def open(self, sid: str, caller: Caller) -> Connection:
        connection = Connection(sid, caller, self._limiters.setdefault(caller.participant, Limiter()))
        self._by_sid[sid] = self._by_id[connection.id] = connection
        self._of.setdefault(connection.participant, []).append(connection)
        return connection

    def close(self, sid: str) -> Connection | None:
        connection = self._by_sid.pop(sid, None)
        if connection is not None:
            del self._by_id[connection.id]
            self._of[connection.participant].remove(connection)
            if not self._of[connection.participant]:
                del self._of[connection.participant]
            if connection.pinging is not None:
                connection.pinging.cancel()
        return connection

    def forget_limits(self, now: float) -> None:
        """Of those who have gone and have all of theirs again; `now` in s of the limiters' clock."""
        if len(self._limiters) > 2 * len(self._of) + 100:
            kept = self._limiters.items()
            self._limiters = {
                who: each for who, each in kept if who in self._of or now - each.used_at < FORGOTTEN_S
            }  # fmt: skip

    def by_sid(self, sid: str) -> Connection | None:
        return self._by_sid.get(sid)

    def by_id(self, connection_id: str) -> Connection | None:
        return self._by_id.get(connection_id)

    def live(self, participant: str) -> Connection | None:
        """The newest connection that is not being closed."""
        candidates = [known for known in self._of.get(participant, ()) if not known.is_closing]
        return candidates[-1] if candidates else None

    def of(self, participant: str) -> list[Connection]:
        """Every open connection of a participant."""
        return list(self._of.get(participant, ()))

    def all(self) -> list[Connection]:
        return list(self._by_sid.values())

    async def send(self, connection: Connection, message: Message) -> None:
        name, payload = encode(message)
        await self._server.emit(name, payload, to=connection.sid, namespace=NAMESPACE)

    async def hang_up(self, connection: Connection) -> None:
        # Before it is awaited: nothing that comes in meanwhile counts, and no message is sent there.
        connection.is_closing = True
        await self._server.disconnect(connection.sid, namespace=NAMESPACE)
