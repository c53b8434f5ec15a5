"""The participants' namespace: bytes to messages to events, and messages back. Nothing a browser sends is trusted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from socketio.exceptions import ConnectionRefusedError as SocketRefused

from igym.core.effects import Refuse, TryAgain
from igym.core.events import Connected, Disconnected, MessageReceived
from igym.core.limits import PING_EVERY_S
from igym.core.match import Match
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.rates import REFUSALS
from igym.host.base.troubles import HostProblems
from igym.host.hostenv.envs import HostEnvs
from igym.host.http.cookies import token_hash_of
from igym.host.ice.candidates import with_reachable
from igym.host.ice.relay_guests import RelayGuests
from igym.host.inbox import Outcome
from igym.host.ports import Bus, Store
from igym.host.session.input_logs import InputLogs
from igym.host.session.intake import RowIntake
from igym.host.session.queries import SessionQueries
from igym.host.sockets.bounded_sockets import BoundedServer
from igym.host.sockets.connections import NAMESPACE, Connection, Connections
from igym.host.sockets.local_sockets import LocalSockets
from igym.host.store.store import StoreWriteError
from igym.host.web.refusals import Refusals
from igym.protocol import CLIENT_MESSAGES, Message, ProtocolError, decode
from igym.protocol.binary import Relay, RelayIn, Rows
from igym.protocol.client import Activity, Console, HostInput, HostJoin, HostSeen, InputLog, Link, Metrics, Pong, Signal
from igym.protocol.client import Clock as ClockQuestion
from igym.protocol.plain_json import json_size
from igym.protocol.server import Ping, Refused
from igym.protocol.told import Told

Ack = dict[str, Any]
MAX_REFUSED = 2000


class ParticipantSockets:
    """Registers itself on a Socket.IO server; one instance per session."""

    def __init__(
        self,
        server: BoundedServer,
        bus: Bus,
        clock: Clock,
        queries: SessionQueries,
        store: Store,
        intake: RowIntake,
        journal: Journal,
        session_id: str,
        connections: Connections,
        sockets: LocalSockets,
        host_envs: HostEnvs,
        problems: HostProblems,
        relay_guests: RelayGuests,
    ) -> None:
        self._problems = problems
        self._refusals = Refusals()
        self._relay_guests = relay_guests
        self._server = server
        self._host_envs = host_envs
        self._bus = bus
        self._clock = clock
        self._sockets = sockets
        self._queries = queries
        self._store = store
        self._intake = intake
        self._input_logs = InputLogs(bus, clock, queries, store, session_id, journal, intake.budgets)
        self._journal = journal
        self._session_id = session_id
        self.connections = connections
        self._at_once: dict[type[Message], Callable[[Connection, Any], Awaitable[Ack | None]]] = {
            Pong: self._pong,
            Activity: self._activity,
            ClockQuestion: self._clock_asked,
            Console: self._console,
            Relay: self._relay,
            Rows: self._rows,
            HostJoin: self._to_host_env,
            HostInput: self._to_host_env,
            HostSeen: self._to_host_env,
            InputLog: self._input_log,
        }
        server.on("connect", self._connect, namespace=NAMESPACE)
        server.on("disconnect", self._disconnect, namespace=NAMESPACE)
        server.on("*", self._receive, namespace=NAMESPACE)

    # -- coming and going

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        token_hash = token_hash_of(environ.get("HTTP_COOKIE", ""), self._session_id)
        if token_hash is None:
            raise SocketRefused("no cookie", {"code": "no_cookie"})
        participant = self._queries.participant_for_token(token_hash)
        if participant is None:
            raise SocketRefused("unknown participant", {"code": "unknown_participant"})
        if self._refusals.is_barred(participant, self._clock()):
            raise SocketRefused("too many refused messages", {"code": "busy"})
        request = environ.get("aiohttp.request")
        address = str(getattr(request, "remote", "") or "")
        connection = self.connections.open(sid, participant, address)
        self._relay_guests.came(participant, address)
        connection.pinging = asyncio.create_task(self._keep_pinging(connection))
        # Not awaited: hello follows at once and must find the connection in the queue before it.
        self._bus.submit(Connected(participant, connection.id, address))

    async def _disconnect(self, sid: str, reason: str = "") -> None:
        connection = self.connections.close(sid)
        if connection is not None:
            self._relay_guests.went(connection.participant, connection.address)
            # Before the end of the connection, so that they belong to it in the log.
            self._tell_pings(connection)
            self._bus.submit(Disconnected(connection.participant, connection.id, str(reason)))

    async def _keep_pinging(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(connection.pings.gap_s(PING_EVERY_S))
            if connection.pings.is_waiting:
                # It may have fallen silent: until when it answered has to be known before that is judged.
                self._tell_pings(connection)
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
        beyond = self._queries.beyond_limits(message)
        if beyond is not None:
            return await self._refuse(connection, name, "out_of_state", beyond)
        answer = self._at_once.get(type(message))
        if answer is not None:
            return await answer(connection, message)
        return await self._to_core(connection, message)

    async def _activity(self, connection: Connection, message: Activity) -> Ack | None:
        """Left to the core only where a rule asks for it: every moving pointer tells of itself once a second."""
        if self._queries.counts_activity(connection.participant):
            return await self._to_core(connection, message)
        return None

    async def _to_core(self, connection: Connection, message: Message) -> Ack | None:
        if isinstance(message, Signal):
            message = with_reachable(message, connection.address)
        size = json_size(message.payload(), message.max_bytes)
        if not self._intake.budgets.takes_message(connection.participant, size, self._clock()):
            return await self._refuse(connection, message.name, "over_budget", "This page has sent too much already.")
        if isinstance(message, Link):
            # A link that is lost makes a match ask which of its members answered last.
            self.tell_pings(self._queries.members(message.match))
        connection.held_pings.heard_of(self._clock())
        event = MessageReceived(connection.participant, connection.id, message)
        outcome = await self._bus.submit(event)
        refusal = self.refusal(outcome, message.name)
        if refusal is None and (again := outcome.first(TryAgain)) is not None:
            return {"ok": False, "code": "wrong_answers", "text": again.text, "fields": again.fields}
        if refusal is None:
            if isinstance(message, Metrics):
                self._tell_of_false_word(connection.participant, message)
            return {"ok": True} if message.acked else None
        return await self._refuse(connection, message.name, refusal.code, refusal.text)

    @staticmethod
    def refusal(outcome: Outcome, message_type: str) -> Refuse | None:
        """Why the core did not act on the message, or None when it did."""
        if outcome.failed:
            return Refuse("", message_type, "internal", "Something went wrong here; the researcher has been told.")
        return outcome.first(Refuse)

    async def _pong(self, connection: Connection, message: Pong) -> None:
        rtt_ms = connection.pings.answered(message.n, self._clock())
        if rtt_ms is None or self._queries.live_connection(connection.participant) != connection.id:
            return
        now = self._clock()
        connection.held_pings.add(now, rtt_ms)
        if connection.held_pings.is_due(now) or self._queries.counts_pings(connection.participant):
            self._tell_pings(connection)

    def _tell_pings(self, connection: Connection) -> None:
        told = connection.held_pings.take(connection.participant, self._clock())
        # Whoever was erased meanwhile is unknown to the core, and so is what was measured of them.
        if told is not None and self._queries.live_connection(connection.participant) is not None:
            self._bus.submit(told)

    def tell_pings(self, participants: Iterable[str] | None = None) -> None:
        """The core gets what has been measured of these, or of everybody, and not been told yet."""
        whose = self.connections.all() if participants is None else (
            known for participant in participants for known in self.connections.of(participant)
        )  # fmt: skip
        for connection in whose:
            self._tell_pings(connection)

    async def _clock_asked(self, connection: Connection, message: ClockQuestion) -> Ack:
        # Read before anything else is done, and once more at the very end: the time between is not counted as travel.
        received_ms = self._clock.ms()
        if message.offset_ms is not None:
            body = json.dumps({"offset_ms": message.offset_ms, "rtt_ms": message.rtt_ms})
            at = received_ms / 1000
            await self._written(
                self._store.append_telemetry(self._session_id, connection.participant, at, "clock", body)
            )
        return {"ok": True, "t1_ms": received_ms, "t2_ms": self._clock.ms()}

    async def _console(self, connection: Connection, message: Console) -> Ack | None:
        size = json_size(message.payload(), message.max_bytes)
        if not self._intake.budgets.takes_message(connection.participant, size, self._clock()):
            return await self._refuse(connection, message.name, "over_budget", "This page has sent too much already.")
        entries = [(entry.at_ms / 1000, entry.level, entry.text) for entry in message.entries]
        await self._written(self._store.append_console(self._session_id, connection.participant, entries))
        return None

    async def _relay(self, connection: Connection, message: Relay) -> Ack | None:
        target = self._queries.relay_target(connection.participant, message.to)
        if target is None or self._queries.live_connection(connection.participant) != connection.id:
            return await self._refuse(connection, "relay", "not_yours", "That player is not in a match with you.")
        participant, player = target
        receiver = self._sockets.live(participant)
        if receiver is not None and self._server.takes_relayed(receiver.sid, NAMESPACE):
            await self.connections.send(receiver, RelayIn(source=player, packet=message.packet))
        return None

    async def _rows(self, connection: Connection, message: Rows) -> Ack | None:
        if self._bus.is_blocked:
            return _no("storage", Told("Nothing can be saved at the moment; please send it again later."))
        if self._queries.live_connection(connection.participant) != connection.id:
            # The page keeps them: whichever of its copies is the live one brings them.
            return await self._refuse(connection, "rows", "try_again", "These rows came from a page that was replaced.")
        ack = await self._intake.receive(connection.participant, message)
        if ack["ok"] or ack["code"] in ("storage", "try_again"):
            return ack
        return await self._refuse(connection, "rows", ack["code"], ack["text"])

    async def _input_log(self, connection: Connection, message: InputLog) -> Ack | None:
        if self._queries.live_connection(connection.participant) != connection.id:
            return await self._refuse(
                connection, message.name, "try_again", Told("These came from a page that was replaced.")
            )
        ack = await self._input_logs.receive(connection.participant, message)
        if ack["ok"] or ack["code"] == "storage":
            return ack
        return await self._refuse(connection, message.name, ack["code"], ack["text"])

    async def _to_host_env(self, connection: Connection, message: Message) -> Ack | None:
        if self._queries.live_connection(connection.participant) != connection.id:
            return await self._refuse(connection, message.name, "not_your_connection", "This page was replaced.")
        refusal = await self._host_envs.receive(connection.participant, message)
        return None if refusal is None else await self._refuse(connection, message.name, *refusal)

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
        if code == "over_budget":
            self._tell_of_excess(connection.participant)
        if refused > MAX_REFUSED:
            await self._bar(connection)
        return _no(code, text) if kind is not None and kind.acked else None

    async def _bar(self, connection: Connection) -> None:
        """Hangs up, on all pages of the participant, and lets nobody with their cookie back for a while."""
        self._refusals.bar(connection.participant, self._clock())
        self._journal.warning("sockets", f"{connection.participant}: hung up after {MAX_REFUSED} refused messages")
        for known in self.connections.of(connection.participant):
            known.is_closing = True
            await self._server.drop(known.sid, NAMESPACE)

    def _tell_of_false_word(self, participant: str, message: Metrics) -> None:
        """A browser did not believe what another one told of the match."""
        match = self._queries.match(message.match)
        for told in [sample.values.get("event") for sample in message.samples]:
            if isinstance(told, dict) and told.get("type") == "refused" and match is not None:
                self._doubt(participant, match, told)

    def _doubt(self, participant: str, match: Match, told: dict[str, Any]) -> None:
        other = next((seat.participant for seat in match.seats if seat.player == told.get("peer")), None)
        if other is None or other == participant:
            return
        self._problems.report(
            f"word:{other}:{match.id}",
            "warning",
            Told("A browser told what did not happen"),
            Told(
                "In match {match} the page of participant {other} told the page of participant {participant} "
                "of inputs or frames that cannot have been. They were not taken: what is recorded is what "
                "each of them did. Somebody may have changed one of the two pages.",
                match=match.id,
                other=other,
                participant=participant,
            ),
        )

    def _tell_of_excess(self, participant: str) -> None:
        self._problems.report(
            f"budget:{participant}",
            "warning",
            Told("A browser sends too much"),
            Told(
                "The page of participant {participant} has sent more than the study can need, so what goes "
                "beyond that is not kept. Their data until then are whole. Somebody may be trying to fill "
                "the disk.",
                participant=participant,
            ),
        )

    async def _written(self, write: asyncio.Future[None]) -> None:
        try:
            await write
        except StoreWriteError as error:
            self._journal.warning("store", error.text)


_NOT_ONE = object()
"""Stands for "not exactly one argument": no message is made of it."""


def _no(code: str, text: str) -> Ack:
    return {"ok": False, "code": code, "text": text}
