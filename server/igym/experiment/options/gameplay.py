"""Who plays, and what their keys do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_serializer, field_validator

from igym.experiment.base import OptionGroup, Spec, option
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.jsonable import as_json
from igym.experiment.keys import check_key
from igym.experiment.policies import AnyPolicy, Human, Policy, as_policy

AgentId = str | int


class PoliciesOptions(OptionGroup):
    """`.policies({...})`"""

    mapping: dict[AgentId, Policy] = option(
        {"agent_0": Human()},
        title="Agents",
        description="Agent → Human, Random, Onnx(…) or Python(…). A single-agent env has the one agent agent_0.",
    )
    frame_skip: int = option(
        4,
        title="Frame skip",
        description="Bots choose a new action every so many frames and keep it in between.",
        unit="frames",
        ge=1,
        le=600,
    )

    @field_validator("mapping", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        """JSON has no integer keys, so the mapping is stored as pairs."""
        if isinstance(value, list):
            value = {pair["agent"]: pair["policy"] for pair in value}
        if not isinstance(value, Mapping):
            raise ExperimentError(f"expected a dict of agent → policy, got {shown(value)}.")
        if not value:
            raise ExperimentError("the mapping is empty; name at least one agent.")
        return {agent: _policy_of(agent, policy) for agent, policy in value.items()}

    @field_serializer("mapping")
    def _stored_pairs(self, mapping: dict[AgentId, AnyPolicy]) -> list[dict[str, Any]]:
        return [{"agent": agent, "policy": policy.model_dump(mode="json")} for agent, policy in mapping.items()]

    @property
    def humans(self) -> tuple[AgentId, ...]:
        """The agents people play, in player order."""
        return tuple(agent for agent, policy in self.mapping.items() if isinstance(policy, Human))

    @property
    def bots(self) -> tuple[AgentId, ...]:
        return tuple(agent for agent, policy in self.mapping.items() if not isinstance(policy, Human))


def _policy_of(agent: object, policy: Any) -> Any:
    try:
        return as_policy(policy)
    except ExperimentError as error:
        raise ExperimentError(f"agent {agent!r}: {error.text}", value=error.value, allowed=error.allowed) from None


class ActionBinding(Spec):
    """The keys (all held together) that stand for one action."""

    keys: tuple[str, ...] = option(title="Keys", description="Key, mouse or gamepad button names.")
    action: Any = option(title="Action", description="What the env receives; any JSON value.")


class GameplayOptions(OptionGroup):
    """`.gameplay(...)`"""

    action_mapping: tuple[ActionBinding, ...] = option(
        (),
        title="Action mapping",
        description="Key, or tuple of keys held together → action. Names are those of browsers (ArrowLeft, Space, a), "
        "mouse buttons (MouseLeft) and gamepad buttons (GamepadA, GamepadLeft).",
        form="json",
    )
    default_action: Any = option(
        0, title="Default action", description="The action of a frame in which the player presses nothing.", form="json"
    )
    input_mode: Literal["pressed_keys", "single_keystroke"] = option(
        "pressed_keys",
        title="Input mode",
        description="Keys act as long as they are held, or once for each press.",
    )
    action_population: Literal["default", "previous"] = option(
        "default",
        title="Missing input",
        description="What a missing or predicted input becomes: the default action or the player's previous one.",
        advanced=True,
    )
    num_episodes: int = option(
        1, title="Episodes", description="Episodes played in this scene.", unit="episodes", ge=1, le=10_000
    )
    max_steps: Annotated[int, Field(ge=1, le=10_000_000)] | None = option(
        None,
        title="Longest episode",
        description="An episode ends after so many frames. None: only the env ends it.",
        unit="frames",
    )
    reset_freeze_s: float = option(
        0, title="Freeze between episodes", description="The last picture stays this long.", unit="s", ge=0, le=600
    )
    countdown_s: float = option(
        3, title="Countdown", description="Countdown before each episode.", unit="s", ge=0, le=60
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
        for binding in value:
            for key in binding.keys:
                check_key(key)
            if frozenset(binding.keys) in seen:
                raise ExperimentError(f"{' + '.join(binding.keys)} is mapped twice.")
            seen.add(frozenset(binding.keys))
        return value

    @field_validator("default_action", mode="before")
    @classmethod
    def _plain_action(cls, value: Any) -> Any:
        return as_json(value, "default_action")


def _binding(keys: Any, action: Any) -> dict[str, Any]:
    names = (keys,) if isinstance(keys, str) else keys
    if not isinstance(names, tuple | list | frozenset) or not names:
        raise ExperimentError(f"{shown(keys)} is not a key or a tuple of keys.")
    return {"keys": tuple(names), "action": as_json(action, f"the action of {' + '.join(map(str, names))}")}
