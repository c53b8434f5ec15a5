"""The engine's one clock: unix seconds that never run backwards while it runs, nor behind what is stored."""

from __future__ import annotations

import time


class Clock:
    """Reads the computer's date once and follows the monotonic clock from there, so that a corrected date cannot
    make deadlines fire early or events change their order."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def not_before(self, at: float) -> None:
        """Moves the clock to unix time `at` if it is behind it."""
        self._offset += max(0.0, at - self())

    def __call__(self) -> float:
        """Unix seconds."""
        return time.monotonic() + self._offset

    def ms(self) -> float:
        """Unix milliseconds."""
        return self() * 1000.0
