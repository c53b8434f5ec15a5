"""The bots of a match, and who takes a player's place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .adapters import Adapter
from .loader import function_of
from .onnx_policy import Model, OnnxPolicy
from .policies import Bot, FixedPolicy, Policy, PythonPolicy, RandomPolicy


class Bots:
    """`seats` maps agent → bot; their memories are part of the game's state."""

    def __init__(self, adapter: Adapter, config: dict[str, Any], folder: str, load_model: Callable[[str], Model]) -> None:
        self._adapter = adapter
        self._folder = folder
        self._load_model = load_model
        self._frame_skip = int(config.get("frame_skip") or 4)
        self._started = (0, 0)
        self._spaces: dict[str, Any] = {}
        self.seats: dict[str, Bot] = {}
        for entry in config["policies"]:
            if entry["policy"]["kind"] != "human":
                self.seat(entry["agent"], entry["policy"])

    def seat(self, agent: Any, policy: dict[str, Any]) -> None:
        """Put a bot on `agent`'s seat from the next frame on."""
        name = str(agent)
        own = self._policy(agent, policy)
        bot = Bot(name, own, int(policy.get("frame_skip") or self._frame_skip), policy.get("seed"))
        bot.start(*self._started)
        self.seats[name] = bot
        self._spaces[name] = self._adapter.action_space(name)

    def unseat(self, agent: str) -> None:
        self.seats.pop(agent, None)

    def start(self, seed: int, episode: int) -> None:
        self._started = (seed, episode)
        for bot in self.seats.values():
            bot.start(seed, episode)

    def decide(self, frame: int, acting: list[str], actions: dict[str, Any]) -> None:
        """Fill in the bots' actions; in a turn-based env a bot moves only on frames in which it decides."""
        for agent, bot in self.seats.items():
            if agent in acting:
                observation = self._adapter.observations.get(agent)
                actions[agent] = bot.decide(frame, observation, self._spaces[agent], self._adapter.turn_based)

    def _policy(self, agent: Any, policy: dict[str, Any]) -> Policy:
        kind = policy["kind"]
        if kind == "random":
            return RandomPolicy()
        if kind == "python":
            return PythonPolicy(function_of(policy["function"], self._folder), agent, policy.get("options") or {})
        if kind == "fixed":
            return FixedPolicy(policy["action"])
        return OnnxPolicy(self._load_model(str(agent)), policy)
