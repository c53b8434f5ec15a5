"""What keys do: bindings, and the controls of single agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import field_validator

from igym.experiment.base import OptionGroup, Spec, option
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.jsonable import as_json
from igym.experiment.keys import key_name, same_key
from igym.experiment.options.analog import AnyAnalog
from igym.protocol.told import Told


class ActionBinding(Spec):
    """The keys (all held together) that stand for one action."""

    keys: tuple[str, ...] = option(title="Keys", description="Key, mouse or gamepad button names.")
    action: Any = option(title="Action", description="What the env receives: a number, a word, or a list of them.")


class Controls(OptionGroup):
    """What the keys of one player do."""

    action_mapping: tuple[ActionBinding, ...] = option(
        (),
        title="Action mapping",
        description="A key, or several held together, a mouse button or a button of a gamepad → the action.",
        in_code="Several are a tuple. Names are those of browsers (ArrowLeft, Space, a), mouse buttons (MouseLeft) "
        "and gamepad buttons (GamepadA, GamepadLeft).",
        form="keys",
    )
    default_action: Any = option(
        0, title="Default action", description="The action of a frame in which the player presses nothing."
    )

    analog: dict[str, AnyAnalog] = option(
        {},
        title="Analogue inputs",
        description="Sticks, mouse or finger: numbers that go into the action beside what the keys say.",
        in_code='Name → Axis("GamepadLeftX", low=-1, high=1) or Pointer().',
    )

    @field_validator("action_mapping", mode="before")
    @classmethod
    def _bindings(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return tuple(_binding(keys, action) for keys, action in value.items())

    @field_validator("action_mapping")
    @classmethod
    def _known_keys(cls, value: tuple[ActionBinding, ...]) -> tuple[ActionBinding, ...]:
        seen: set[frozenset[str]] = set()
        stored = []
        for binding in value:
            keys = tuple(key_name(key) for key in binding.keys)
            same = frozenset(same_key(key) for key in keys)
            if same in seen:
                raise ExperimentError(Told("{key} is mapped twice.", key=" + ".join(keys)))
            seen.add(same)
            stored.append(binding.model_copy(update={"keys": keys}))
        return tuple(stored)

    @field_validator("default_action", mode="before")
    @classmethod
    def _plain_action(cls, value: Any) -> Any:
        return as_json(value, "default_action")


class AgentControls(Controls):
    """Controls of one agent. What is left out is as for the others."""

    def own(self) -> dict[str, Any]:
        """Only what was written, as JSON: an action of None is another thing than none given."""
        return {name: value for name, value in self.model_dump(mode="json").items() if name in self.model_fields_set}


def _binding(keys: Any, action: Any) -> dict[str, Any]:
    names = (keys,) if isinstance(keys, str) else keys
    if not isinstance(names, tuple | list | frozenset) or not names:
        raise ExperimentError(Told("{key} is not a key or a tuple of keys.", key=shown(keys)))
    return {
        "keys": tuple(names),
        "action": as_json(action, Told("the action of {key}", key=" + ".join(map(str, names)))),
    }
