"""The engine's clocks: steady seconds for what is measured or paced, and unix seconds that never run backwards."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any

from igym.protocol.told import Told

COARSEST_S = 0.001


def steady_s() -> float:
    """Seconds of a clock that only goes forwards, finer than a microsecond on every system, and the same in all
    processes of a computer.

    `time.monotonic` is not: under Windows it moves in steps of 15.6 ms before Python 3.13.
    """
    return time.perf_counter()


class Clock:
    """Reads the computer's date once and follows the steady clock from there, so that a corrected date cannot
    make deadlines fire early or events change their order. `ahead_s` makes it the clock of another process of this
    computer."""

    def __init__(self, ahead_s: float | None = None) -> None:
        self._offset = time.time() - steady_s() if ahead_s is None else ahead_s

    @property
    def ahead_s(self) -> float:
        """By how much it is ahead of `steady_s`."""
        return self._offset

    def not_before(self, at: float) -> None:
        """Moves the clock to unix time `at` if it is behind it."""
        self._offset += max(0.0, at - self())

    def __call__(self) -> float:
        """Unix seconds."""
        return steady_s() + self._offset

    def ms(self) -> float:
        """Unix milliseconds."""
        return self() * 1000.0


def coarse_clock() -> str:
    """What is wrong with this computer's clocks, "" if nothing: the one that measures and the one timers wait by."""
    for name in ("perf_counter", "monotonic"):
        step_s = time.get_clock_info(name).resolution
        if step_s > COARSEST_S:
            return Told(
                "The clock of this computer's Python moves in steps of {milliseconds} ms, so measured times "
                "and games on the host are uneven by as much. The stand-alone app, or Python 3.13 or newer, "
                "has a finer one.",
                milliseconds=f"{step_s * 1000:.1f}",
            )
    return ""


@contextlib.contextmanager
def fine_timers() -> Iterator[None]:
    """Windows wakes this process to the millisecond while it is entered, not every 15.6 ms; others always do."""
    library = timer_library()
    if library is None:
        yield
        return
    library.timeBeginPeriod(1)
    try:
        yield
    finally:
        library.timeEndPeriod(1)


def timer_library() -> Any:
    """What sets the period of Windows' timers; None elsewhere."""
    if sys.platform == "win32":
        import ctypes

        return ctypes.windll.winmm
    else:
        return None
