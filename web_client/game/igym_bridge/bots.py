"""The bots of a match, and who takes a player's place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .adapters import Adapter
from .loader import function_of
from .onnx_policy import Model, OnnxPolicy
from .policies import Bot, FixedPolicy, Policy, PythonPolicy, RandomPolicy


class Bots:
    """`seats` and `stand_ins` map agent → bot; their memories are part of the game's state."""

    def __init__(
        self, adapter: Adapter, config: dict[str, Any], folder: str, load_model: Callable[[str], Model]
    ) -> None:
        self._adapter = adapter
        self._folder = folder
        self._load_model = load_model
        self._frame_skip = int(config.get("frame_skip") or 4)
        self._spaces: dict[str, Any] = {}
        self.seats: dict[str, Bot] = {}
        # Made beforehand, so that their memories are in every snapshot; when they act is agreed, not part of the state.
        self.stand_ins: dict[str, Bot] = {}
        self._absences: dict[str, list[tuple[int, int | None]]] = {}
        for entry in config["policies"]:
            if entry["policy"]["kind"] != "human":
                self.seats[str(entry["agent"])] = self._seat(entry["agent"], entry["policy"])
            elif config.get("stand_in"):
                self.stand_ins[str(entry["agent"])] = self._seat(entry["agent"], config["stand_in"])

    def _seat(self, agent: Any, policy: dict[str, Any]) -> Bot:
        name = str(agent)
        bot = Bot(
            name, self._policy(agent, policy), int(policy.get("frame_skip") or self._frame_skip), policy.get("seed")
        )
        self._spaces[name] = self._adapter.action_space(name)
        return bot

    def absent(self, agent: str, frame: int) -> None:
        """`agent`'s player is gone from `frame` on; a stand-in acts if the scene has one."""
        if agent in self.stand_ins:
            self._absences.setdefault(agent, []).append((frame, None))

    def returned(self, agent: str, frame: int) -> None:
        """`agent`'s player acts again from `frame` on."""
        spans = self._absences.get(agent)
        if spans:
            spans[-1] = (spans[-1][0], frame)

    def start(self, seed: int, episode: int) -> None:
        self._absences = {agent: [(0, None)] for agent, spans in self._absences.items() if spans[-1][1] is None}
        for bot in (*self.seats.values(), *self.stand_ins.values()):
            bot.start(seed, episode)

    def decide(self, frame: int, acting: list[str], actions: dict[str, Any]) -> None:
        """Fill in the bots' actions; in a turn-based env a bot moves only on frames in which it decides."""
        for agent, bot in self._acting(frame):
            if agent in acting:
                observation = self._adapter.observations.get(agent)
                actions[agent] = bot.decide(frame, observation, self._spaces[agent], self._adapter.turn_based)

    def _acting(self, frame: int) -> list[tuple[str, Bot]]:
        standing_in = [
            (agent, self.stand_ins[agent])
            for agent, spans in self._absences.items()
            if any(start <= frame and (end is None or frame < end) for start, end in spans)
        ]
        return [*self.seats.items(), *standing_in]

    def _policy(self, agent: Any, policy: dict[str, Any]) -> Policy:
        kind = policy["kind"]
        if kind == "random":
            return RandomPolicy()
        if kind == "python":
            return PythonPolicy(function_of(policy["function"], self._folder), agent, policy.get("options") or {})
        if kind == "fixed":
            return FixedPolicy(policy["action"])
        return OnnxPolicy(self._load_model(str(agent)), policy)
