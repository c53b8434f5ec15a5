"""Who plays, and what their keys do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_serializer, field_validator, model_validator

from igym.experiment.base import OptionGroup, build, option
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.functions import OptionalFunction
from igym.experiment.keys import key_name
from igym.experiment.options.controls import AgentControls, Controls
from igym.experiment.options.reached import Reached
from igym.experiment.policies import AnyPolicy, Human, Person, Policy, as_policy
from igym.protocol.told import Told

AgentId = str | int


class PoliciesOptions(OptionGroup):
    """`.policies({...})`"""

    mapping: dict[AgentId, Policy] = option(
        {"agent_0": Human()},
        title="Agents",
        description="Who controls each agent: a person, a person whom a bot helps or advises, or a bot. A game for "
        "one has the one agent agent_0.",
        in_code="Agent → Human, Shared(…), Advice(…), Random, Onnx(…) or Python(…).",
        form="policies",
    )
    frame_skip: Annotated[int, Field(ge=1, le=600)] | None = option(
        None,
        title="Frame skip",
        description="Bots choose a new action every so many frames and keep it in between. Empty: every 4 frames; "
        "where frames wait for the players, in each.",
        unit="frames",
    )

    @field_validator("mapping", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        """JSON has no integer keys, so the mapping is stored as pairs."""
        if isinstance(value, list):
            value = {pair["agent"]: pair["policy"] for pair in value}
        if not isinstance(value, Mapping):
            raise ExperimentError(Told("expected a dict of agent → policy, got {got}.", got=shown(value)))
        if not value:
            raise ExperimentError(Told("the mapping is empty; name at least one agent."))
        return {agent: _policy_of(agent, policy) for agent, policy in value.items()}

    @field_serializer("mapping")
    def _stored_pairs(self, mapping: dict[AgentId, AnyPolicy]) -> list[dict[str, Any]]:
        return [{"agent": agent, "policy": policy.model_dump(mode="json")} for agent, policy in mapping.items()]

    @property
    def humans(self) -> tuple[AgentId, ...]:
        """The agents people play, in player order."""
        return tuple(agent for agent, policy in self.mapping.items() if isinstance(policy, Person))

    @property
    def bots(self) -> tuple[AgentId, ...]:
        return tuple(agent for agent, policy in self.mapping.items() if not isinstance(policy, Person))


def _policy_of(agent: object, policy: Any) -> Any:
    try:
        return as_policy(policy)
    except ExperimentError as error:
        raise ExperimentError(
            Told("agent {agent}: {error}", agent=repr(agent), error=error.text),
            value=error.value,
            allowed=error.allowed,
        ) from None


class GameplayOptions(Controls):
    """`.gameplay(...)`"""

    per_agent: dict[AgentId, AgentControls] = option(
        {},
        title="Controls of single agents",
        description="Agent → what its player's keys do, where that differs. Whatever an agent's entry leaves out "
        "is as for the others.",
        in_code='`{"listener": {"action_mapping": {"a": 0, "b": 1}, "default_action": 0}}`.',
        form="agent_records",
        advanced=True,
    )
    input_mode: Literal["pressed_keys", "single_keystroke"] | None = option(
        None,
        title="Input mode",
        description="Keys act as long as they are held, or once for each press. Empty: as long as they are held; "
        "where frames wait for the players, once for each press.",
    )
    pace: Literal["clock", "on_input"] = option(
        "clock",
        title="Pace",
        description="Frames come at the frame rate, or each waits until everybody whose turn it is has pressed a key.",
    )
    move_limit_s: Annotated[float, Field(ge=0.5, le=86_400)] | None = option(
        None,
        title="Longest wait for a move",
        description="Where frames wait for the players: so long a frame waits for one. Empty: without end.",
        in_code='With pace="on_input".',
        unit="s",
    )
    on_move_limit: Literal["default_action", "end"] = option(
        "default_action",
        title="After the longest wait",
        description="The player who is late takes the default action, or the episode ends.",
    )
    action_population: Literal["default", "previous"] = option(
        "default",
        title="Missing input",
        description="What a missing or predicted input becomes: the default action or the player's previous one.",
        advanced=True,
    )
    feedback: dict[str, float] = option(
        {},
        title="Feedback keys",
        description="Key → number: a press is recorded in its frame as feedback on the agent, beside whatever else "
        "the player does, and told to the learners of a game on the host.",
        in_code='`{"KeyG": 1, "KeyB": -1}`; the column is `feedback.<agent>`.',
        advanced=True,
    )
    num_episodes: int = option(
        1, title="Episodes", description="Episodes played in this scene.", unit="episodes", ge=1, le=10_000
    )
    until: Reached | None = option(
        None,
        title="Until",
        description="The scene ends after the episode in which this score is reached; the number of episodes is "
        "the most.",
        in_code="A function is written in its place.",
    )
    until_function: OptionalFunction = option(
        None,
        title="Function",
        description="Asked after each episode whether it was enough.",
        in_code="`until=f`: `f(context)`, with `context.scores`, returns True when it was.",
    )
    max_steps: Annotated[int, Field(ge=1, le=10_000_000)] | None = option(
        None,
        title="Longest episode",
        description="An episode ends after so many frames. Empty: only the env ends it.",
        unit="frames",
    )
    reset_freeze_s: float = option(
        0, title="Freeze between episodes", description="The last picture stays this long.", unit="s", ge=0, le=600
    )
    countdown_s: float = option(
        3, title="Countdown", description="Countdown before each episode.", unit="s", ge=0, le=60
    )

    @field_validator("feedback", mode="before")
    @classmethod
    def _feedback_keys(cls, value: Any) -> Any:
        return {key_name(key): number for key, number in value.items()} if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _limits_of_what_waits(self) -> Self:
        if self.pace == "clock" and self.move_limit_s is not None:
            raise ExperimentError(Told('move_limit_s needs pace="on_input": on the clock no frame waits for a player.'))
        if self.move_limit_s is None and self.on_move_limit == "end":
            raise ExperimentError(Told('on_move_limit="end" needs a move_limit_s.'))
        if self.until is not None and self.until_function is not None:
            raise ExperimentError(Told("give a function or a score, not both."))
        if self.is_conditional and self.num_episodes < 2:
            raise ExperimentError(
                Told("until changes nothing with num_episodes=1; give the most episodes there may be.")
            )
        return self

    @property
    def is_conditional(self) -> bool:
        """Whether each episode decides if there is another."""
        return self.until is not None or self.until_function is not None

    @property
    def waits(self) -> bool:
        """Whether frames wait for the players."""
        return self.pace == "on_input"

    @property
    def key_mode(self) -> str:
        return self.input_mode or ("single_keystroke" if self.waits else "pressed_keys")

    @field_validator("per_agent", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        """JSON has no integer keys, so the agents are stored as entries of a list."""
        if isinstance(value, list):
            value = {entry["agent"]: {name: own for name, own in entry.items() if name != "agent"} for entry in value}
        if not isinstance(value, Mapping):
            raise ExperimentError(Told("expected a dict of agent → controls, got {got}.", got=shown(value)))
        return {agent: _controls_of(agent, controls) for agent, controls in value.items()}

    @field_serializer("per_agent")
    def _stored_pairs(self, per_agent: dict[AgentId, AgentControls]) -> list[dict[str, Any]]:
        return [{"agent": agent, **controls.own()} for agent, controls in per_agent.items()]


def _controls_of(agent: object, controls: Any) -> AgentControls:
    if isinstance(controls, AgentControls):
        return controls
    if not isinstance(controls, Mapping):
        raise ExperimentError(
            Told("agent {agent}: expected a dict of options, got {got}.", agent=repr(agent), got=shown(controls))
        )
    return build(AgentControls, controls, Told("agent {agent}", agent=repr(agent)))
