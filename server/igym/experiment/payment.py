"""What participants earn, as data: evaluated by the host without a function."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import model_validator

from igym.experiment.base import OptionGroup, option
from igym.experiment.errors import ExperimentError
from igym.protocol.told import Told

_MOST = 1_000_000


class Payment(OptionGroup):
    """`Experiment(payment={...})`: the earnings in payments.csv; nothing is written there when all amounts are 0."""

    currency: str = option("", title="Currency", description="Written beside the amount, such as EUR.", max_length=20)
    show_up: float = option(
        0, title="Show-up fee", description="For everybody who came, however it ended.", ge=0, le=_MOST
    )
    base: float = option(0, title="For finishing", description="For everybody who reached the end.", ge=0, le=_MOST)
    per_point: float = option(
        0, title="Per point", description="For each point of the participant's own score.", ge=-_MOST, le=_MOST
    )
    per_round: float = option(0, title="Per round", description="For each episode played.", ge=0, le=_MOST)
    games: tuple[str, ...] = option(
        (), title="Games", description="Ids of the game scenes that count; none named: all of them."
    )
    least: float = option(0, title="At least", description="Never less than this.", ge=0, le=_MOST, advanced=True)
    most: float | None = option(
        None, title="At most", description="Never more than this.", ge=0, le=_MOST, advanced=True
    )
    decimals: int = option(
        2, title="Decimals", description="The amount is rounded to so many.", unit="digits", ge=0, le=6, advanced=True
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.most is not None and self.least > self.most:
            raise ExperimentError(
                Told("payment: least={least} is more than most={most}.", least=f"{self.least:g}", most=f"{self.most:g}")
            )
        return self

    @property
    def is_given(self) -> bool:
        """Whether anything can be earned."""
        return any((self.show_up, self.base, self.per_point, self.per_round, self.least))

    def earned(self, episodes: Iterable[Mapping[str, Any]], *, finished: bool) -> tuple[float, list[str]]:
        """Amount and what it is for, from the episodes somebody played: `{scene, agent, scores}` each."""
        counted = [episode for episode in episodes if self._counts(str(episode["scene"]))]
        points = sum(float(episode["scores"].get(episode["agent"], 0)) for episode in counted)
        parts = [
            (self.show_up, "for coming"),
            (self.base if finished else 0.0, "for finishing"),
            (self.per_point * points, f"for {points:g} points"),
            (self.per_round * len(counted), f"for {len(counted)} rounds"),
        ]
        amount = sum(part for part, _ in parts)
        reasons = [f"{part:.{self.decimals}f} {why}" for part, why in parts if part]
        bounded = max(amount, self.least)
        bounded = bounded if self.most is None else min(bounded, self.most)
        if bounded != amount:
            reasons.append(f"{'raised' if bounded > amount else 'limited'} to {bounded:.{self.decimals}f}")
        return round(bounded, self.decimals), reasons

    def _counts(self, scene: str) -> bool:
        return not self.games or any(re.fullmatch(rf"{re.escape(game)}(_r\d+)*", scene) for game in self.games)
