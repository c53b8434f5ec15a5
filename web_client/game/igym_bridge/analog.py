"""Analogue inputs: the numbers that a player's input carries beside the key, and their places in the action."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .faults import EnvError

FIRST_SPECIAL, SPECIALS = 65_533, 3
"""Inputs with a meaning of their own (`ABSENT`, `LATE`, `END`); the numbers of analogue inputs go around them."""
MOST_INPUTS = 2**31 - 8


def number_of(code: int) -> int:
    """The input for a code from 0 on."""
    return code if code < FIRST_SPECIAL else code + SPECIALS


def code_of(number: int) -> int | None:
    """The code of an input; None of one with a meaning of its own."""
    if number < FIRST_SPECIAL:
        return number
    return number - SPECIALS if number >= FIRST_SPECIAL + SPECIALS else None


def key_of(number: int, keys: int) -> int:
    """The key in an input; `keys` counts them, none included."""
    code = code_of(number)
    return number if code is None else code % keys


def without_key(number: int, keys: int) -> int:
    """The same input with no key pressed: sticks stay where they are."""
    code = code_of(number)
    return number if code is None else number_of(code - code % keys)


class Analog:
    """The axes of one player. A code is the key, then each axis's digit, the key counting least.

    Digit 0 of an axis is its middle.
    """

    def __init__(self, agent: str, axes: list[dict[str, Any]], keys: int, space: Any) -> None:
        self._agent = agent
        self._axes = axes
        self._keys = keys
        self._space = space
        self.count = keys * prod(axis["levels"] for axis in axes)
        if self.count > MOST_INPUTS:
            raise EnvError(
                "The analogue inputs of {agent} have {count} combinations with its keys, more than an input can "
                "tell: use fewer levels or fewer of them.",
                agent=agent,
                count=self.count,
            )
        self._placed_axes = [axis for axis in axes if not axis.get("role")]
        """Those whose value goes into the action; the others say something beside it."""
        self._paths = [_path(axis, order, space, agent) for order, axis in enumerate(self._placed_axes)]

    def key(self, number: int) -> int:
        return key_of(number, self._keys)

    def blank(self) -> Any:
        """An action in which nothing is pressed: zeros, as near as the space lets them be."""
        return _blank(self._space)

    def action(self, base: Any, number: int) -> Any:
        """`base` is what the key says; the axes write their values into a copy of it."""
        digits = (digit for axis, digit in self._digits(number) if not axis.get("role"))
        for axis, path, digit in zip(self._placed_axes, self._paths, digits, strict=True):
            base = _placed(base, path, _value(axis, digit), self._space)
        return base

    def roles(self, number: int) -> dict[str, int]:
        """Role → its digit; 0 is nothing pressed."""
        return {str(axis["role"]): digit for axis, digit in self._digits(number) if axis.get("role")}

    def _digits(self, number: int) -> list[tuple[dict[str, Any], int]]:
        code = code_of(number)
        rest, found = 0 if code is None else code // self._keys, []
        for axis in self._axes:
            rest, digit = divmod(rest, axis["levels"])
            found.append((axis, digit))
        return found

    def check(self, base: Any) -> None:
        """Raises unless the env accepts both ends of every axis."""
        for index, axis in enumerate(self._placed_axes):
            for end in ("low", "high"):
                action = _placed(base, self._paths[index], axis[end], self._space)
                if hasattr(self._space, "contains") and not self._space.contains(action):
                    raise EnvError(
                        "{name} reaches {value}, which is not what the env accepts from {agent} at that place: "
                        "{space}. Choose other low and high, or another part.",
                        name=axis["name"],
                        value=f"{axis[end]:g}",
                        agent=self._agent,
                        space=self._space,
                    )


def _value(axis: dict[str, Any], digit: int) -> float:
    """Digit 0 is the middle, the next ones lie above it, then those from the lowest value on."""
    top = int(axis["levels"]) - 1
    step = (digit + top // 2) % (top + 1)
    low, high = axis["low"], axis["high"]
    return float((low + high) / 2 if step * 2 == top else low + (high - low) * step / top)


def _path(axis: dict[str, Any], order: int, space: Any, agent: str) -> list[Any]:
    component = [] if axis["component"] is None else [axis["component"]]
    if axis["part"] is not None:
        return [*axis["part"], *component]
    inner = getattr(space, "spaces", None)
    if isinstance(inner, dict):
        if axis["name"] not in inner:
            raise EnvError(
                "The analogue input {name} has no place in the action of {agent}: its entries are {entries}. "
                "Name it like one of them, or give it a part.",
                name=repr(axis["name"]),
                agent=agent,
                entries=", ".join(map(repr, inner)),
            )
        return [axis["name"], *(component or ([0] if getattr(inner[axis["name"]], "shape", None) else []))]
    if inner is None and not getattr(space, "shape", None):
        return []
    size = len(inner) if inner is not None else int(np.prod(space.shape))
    if order >= size:
        raise EnvError(
            "The analogue inputs of {agent} are more than the {size} numbers of its action: {space}.",
            agent=agent,
            size=size,
            space=space,
        )
    return [order]


def _placed(action: Any, path: list[Any], value: float, space: Any) -> Any:
    """A copy of the action with the value at its place."""
    if not path:
        whole = space is not None and np.issubdtype(getattr(space, "dtype", None) or np.float64, np.integer)
        return round(value) if whole else value
    head, *rest = path
    if isinstance(action, dict):
        inner = space.spaces[head]
        return {**action, head: _placed(action[head], rest, value, inner)}
    if isinstance(action, tuple):
        placed = _placed(action[head], rest, value, space.spaces[head])
        return (*action[:head], placed, *action[head + 1 :])
    changed = np.array(action)
    changed.reshape(-1)[head] = round(value) if np.issubdtype(changed.dtype, np.integer) else value
    return changed


def _blank(space: Any) -> Any:
    inner = getattr(space, "spaces", None)
    if isinstance(inner, dict):
        return {key: _blank(one) for key, one in inner.items()}
    if inner is not None:
        return tuple(_blank(one) for one in inner)
    if getattr(space, "shape", None):
        low, high = getattr(space, "low", None), getattr(space, "high", None)
        zeros = np.zeros(space.shape, space.dtype)
        return zeros if low is None else np.clip(zeros, low, high).astype(space.dtype)
    return int(getattr(space, "start", 0))
