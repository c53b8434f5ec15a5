"""How long an event loop was kept from everybody else: the longest single step, by who took it."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio import events
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

LONGEST_STEP_S = 0.5
BLOCKED_S = 10.0


@dataclass
class LoopWatch:
    """Steps of the loop that took too long.

    Counted is the processor time of the loop's own thread, which a busy machine does not change. A step that computes
    nothing and yet lasts `BLOCKED_S` waits for something it must not wait for.
    """

    own: set[asyncio.Task[Any]] = field(default_factory=set)
    """Tasks of the test, which may take as long as they like."""
    longest_s: float = 0.0
    longest: str = ""
    """Whose step that was."""
    stalls: list[str] = field(default_factory=list)

    def note(self, handle: asyncio.Handle, cpu_s: float, wall_s: float) -> None:
        if _task_of(handle) in self.own:
            return
        if cpu_s > self.longest_s:
            self.longest_s, self.longest = cpu_s, repr(_task_of(handle) or handle)
        if cpu_s > LONGEST_STEP_S or wall_s > BLOCKED_S:
            self.stalls.append(f"{cpu_s:.2f} s of work, {wall_s:.2f} s in all: {_task_of(handle) or handle!r}")

    def check(self) -> None:
        """Fails when nobody else was served for too long."""
        assert not self.stalls, f"The loop served nobody else for over {LONGEST_STEP_S:g} s:\n" + "\n".join(self.stalls)


def _task_of(handle: asyncio.Handle) -> Any:
    return getattr(getattr(handle, "_callback", None), "__self__", None)


@contextmanager
def watched_loop(*own: asyncio.Task[Any] | None) -> Iterator[LoopWatch]:
    """Watches every step of this thread's loops while it lasts."""
    watch = LoopWatch({task for task in own if task is not None})
    plain = events.Handle._run  # type: ignore[attr-defined]

    def run(handle: asyncio.Handle) -> None:
        cpu, wall = time.thread_time(), time.perf_counter()
        try:
            plain(handle)
        finally:
            watch.note(handle, time.thread_time() - cpu, time.perf_counter() - wall)

    events.Handle._run = run  # type: ignore[attr-defined]
    try:
        yield watch
    finally:
        events.Handle._run = plain  # type: ignore[attr-defined]


@dataclass
class Made:
    """How many calls were made, known at the end."""

    calls: int = 0


@contextmanager
def calls_made() -> Iterator[Made]:
    """How often this thread calls a function: what it does, whatever the computer does besides."""
    made = Made()

    def count(frame: object, event: str, argument: object) -> None:
        made.calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield made
    finally:
        sys.setprofile(None)
