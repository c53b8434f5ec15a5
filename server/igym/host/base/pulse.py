"""How well the engine keeps up: time from a message to its acknowledgement, and how late its loop comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from igym.host.base.clock import steady_s

KEPT = 2000
LOOK_EVERY_S = 0.1
LAGS_KEPT = 600
"""A minute of looks."""


class Durations:
    """The last durations in s, and what all of them add up to."""

    def __init__(self, kept: int = KEPT) -> None:
        self._last: deque[float] = deque(maxlen=kept)
        self.count = 0
        self.total_s = 0.0

    def add(self, seconds: float) -> None:
        self._last.append(seconds)
        self.count += 1
        self.total_s += seconds

    def quantile(self, share: float) -> float | None:
        """What `share` (0 to 1) of the last durations do not exceed; None before the first."""
        found = sorted(self._last)
        return found[min(len(found) - 1, int(share * len(found)))] if found else None


class LoopLag:
    """By how much a short sleep of this loop takes longer than it should: as long nobody else is served either."""

    def __init__(self, clock: Callable[[], float] = steady_s) -> None:
        self._clock = clock
        self.lags = Durations(LAGS_KEPT)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            begun = self._clock()
            await asyncio.sleep(LOOK_EVERY_S)
            self.lags.add(max(0.0, self._clock() - begun - LOOK_EVERY_S))
