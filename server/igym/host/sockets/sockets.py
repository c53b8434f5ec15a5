"""The participants' namespace: bytes to messages, taken to the desk and answered. No browser is trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from socketio.exceptions import ConnectionRefusedError as SocketRefused

from igym.core.limits import PING_EVERY_S
from igym.core.sentences import said
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.network import network_of
from igym.host.base.rates import COME_AGAIN_S, REFUSALS, STRANGERS, Limiter
from igym.host.http.cookies import token_hash_of
from igym.host.http.responses import first_language
from igym.host.ports import Ack, Caller, Desk, Relays, Reply, Routes, TurnedAwayError
from igym.host.sockets.bounded_sockets import STOPPED_READING, BoundedServer
from igym.host.sockets.connections import NAMESPACE, Connection, Connections
from igym.host.sockets.ping_reports import PingReports
from igym.host.web.refusals import TOO_OFTEN, Refusals
from igym.protocol.base import Message, ProtocolError
from igym.protocol.binary import Relay, Rows
from igym.protocol.client import Activity, Console, HostInput, HostJoin, HostSeen, InputLog, Pong
from igym.protocol.client import Clock as ClockQuestion
from igym.protocol.codec import CLIENT_MESSAGES, decode
from igym.protocol.server import Ping, Refused

MAX_REFUSED = 2000
NO_EVENTS = (Console, Rows, HostJoin, HostInput, HostSeen, InputLog)
"""The core hears of these in another way, or not at all."""
WHY = {
    "no_cookie": "no cookie",
    "unknown_participant": "unknown participant",
    "busy": "too many refused messages, or nobody leads the session at the moment",
}


class ParticipantSockets:
    """Registers itself on a Socket.IO server; one instance per session and process that holds connections."""

    def __init__(
        self, server: BoundedServer, desk: Desk, clock: Clock, routes: Routes, journal: Journal,
        session_id: Callable[[], str], connections: Connections, relays: Relays, pings: PingReports,
    ) -> None:  # fmt: skip
        self._refusals = Refusals()
        self._server = server
        self._desk = desk
        self._clock = clock
        self._routes = routes
        self._relays = relays
        self._journal = journal
        self._session_id = session_id
        self._pings = pings
        self.connections = connections
        self._strangers = Limiter()
        self._known: set[str] = set()
        """Hashes of the tokens of those who were let in here."""
        self._at_once: dict[type[Message], Callable[[Connection, Any], Awaitable[Ack | None]]] = {
            Pong: self._pong,
            Activity: self._activity,
            ClockQuestion: self._clock_asked,
            Relay: self._relay,
        }
        server.on("connect", self._connect, namespace=NAMESPACE)
        server.on("disconnect", self._disconnect, namespace=NAMESPACE)
        server.on("*", self._receive, namespace=NAMESPACE)
        server.at_once |= {(NAMESPACE, kind.name) for kind in (Pong, Relay)}

    # -- coming and going

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        token_hash = token_hash_of(environ.get("HTTP_COOKIE", ""), self._session_id())
        if token_hash is None:
            raise _refused("no_cookie")
        request = environ.get("aiohttp.request")
        address = str(getattr(request, "remote", "") or "")
        connection_id = self.connections.next_id()
        if token_hash not in self._known:
            self._turn_away_strangers(address, environ)
        try:
            participant = await self._desk.admit(token_hash, connection_id, address)
        except TurnedAwayError as error:
            if error.code == "unknown_participant":
                self._strangers.allows(network_of(address), self._clock(), STRANGERS)
            raise _refused(error.code, error.text, error.again_s) from error
        self._known.add(token_hash)
        caller = Caller(participant, connection_id, address)
        # It may have gone while the desk was asked, which nobody is told of.
        if not self._server.is_open(sid, NAMESPACE) or self._refusals.is_barred(participant, self._clock()):
            self._desk.left(caller, "")
            raise _refused("busy")
        self.connections.forget_limits(self._clock())
        connection = self.connections.open(sid, caller)
        connection.pinging = asyncio.create_task(self._keep_pinging(connection))

    def _turn_away_strangers(self, address: str, environ: dict[str, Any]) -> None:
        """Where very many have come from, of whom nobody is known, whoever is not known waits."""
        now = self._clock()
        self._strangers.sweep(now)
        if not self._strangers.has(network_of(address), now, STRANGERS):
            preferred = first_language(str(environ.get("HTTP_ACCEPT_LANGUAGE", "")))
            raise _refused("busy", said(preferred, TOO_OFTEN), COME_AGAIN_S)

    async def _disconnect(self, sid: str, reason: str = "") -> None:
        connection = self.connections.close(sid)
        if connection is not None:
            # Before the end of the connection, so that they belong to it in the log.
            self._pings.of(connection)
            if reason == STOPPED_READING:
                self._journal.warning(
                    "sockets",
                    f"{connection.participant}: hung up, as the page reads nothing of what it is told; "
                    "when it comes back it is told what is so then",
                    participant=connection.participant,
                )
            self._desk.left(connection.caller, str(reason))

    async def _keep_pinging(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(connection.pings.gap_s(PING_EVERY_S))
            if connection.pings.is_waiting:
                # It may have fallen silent: until when it answered has to be known before that is judged.
                self._pings.of(connection)
            await self.connections.send(connection, Ping(n=connection.pings.send(self._clock())))

    # -- messages

    async def _receive(self, name: str, sid: str, *arguments: Any) -> Ack | None:
        connection = self.connections.by_sid(sid)
        if connection is None or connection.is_closing:
            return _no("closed", "This connection is closed.")
        # Counted before it is decoded: refusing must cost less than sending.
        if not connection.limiter.allows(name if name in CLIENT_MESSAGES else "?", self._clock()):
            return await self._refuse(connection, name, "busy", "Too many messages; this one was not used.")
        message = decode(name, arguments[0] if len(arguments) == 1 else _NOT_ONE if arguments else {})
        if isinstance(message, ProtocolError):
            return await self._refuse(connection, name, message.code, message.text)
        return await self._at_once.get(type(message), self._to_desk)(connection, message)

    async def _to_desk(self, connection: Connection, message: Message) -> Ack | None:
        if not isinstance(message, NO_EVENTS):
            connection.held_pings.heard_of(self._clock())
        reply = await self._desk.take(connection.caller, message)
        return await self._answer(connection, message.name, reply)

    async def _answer(self, connection: Connection, name: str, reply: Reply) -> Ack | None:
        if reply.refusal is None:
            return reply.ack
        return await self._refuse(connection, name, *reply.refusal)

    async def _activity(self, connection: Connection, message: Activity) -> Ack | None:
        """Left to the core only where a rule asks for it: every moving pointer tells of itself once a second."""
        if self._routes.counts_activity(connection.participant):
            return await self._to_desk(connection, message)
        return None

    async def _pong(self, connection: Connection, message: Pong) -> None:
        rtt_ms = connection.pings.answered(message.n, self._clock())
        if rtt_ms is None or self._routes.live_connection(connection.participant) != connection.id:
            return
        now = self._clock()
        connection.held_pings.add(now, rtt_ms)
        if connection.held_pings.is_due(now) or self._routes.counts_pings(connection.participant):
            self._pings.of(connection)

    async def _clock_asked(self, connection: Connection, message: ClockQuestion) -> Ack | None:
        # Read before anything else is done, and once more at the very end: the time between is not counted as travel.
        received_ms = self._clock.ms()
        if message.offset_ms is not None:
            reply = await self._desk.take(connection.caller, message)
            if reply.refusal is not None or reply.ack is None or not reply.ack["ok"]:
                return await self._answer(connection, message.name, reply)
        return {"ok": True, "t1_ms": received_ms, "t2_ms": self._clock.ms()}

    async def _relay(self, connection: Connection, message: Relay) -> Ack | None:
        counts = self._routes.live_connection(connection.participant) == connection.id
        if counts and await self._relays.relay(connection.participant, message):
            connection.relays = True
            return None
        if connection.relays:
            # Their page plays, and has not heard yet that the other has left, or that the game is over.
            return None
        return await self._refuse(connection, "relay", "not_yours", "That player is not in a match with you.")

    # -- refused

    async def _refuse(self, connection: Connection, name: str, code: str, text: str) -> Ack | None:
        refused = self._refusals.count(connection.participant, self._clock())
        kind = CLIENT_MESSAGES.get(name)
        now = self._clock()
        if connection.limiter.allows("refusal", now, REFUSALS):
            self._journal.warning(
                "sockets",
                f"{connection.participant}: message “{name[:60]}” refused ({code})",
                participant=connection.participant,
                message=name[:60],
                code=code,
                why=text,
                refused=refused,
            )
            if kind is None or not kind.acked:
                await self.connections.send(connection, Refused(message=name[:60], code=code, text=text[:500]))
        if refused > MAX_REFUSED:
            await self._bar(connection)
        return _no(code, text) if kind is not None and kind.acked else None

    async def _bar(self, connection: Connection) -> None:
        """Hangs up, on all pages of the participant, and lets nobody with their cookie back for a while."""
        self._refusals.bar(connection.participant, self._clock())
        self._desk.bar(connection.participant)
        self._journal.warning("sockets", f"{connection.participant}: hung up after {MAX_REFUSED} refused messages")
        for known in self.connections.of(connection.participant):
            known.is_closing = True
            await self._server.drop(known.sid, NAMESPACE)


_NOT_ONE = object()
"""Stands for "not exactly one argument": no message is made of it."""


def _no(code: str, text: str) -> Ack:
    return {"ok": False, "code": code, "text": text}


def _refused(code: str, text: str = "", again_s: float = 0.0) -> SocketRefused:
    return SocketRefused(WHY[code], {"code": code, **({"text": text, "again_s": again_s} if text else {})})
