"""A fixed rate without drift, over a clock that is told."""

from __future__ import annotations

MOST_LATE_TICKS = 3


class Pace:
    """When each frame is due. Whoever is late catches up a few frames at once; what is older than that is let go."""

    def __init__(self, fps: float) -> None:
        self.period_s = 1.0 / fps
        self._due = 0.0
        self.dropped_ticks = 0

    def start(self, at: float) -> None:
        """The next frame is due at `at`."""
        self._due = at

    def shift(self, by_s: float) -> None:
        """The schedule was held for so long."""
        self._due += by_s

    @property
    def due(self) -> float:
        return self._due

    def take(self, now: float) -> float:
        """One frame runs now; returns how late it is, in seconds."""
        late_s = max(0.0, now - self._due)
        missed = int(late_s / self.period_s) - MOST_LATE_TICKS
        if missed > 0:
            self.dropped_ticks += missed
            self._due += missed * self.period_s
        self._due += self.period_s
        return late_s
