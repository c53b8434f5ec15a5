"""The core's end of the bus: hands what edges say to the desk, and writes to their streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from igym.core.events import RttMeasured
from igym.host.base.clock import Clock, steady_s
from igym.host.base.journal import Journal
from igym.host.base.troubles import HostProblems
from igym.host.cluster import frames, leader
from igym.host.cluster.addresses import to_core, to_edge
from igym.host.cluster.edges import Edge, Edges
from igym.host.cluster.leader import Leader
from igym.host.cluster.line import UNKNOWN, Packet
from igym.host.cluster.redis_bus import RedisBus, Trouble
from igym.host.ice.relay_guests import RelayGuests
from igym.host.ports import Caller, Desk, TurnedAwayError
from igym.host.session.queries import SessionQueries
from igym.host.sockets.sockets import NO_EVENTS
from igym.protocol.base import ProtocolError
from igym.protocol.codec import decode
from igym.protocol.told import Told

EDGE_GONE_S = 6.0
"""An edge that has not been heard for so long is gone, and everybody connected there."""
MOST_CONNECTIONS = 8
"""Open ones of one person: a page that comes back counts beside those whose end is not known yet."""
GONE = "the edge is gone"
TROUBLES: dict[Trouble, tuple[Told, Told]] = {
    "away": (
        Told("Redis does not answer"),
        Told(
            "Pages and this server reach each other through Redis, which does not answer at the moment. "
            "Nothing that was acknowledged is lost; everybody goes on as soon as it is back."
        ),
    ),
    "refused": (
        Told("Redis refuses the password"),
        Told(
            "Redis asks for a password, or for another one than this server was given. Nothing that was acknowledged "
            "is lost; everybody goes on as soon as Redis takes it again. If the new password is to stay, put it into "
            "the variable IGYM_REDIS_PASSWORD on every core and every edge, then start them again."
        ),
    ),
}
"""Title and text of what is the matter."""


class CoreEnd:
    """The way to pages of people at edges; `serve` begins to take what they say."""

    def __init__(
        self, url: str, study: str, turn: Leader, queries: SessionQueries, relay_guests: RelayGuests, clock: Clock,
        journal: Journal, problems: HostProblems, failed: Callable[[BaseException], None],
    ) -> None:  # fmt: skip
        """`turn`: how this core is told of; `failed` is called when it can hear or tell nothing any more."""
        self._failed = failed
        self._study, self._turn, self._clock, self._queries = study, turn, clock, queries
        self._journal, self._problems = journal, problems
        self._bus = RedisBus(url, self._tell_of_bus, lambda line: journal.error("cluster", line))
        self.sockets = self.edges = Edges(queries, relay_guests)
        self._desk: Desk | None = None
        self._believed: Leader | None = None
        """Instead of this one."""
        self._gone: set[str] = set()
        """Lines that were given up: what a stream still holds of them counts for nothing."""
        self._sending = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._frames: dict[str, Callable[..., None]] = {
            "ask": self._asked, "left": self._left, "pings": self._pings, "bar": self._bar, "gathered": self._gathered,
        }  # fmt: skip
        self._asks: dict[str, Callable[..., Coroutine[Any, Any, Any]]] = {
            "admit": self._admit, "take": self._take, "time": self._time,
        }  # fmt: skip

    def serve(self, desk: Desk) -> None:
        self._desk = desk
        stream = to_core(self._study, self._turn.epoch)
        for work in (self._bus.follow(stream, self._heard), self._write(), self._beat()):
            self._soon(work).add_done_callback(self._ended_for_good)

    async def gather_pings(self, participants: Iterable[str] | None = None) -> None:
        """The core is told what has been measured of these people, or of everybody."""
        await self.edges.gather_pings(participants)

    @property
    def connected(self) -> int:
        """Open connections."""
        return self.edges.connected

    def follow(self) -> None:
        """To be called after each group of events."""
        self.edges.routes.publish()

    async def close(self) -> None:
        """Edges end all connections: people come back when somebody leads again."""
        for edge in self.edges.by_name.values():
            self.edges.put(edge, "over")
        await self._send_all()
        # First, so that none of them tells of this turn again.
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await leader.take_back(self._bus, self._study, self._turn)
        self._bus.end()
        await self._bus.close()

    def _soon(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended_for_good(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._journal.error("cluster", f"What an edge said could not be dealt with: {error!r}")

    def _tell_of_bus(self, trouble: Trouble | None) -> None:
        if trouble is None:
            for edge in self.edges.by_name.values():
                # Whoever could not be heard meanwhile gets time to tell of themselves.
                edge.heard_s = steady_s()
            self._problems.solve("redis")
        else:
            self._problems.report("redis", "error", *TROUBLES[trouble])

    # -- to edges

    async def _write(self) -> None:
        while True:
            await self.edges.woken.wait()
            self.edges.woken.clear()
            await self._send_all()

    async def _send_all(self, *, beat: bool = False) -> None:
        # One after the other: packets that overtake each other look like a loss.
        async with self._sending:
            while talking := [edge for edge in self.edges.by_name.values() if beat or edge.line.has_news]:
                packets = [self._addressed(edge.name, edge.line.packet()) for edge in talking]
                keep, beat = beat, False
                if not await self._bus.append(packets, keep=keep):
                    for edge in talking:
                        edge.line.rewind()
                    return

    def _addressed(self, name: str, packet: Packet) -> tuple[str, bytes]:
        return to_edge(self._study, self._turn.epoch, name), frames.pack_packet(name, packet)

    async def _beat(self) -> None:
        while True:
            self._say_who_is_believed(await leader.tell(self._bus, self._study, self._turn))
            self.edges.routes.look_at(self.edges.routes.followed)
            for edge in list(self.edges.by_name.values()):
                if edge.line.is_overfull or (self._bus.is_there and steady_s() - edge.heard_s > EDGE_GONE_S):
                    self._lose(edge)
            await self._send_all(beat=True)
            await asyncio.sleep(leader.TELL_EVERY_S)

    def _say_who_is_believed(self, other: Leader | None) -> None:
        if other is not None and other != self._believed:
            self._journal.warning(
                "cluster",
                f"Edges follow {other.http}, which tells of turn {other.epoch} of leading the session; "
                f"this server tells of turn {self._turn.epoch}.",
            )
        self._believed = other

    def _lose(self, edge: Edge) -> None:
        self._journal.warning("cluster", f"Edge {edge.name} is gone, with {len(edge.here)} connections.")
        del self.edges.by_name[edge.name]
        self._gone.add(edge.name)
        for connection in list(edge.here):
            self._left(edge, connection, GONE)
        self._soon(self._bus.forget(to_edge(self._study, self._turn.epoch, edge.name)))

    # -- from edges

    def _heard(self, data: bytes) -> None:
        name, packet = frames.unpack_packet(data)
        edge: Edge | None = self.edges.by_name.get(name) or self._new_edge(name, packet.first)
        if edge is None:
            return
        edge.heard_s = steady_s()
        for frame in edge.line.take(packet, edge.heard_s):
            self._deal_with(edge, frame)
        if edge.line.has_news:
            self.edges.woken.set()

    def _deal_with(self, edge: Edge, frame: bytes) -> None:
        """What one edge says wrongly is no reason to stop hearing the others."""
        try:
            kind, parts = frames.read(frame, frames.TO_CORE)
            self._frames[kind](edge, *parts)
        except Exception as error:
            self._bus.nonsense.leave_out(f"edge {edge.name} said", error)

    def _new_edge(self, name: str, first: int) -> Edge | None:
        """None for a line of which something is missing: it has to begin anew, as nobody knows what was said."""
        if name not in self._gone and first == 1:
            edge = self.edges.by_name[name] = Edge(name)
            self._journal.info("cluster", f"Edge {name} is there.")
            return edge
        self._gone.add(name)
        self._soon(self._bus.append([self._addressed(name, UNKNOWN)], keep=True))
        return None

    def _asked(self, edge: Edge, number: int, kind: str, *parts: Any) -> None:
        # Tasks begin in the order in which they were made, so that messages reach the inbox in the order of the line.
        self._soon(self._answer(edge, number, self._asks[kind](edge, *parts)))

    async def _answer(self, edge: Edge, number: int, work: Coroutine[Any, Any, Any]) -> None:
        try:
            answer = await work
        except Exception:
            self.edges.put(edge, "answer", number, None)
            raise
        self.edges.put(edge, "answer", number, answer)

    async def _admit(self, edge: Edge, token_hash: str, connection: str, address: str) -> list[Any]:
        assert self._desk is not None
        known = self._queries.participant_for_token(token_hash)
        is_given_up = self.edges.by_name.get(edge.name) is not edge
        if is_given_up or (known is not None and len(self.edges.callers(known)) >= MOST_CONNECTIONS):
            return [None, "busy", "", 0.0]
        try:
            participant = await self._desk.admit(token_hash, connection, address)
        except TurnedAwayError as error:
            return [None, error.code, error.text, error.again_s]
        return [participant, self.edges.came(edge, Caller(participant, connection, address)).told()]

    async def _take(self, edge: Edge, connection: str, name: str, payload: Any) -> list[Any]:
        assert self._desk is not None
        caller = edge.here.get(connection)
        if caller is None:
            # Admitted on a line that was given up while the edge let it in: the page has to come anew.
            self.edges.put(edge, "gone", connection)
            return [{"ok": False, "code": "try_again", "text": "This connection has to begin anew."}, None]
        if connection in edge.closing:
            return [{"ok": False, "code": "closed", "text": "This connection is closed."}, None]
        message = decode(name, payload)
        if isinstance(message, ProtocolError):
            return [None, [message.code, message.text]]
        reply = await self._desk.take(caller, message)
        if not isinstance(message, NO_EVENTS):
            self.edges.routes.touch(caller.participant)
            self.edges.routes.publish()
        return [reply.ack, reply.refusal]

    async def _time(self, edge: Edge) -> float:
        return self._clock.ms()

    def _left(self, edge: Edge, connection: str, reason: str) -> None:
        self._soon(self._leave(edge, connection, reason))

    async def _leave(self, edge: Edge, connection: str, reason: str) -> None:
        """As a task, behind what the connection said before."""
        assert self._desk is not None
        caller = self.edges.went(edge, connection)
        if caller is not None:
            self.edges.routes.touch(caller.participant)
            self._desk.left(caller, reason)

    def _pings(self, edge: Edge, participant: str, rtt_ms: float, ago_s: float, earlier: list[list[float]]) -> None:
        before = [[float(ago), float(rtt)] for ago, rtt in earlier]
        self._soon(self._told_pings(RttMeasured(participant, float(rtt_ms), float(ago_s), before)))

    async def _told_pings(self, told: RttMeasured) -> None:
        assert self._desk is not None
        self._desk.pings(told)

    def _gathered(self, edge: Edge, number: int) -> None:
        self._soon(self._all_gathered(number))

    async def _all_gathered(self, number: int) -> None:
        self.edges.gathered(number)

    def _bar(self, edge: Edge, participant: str) -> None:
        assert self._desk is not None
        self._desk.bar(participant)
        for caller in self.edges.callers(participant):
            self._soon(self.edges.hang_up(caller.connection))
