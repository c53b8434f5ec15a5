"""The numbers above the game, carried over the episodes if the researcher wants that."""

from __future__ import annotations

import math
from typing import Any

MOST = 1e15


class Scores:
    """`base`: what earlier episodes of the match brought, if they count on."""

    def __init__(self, carries: bool, base: dict[str, float]) -> None:
        self._carries = carries
        self._base = dict(base) if carries else {}
        self._own: dict[str, float] = {}
        self._told: Any = None

    def begin(self) -> None:
        self._own, self._told = {}, None

    def of_episode(self) -> dict[str, float]:
        """Finite numbers, as the record of the episode takes them."""
        return {agent: score for agent, score in self._own.items() if math.isfinite(score) and abs(score) <= MOST}

    def carry(self) -> None:
        if self._carries:
            self._base = self._totals()

    def news(self, own: dict[str, Any], text: str | None) -> dict[str, Any] | None:
        """`{scores, text}` for the screens, or None when they show it already."""
        self._own = {agent: float(score) for agent, score in own.items()}
        shown = {"scores": {agent: _shown(score) for agent, score in self._totals().items()}, "text": text}
        if shown == self._told:
            return None
        self._told = shown
        return shown

    def _totals(self) -> dict[str, float]:
        return {agent: score + self._base.get(agent, 0.0) for agent, score in self._own.items()}


def _shown(score: float) -> float | str:
    return score if math.isfinite(score) else str(score)
