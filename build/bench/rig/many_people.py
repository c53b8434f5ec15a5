"""Simulated people in play, in numbers, and what they wait for while all of them are."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

from figures import percentile

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from rig.plain_client import PlainClient
from rig.same_episode import SameEpisode
from tests.waiting import until

FPS = 30
ARRIVALS_A_S = 10
THINK_S = 2.0
"""Each person reads the page before the game half as long to half as long again: pairs begin at moments of their own,
where those who came while a server was starting would speak in step."""
SETTLED_S, LONGEST_SETTLING_S, LATE_ACK_MS = 3.0, 40.0, 500.0
"""What waited while the last ones came has been dealt with when no acknowledgement was as late for so many seconds."""
AFTER_S = 5.0
"""Nobody ends while somebody is measured."""
PATIENCE_S = 120.0
"""Beyond the time that everything takes when nobody waits."""
LATE_EVERY_S = 0.05


class ManyPeople:
    """So many people come to these addresses in turn and play in pairs, long enough for `measured_s` of all of them."""

    def __init__(self, urls: Sequence[str], number: int, measured_s: float, *, seed: int = 0) -> None:
        self.number, self.measured_s = number, measured_s
        self.played_s = played_s(number, measured_s)
        frames = int(FPS * self.played_s)
        # As people come: one every so many milliseconds would have a tenth of them play, and speak, in step for ever.
        self._arrivals_s = sorted(random.Random(seed).uniform(0, number / ARRIVALS_A_S) for _ in range(number))
        self.people = [_person(urls[index % len(urls)], seed + index, frames) for index in range(number)]
        self._playing: list[asyncio.Task[str]] = []
        self.acks_ms: list[float] = []
        self.lateness_ms: list[float] = []
        """How late the loop of these people themselves was while they were measured."""
        self.has_settled = False
        self.settling_s = 0.0
        """From the first batch of the last one who came to the moment when nothing was late any more."""
        self.took_s = 0.0
        self.endings: Counter[str] = Counter()

    def come(self) -> None:
        limit_s = self.played_s + self.number / ARRIVALS_A_S + PATIENCE_S
        self._playing = [
            asyncio.create_task(_take_part(one, after_s, limit_s))
            for one, after_s in zip(self.people, self._arrivals_s, strict=True)
        ]

    async def all_play(self) -> None:
        """Returns when they have for a while, whoever has broken off left out of it: they are counted in `endings`."""
        both = list(zip(self.people, self._playing, strict=True))
        limit_s = self.played_s + PATIENCE_S
        await until(lambda: all(one.stored or task.done() for one, task in both), "they play", limit_s)
        await self._settle()

    async def _settle(self) -> None:
        begun = late_at = time.monotonic()
        while (now := time.monotonic()) - late_at < SETTLED_S and now - begun < LONGEST_SETTLING_S:
            known = self._counts()
            await asyncio.sleep(SETTLED_S / 3)
            acks = self._acks_after(known)
            # A second brings each of them one: where hardly any come, those who wait have not been heard of yet.
            if max(acks, default=0.0) > LATE_ACK_MS or len(acks) < self.number * SETTLED_S / 3 / 2:
                late_at = time.monotonic()
        self.has_settled = time.monotonic() - late_at >= SETTLED_S
        self.settling_s = late_at - begun

    async def are_measured(self) -> None:
        """For so long as was said, or until somebody has played to the end."""
        known, begun = self._counts(), time.monotonic()
        while time.monotonic() - begun < self.measured_s and not any(one.recorded for one in self.people):
            at = time.monotonic()
            await asyncio.sleep(LATE_EVERY_S)
            self.lateness_ms.append(1000 * (time.monotonic() - at - LATE_EVERY_S))
        self.took_s = time.monotonic() - begun
        self.acks_ms = self._acks_after(known)

    def _counts(self) -> list[int]:
        """How many acknowledgements each of them has had."""
        return [len(one.ack_ms) for one in self.people]

    def _acks_after(self, counts: list[int]) -> list[float]:
        """Those that have come since there were so many."""
        return [ms for one, before in zip(self.people, counts, strict=True) for ms in one.ack_ms[before:]]

    async def are_through(self) -> None:
        """Returns when everybody is; how each one's part ended is counted in `endings`."""
        self.endings.update(await asyncio.gather(*self._playing))

    @property
    def p99_ms(self) -> float:
        """Of the time from a batch of rows to its acknowledgement."""
        return percentile(sorted(self.acks_ms), 0.99)

    @property
    def unfinished(self) -> int:
        return self.number - self.endings["finished"]

    @property
    def losses(self) -> int:
        """Connections that ended before they were meant to."""
        return sum(one.client.losses for one in self.people if isinstance(one.client, PlainClient))

    async def has(self, condition: Callable[[], bool]) -> None:
        """Returns when it comes true, or when all are through."""
        await until(lambda: condition() or all(task.done() for task in self._playing), "it", PATIENCE_S)


def played_s(number: int, measured_s: float) -> float:
    """Nobody is done before the last one has come and was measured."""
    return number / ARRIVALS_A_S + 2 * THINK_S + LONGEST_SETTLING_S + measured_s + AFTER_S


def _person(url: str, seed: int, frames: int) -> SimulatedParticipant:
    # Two packets a second through the host: pages with a direct line keep the other way alive, and answer each other.
    behaviour = Behaviour(
        seed=seed, frames=frames, speed=1, transport="p2p", relay_packets=2, reports=True, think_s=THINK_S
    )
    made = SimulatedParticipant(url, behaviour)
    made.client = PlainClient(url)
    made.episode_kind = SameEpisode
    return made


async def _take_part(one: SimulatedParticipant, after_s: float, limit_s: float) -> str:
    """How it ended. What breaks off is named, and ends nobody else's part."""
    await asyncio.sleep(after_s)
    try:
        return (await one.run(limit_s=limit_s)).outcome
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:160]
