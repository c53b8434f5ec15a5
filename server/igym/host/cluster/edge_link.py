"""An edge's end of the bus: one line to the core that leads, begun anew with each turn of leading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from itertools import count
from typing import Any

from igym.host.base.clock import steady_s
from igym.host.cluster import frames, leader
from igym.host.cluster.addresses import to_core, to_edge
from igym.host.cluster.leader import Leader
from igym.host.cluster.line import UNKNOWN, Line
from igym.host.cluster.redis_bus import RedisBus

BEAT_EVERY_S = 1.0
LAST_WORDS_S = 1.0
Frame = Callable[..., None]


class LineLostError(Exception):
    """Nobody leads, or somebody else by now: what was asked has no answer."""


class EdgeLink:
    """`on_frame[kind]` takes what the core says; `anew` is called whenever nothing said so far counts any more."""

    def __init__(self, bus: RedisBus, study: str, name: str, anew: Callable[[str], None]) -> None:
        self._bus, self._study, self._name, self._anew = bus, study, name, anew
        self.on_frame: dict[str, Frame] = {
            "answer": self._answered, "over": self._over,
        }  # fmt: skip
        self.leader: Leader | None = None
        self.ready = asyncio.Event()
        """Somebody leads."""
        self._lines = count(1)
        self._line, self._line_name = Line(), ""
        self._heard_s = steady_s()
        self._told_s = steady_s()
        self._woken = asyncio.Event()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count(1)
        self._over_epoch = -1
        """The turn of leading that has ended by its own word."""
        self._reading: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails when this end cannot go on."""
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [self.working(work) for work in (self._watch(), self._write(), self._beat())]

    def working(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task without which this end cannot go on."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and not self.broken.done():
            self.broken.set_exception(error)

    async def close(self) -> None:
        """What was said last still goes out, if that can be."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while self.leader is not None and self._line.has_news:
                    await self._send()
        tasks = [*self._tasks, *([self._reading] if self._reading else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def bus_is_back(self) -> None:
        """Whoever could not be heard meanwhile gets time to tell of themselves."""
        self._told_s = self._heard_s = steady_s()

    @property
    def is_well(self) -> bool:
        """Somebody leads and has been heard lately."""
        return self.leader is not None and steady_s() - self._heard_s < leader.GONE_AFTER_S

    @property
    def is_filling(self) -> bool:
        """The core keeps up so badly that the line may have to be given up."""
        return self._line.is_filling

    def tell(self, *parts: Any) -> None:
        if self.leader is not None:
            self._line.put(frames.pack(*parts))
            self._woken.set()

    def ask(self, *parts: Any) -> asyncio.Future[Any]:
        """The core's answer; fails with `LineLostError`."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.leader is None:
            answer.set_exception(LineLostError())
            return answer
        number = next(self._numbers)
        self._asked[number] = answer
        self.tell("ask", number, *parts)
        return answer

    # -- who leads

    async def _watch(self) -> None:
        while True:
            found = await leader.look(self._bus, self._study)
            self._follow(found)
            await asyncio.sleep(leader.LOOK_EVERY_S)

    def _follow(self, found: Leader | None) -> None:
        now = steady_s()
        known = self.leader.epoch if self.leader is not None else self._over_epoch + 1
        if found is not None and found.epoch >= known:
            self._told_s = now
            if found != self.leader:
                self.leader = found
                self._begin("another server leads")
        elif self._bus.is_there and now - self._told_s > leader.GONE_AFTER_S:
            # No earlier turn tells of itself any more: in a database put back from a backup turns count anew.
            self._over_epoch = -1
            if self.leader is not None:
                self.leader = None
                self._begin("nobody leads")
        elif self._line.is_overfull:
            self._begin("the core does not keep up")

    def _begin(self, why: str) -> None:
        """Another line. Whatever was under way on the old one is lost, and so are the connections it was about."""
        asked, self._asked = self._asked, {}
        for answer in asked.values():
            if not answer.done():
                answer.set_exception(LineLostError())
                answer.exception()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._line, self._line_name = Line(), f"{self._name}.{next(self._lines)}"
        self._heard_s = steady_s()
        if self.leader is None:
            self.ready.clear()
        else:
            stream = to_edge(self._study, self.leader.epoch, self._line_name)
            self._reading = self.working(self._bus.follow(stream, self._heard))
            self._woken.set()
            self.ready.set()
        self._anew(why)

    def _over(self) -> None:
        if self.leader is not None:
            self._over_epoch = self.leader.epoch
            self.leader = None
            self._begin("the core has ended")

    # -- packets

    async def _write(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self.leader is not None and self._line.has_news:
                await self._send()

    async def _send(self, *, beat: bool = False) -> None:
        # One after the other: packets that overtake each other look like a loss.
        async with self._sending:
            if self.leader is None:
                return
            line = self._line
            data = frames.pack_packet(self._line_name, line.packet())
            if not await self._bus.append([(to_core(self._study, self.leader.epoch), data)], keep=beat):
                line.rewind()

    async def _beat(self) -> None:
        while True:
            await self._send(beat=True)
            await asyncio.sleep(BEAT_EVERY_S)

    def _heard(self, data: bytes) -> None:
        name, packet = frames.unpack_packet(data)
        if name != self._line_name:
            return
        self._heard_s = steady_s()
        if packet == UNKNOWN:
            self._begin("the core had given this edge up")
            return
        line = self._line
        for frame in line.take(packet, self._heard_s):
            self._deal_with(frame)
            if line is not self._line:
                return
        if line.has_news:
            self._woken.set()

    def _deal_with(self, frame: bytes) -> None:
        """What cannot be carried out has come, and is confirmed as everything else."""
        try:
            kind, parts = frames.read(frame, frames.TO_EDGE)
            self.on_frame[kind](*parts)
        except Exception as error:
            self._bus.nonsense.leave_out("the core said", error)

    def _answered(self, number: int, answer: Any) -> None:
        asked = self._asked.pop(number, None)
        if asked is not None and not asked.done():
            asked.set_result(answer)
