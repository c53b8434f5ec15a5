"""The bots of a match, and who takes a player's place."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from .adapters import Adapter
from .choosing import Seat
from .companions import Companion
from .learning import LearnerPolicy
from .loader import function_of
from .onnx_policy import Model, OnnxPolicy
from .policies import Bot, FixedPolicy, Mind, Policy, PythonPolicy, RandomPolicy


class Bots:
    """`seats` and `stand_ins` map agent → bot; their memories are part of the game's state.

    `load_model` takes the `path` of an `Onnx` bot.
    """

    def __init__(
        self, adapter: Adapter, config: dict[str, Any], folder: str, load_model: Callable[[str], Model]
    ) -> None:
        self._adapter = adapter
        self._folder = folder
        self._load_model = load_model
        self._frame_skip = int(config.get("frame_skip") or 4)
        self._spaces: dict[str, Any] = {}
        self.seats: dict[str, Bot] = {}
        self.learners: dict[str, LearnerPolicy] = {}
        self.beside: dict[str, Companion] = {}
        """Policies beside people."""
        # Made beforehand, so that their memories are in every snapshot.
        self.stand_ins: dict[str, Bot] = {}
        for entry in config["policies"]:
            for kind in ("shared", "advice"):
                if beside := entry["policy"].get(kind):
                    text = str(entry["policy"].get("advice_text") or "")
                    seat = self._seat(entry["agent"], beside)
                    self.beside[str(entry["agent"])] = Companion(seat, kind == "advice", text)
            if entry["policy"]["kind"] != "human":
                self.seats[str(entry["agent"])] = self._seat(entry["agent"], entry["policy"])
            elif config.get("stand_in"):
                self.stand_ins[str(entry["agent"])] = self._seat(entry["agent"], config["stand_in"])

    def _seat(self, agent: Any, policy: dict[str, Any]) -> Bot:
        name = str(agent)
        members = policy["policies"] if policy["kind"] == "pool" else [policy]
        self._spaces[name] = self._adapter.action_space(name)
        minds = [self._mind(agent, member) for member in members]
        return Bot(name, minds, policy.get("drawn") or range(len(minds)))

    def _mind(self, agent: Any, policy: dict[str, Any]) -> Mind:
        frame_skip = int(policy.get("frame_skip") or self._frame_skip)
        delay, noise = int(policy.get("delay_frames") or 0), float(policy.get("noise") or 0.0)
        return Mind(self._policy(agent, policy), frame_skip, policy.get("seed"), delay, noise)

    def start(self, seed: int, episode: int) -> None:
        for bot in (*self.seats.values(), *self.stand_ins.values()):
            bot.start(seed, episode)

    def decide(self, frame: int, absent: list[str], acting: list[str], actions: dict[str, Any]) -> None:
        """Fill in the actions of the bots and of the stand-ins for `absent` agents.

        In a turn-based env a bot moves only on frames in which it decides.
        """
        deciding = self.seats
        if absent:
            deciding = deciding | {agent: self.stand_ins[agent] for agent in absent if agent in self.stand_ins}
        for agent, bot in deciding.items():
            if agent in acting:
                observation = self._adapter.observations.get(agent)
                actions[agent] = bot.decide(frame, observation, self._spaces[agent], self._adapter.turn_based)

    def _policy(self, agent: Any, policy: dict[str, Any]) -> Policy:
        kind = policy["kind"]
        if kind == "random":
            return RandomPolicy()
        if kind == "python":
            function, options = function_of(policy["function"], self._folder), policy.get("options") or {}
            if not inspect.isclass(function):
                return PythonPolicy(function, agent, options)
            learner = LearnerPolicy(function, agent, options)
            self.learners[str(agent)] = learner
            return learner
        if kind == "fixed":
            return FixedPolicy(policy["action"])
        name = str(agent)
        seat = Seat(name, self._spaces[name], self._adapter.observation_space(name))
        return OnnxPolicy(self._load_model(policy["path"]), policy, seat)
