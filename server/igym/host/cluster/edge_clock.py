"""The core's clock as an edge knows it."""

from __future__ import annotations

from collections import deque

from igym.host.base.clock import Clock

KEPT = 16
"""Measurements; the quickest one tells best, and old ones are worth less the longer clocks drift."""
STEP_S = 0.001
"""With each measurement the clock moves by no more: what is measured with it meanwhile stays true."""
FAR_S = 0.25
"""A clock that is further off is another one: it is followed at once."""


class EdgeClock(Clock):
    """Follows measurements against the core's clock."""

    def __init__(self) -> None:
        super().__init__()
        self._measured: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def measured(self, core_s: float, travel_s: float) -> None:
        """The core's unix time, s, as told in an answer that was under way for `travel_s`, there and back."""
        is_first = not self._measured
        self._measured.append((travel_s, self._offset + core_s + travel_s / 2 - self()))
        error = min(self._measured)[1] - self._offset
        self._offset += error if is_first or abs(error) > FAR_S else min(STEP_S, max(-STEP_S, error))

    def forget(self) -> None:
        """Another core leads, with a clock of its own."""
        self._measured.clear()
