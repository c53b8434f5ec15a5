"""The engine's one clock: unix seconds that never run backwards while it runs, nor behind what is stored."""

from __future__ import annotations

import time


class Clock:
    """Reads the computer's date once and follows the monotonic clock from there, so that a corrected date cannot
    make deadlines fire early or events change their order."""

    def __init__(self, not_before: float = 0.0) -> None:
        self._offset = max(time.time(), not_before) - time.monotonic()

    def __call__(self) -> float:
        """Unix seconds."""
        return time.monotonic() + self._offset

    def ms(self) -> float:
        """Unix milliseconds."""
        return self() * 1000.0
