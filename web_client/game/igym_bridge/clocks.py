"""Wrappers that read the computer's clock: what they measure differs everywhere, and is no part of the game."""

from __future__ import annotations

import sys
from typing import Any

from .reach import layers_of

STATISTICS = "RecordEpisodeStatistics"


class _StillTime:
    """Stands in for the module `time` where only the time an episode took is measured."""

    @staticmethod
    def perf_counter() -> float:
        return 0.0

    time = monotonic = perf_counter


def still_clocks(env: Any) -> bool:
    """Takes the clock from Gymnasium's episode statistics; whether there are any."""
    found = [type(layer).__module__ for layer in layers_of(env) if type(layer).__name__ == STATISTICS]
    for name in found:
        if name.startswith("gymnasium."):
            vars(sys.modules[name])["time"] = _StillTime
    return any(name.startswith("gymnasium.") for name in found)
