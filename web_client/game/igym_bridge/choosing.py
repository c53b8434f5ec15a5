"""From what a network gives to an action of the env, for each kind of output."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from .faults import EnvError

Array = np.ndarray[Any, Any]
DIGITS = 5
"""Of a continuous action: two builds of a runtime differ in the last digits of a product, and must not in the action.
"""
LOG_STD_LIMITS = (-20.0, 2.0)


class Seat(NamedTuple):
    """Whose place a network takes; the spaces are None where the env names none."""

    agent: str
    action_space: Any
    observation_space: Any


class Chooser(Protocol):
    """`values` and `spread` are flat; `mask` tells which actions are legal; temperature 0 is the most likely one."""

    def choose(self, values: Array, spread: Array | None, mask: Array | None, rng: Any) -> Any: ...


def chooser_of(output: str, seat: Seat, shape: list[int | None], temperature: float) -> Chooser:
    """Raises `EnvError` when the env's actions are not what this kind of output means, or not as many."""
    kinds = {"logits": Logits, "action": Action, "gaussian": Gaussian, "multidiscrete": Parts}
    chooser = kinds[output](seat, temperature)
    given = None if not shape or None in shape[1:] else int(np.prod(shape[1:], dtype=np.int64))
    if given is not None and chooser.count is not None and given != chooser.count:
        raise EnvError(
            "The network gives {given} numbers as {output} for {agent}, but the env's actions need {wanted}: {space}.",
            given=given,
            output=output,
            agent=seat.agent,
            wanted=chooser.count,
            space=seat.action_space,
        )
    return chooser


def _pick(logits: Array, temperature: float, rng: Any) -> int:
    if not temperature:
        return int(np.argmax(logits))
    weights = np.exp((logits - logits.max()) / temperature)
    drawn = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(), side="right")
    return int(drawn.clip(0, logits.size - 1))


def _kind(space: Any) -> str:
    return type(space).__name__


class Logits:
    def __init__(self, seat: Seat, temperature: float) -> None:
        space = seat.action_space
        self.count = None if space is None else getattr(space, "n", None)
        if space is not None and (self.count is None or np.ndim(self.count) or getattr(space, "shape", ())):
            cure = {"Box": "gaussian\" or output=\"action", "MultiDiscrete": "multidiscrete",
                    "MultiBinary": "multidiscrete"}.get(_kind(space), "action")  # fmt: skip
            raise EnvError(
                "The network gives logits, one for each of a few actions, but the env takes {space} from "
                '{agent}. Say what it gives: output="{cure}".',
                space=space,
                agent=seat.agent,
                cure=cure,
            )
        self._start = int(getattr(space, "start", 0) or 0)
        self._temperature = temperature

    def choose(self, values: Array, spread: Array | None, mask: Array | None, rng: Any) -> int:
        if mask is not None:
            values = np.where(mask.astype(bool), values, -np.inf)
        return _pick(values, self._temperature, rng) + self._start


class Parts:
    """A MultiDiscrete action, each part's logits after those before it; of a MultiBinary one logit for each bit."""

    def __init__(self, seat: Seat, temperature: float) -> None:
        space = seat.action_space
        if _kind(space) not in ("MultiDiscrete", "MultiBinary"):
            raise EnvError(
                "The network's output is said to be multidiscrete, but the env takes {space} from {agent}.",
                space=space,
                agent=seat.agent,
            )
        self._space = space
        self._sizes = None if _kind(space) == "MultiBinary" else [int(size) for size in np.ravel(space.nvec)]
        self.count: int | None = int(np.prod(space.shape)) if self._sizes is None else sum(self._sizes)
        self._temperature = temperature

    def choose(self, values: Array, spread: Array | None, mask: Array | None, rng: Any) -> Array:
        if self._sizes is None:
            picked = [_pick(np.array([0.0, value]), self._temperature, rng) for value in values]
        else:
            ends = np.cumsum(self._sizes)
            picked = [_pick(part, self._temperature, rng) for part in np.split(values, ends[:-1])]
            picked = (np.asarray(picked) + np.ravel(getattr(self._space, "start", 0))).tolist()
        return np.asarray(picked, self._space.dtype).reshape(self._space.shape)


class Action:
    """The action itself: a number of a Discrete space, or every number of one with a shape."""

    def __init__(self, seat: Seat, temperature: float) -> None:
        space = seat.action_space
        if space is None:
            raise EnvError(
                "A network cannot give a whole action here: the env does not say what it takes from {agent}.",
                agent=seat.agent,
            )
        if getattr(space, "spaces", None) is not None:
            raise EnvError(
                "A network cannot give a whole action here: the env takes {space} from {agent}.",
                space=space,
                agent=seat.agent,
            )
        self._space = space
        self.count: int | None = int(np.prod(space.shape)) if space.shape else 1

    def choose(self, values: Array, spread: Array | None, mask: Array | None, rng: Any) -> Any:
        return _within(self._space, values)


class Gaussian:
    """The mean of each number of a Box action; `spread` is the logarithm of the standard deviation."""

    def __init__(self, seat: Seat, temperature: float) -> None:
        if _kind(seat.action_space) != "Box":
            raise EnvError(
                "The network's output is said to be gaussian, but the env takes {space} from {agent}.",
                space=seat.action_space,
                agent=seat.agent,
            )
        self._space = seat.action_space
        self.count: int | None = int(np.prod(self._space.shape))
        self._temperature = temperature

    def choose(self, values: Array, spread: Array | None, mask: Array | None, rng: Any) -> Array:
        if self._temperature and spread is not None:
            deviation = np.exp(np.clip(np.broadcast_to(spread, values.shape), *LOG_STD_LIMITS)) * self._temperature
            values = values + deviation * rng.standard_normal(values.size)
        found: Array = _within(self._space, values)
        return found


def _within(space: Any, values: Array) -> Any:
    """In the space's type, within its bounds."""
    whole = np.issubdtype(space.dtype, np.integer) or np.issubdtype(space.dtype, np.bool_)
    found = np.rint(values) if whole else _rounded(values)
    if not space.shape:
        return int(found[0])
    if hasattr(space, "low"):
        found = np.clip(found.reshape(space.shape), space.low, space.high)
    return found.reshape(space.shape).astype(space.dtype)


def _rounded(values: Array) -> Array:
    return np.array([float(f"{value:.{DIGITS}g}") for value in values])
