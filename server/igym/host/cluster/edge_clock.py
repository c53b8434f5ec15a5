"""The core's clock as an edge knows it."""

from __future__ import annotations

from collections import deque

from igym.host.base.clock import Clock

KEPT = 16
"""Measurements; the quickest one tells best, and old ones are worth less the longer clocks drift."""


class EdgeClock(Clock):
    """Follows measurements against the core's clock."""

    def __init__(self) -> None:
        super().__init__()
        self._measured: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def measured(self, core_s: float, travel_s: float) -> None:
        """The core's unix time, s, as told in an answer that was under way for `travel_s`, there and back."""
        offset = self._offset + core_s + travel_s / 2 - self()
        self._measured.append((travel_s, offset))
        self._offset = min(self._measured)[1]
