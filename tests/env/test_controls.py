"""What the players' inputs become: each agent's own actions, and every action one the env accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.env.conftest import Opened, mapping
from tests.env.envs import TURN_BASED

Open = Callable[..., Opened]

SPEAKER = """
from gymnasium import spaces

COUNT = {"speaker": 5, "listener": 3}

class Talk:
    possible_agents = ["speaker", "listener"]

    def action_space(self, agent):
        return spaces.Discrete(COUNT[agent])

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        return {agent: 0 for agent in COUNT}, {agent: {} for agent in COUNT}

    def step(self, actions):
        assert all(self.action_space(agent).contains(action) for agent, action in actions.items()), actions
        no = {agent: False for agent in COUNT}
        return dict(actions), {agent: 1 for agent in COUNT}, no, dict(no), {agent: {} for agent in COUNT}

env = Talk()
"""
OWN = [{"agent": "listener", "action_mapping": mapping(2, 1), "default_action": 2}]
ALONE = """
import gymnasium
class Alone(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(3)
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return {0: 5}.get(action, action), 0.0, False, False, {}
env = Alone()
"""


def both(opened: Open, **config: Any) -> Opened:
    full = {"players": ["speaker", "listener"], "action_mapping": mapping(*range(5)), "default_action": 4, **config}
    return opened(SPEAKER, **full)


def test_each_agent_is_played_with_its_own_keys(opened: Open) -> None:
    game = both(opened, per_agent=OWN)
    game.bridge.prepare(True)
    game.bridge.reset(1, 0)
    game.play([[0, 0], [5, 1], [1, 2], [65_535, 65_535]])
    parity = game.batch()["parity"]
    assert parity["actions.speaker"] == [4, 4, 0, 4]
    assert parity["actions.listener"] == [2, 2, 1, 2]


def test_what_an_agent_leaves_out_is_as_for_the_others(opened: Open) -> None:
    own = [{"agent": "speaker", "default_action": 3}]
    game = both(opened, action_mapping=mapping(0, 1), default_action=2, per_agent=own)
    game.bridge.reset(1, 0)
    game.play([[0, 0], [2, 2]])
    parity = game.batch()["parity"]
    assert (parity["actions.speaker"], parity["actions.listener"]) == ([3, 1], [2, 1])


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({}, r"default action 4 is not one the env accepts from listener: Discrete\(3\)"),
        ({"default_action": 0}, "action 3 of the action mapping is not one the env accepts from listener.*per_agent"),
        ({"default_action": None, "per_agent": OWN}, "default_action is None, but the env needs an action from sp"),
        ({"per_agent": [{**OWN[0], "default_action": 3}]}, "default action 3 is not one the env accepts from listener"),
    ],
)  # fmt: skip
def test_an_action_outside_an_agents_own_space_is_named(opened: Open, config: dict[str, Any], text: str) -> None:
    from igym_bridge.faults import EnvError

    with pytest.raises(EnvError, match=text):
        both(opened, **config)


def test_none_is_no_default_where_every_frame_needs_an_action(opened: Open) -> None:
    from igym_bridge.faults import EnvError

    with pytest.raises(EnvError, match="default_action is None, but the env needs an action from agent_0"):
        opened(ALONE, action_mapping=mapping(0, 1, 2), default_action=None)


def test_none_is_a_default_where_no_key_is_no_move_or_the_env_takes_it(opened: Open) -> None:
    opened(TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)), default_action=None)
    anything = ALONE.replace("gymnasium.spaces.Discrete(3)", "None")
    opened(anything, action_mapping=mapping(0, 1, 2), default_action=None)
