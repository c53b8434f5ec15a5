"""Values of an env's config that a match or an episode decides: from a condition, an answer, or a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from igym.experiment.errors import ExperimentError, shown, suggestion
from igym.experiment.jsonable import as_json
from igym.protocol.told import Told

if TYPE_CHECKING:
    from random import Random

VALUE, PER_EPISODE = "$value", "$per_episode"
_NOTHING: Any = object()


@dataclass(frozen=True)
class Value:
    """`config={"layout": Value("layout")}`: what the match's people have under this name when it is formed.

    `name` is a factor of the design, a global value, or `answers.<scene>.<field>`. `default` is used where nobody has
    one, and when the env is tried on its own.
    """

    name: str
    default: Any = _NOTHING

    @property
    def has_default(self) -> bool:
        return self.default is not _NOTHING

    def marked(self) -> dict[str, Any]:
        """As a stored experiment holds it."""
        default = {"default": as_json(self.default, "default")} if self.has_default else {}
        return {VALUE: self.name, **default}


@dataclass(frozen=True)
class PerEpisode:
    """`config={"layout": PerEpisode(["a", "b"], order="random")}`: another value in each episode of a match.

    It reaches the env as `reset(options={"layout": …})`. `order`: "listed" goes through the list again and again;
    "random" draws an order for each time through.
    """

    values: Sequence[Any]
    order: Literal["listed", "random"] = "listed"

    def __post_init__(self) -> None:
        if not isinstance(self.values, list | tuple) or not self.values:
            raise ExperimentError(Told("PerEpisode needs a list of values, got {got}.", got=shown(self.values)))
        if self.order not in ("listed", "random"):
            raise ExperimentError(
                Told('PerEpisode: order={order} is not "listed" or "random".', order=shown(self.order))
            )

    def marked(self) -> dict[str, Any]:
        """As a stored experiment holds it."""
        return {PER_EPISODE: as_json(list(self.values), "PerEpisode"), "order": self.order}

    def draw(self, episodes: int, rng: Random) -> list[Any]:
        """A value for each episode."""
        drawn: list[Any] = []
        while len(drawn) < episodes:
            values = list(self.values)
            drawn += rng.sample(values, len(values)) if self.order == "random" else values
        return drawn[:episodes]


def marked(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config with its values as a stored experiment holds them."""
    return {name: item.marked() if isinstance(item, Value | PerEpisode) else item for name, item in config.items()}


def read(item: Any) -> Any:
    """A `Value` or `PerEpisode` out of what `marked` made of it; anything else as it is. Raises ExperimentError."""
    if not isinstance(item, Mapping) or not ({VALUE, PER_EPISODE} & set(item)):
        return item
    known = {VALUE, "default"} if VALUE in item else {PER_EPISODE, "order"}
    for key in item:
        if key not in known:
            raise ExperimentError(
                Told(
                    'there is no "{name}" beside {what}.{hint}',
                    name=key,
                    what="/".join(sorted(known)),
                    hint=suggestion(key, known),
                )
            )
    if VALUE in item:
        return Value(str(item[VALUE]), item.get("default", _NOTHING))
    return PerEpisode(item[PER_EPISODE], item.get("order", "listed"))
