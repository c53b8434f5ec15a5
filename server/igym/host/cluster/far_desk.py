"""`Desk` of an edge: asks the one at the core."""

from __future__ import annotations

import asyncio
from typing import Any

from igym.core.events import RttMeasured
from igym.host.base.clock import steady_s
from igym.host.cluster import frames
from igym.host.cluster.edge_link import EdgeLink, LineLostError
from igym.host.cluster.routes import Route, RouteTable
from igym.host.ports import Caller, Reply, TurnedAwayError
from igym.host.sockets.connections import Connections
from igym.protocol.base import Message
from igym.protocol.codec import encode

ADMITTED_WITHIN_S = 8.0
MOST_WHILE_FILLING = 16 * 1024
"""Bytes of a message that is taken while the core does not keep up: pages send larger ones again."""
LOST = {"ok": False, "code": "try_again", "text": "The server changes at the moment; please send it again."}
FAILED = ("internal", "Something went wrong here; the researcher has been told.")


class FarDesk:
    """What it acknowledges the core has acknowledged."""

    def __init__(self, link: EdgeLink, routes: RouteTable, connections: Connections) -> None:
        self._link = link
        self._routes = routes
        self._connections = connections
        self._held_off: dict[str, tuple[float, TurnedAwayError]] = {}
        """Hash of a token → until when (s of the steady clock), and how."""

    async def admit(self, token_hash: str, connection: str, address: str) -> str:
        self._turn_away(token_hash)
        try:
            async with asyncio.timeout(ADMITTED_WITHIN_S):
                answer: Any = await self._link.ask("admit", token_hash, connection, address)
        except LineLostError:
            raise TurnedAwayError("busy") from None
        except (TimeoutError, asyncio.CancelledError) as error:
            # Behind the question: the core may admit it yet.
            self._link.tell("left", connection, "")
            if isinstance(error, asyncio.CancelledError):
                raise
            raise TurnedAwayError("busy") from None
        match answer:
            case [str(participant), [_, _, _, dict()] as route]:
                self._routes.put(participant, Route.of(route))
                return participant
            case [None, str(code), str(text), int() | float() as again_s]:
                if again_s > 0:
                    self._held_off[token_hash] = (steady_s() + again_s, TurnedAwayError(code, text, again_s))
                raise TurnedAwayError(code, text, again_s)
        raise TurnedAwayError("busy")

    def _turn_away(self, token_hash: str) -> None:
        """Whoever was told to come later is told so again, without the core."""
        now = steady_s()
        self._held_off = {who: held for who, held in self._held_off.items() if held[0] > now}
        if (held := self._held_off.get(token_hash)) is not None:
            raise TurnedAwayError(held[1].code, held[1].text, held[0] - now)

    def left(self, caller: Caller, reason: str) -> None:
        self._link.tell("left", caller.connection, reason)
        if not self._connections.of(caller.participant):
            self._routes.forget(caller.participant)

    async def take(self, caller: Caller, message: Message) -> Reply:
        name, payload = encode(message)
        if self._link.is_filling and len(frames.pack(payload)) > MOST_WHILE_FILLING:
            return Reply(dict(LOST))
        try:
            answer: Any = await self._link.ask("take", caller.connection, name, payload)
        except LineLostError:
            return Reply(dict(LOST))
        match answer:
            case [ack, None]:
                return Reply(ack)
            case [ack, [str(code), str(text)]]:
                return Reply(ack, (code, text))
        return Reply(refusal=FAILED)

    def pings(self, told: RttMeasured) -> None:
        self._link.tell("pings", told.participant, told.rtt_ms, told.ago_s, told.earlier)

    def bar(self, participant: str) -> None:
        self._link.tell("bar", participant)
