"""When a game has been played enough: a score as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from igym.experiment.base import UNSET, Authored, given, option


class Reached(Authored):
    """The rule of `.gameplay(until=Reached(10))`."""

    score: float = option(title="Score", description="So much is enough.", ge=-1e12, le=1e12)
    who: Literal["each", "any", "together"] = option(
        "each",
        title="Whose",
        description="The people who play: each of them has it, any of them, or all their scores together.",
    )
    over: Literal["scene", "episode"] = option(
        "scene", title="Counted over", description="All episodes of the scene together, or the last one alone."
    )

    def __init__(self, score: float = UNSET, **options: Any) -> None:
        super().__init__(**given({"score": score}), **options)

    def holds(self, last: Mapping[str, float], total: Mapping[str, float], agents: Sequence[str]) -> bool:
        """Whether it is so; `last` and `total` are agent → score, `agents` those that people play."""
        found = total if self.over == "scene" else last
        scores = [found[agent] for agent in agents if agent in found]
        if not scores:
            return False
        reached = {"each": min(scores), "any": max(scores), "together": sum(scores)}
        return reached[self.who] >= self.score
