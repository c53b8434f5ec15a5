"""A study's game as a Gymnasium env for one of its agents: what a data set of demonstrations recovers.

The game lies in the data set itself, so nothing of the study is needed beside it. It is stepped by the same bridge as
in play, with the study's own bots; other people's agents are played by `partners`, or at random.
"""

from __future__ import annotations

import base64
import json
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from igym.host.demonstrations.spaces import fitted
from igym.host.studies.env_bridge import bridge_config, human_agents, open_bridge, working_in

ENTRY_POINT = "igym.agent_env:AgentEnv"
MOST_WAITED = 100_000
"""Frames between two decisions of an agent."""
Act = Callable[[Any], Any]


def packed_game(game: Mapping[str, Any]) -> str:
    """A game (`spec`, `files`, `data`, `fixed`) as text for `AgentEnv`."""
    return base64.b64encode(zlib.compress(json.dumps(game).encode(), 9)).decode()


def unpacked_game(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text)))
    return found


class AgentEnv(gymnasium.Env[Any, Any]):
    """One agent of a recorded game. A step is one decision of the agent; rewards until the next one are summed.

    `partners` maps another person's agent to a function of its observation; who is not named moves at random.
    Whatever the researcher's files raise comes through. One game at a time: opening another closes the imports of this.
    """

    metadata = {"render_modes": []}

    def __init__(self, game: str, agent: str, partners: Mapping[str, Act] | None = None, **_: Any) -> None:
        self._agent = agent
        self._partners = dict(partners or {})
        self._temporary = tempfile.TemporaryDirectory(prefix="igym-env-", ignore_cleanup_errors=True)
        self._folder = Path(self._temporary.name).resolve()
        kept = unpacked_game(game)
        self._write(kept)
        with working_in(self._folder):
            self._play = open_bridge(self._folder, self._config(kept)).play
        adapter = self._play.adapter
        self.action_space = _space(kept, "action_space", adapter.action_space(agent))
        self.observation_space = _space(kept, "observation_space", adapter.observation_space(agent))
        self._episode, self._frame = -1, -1

    def _write(self, kept: Mapping[str, Any]) -> None:
        for name, text in kept["files"].items():
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name, content in kept["data"].items():
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(content))

    def _config(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        config = bridge_config(kept["spec"], [self._agent], 0, None, kept.get("fixed"))
        others = {str(agent) for agent in human_agents(kept["spec"])} - {self._agent}
        for entry in config["policies"]:
            if str(entry["agent"]) in others:
                entry["policy"] = {"kind": "random", "frame_skip": 1}
        return config

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        drawn = int(self.np_random.integers(2**31)) if seed is None else seed % 2**31
        self._episode, self._frame = self._episode + 1, -1
        with working_in(self._folder):
            self._play.reset(drawn, self._episode)
            self._wait()
        return self._seen(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        with working_in(self._folder):
            reward = self._advance(action) + self._wait()
        row = self._play.recorder.last
        over, cut = bool(row[f"terminated.{self._agent}"]), bool(row[f"truncated.{self._agent}"])
        head = f"infos.{self._agent}."
        told = {name.removeprefix(head): value for name, value in row.items() if name.startswith(head)}
        return self._seen(), reward, over, cut or (self._is_over and not over), told

    def close(self) -> None:
        if hasattr(self._play.env, "close"):
            self._play.env.close()
        self._temporary.cleanup()

    @property
    def _is_over(self) -> bool:
        return bool(self._play.progress.ended_at >= 0)

    def _seen(self) -> Any:
        return fitted(self.observation_space, self._play.adapter.observations.get(self._agent))

    def _wait(self) -> float:
        """Frames in which others act, until it is this agent's turn; its rewards meanwhile."""
        reward = 0.0
        for _ in range(MOST_WAITED):
            if self._is_over or self._agent in self._play.adapter.acting():
                return reward
            reward += self._advance(None)
        raise RuntimeError(f"{self._agent} had no turn for {MOST_WAITED} frames.")

    def _advance(self, action: Any) -> float:
        play = self._play
        self._frame += 1
        acting = play.adapter.acting()
        chosen: dict[str, Any] = dict.fromkeys(play.adapter.agents)
        play.bots.decide(self._frame, [], acting, chosen)
        for agent, act in self._partners.items():
            if agent in acting:
                chosen[agent] = act(play.adapter.observations.get(agent))
        if self._agent in acting:
            chosen[self._agent] = action.item() if isinstance(action, np.generic) else action
        play.take(self._frame, [0] * len(play.players), chosen)
        _, rewards = play.outcome(self._frame)
        play.confirm(self._frame)
        play.take_seals()
        return float(rewards[self._agent] or 0)


def _space(kept: Mapping[str, Any], name: str, own: Any) -> Any:
    """The env's own, or the one that its recordings gave an env without any."""
    if name not in kept:
        return own
    from minari.serialization import deserialize_space  # who has such a set has the library

    return deserialize_space(kept[name])
