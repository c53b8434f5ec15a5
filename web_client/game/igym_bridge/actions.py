"""From the integers players send to the actions the env receives."""

from __future__ import annotations

from typing import Any

import numpy as np

from .faults import EnvError

ABSENT = 65_535
"""The input of a player who is absent in a frame: the stand-in acts if the scene has one, else the default action."""


class ActionTable:
    """Input 0 is "nothing pressed" (the default action), input k the k-th entry of the action mapping."""

    def __init__(self, mapping: list[dict[str, Any]], default_action: Any) -> None:
        self._default = default_action
        self._actions = [default_action, *(entry["action"] for entry in mapping)]
        self._arrays: list[Any] | None = None

    def __len__(self) -> int:
        return len(self._actions)

    def fit(self, space: Any) -> None:
        """Make lists into arrays where the space wants arrays; complain about actions that are not in the space."""
        self._arrays = [_fitted(action, space) for action in self._actions]
        for action, fitted in zip(self._actions, self._arrays, strict=True):
            if action is not None and hasattr(space, "contains") and not _contains(space, fitted):
                raise EnvError(f"The action {action!r} of the action mapping is not one the env accepts: {space}.")

    @property
    def has_plain_actions(self) -> bool:
        """Whether no action can be changed by the env that gets it."""
        actions = self._actions if self._arrays is None else self._arrays
        return all(action is None or isinstance(action, int | float | str | bool) for action in actions)

    def action(self, number: int, turn_based: bool) -> Any:
        """The env's action; in a turn-based env "nothing pressed" is no move."""
        actions = self._actions if self._arrays is None else self._arrays
        if not 0 < number < len(actions):
            return None if turn_based else actions[0]
        return actions[number]


def _fitted(action: Any, space: Any) -> Any:
    dtype = getattr(space, "dtype", None)
    shape = getattr(space, "shape", None)
    if isinstance(action, list) and dtype is not None and shape:
        return np.asarray(action, dtype)
    if isinstance(action, dict) and hasattr(space, "spaces"):
        return {key: _fitted(value, space.spaces[key]) for key, value in action.items()}
    return action


def _contains(space: Any, action: Any) -> bool:
    try:
        return bool(space.contains(action))
    except Exception:
        return False
