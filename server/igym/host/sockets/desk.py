"""What pages say, judged and answered where the core is, whichever process holds their connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from igym.core.effects import Refuse, TryAgain
from igym.core.events import Connected, Disconnected, MessageReceived, RttMeasured
from igym.core.match import Match
from igym.core.sentences import said
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.rates import COME_AGAIN_S, CONNECTIONS, Limiter, Rate
from igym.host.base.troubles import HostProblems
from igym.host.hostenv.envs import HostEnvs
from igym.host.ice.candidates import with_reachable
from igym.host.ice.relay_guests import RelayGuests
from igym.host.inbox import Outcome
from igym.host.ports import Ack, Bus, Caller, Reply, Store, TurnedAwayError
from igym.host.session.input_logs import InputLogs
from igym.host.session.intake import RowIntake
from igym.host.session.queries import SessionQueries
from igym.host.store.store import StoreWriteError
from igym.host.web.refusals import TOO_OFTEN, Refusals
from igym.protocol.base import Message
from igym.protocol.binary import Rows
from igym.protocol.client import Clock as ClockQuestion
from igym.protocol.client import Console, HostInput, HostJoin, HostSeen, InputLog, Link, Metrics, Signal
from igym.protocol.plain_json import json_size
from igym.protocol.told import Told

OVER_BUDGET = ("over_budget", "This page has sent too much already.")
TOLD = Rate(1 / 60, 1)
"""How often the log has that somebody connects too often."""
GatherPings = Callable[[Iterable[str] | None], Awaitable[None]]


class SessionDesk:
    """`Desk` of the process that runs the core. What it acknowledges is on disk."""

    def __init__(
        self, bus: Bus, clock: Clock, queries: SessionQueries, store: Store, intake: RowIntake, journal: Journal,
        session_id: str, host_envs: HostEnvs, problems: HostProblems, relay_guests: RelayGuests,
        gather_pings: GatherPings,
    ) -> None:  # fmt: skip
        """`gather_pings` has the core told what has been measured of these people, or of everybody."""
        self._bus = bus
        self._clock = clock
        self._queries = queries
        self._store = store
        self.intake = intake
        self._input_logs = InputLogs(bus, clock, queries, store, session_id, journal, intake.budgets)
        self._journal = journal
        self._session_id = session_id
        self._host_envs = host_envs
        self._problems = problems
        self._relay_guests = relay_guests
        self._gather_pings = gather_pings
        self._refusals = Refusals()
        self._comings = Limiter()
        self._last: dict[str, asyncio.Future[None]] = {}
        """Connection → until when what it says next waits, and its end."""
        self._takes: dict[type[Message], Callable[[Caller, Any], Awaitable[Reply]]] = {
            ClockQuestion: self._clock_asked,
            Console: self._console,
            Rows: self._rows,
            HostJoin: self._to_host_env,
            HostInput: self._to_host_env,
            HostSeen: self._to_host_env,
            InputLog: self._input_log,
        }

    # -- coming and going

    async def admit(self, token_hash: str, connection: str, address: str) -> str:
        participant = self._queries.participant_for_token(token_hash)
        if participant is None:
            raise TurnedAwayError("unknown_participant")
        now = self._clock()
        if self._refusals.is_barred(participant, now):
            raise TurnedAwayError("busy")
        self._count_coming(participant, now)
        self._relay_guests.came(participant, address)
        # Not awaited: hello follows at once and must find the connection in the queue before it.
        self._bus.submit(Connected(participant, connection, address))
        return participant

    def _count_coming(self, participant: str, now: float) -> None:
        """Before anything of it is written down: each connection is three events in the log."""
        self._comings.sweep(now)
        if self._comings.allows(participant, now, CONNECTIONS):
            return
        if self._comings.allows(f"told {participant}", now, TOLD):
            self._journal.warning("sockets", f"{participant}: connects too often", participant=participant)
        raise TurnedAwayError("busy", said(self._queries.language_of(participant), TOO_OFTEN), COME_AGAIN_S)

    def left(self, caller: Caller, reason: str) -> None:
        last = self._last.get(caller.connection)
        if last is not None:
            # What the page has still said is handled before its end.
            last.add_done_callback(lambda _: self.left(caller, reason))
            return
        self._relay_guests.went(caller.participant, caller.address)
        self._bus.submit(Disconnected(caller.participant, caller.connection, reason))

    def bar(self, participant: str) -> None:
        self._refusals.bar(participant, self._clock())

    def pings(self, told: RttMeasured) -> None:
        # Whoever was erased meanwhile is unknown to the core, and so is what was measured of them.
        if self._queries.live_connection(told.participant) is not None:
            self._bus.submit(told)

    # -- messages

    async def take(self, caller: Caller, message: Message) -> Reply:
        before = self._last.get(caller.connection)
        if before is not None or _is_lost_link(message):
            await self._in_turn(caller, message, before)
        beyond = self._queries.beyond_limits(message)
        if beyond is not None:
            return Reply(refusal=("out_of_state", beyond))
        return await self._takes.get(type(message), self._to_core)(caller, message)

    async def _to_core(self, caller: Caller, message: Message) -> Reply:
        if isinstance(message, Signal):
            message = with_reachable(message, caller.address)
        if not self._has_budget(caller, message):
            return Reply(refusal=OVER_BUDGET)
        outcome = await self._bus.submit(MessageReceived(caller.participant, caller.connection, message))
        refusal = self.refusal(outcome, message.name)
        if refusal is not None:
            return Reply(refusal=(refusal.code, refusal.text))
        if (again := outcome.first(TryAgain)) is not None:
            return Reply({"ok": False, "code": "wrong_answers", "text": again.text, "fields": again.fields})
        if isinstance(message, Metrics):
            self._tell_of_false_word(caller.participant, message)
        return Reply({"ok": True} if message.acked else None)

    async def _in_turn(self, caller: Caller, message: Message, before: asyncio.Future[None] | None) -> None:
        """Returns when the message is the next of its connection; what that says meanwhile waits behind it."""
        loop = asyncio.get_running_loop()
        mine = self._last[caller.connection] = loop.create_future()

        def release(*_: object) -> None:
            if self._last.get(caller.connection) is mine:
                del self._last[caller.connection]
            mine.set_result(None)

        try:
            if before is not None:
                await asyncio.shield(before)
            if isinstance(message, Link) and _is_lost_link(message):
                # A link that is lost makes a match ask which of its members answered last.
                await self._gather_pings(self._queries.members(message.match))
        finally:
            if before is None or before.done():
                # Not before this message is in the queue.
                loop.call_soon(release)
            else:
                before.add_done_callback(release)

    @staticmethod
    def refusal(outcome: Outcome, message_type: str) -> Refuse | None:
        """Why the core did not act on the message, or None when it did."""
        if outcome.failed:
            return Refuse("", message_type, "internal", "Something went wrong here; the researcher has been told.")
        return outcome.first(Refuse)

    def _has_budget(self, caller: Caller, message: Message) -> bool:
        size = json_size(message.payload(), message.max_bytes)
        if self.intake.budgets.takes_message(caller.participant, size, self._clock()):
            return True
        self._tell_of_excess(caller.participant)
        return False

    async def _clock_asked(self, caller: Caller, message: ClockQuestion) -> Reply:
        # Pages measure it once they are greeted: however many others somebody opens, one tells of it.
        if message.offset_ms is not None and self._queries.live_connection(caller.participant) == caller.connection:
            if not self._has_budget(caller, message):
                return Reply(refusal=OVER_BUDGET)
            body = json.dumps({"offset_ms": message.offset_ms, "rtt_ms": message.rtt_ms})
            at = self._clock()
            await self._written(self._store.append_telemetry(self._session_id, caller.participant, at, "clock", body))
        return Reply({"ok": True})

    async def _console(self, caller: Caller, message: Console) -> Reply:
        if not self._has_budget(caller, message):
            return Reply(refusal=OVER_BUDGET)
        entries = [(entry.at_ms / 1000, entry.level, entry.text) for entry in message.entries]
        await self._written(self._store.append_console(self._session_id, caller.participant, entries))
        return Reply()

    async def _rows(self, caller: Caller, message: Rows) -> Reply:
        if self._bus.is_blocked:
            return _no("storage", Told("Nothing can be saved at the moment; please send it again later."))
        if self._queries.live_connection(caller.participant) != caller.connection:
            # The page keeps them: whichever of its copies is the live one brings them.
            return Reply(refusal=("try_again", "These rows came from a page that was replaced."))
        return self._kept(caller, await self.intake.receive(caller.participant, message), ("storage", "try_again"))

    async def _input_log(self, caller: Caller, message: InputLog) -> Reply:
        if self._queries.live_connection(caller.participant) != caller.connection:
            return Reply(refusal=("try_again", Told("These came from a page that was replaced.")))
        return self._kept(caller, await self._input_logs.receive(caller.participant, message), ("storage",))

    def _kept(self, caller: Caller, ack: Ack, harmless: tuple[str, ...]) -> Reply:
        """`harmless`: codes of what a page could not help, which are not held against it."""
        if ack["ok"] or ack["code"] in harmless:
            return Reply(ack)
        if ack["code"] == "over_budget":
            self._tell_of_excess(caller.participant)
        return Reply(refusal=(ack["code"], ack["text"]))

    async def _to_host_env(self, caller: Caller, message: Message) -> Reply:
        if self._queries.live_connection(caller.participant) != caller.connection:
            return Reply(refusal=("not_your_connection", "This page was replaced."))
        return Reply(refusal=await self._host_envs.receive(caller.participant, message))

    # -- told to the researcher

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


def _is_lost_link(message: Message) -> bool:
    return isinstance(message, Link) and message.state != "up"


def _no(code: str, text: str) -> Reply:
    return Reply({"ok": False, "code": code, "text": text})
