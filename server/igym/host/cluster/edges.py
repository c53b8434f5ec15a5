"""At the core: the edges, the people connected there, and the way to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from igym.host.base.clock import steady_s
from igym.host.cluster import frames
from igym.host.cluster.line import Line
from igym.host.cluster.routes import Route, RoutePublisher
from igym.host.ice.relay_guests import RelayGuests
from igym.host.ports import Caller
from igym.host.session.queries import SessionQueries
from igym.protocol.base import Message
from igym.protocol.codec import encode

GATHERED_WITHIN_S = 0.5


@dataclass
class Edge:
    """One edge, or what it is since it began anew: `name` is of this line alone."""

    name: str
    line: Line = field(default_factory=Line)
    heard_s: float = field(default_factory=steady_s)
    here: dict[str, Caller] = field(default_factory=dict)
    """Connection → whose it is."""
    closing: set[str] = field(default_factory=set)


class Edges:
    """`Sockets` for people at edges: what is sent waits in the edge's line."""

    def __init__(self, queries: SessionQueries, relay_guests: RelayGuests) -> None:
        self._queries = queries
        self._relay_guests = relay_guests
        self.by_name: dict[str, Edge] = {}
        self.routes = RoutePublisher(queries, self._tell_route)
        self.woken = asyncio.Event()
        """Something waits to be sent."""
        self._where: dict[str, Edge] = {}
        self._of: dict[str, dict[str, Edge]] = {}
        self._numbers = count(1)
        self._gathering: dict[int, asyncio.Future[None]] = {}

    # -- who is where

    def came(self, edge: Edge, caller: Caller) -> Route:
        """A connection that was admitted; what its edge has to know of this person."""
        edge.here[caller.connection] = caller
        self._where[caller.connection] = edge
        self._of.setdefault(caller.participant, {})[caller.connection] = edge
        return self.routes.fresh(caller.participant)

    def went(self, edge: Edge, connection: str) -> Caller | None:
        """Whose it was; None when it is not known (any more)."""
        caller = edge.here.pop(connection, None)
        if caller is None:
            return None
        edge.closing.discard(connection)
        self._where.pop(connection, None)
        theirs = self._of[caller.participant]
        del theirs[connection]
        if not theirs:
            del self._of[caller.participant]
            self.routes.forget(caller.participant)
        return caller

    @property
    def connected(self) -> int:
        """Open connections."""
        return len(self._where)

    def callers(self, participant: str) -> list[Caller]:
        """Every open connection of this person, the oldest first."""
        return [edge.here[connection] for connection, edge in self._of.get(participant, {}).items()]

    # -- to pages

    async def send(self, participant: str, message: Message, connection_id: str | None) -> None:
        self.routes.touch(participant)
        connection = connection_id or self._live(participant)
        edge = self._where.get(connection) if connection else None
        if edge is None or connection is None or edge.here[connection].participant != participant:
            return
        # What is written down and shared holds no password: each participant gets one of their own here.
        name, payload = encode(self._relay_guests.personal(message, participant))
        self.put(edge, "send", connection, name, payload)

    def _live(self, participant: str) -> str | None:
        """The connection the core counts, if it is still open, or the newest one that is not being closed."""
        known = self._queries.live_connection(participant)
        if known is not None and known in self._where:
            return known
        theirs = [name for name, edge in self._of.get(participant, {}).items() if name not in edge.closing]
        return theirs[-1] if theirs else None

    async def hang_up(self, connection_id: str) -> None:
        edge = self._where.get(connection_id)
        if edge is not None:
            edge.closing.add(connection_id)
            self.put(edge, "close", connection_id)

    def _tell_route(self, participant: str, route: Route) -> None:
        for edge in {id(each): each for each in self._of.get(participant, {}).values()}.values():
            self.put(edge, "route", participant, route.told())

    def put(self, edge: Edge, *parts: object) -> None:
        """A frame for this edge."""
        edge.line.put(frames.pack(*parts))
        self.woken.set()

    # -- what edges have measured

    async def gather_pings(self, participants: Iterable[str] | None = None) -> None:
        """The core is told what edges have measured of these people, or of everybody; waits for that, not for long."""
        wanted: dict[str, list[str]] = {}
        for who in self._of if participants is None else participants:
            for connection, edge in self._of.get(who, {}).items():
                wanted.setdefault(edge.name, []).append(connection)
        asked = dict(
            self._ask_for_pings(self.by_name[name], ids) for name, ids in wanted.items() if name in self.by_name
        )
        if asked:
            await asyncio.wait(asked.values(), timeout=GATHERED_WITHIN_S)
        for number in asked:
            self._gathering.pop(number, None)

    def _ask_for_pings(self, edge: Edge, connections: list[str]) -> tuple[int, asyncio.Future[None]]:
        number = next(self._numbers)
        done = self._gathering[number] = asyncio.get_running_loop().create_future()
        self.put(edge, "gather", number, connections)
        return number, done

    def gathered(self, number: int) -> None:
        done = self._gathering.pop(number, None)
        if done is not None and not done.done():
            done.set_result(None)
