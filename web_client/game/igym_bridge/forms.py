"""Rows read off by the form they had before.

In most games every frame's row has the same columns, and the env gives values that are plain already. Then a row is
these values in order: their types are looked at all at once, and no name is built again. Whatever does not look as it
did goes the long way, which knows every kind of value.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any, NamedTuple

import numpy as np

from .adapters import Outcome

_PLAIN = {int, float, bool, str, type(None)}
_FIRST_PATIENCE, _MOST_PATIENCE = 2, 64
"""A form is learned after so many frames that had none; the number doubles until a frame is read off."""

Line = tuple[list[str], list[Any]]
"""A row: the names of its columns, shared by rows of one form, and their values."""


class _Agent(NamedTuple):
    """Where the parts of a row that one agent has come from."""

    name: str
    dtype: np.dtype[Any] | None
    """Of the array it observes; None: it observes no array that is recorded."""
    shape: tuple[int, ...]
    is_number: bool
    """It observes one plain value."""
    told: tuple[Any, ...]
    """The very names of its info; empty where no column holds any."""


class Forms:
    """Reads rows of the form that was seen last."""

    def __init__(self, agents: list[str], record: set[str], fits: Callable[[str, Any], bool]) -> None:
        """`fits`: whether an agent's observation is recorded."""
        self._agents = agents
        self._fits = fits
        self._acts, self._earns = "actions" in record, "rewards" in record
        self._sees, self._tells = "observations" in record, "infos" in record
        self._patience, self._missed = _FIRST_PATIENCE, 0
        self._form: list[_Agent] = []
        self._names: list[str] = []
        self._kinds: list[type] = []

    def line(self, actions: dict[str, Any], outcome: Outcome) -> Line | None:
        """The frame's row; None when it has another form."""
        values = self._read(self._form, actions, outcome) if self._form else None
        if values is None or list(map(type, values)) != self._kinds:
            return None
        self._patience, self._missed = _FIRST_PATIENCE, 0
        return self._names, values

    def learn(self, actions: dict[str, Any], outcome: Outcome, row: dict[str, Any]) -> None:
        """`row` was made the long way, as no form was known for it. An env may do something else for one frame."""
        self._missed += 1
        if self._missed < self._patience:
            return
        self._patience, self._missed, self._form = min(2 * self._patience, _MOST_PATIENCE), 0, []
        form = [self._agent(name, outcome) for name in self._agents]
        values = self._read(form, actions, outcome) or []
        kinds = list(map(type, values))
        if _PLAIN.issuperset(kinds) and values == [*row.values()] and kinds == list(map(type, row.values())):
            self._form, self._names, self._kinds = form, [*row], kinds

    def _agent(self, name: str, outcome: Outcome) -> _Agent:
        seen, info = outcome.observations[name], outcome.infos[name]
        held = self._sees and seen is not None and self._fits(name, seen)
        is_array = held and type(seen) is np.ndarray
        told = tuple(info) if self._tells and type(info) is dict else ()
        dtype, shape = (seen.dtype, seen.shape) if is_array else (None, ())
        return _Agent(name, dtype, shape, held and not is_array and type(seen) in _PLAIN, told)

    def _read(self, form: list[_Agent], actions: dict[str, Any], outcome: Outcome) -> list[Any] | None:
        observations, rewards, terminated, truncated, infos = outcome
        values: list[Any] = []
        for name, dtype, shape, is_number, told in form:
            if self._acts:
                values.append(actions[name])
            if self._earns:
                values.append(rewards[name])
            values += (terminated[name], truncated[name])
            seen = observations[name]
            if dtype is not None:
                if type(seen) is not np.ndarray or seen.dtype is not dtype or seen.shape != shape:
                    return None
                values += seen.tolist() if len(shape) == 1 else seen.ravel().tolist()
            elif is_number:
                values.append(seen)
            elif self._sees and seen is not None and self._fits(name, seen):
                return None
            if self._tells:
                info = infos[name]
                # Equal names may be other objects, which are told otherwise.
                if type(info) is not dict or len(info) != len(told) or not all(map(is_, info, told)):
                    return None
                values += info.values()
        return values
