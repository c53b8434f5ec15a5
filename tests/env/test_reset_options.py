"""What an episode is to be like reaches the env's reset; without them reset gets none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.env.conftest import Opened, mapping

GYM = """
import gymnasium as gym
from gymnasium import spaces

class Game(gym.Env):
    observation_space = spaces.Discrete(9)
    action_space = spaces.Discrete(2)
    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.layout = (options or {}).get("layout", 0)
        return self.layout, {"layout": self.layout}
    def step(self, action):
        return self.layout, 0.0, False, False, {"layout": self.layout}

env = Game()
"""
PARALLEL = """
from gymnasium import spaces
from pettingzoo import ParallelEnv

class Game(ParallelEnv):
    metadata = {"name": "game"}
    possible_agents = ["agent_0"]
    def observation_space(self, agent): return spaces.Discrete(9)
    def action_space(self, agent): return spaces.Discrete(2)
    def reset(self, seed=None, options=None):
        self.agents = ["agent_0"]
        self.layout = (options or {}).get("layout", 0)
        return {"agent_0": self.layout}, {"agent_0": {}}
    def step(self, actions):
        no = {"agent_0": False}
        return {"agent_0": self.layout}, {"agent_0": 0}, no, no, {"agent_0": {}}

env = Game()
"""
BARE = GYM.replace("seed=None, options=None", "seed=None").replace('(options or {}).get("layout", 0)', "0")


@pytest.mark.parametrize("source", [GYM, PARALLEL])
def test_each_episode_is_reset_with_its_own_options(opened: Callable[..., Opened], source: str) -> None:
    game = opened(source, action_mapping=mapping(0, 1), reset_options=[{"layout": 3}, {"layout": 5}])
    seen = []
    for episode in (0, 1, 2):
        game.bridge.reset(7, episode)
        game.play([[0], [1]])
        seen.append(game.bridge.play.adapter.observations["agent_0"])
    assert seen == [3, 5, 3]


def test_an_env_whose_reset_knows_no_options_is_asked_without(opened: Callable[..., Opened]) -> None:
    game = opened(BARE, action_mapping=mapping(0, 1))
    game.bridge.reset(7, 0)
    game.play([[0]])
    assert game.bridge.play.adapter.observations["agent_0"] == 0
