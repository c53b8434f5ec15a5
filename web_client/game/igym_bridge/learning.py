"""A policy that learns from people while it plays, on the host."""

from __future__ import annotations

import copy
from typing import Any

from .faults import EnvError
from .policies import Rng

METHODS = ("act", "learn", "save", "load")


class LearnerPolicy:
    """An object of a researcher's class, which lives as long as the match.

    `act(observation, rng)` returns an action; `learn(observation, action, feedback)` is called for each press of a
    feedback key, with what it had seen and done by then; `save()` returns bytes that `load(data)` takes.
    """

    draws = True

    def __init__(self, kind: type, agent: Any, options: dict[str, Any]) -> None:
        self._learner: Any = kind(**options)
        missing = [name for name in METHODS if not callable(getattr(self._learner, name, None))]
        if missing:
            raise EnvError(
                "{kind}, which learns for {agent}, has no method {method}.",
                kind=kind.__name__,
                agent=agent,
                method=missing[0],
            )
        self._last: tuple[Any, Any] | None = None

    def act(self, observation: Any, rng: Rng, memory: dict[str, Any], space: Any) -> Any:
        action = self._learner.act(observation, rng)
        self._last = (copy.deepcopy(observation), action)
        return action

    def told(self, feedback: float) -> None:
        """Feedback on its newest decision; before the first there is nothing to learn about."""
        if self._last is not None:
            self._learner.learn(*self._last, feedback)

    def save(self) -> bytes:
        """Raises `EnvError` when the researcher's class gives something else."""
        found = self._learner.save()
        if not isinstance(found, bytes):
            raise EnvError(
                "{kind}.save() has to return bytes, not {found}.",
                kind=type(self._learner).__name__,
                found=type(found).__name__,
            )
        return found

    def load(self, data: bytes) -> None:
        self._learner.load(data)

    def forget_last(self) -> None:
        """An episode begins: nothing was done in it yet that could be praised."""
        self._last = None
