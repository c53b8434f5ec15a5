"""What the rows of one episode add up to, gathered while they are read for their file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

PREDICTED = "predicted."
BEYOND = 1e12
"""No round trip, delay or count is as large; infinite and undefined numbers are not below it either."""


@dataclass(frozen=True)
class EpisodeCounts:
    """Of one member's rows. `predicted`: frames in which some other player's input was guessed at first."""

    frames: int = 0
    predicted: int = 0
    rollback_frames: int = 0
    stall_ms: float = 0.0
    rtts: Counter[float] = field(default_factory=Counter)
    """Round trip (ms, to a tenth) → frames."""
    transports: tuple[str, ...] = ()
    """In the order in which they were used first."""

    def plus(self, other: EpisodeCounts) -> EpisodeCounts:
        """Both together; `other` came later."""
        return EpisodeCounts(
            self.frames + other.frames,
            self.predicted + other.predicted,
            self.rollback_frames + other.rollback_frames,
            self.stall_ms + other.stall_ms,
            self.rtts + other.rtts,
            tuple(dict.fromkeys((*self.transports, *other.transports))),
        )

    @property
    def rtt_ms(self) -> float | None:
        """The median round trip; None when none was measured."""
        return median(self.rtts.elements()) if self.rtts else None


def counts_of_batch(count: int, local: Mapping[str, Sequence[Any]], skip: int) -> EpisodeCounts:
    """Return the counts of a batch without its first `skip` frames."""
    guesses = [series[skip:] for name, series in local.items() if name.startswith(PREDICTED)]
    transports = tuple(dict.fromkeys(way for way in local.get("transport", ())[skip:] if way and isinstance(way, str)))
    return EpisodeCounts(
        count - skip,
        sum(map(any, zip(*guesses, strict=False))),
        int(sum(_numbers(local, "rollback_frames", skip))),
        float(sum(_numbers(local, "stall_ms", skip))),
        Counter(round(value, 1) for value in _numbers(local, "rtt_ms", skip)),
        transports,
    )


def _numbers(local: Mapping[str, Sequence[Any]], name: str, skip: int) -> list[float]:
    """Only what can be a measurement: a browser may send anything, and no cell may keep the others back."""
    return [value for value in local.get(name, ())[skip:] if isinstance(value, int | float) and abs(value) < BEYOND]
