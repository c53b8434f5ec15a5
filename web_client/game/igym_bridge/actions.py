"""From the integers players send to the actions the env receives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .analog import Analog, number_of
from .faults import EnvError

_SELDOM = 8

ABSENT = 65_535
"""The input of a player who is absent in a frame: the stand-in acts if the scene has one, else the default action."""

LATE = 65_534
"""The input of a player who did not move within the limit, in a frame that waits for moves: the default action."""
END = 65_533
"""As `LATE`, but the episode ends before the frame is stepped."""


def controls_of(config: dict[str, Any], agent: str) -> dict[str, Any]:
    """`action_mapping` and `default_action` of one agent: the scene's, where the agent has none of its own."""
    own = next((entry for entry in config.get("per_agent") or [] if str(entry["agent"]) == agent), {})
    shared = {
        "action_mapping": config.get("action_mapping") or [],
        "default_action": config.get("default_action"),
        "analog": config.get("analog") or [],
    }
    return {**shared, **{name: value for name, value in own.items() if name != "agent"}}


class ActionTable:
    """Input 0 is "nothing pressed" (the default action), input k the k-th entry of the agent's action mapping."""

    def __init__(
        self, agent: str, mapping: list[dict[str, Any]], default_action: Any, *, waits: bool, late_default: bool
    ) -> None:
        """`waits`: a frame waits for this player's move; `late_default`: until a limit, then the default is taken."""
        self._agent = agent
        self._waits = waits
        self._late_default = late_default
        self._actions = [default_action, *(entry["action"] for entry in mapping)]
        self._keys = [list(entry.get("keys") or ()) for entry in mapping]
        self._analog: Analog | None = None

    def move(self, axes: list[dict[str, Any]], space: Any) -> None:
        """The player also has analogue inputs: a default action that was not given is what nothing pressed would be."""
        self._analog = Analog(self._agent, axes, len(self._actions), space)
        if all(axis.get("role") for axis in axes):
            return
        given = _fitted(self._actions[0], space)
        is_bare = getattr(space, "shape", None) and not isinstance(given, np.ndarray)
        if is_bare or not _contains(space, given):
            self._actions[0] = self._analog.blank()

    def __len__(self) -> int:
        return len(self._actions)

    def fit(self, space: Any, needs_default: bool) -> None:
        """Make lists into arrays where the space wants arrays; complain about actions that are not in the space.

        `needs_default`: frames come in which the env gets the default action.
        """
        if self._waits and len(self._actions) == 1:
            raise EnvError(
                'With pace="on_input" a frame waits for a key, but {agent} has none in action_mapping.',
                agent=self._agent,
            )
        given = self._actions
        self._actions = [_fitted(action, space) for action in given]
        if self._analog is not None:
            self._analog.check(self._actions[0])
        if not hasattr(space, "contains"):
            return
        for number, (action, fitted) in enumerate(zip(given, self._actions, strict=True)):
            if number == 0 and action is None and not needs_default:
                continue
            if not _contains(space, fitted):
                raise self._refusal(action, number == 0, space)

    def _refusal(self, action: Any, default: bool, space: Any) -> EnvError:
        if not default:
            return EnvError(
                "The action {action} of the action mapping is not one the env accepts from {agent}: {space}. "
                "An agent with other actions than the rest gets a mapping of its own with per_agent.",
                action=repr(action),
                agent=self._agent,
                space=space,
            )
        if action is None and self._waits:
            return EnvError(
                "default_action is None, but it is what {agent} does when they are away or late. Give "
                "default_action one of the env's actions: {space}.",
                agent=self._agent,
                space=space,
            )
        if action is None:
            return EnvError(
                "default_action is None, but the env needs an action from {agent} in every frame, also when no "
                "key is pressed. Give default_action one of its actions: {space}.",
                agent=self._agent,
                space=space,
            )
        return EnvError(
            "The default action {action} is not one the env accepts from {agent}: {space}.",
            action=repr(action),
            agent=self._agent,
            space=space,
        )

    @property
    def has_plain_actions(self) -> bool:
        """Whether no action can be changed by the env that gets it."""
        return self._analog is None and all(
            action is None or isinstance(action, int | float | str | bool) for action in self._actions
        )

    def action(self, number: int, turn_based: bool) -> Any:
        """The env's action; in a turn-based env "nothing pressed" is no move."""
        if self._analog is not None:
            base = self._by_key(self._analog.key(number), turn_based)
            return None if base is None else self._analog.action(base, number)
        return self._by_key(number, turn_based)

    def roles(self, number: int) -> dict[str, int]:
        """What the input says beside the action: `takeover` is 1 while it is held, `feedback` the number of a key."""
        return {} if self._analog is None else self._analog.roles(number)

    def keys_of(self, action: Any) -> list[str]:
        """The keys of the first binding with this action; none where no key has it."""
        for number, own in enumerate(self._actions[1:]):
            if np.array_equal(own, action):
                return self._keys[number]
        return []

    def _by_key(self, number: int, turn_based: bool) -> Any:
        if 0 < number < len(self._actions):
            return self._actions[number]
        # Whoever was waited for in vain makes the default action, where there is one: the turn has to pass on.
        passes = number == LATE or (self._waits and number == ABSENT)
        return None if turn_based and not passes else self._actions[0]

    def any_input(self, below: Callable[[int], int]) -> int:
        """An input this player can make; `below(n)` draws a whole number from 0 to n - 1."""
        if self._analog is not None:
            code = below(self._analog.count)
            # A frame that waits comes with a key.
            return number_of(code + 1 if self._waits and code % len(self._actions) == 0 else code)
        if not self._waits:
            return below(len(self._actions))
        return LATE if self._late_default and below(_SELDOM) == 0 else 1 + below(len(self._actions) - 1)


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
