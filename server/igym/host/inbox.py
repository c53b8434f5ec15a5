"""What waits for the core, in the order it came, and the answers to it: the bus within one process."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from igym.core.effects import Effect
from igym.core.events import Event, RttMeasured
from igym.host.base.clock import steady_s

GROUP_SIZE = 256
BACKLOG_WHILE_BLOCKED = 20_000


@dataclass(frozen=True)
class Outcome:
    """What came of one event, once it was on disk and its effects had been run.

    `failed`: the event's own rule raised, or no rule could take it; the session is as it was before it. `raised`:
    `{rule: None, error, traceback, is_deadline}` of what the core could not deal with itself.
    """

    effects: tuple[Effect, ...] = ()
    failed: bool = False
    raised: dict[str, Any] | None = None

    def first(self, kind: type[Any]) -> Any | None:
        """The first effect of this class, or None."""
        return next((effect for effect in self.effects if isinstance(effect, kind)), None)


_NOTHING = Outcome()


@dataclass(slots=True)
class Pending:
    """One event on its way through the core; `done` resolves when it is on disk and its effects have been run."""

    event: Event
    done: asyncio.Future[Outcome]
    queued_s: float = field(default_factory=steady_s)
    at: float = 0.0
    """When it was handled (unix seconds)."""
    outcome: Outcome = _NOTHING


class Inbox:
    """Filled by whoever has something to tell the core, emptied by the runtime alone."""

    def __init__(self) -> None:
        self.is_blocked = False
        """The disk refuses, so nothing is answered until it takes something again. The runtime says so."""
        self._queue: deque[Pending] = deque()
        self._woken = asyncio.Event()

    def submit(self, event: Event) -> asyncio.Future[Outcome]:
        """Queues an event; the future resolves when it is on disk and its effects have been run."""
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if self.is_blocked and isinstance(event, RttMeasured) and len(self._queue) > BACKLOG_WHILE_BLOCKED:
            done.set_result(Outcome())
            return done
        self._queue.append(Pending(event, done))
        self.wake()
        return done

    def wake(self) -> None:
        """Ends a `wait`."""
        self._woken.set()

    async def wait(self, limit_s: float | None) -> None:
        """Returns when something is there, after `wake`, or after `limit_s`."""
        if self._queue:
            return
        self._woken.clear()
        try:
            async with asyncio.timeout(limit_s):
                await self._woken.wait()
        except TimeoutError:
            pass

    def take(self) -> list[Pending]:
        """What has come in, in order: as much of it as one transaction may hold."""
        return [self._queue.popleft() for _ in range(min(len(self._queue), GROUP_SIZE))]
