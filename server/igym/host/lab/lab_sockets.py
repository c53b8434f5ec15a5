"""The seats' namespace of a lab check: bytes to messages to the check, and its orders back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import socketio

from igym.core.lab import LabCheck, RunningPair
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.rates import Limiter
from igym.host.ice.candidates import with_reachable
from igym.host.ice.relay_guests import RelayGuests
from igym.host.sockets.pings import PingTimer
from igym.protocol.base import Message, ProtocolError
from igym.protocol.binary import Relay, RelayIn
from igym.protocol.client import Pong, Signal
from igym.protocol.codec import LAB_CLIENT_MESSAGES, decode_lab, encode
from igym.protocol.lab import (
    MeasureAgain,
    PairMeasured,
    PairStart,
    SeatClosed,
    SeatHello,
    SeatMeasured,
    SeatProgress,
    SeatResult,
    SeatWelcome,
)
from igym.protocol.server import Ice, Ping, SignalIn
from igym.protocol.version import PROTOCOL_VERSION

NAMESPACE = "/labcheck"
TICK_S = 0.5
PING_EVERY_S = 2.0
MAX_SEATS = 400
Ack = dict[str, Any]
MakeWelcome = Callable[[str], SeatWelcome]


@dataclass
class _Page:
    """One open page; ``seat`` is empty until it said which."""

    sid: str
    address: str
    seat: str = ""
    pings: PingTimer = field(default_factory=PingTimer)
    limiter: Limiter = field(default_factory=Limiter)
    pinging: asyncio.Task[None] | None = None
    told: SeatResult | None = None


class LabSockets:
    """Registers itself on a Socket.IO server; `changed` is called after every change of the check."""

    def __init__(
        self, server: socketio.AsyncServer, check: LabCheck, clock: Clock, journal: Journal, ice: dict[str, Any],
        welcome: MakeWelcome, changed: Callable[[], None], relay_guests: RelayGuests,
    ) -> None:  # fmt: skip
        self._relay_guests = relay_guests
        self._server = server
        self._check = check
        self._clock = clock
        self._journal = journal
        self._ice = Ice.model_validate(ice) if ice else Ice()
        self._welcome = welcome
        self._changed = changed
        self._pages: dict[str, _Page] = {}
        self._ticking: asyncio.Task[None] | None = None
        self._receivers: dict[type[Message], Callable[[_Page, Any], Any]] = {
            SeatProgress: self._progress,
            SeatMeasured: self._measured,
            PairMeasured: self._pair_measured,
            Signal: self._signal,
            Relay: self._relay,
            Pong: self._pong,
        }
        server.on("connect", self._connect, namespace=NAMESPACE)
        server.on("disconnect", self._disconnect, namespace=NAMESPACE)
        server.on("*", self._receive, namespace=NAMESPACE)

    def start(self) -> None:
        self._ticking = asyncio.create_task(self._tick_for_ever())

    async def close(self) -> None:
        """Tells every page that the check is over."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        for page in list(self._pages.values()):
            await self._send(page, SeatClosed(reason="ended"))
            self._stop_pings(page)

    async def again(self) -> None:
        """Every seat that is there measures anew."""
        there = set(self._check.again())
        for page in list(self._pages.values()):
            page.told = None
            if page.seat in there:
                await self._send(page, MeasureAgain())
        await self._follow()

    async def forget(self, seat: str) -> None:
        """A computer that was counted by mistake: its page may come back by saying which seat it is."""
        page = self._page_of(seat)
        self._check.forget(seat)
        if page is not None:
            page.seat = ""
            await self._send(page, SeatClosed(reason="ended"))
        await self._follow()

    # -- coming and going

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        request = environ.get("aiohttp.request")
        self._pages[sid] = _Page(sid, str(getattr(request, "remote", "") or ""))
        self._relay_guests.came(sid, self._pages[sid].address)

    async def _disconnect(self, sid: str, reason: str = "") -> None:
        page = self._pages.pop(sid, None)
        if page is None:
            return
        self._relay_guests.went(sid, page.address)
        self._stop_pings(page)
        if page.seat:
            self._check.gone(page.seat)
            await self._follow()

    @staticmethod
    def _stop_pings(page: _Page) -> None:
        if page.pinging is not None:
            page.pinging.cancel()

    async def _keep_pinging(self, page: _Page) -> None:
        while True:
            await asyncio.sleep(page.pings.gap_s(PING_EVERY_S))
            await self._send(page, Ping(n=page.pings.send(self._clock())))

    # -- messages

    async def _receive(self, name: str, sid: str, *arguments: Any) -> Ack | None:
        page = self._pages.get(sid)
        if page is None or not page.limiter.allows(name if name in LAB_CLIENT_MESSAGES else "?", self._clock()):
            return _no("busy", "Too many messages; this one was not used.")
        message = decode_lab(name, arguments[0] if len(arguments) == 1 else None)
        if isinstance(message, ProtocolError):
            self._journal.warning("labcheck", f"{page.seat or page.address}: {message.text}", code=message.code)
            return _no(message.code, message.text)
        if isinstance(message, SeatHello):
            return await self._hello(page, message)
        if not page.seat or page.seat not in self._check.seats:
            return _no("no_seat", "This page has not said which computer it is.")
        await self._receivers[type(message)](page, message)
        return {"ok": True} if message.acked else None

    async def _hello(self, page: _Page, message: SeatHello) -> Ack:
        if message.protocol != PROTOCOL_VERSION:
            return _no("protocol_version", "This page is from another version of the program. Please reload it.")
        if message.seat not in self._check.seats and len(self._check.seats) >= MAX_SEATS:
            return _no("too_many_seats", f"No more than {MAX_SEATS} computers can be checked at once.")
        other = self._page_of(message.seat)
        if other is not None and other is not page:
            other.seat = ""
            await self._send(other, SeatClosed(reason="taken_over"))
        page.seat, page.told = message.seat, None
        self._check.hello(message.seat, message.browser, page.address)
        await self._send(page, self._welcome(message.seat))
        self._ping_anew(page)
        await self._follow()
        return {"ok": True}

    def _ping_anew(self, page: _Page) -> None:
        self._stop_pings(page)
        page.pings = PingTimer()
        page.pinging = asyncio.create_task(self._keep_pinging(page))

    async def _progress(self, page: _Page, message: SeatProgress) -> None:
        self._check.progress(page.seat, message)
        self._changed()

    async def _measured(self, page: _Page, message: SeatMeasured) -> None:
        self._check.measured(page.seat, message)
        self._ping_anew(page)
        await self._follow()

    async def _pair_measured(self, page: _Page, message: PairMeasured) -> None:
        if self._check.reported(page.seat, message):
            await self._follow()

    async def _pong(self, page: _Page, message: Pong) -> None:
        rtt_ms = page.pings.answered(message.n, self._clock())
        if rtt_ms is not None:
            self._check.rtt(page.seat, rtt_ms)
            await self._follow()

    async def _signal(self, page: _Page, message: Signal) -> None:
        pair = self._check.running.get(message.match)
        other = self._other_end(page, pair)
        if pair is not None and other is not None:
            data = with_reachable(message, page.address).data
            player = 0 if page.seat == pair.first else 1
            await self._send(other, SignalIn(match=pair.id, from_player=player, data=data))

    async def _relay(self, page: _Page, message: Relay) -> None:
        pair = self._check.pair_of(page.seat)
        other = self._other_end(page, pair)
        if pair is not None and other is not None:
            await self._send(other, RelayIn(source=0 if page.seat == pair.first else 1, packet=message.packet))

    def _other_end(self, page: _Page, pair: RunningPair | None) -> _Page | None:
        if pair is None or page.seat not in (pair.first, pair.second):
            return None
        return self._page_of(pair.other(page.seat))

    def _page_of(self, seat: str) -> _Page | None:
        return next((page for page in self._pages.values() if page.seat == seat), None)

    # -- what follows from a change

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await self._follow()

    async def _follow(self) -> None:
        for pair in self._check.next_pairs(self._clock()):
            for me, (seat, peer) in enumerate(((pair.first, pair.second), (pair.second, pair.first))):
                page = self._page_of(seat)
                if page is not None:
                    start = PairStart(pair=pair.id, peer=peer, me=me, ice=self._ice)
                    await self._send(page, self._relay_guests.personal(start, page.sid))
        for page in list(self._pages.values()):
            await self._tell(page)
        self._changed()

    async def _tell(self, page: _Page) -> None:
        seat = self._check.seats.get(page.seat)
        if seat is None:
            return
        verdict, findings = self._check.judged(page.seat)
        expected = self._check.expected_pairs(page.seat)
        result = SeatResult(verdict=verdict, findings=findings, pairs_done=len(seat.pairs), pairs=expected)
        if result != page.told:
            page.told = result
            await self._send(page, result)

    async def _send(self, page: _Page, message: Message) -> None:
        name, payload = encode(message)
        await self._server.emit(name, payload, to=page.sid, namespace=NAMESPACE)


def _no(code: str, text: str) -> Ack:
    return {"ok": False, "code": code, "text": text}
