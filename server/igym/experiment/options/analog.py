"""Inputs that are more than pressed or not: sticks, the place of the pointer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, Tag, field_validator, model_validator

from igym.experiment.base import Authored, option, tag
from igym.experiment.errors import ExperimentError, shown, suggestion
from igym.protocol.told import Told

AXES = (
    "mouse_x",
    "mouse_y",
    "touch_x",
    "touch_y",
    "GamepadLeftX",
    "GamepadLeftY",
    "GamepadRightX",
    "GamepadRightY",
)
MOST_LEVELS = 4096
Place = int | str | tuple[int | str, ...] | None
_PLACE = (
    "Where the value goes in the action: a position, a name, or several of them for a place further in. Empty: the "
    "entry of this name, where the env's actions have names; else the next position, in the order of the inputs."
)


class Analog(Authored):
    """What an analogue input of either kind has."""

    levels: int = option(
        256,
        title="Levels",
        description="So many values are told apart; with an even number one fewer, so that the middle is exact.",
        unit="values",
        ge=2,
        le=MOST_LEVELS,
    )
    part: Place = option(
        None, title="Place in the action", description=_PLACE,
        in_code="Several are a tuple; actions have names in a Dict space.", form="plain", advanced=True,
    )  # fmt: skip


class Axis(Analog):
    """A number from a stick, or from where the pointer is across the game."""

    kind: Literal["axis"] = tag("axis")
    source: tuple[str, ...] = option(
        title="Source",
        description="Mouse, finger or a stick of a gamepad; of several the one that moved last counts.",
        in_code=f"One or several of {', '.join(AXES)}.",
    )
    low: float = option(-1, title="Lowest value", description="At the left or upper end.", ge=-1e9, le=1e9)
    high: float = option(1, title="Highest value", description="At the right or lower end.", ge=-1e9, le=1e9)
    dead_zone: float = option(
        0.1,
        title="Dead zone",
        description="A stick that is pushed less than this share of its way counts as let go.",
        ge=0,
        lt=1,
        advanced=True,
    )

    def __init__(self, source: Any = (), **options: Any) -> None:
        super().__init__(**{"source": source, **options})

    @field_validator("source", mode="before")
    @classmethod
    def _known_axes(cls, value: Any) -> Any:
        names = (value,) if isinstance(value, str) else tuple(value)
        for name in names:
            if name not in AXES:
                raise ExperimentError(
                    Told("{source} is no analogue source.{hint}", source=shown(name), hint=suggestion(str(name), AXES)),
                    value=name,
                    allowed=", ".join(AXES),
                )
        if not names:
            raise ExperimentError(Told("name at least one source."), allowed=", ".join(AXES))
        return names

    @model_validator(mode="after")
    def _two_ends(self) -> Self:
        if self.low == self.high:
            raise ExperimentError(Told("low and high are both {value}; they must differ.", value=f"{self.low:g}"))
        return self

    def axes(self, name: str, width: int, height: int) -> list[dict[str, Any]]:
        """What the browser and the env's bridge get: one entry for each number."""
        return [_axis(self, name, None, list(self.source), self.low, self.high) | {"dead_zone": self.dead_zone}]


class Pointer(Analog):
    """Two numbers: where the mouse or a finger is in the game's picture."""

    kind: Literal["pointer"] = tag("pointer")
    low: tuple[float, float] = option((0.0, 0.0), title="Upper left corner", description="x and y there.")
    high: tuple[float, float] | None = option(
        None,
        title="Lower right corner",
        description="x and y there. Empty: the width and height of the drawing surface.",
    )

    def axes(self, name: str, width: int, height: int) -> list[dict[str, Any]]:
        """As of an `Axis`: x, then y."""
        high = self.high or (float(width), float(height))
        return [
            _axis(self, name, index, [f"mouse_{letter}", f"touch_{letter}"], self.low[index], high[index])
            for index, letter in enumerate("xy")
        ]

    @model_validator(mode="after")
    def _two_corners(self) -> Self:
        if self.high is not None and any(a == b for a, b in zip(self.low, self.high, strict=True)):
            raise ExperimentError(Told("low and high must differ in x and in y."))
        return self


AnyAnalog = Annotated[Annotated[Axis, Tag("axis")] | Annotated[Pointer, Tag("pointer")], Field(discriminator="kind")]


def _axis(
    analog: Analog, name: str, component: int | None, sources: list[str], low: float, high: float
) -> dict[str, Any]:
    part = list(analog.part) if isinstance(analog.part, tuple) else None if analog.part is None else [analog.part]
    levels = analog.levels - 1 + analog.levels % 2
    return {
        "name": name, "component": component, "part": part, "sources": sources, "low": low, "high": high,
        "levels": max(3, levels), "dead_zone": 0.0,
    }  # fmt: skip
