"""One shape for every kind of env: `reset` and `step` over agents named by strings.

Gymnasium single-agent, Gymnasium with dict actions, PettingZoo parallel and PettingZoo AEC envs are taken as they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .faults import AgentsDifferError, EnvError


class Outcome(NamedTuple):
    """What one frame brought, per agent. `infos` holds a dict per agent."""

    observations: dict[str, Any]
    rewards: dict[str, Any]
    terminated: dict[str, bool]
    truncated: dict[str, bool]
    infos: dict[str, dict[Any, Any]]


_together = tuple.__new__
"""Makes a named tuple in a quarter of the time that calling its class takes."""


class Adapter:
    """`agents` are names as strings; `key` gives the env's own id (which may be a number)."""

    kind = ""
    turn_based = False

    def __init__(self, env: Any, agents: list[str], keys: dict[str, Any]) -> None:
        self.env = env
        self.agents = agents
        self.keys = keys
        self.named_alike = all(type(key) is str and key == agent for agent, key in keys.items())
        """The env's names are ours. Actions come in the order of `agents`."""
        self.observations: dict[str, Any] = {}
        self.reset_options: dict[str, Any] | None = None
        """What the next episode is to be like; None: `reset` is called without options."""

    def reset(self, seed: int) -> dict[str, Any]:
        """Start an episode; returns the first observation of each agent."""
        raise NotImplementedError

    def _reset_env(self, seed: int) -> Any:
        options = {} if self.reset_options is None else {"options": dict(self.reset_options)}
        return self.env.reset(seed=seed, **options)

    def step(self, actions: dict[str, Any]) -> Outcome:
        """One frame. In a turn-based env `None` means: no move."""
        raise NotImplementedError

    def sifted(self, actions: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What of the chosen `actions` the env receives, and agent → action that it does not get to see."""
        return actions, {}

    def acting(self) -> list[str]:
        """Whose actions the next frame uses."""
        return self.agents

    def action_space(self, agent: str) -> Any:
        """What the env says the agent may do; None when it says nothing."""
        return self._space(agent, "action_space")

    def observation_space(self, agent: str) -> Any:
        """What the env says the agent may observe; None when it says nothing."""
        return self._space(agent, "observation_space")

    def _space(self, agent: str, name: str) -> Any:
        space = getattr(self.env, name, None)
        if callable(space):
            return space(self.keys[agent])
        spaces: Any = getattr(self.env, f"{name}s", None) or space
        try:
            return spaces[self.keys[agent]] if len(self.agents) > 1 or _has_key(spaces, self.keys[agent]) else space
        except (TypeError, KeyError, IndexError):
            return space

    def done(self, outcome: Outcome) -> bool:
        return all(outcome.terminated[agent] or outcome.truncated[agent] for agent in self.agents)

    def _seed_spaces(self, seed: int) -> None:
        """An env that samples its own spaces would otherwise draw from the operating system."""
        for offset, agent in enumerate(self.agents):
            space = self.action_space(agent)
            if hasattr(space, "seed"):
                space.seed((seed + offset) % 2**31)


def _is_plain(returned: Any, agents: Any) -> bool:
    """Whether an env's answer has our form already: five dicts over the same agents, its flags true booleans."""
    if list(map(type, returned)) != _FIVE_DICTS:
        return False
    observations, rewards, terminated, truncated, infos = returned
    return (
        observations.keys() == agents
        and rewards.keys() == agents
        and terminated.keys() == agents
        and truncated.keys() == agents
        and infos.keys() == agents
        and _BOOL.issuperset(map(type, terminated.values()))
        and _BOOL.issuperset(map(type, truncated.values()))
        and _DICT.issuperset(map(type, infos.values()))
    )


_FIVE_DICTS, _BOOL, _DICT = [dict] * 5, {bool}, {dict}


def _has_key(spaces: Any, key: Any) -> bool:
    try:
        return key in spaces.spaces if hasattr(spaces, "spaces") else key in spaces
    except TypeError:
        return False


class SingleAgent(Adapter):
    kind = "gymnasium"

    def reset(self, seed: int) -> dict[str, Any]:
        self._seed_spaces(seed)
        self.observations = {self.agents[0]: self._reset_env(seed)[0]}
        return self.observations

    def step(self, actions: dict[str, Any]) -> Outcome:
        agent = self.agents[0]
        observation, reward, terminated, truncated, info = self.env.step(actions[agent])
        seen = self.observations = {agent: observation}
        return _together(
            Outcome, (seen, {agent: reward}, {agent: bool(terminated)}, {agent: bool(truncated)}, {agent: info})
        )

    def _space(self, agent: str, name: str) -> Any:
        return getattr(self.env, name, None)


class DictActions(Adapter):
    """A Gymnasium env whose `step` takes `{agent: action}`. Rewards and flags may be per agent or shared."""

    kind = "gymnasium-dict"

    def reset(self, seed: int) -> dict[str, Any]:
        self._seed_spaces(seed)
        self.observations = self._per_agent(self._reset_env(seed)[0])
        return self.observations

    def step(self, actions: dict[str, Any]) -> Outcome:
        if self.named_alike:
            returned = self.env.step(actions.copy())
            if _is_plain(returned, self.keys.keys()):
                observations, rewards, terminated, truncated, infos = returned
                self.observations = observations
                # An env may return the same dicts with each step.
                copies = rewards.copy(), terminated.copy(), truncated.copy(), infos.copy()
                return _together(Outcome, (observations, *copies))
        else:
            returned = self.env.step({self.keys[agent]: actions[agent] for agent in self.agents})
        observations, rewards, terminated, truncated, infos = returned
        self.observations = self._per_agent(observations)
        return Outcome(
            self.observations,
            dict(self._per_agent(rewards)),
            self._flags(terminated),
            self._flags(truncated),
            self._infos(infos),
        )

    def _per_agent(self, value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            keys = self.keys
            if value.keys() == keys.keys():
                return value
            if not value.keys().isdisjoint(keys.values()):
                return {agent: value.get(key) for agent, key in keys.items()}
        return dict.fromkeys(self.agents, value)

    def _flags(self, value: Any) -> dict[str, bool]:
        if isinstance(value, dict) and value.get("__all__"):
            return dict.fromkeys(self.agents, True)
        return {agent: bool(flag) for agent, flag in self._per_agent(value).items()}

    def _infos(self, value: Any) -> dict[str, dict[Any, Any]]:
        return {agent: info if isinstance(info, dict) else {} for agent, info in self._per_agent(value).items()}


class Parallel(DictActions):
    """PettingZoo's parallel API: agents may leave before the others."""

    kind = "pettingzoo-parallel"

    def reset(self, seed: int) -> dict[str, Any]:
        self._finished: dict[str, tuple[bool, bool]] = {}
        return super().reset(seed)

    def acting(self) -> list[str]:
        return [agent for agent in self.agents if self.keys[agent] in self.env.agents]

    def step(self, actions: dict[str, Any]) -> Outcome:
        acting = self.acting()
        returned = self.env.step({self.keys[agent]: actions[agent] for agent in acting})
        observations, rewards, terminated, truncated, infos = (self._complete(part) for part in returned)
        for agent in acting:
            if terminated[agent] or truncated[agent]:
                self._finished[agent] = (bool(terminated[agent]), bool(truncated[agent]))
        over = {agent: self._finished.get(agent, (False, False)) for agent in self.agents}
        self.observations = {
            agent: self.observations.get(agent) if value is None else value for agent, value in observations.items()
        }
        return Outcome(
            self.observations,
            {agent: 0 if reward is None else reward for agent, reward in rewards.items()},
            {agent: flags[0] for agent, flags in over.items()},
            {agent: flags[1] for agent, flags in over.items()},
            {agent: info or {} for agent, info in infos.items()},
        )

    def _complete(self, part: dict[Any, Any]) -> dict[str, Any]:
        return {agent: part.get(key) for agent, key in self.keys.items()}


class TurnBased(Adapter):
    """PettingZoo's AEC API: a frame is a move when the agent whose turn it is acts, and a wait otherwise."""

    kind = "pettingzoo-aec"
    turn_based = True

    def reset(self, seed: int) -> dict[str, Any]:
        self._seed_spaces(seed)
        self._reset_env(seed)
        self._finished: dict[str, tuple[bool, bool]] = {}
        self._names = {key: agent for agent, key in self.keys.items()}
        return self._observe()

    def acting(self) -> list[str]:
        return [self._names[self.env.agent_selection]] if self.env.agents else []

    def step(self, actions: dict[str, Any]) -> Outcome:
        totals: dict[str, Any] = dict.fromkeys(self.agents, 0)
        for agent in self.acting():
            if actions[agent] is not None:
                self._move(actions[agent], totals)
        # Before the finished are dismissed: with them the env forgets what it tells about its last state.
        observations = self._observe()
        infos = {agent: dict(self.env.infos.get(key) or {}) for agent, key in self.keys.items()}
        self._dismiss_the_finished(totals)
        over = {agent: self._finished.get(agent, (False, False)) for agent in self.agents}
        return Outcome(
            observations,
            totals,
            {agent: flags[0] for agent, flags in over.items()},
            {agent: flags[1] for agent, flags in over.items()},
            infos,
        )

    def _move(self, action: Any, totals: dict[str, Any]) -> None:
        self.env.step(action)
        for agent, key in self.keys.items():
            totals[agent] += self.env.rewards.get(key, 0)
            if self.env.terminations.get(key) or self.env.truncations.get(key):
                self._finished[agent] = (bool(self.env.terminations[key]), bool(self.env.truncations[key]))

    def _dismiss_the_finished(self, totals: dict[str, Any]) -> None:
        """The API wants one empty step from each agent that is over; nobody should have to press a key for it."""
        for _ in range(len(self.agents)):
            if not self.env.agents:
                return
            key = self.env.agent_selection
            if not (self.env.terminations.get(key) or self.env.truncations.get(key)):
                return
            self._move(None, dict.fromkeys(totals, 0))

    def sifted(self, actions: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A masked move is not made: a slip of the finger must not end the game."""
        illegal = {
            agent: actions[agent]
            for agent in self.acting()
            if actions[agent] is not None and not self._is_legal(agent, actions[agent])
        }
        return (actions | dict.fromkeys(illegal), illegal) if illegal else (actions, illegal)

    def _is_legal(self, agent: str, action: Any) -> bool:
        observation = self.observations.get(agent)
        mask = observation.get("action_mask") if isinstance(observation, dict) else None
        if mask is None:
            mask = (self.env.infos.get(self.keys[agent]) or {}).get("action_mask")
        if mask is None or not isinstance(action, int):
            return True
        return 0 <= action < len(mask) and bool(mask[action])

    def _observe(self) -> dict[str, Any]:
        gone = {agent for agent, key in self.keys.items() if key not in self.env.agents}
        self.observations = {
            agent: self.observations.get(agent) if agent in gone else self.env.observe(key)
            for agent, key in self.keys.items()
        }
        return self.observations


def adapt(env: Any, agents: list[Any]) -> Adapter:
    """The adapter for `env`, whose agents the experiment names `agents` (in order)."""
    possible = getattr(env, "possible_agents", None)
    if possible is not None:
        kind = TurnBased if hasattr(env, "agent_iter") and hasattr(env, "last") else Parallel
        return kind(env, [str(agent) for agent in agents], _match_names(agents, list(possible)))
    for method in ("reset", "step"):
        if not callable(getattr(env, method, None)):
            raise EnvError(
                "The env (a {kind}) has no method {method}; it is not a Gymnasium or PettingZoo env.",
                kind=type(env).__name__,
                method=method,
            )
    spaces = getattr(getattr(env, "action_space", None), "spaces", None)
    if isinstance(spaces, dict) and (len(agents) > 1 or any(agent in spaces for agent in agents)):
        return DictActions(env, [str(agent) for agent in agents], _match_names(agents, list(spaces)))
    if len(agents) > 1:
        return DictActions(env, [str(agent) for agent in agents], {str(agent): agent for agent in agents})
    return SingleAgent(env, [str(agents[0])], {str(agents[0]): agents[0]})


def _match_names(agents: list[Any], known: list[Any]) -> dict[str, Any]:
    by_name = {str(key): key for key in known}
    unknown = [agent for agent in agents if str(agent) not in by_name]
    if unknown:
        raise AgentsDifferError(
            "The policies name the agent {agent}, but the env's agents are {agents}.",
            agent=repr(unknown[0]),
            agents=", ".join(map(repr, known)),
        )
    missing = [key for name, key in by_name.items() if name not in {str(agent) for agent in agents}]
    if missing:
        raise AgentsDifferError(
            "The env has the agent {agent}, but the policies do not say who plays it.", agent=repr(missing[0])
        )
    return {str(agent): by_name[str(agent)] for agent in agents}
