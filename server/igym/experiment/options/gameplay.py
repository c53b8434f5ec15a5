"""Who plays, and what their keys do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_serializer, field_validator

from igym.experiment.base import OptionGroup, build, option
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.options.controls import AgentControls, Controls
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


class GameplayOptions(Controls):
    """`.gameplay(...)`"""

    per_agent: dict[AgentId, AgentControls] = option(
        {},
        title="Controls of single agents",
        description="Agent → what its player's keys do, where that differs: "
        '`{"listener": {"action_mapping": {"a": 0, "b": 1}, "default_action": 0}}`. '
        "Whatever an agent's entry leaves out is as for the others.",
        form="json",
        advanced=True,
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

    @field_validator("per_agent", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        """JSON has no integer keys, so the agents are stored as entries of a list."""
        if isinstance(value, list):
            value = {entry["agent"]: {name: own for name, own in entry.items() if name != "agent"} for entry in value}
        if not isinstance(value, Mapping):
            raise ExperimentError(f"expected a dict of agent → controls, got {shown(value)}.")
        return {agent: _controls_of(agent, controls) for agent, controls in value.items()}

    @field_serializer("per_agent")
    def _stored_pairs(self, per_agent: dict[AgentId, AgentControls]) -> list[dict[str, Any]]:
        return [{"agent": agent, **controls.own()} for agent, controls in per_agent.items()]


def _controls_of(agent: object, controls: Any) -> AgentControls:
    if isinstance(controls, AgentControls):
        return controls
    if not isinstance(controls, Mapping):
        raise ExperimentError(f"agent {agent!r}: expected a dict of options, got {shown(controls)}.")
    return build(AgentControls, controls, f"agent {agent!r}")
