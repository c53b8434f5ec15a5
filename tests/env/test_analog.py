"""Sticks and pointer in the env's action: a Box is steered, a key pressed beside it, and what does not fit is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.env.conftest import Opened, mapping

Open = Callable[..., Opened]

PENDULUM = "import gymnasium\nenv = gymnasium.make('Pendulum-v1')"
CAR = "import gymnasium\nenv = gymnasium.make('MountainCarContinuous-v0')"
SHOOTER = """
import gymnasium
import numpy as np
from gymnasium import spaces

class Shooter(gymnasium.Env):
    action_space = spaces.Dict({"aim": spaces.Box(0, 300, (2,), np.float32), "shoot": spaces.Discrete(2)})
    def reset(self, *, seed=None, options=None):
        return np.zeros(2), {}
    def step(self, action):
        assert self.action_space.contains(action), action
        return action["aim"].copy(), float(action["shoot"]), False, False, {}

env = Shooter()
"""


def axis(name: str = "push", **more: Any) -> dict[str, Any]:
    return {"name": name, "component": None, "part": None, "sources": ["mouse_x"], "low": -1, "high": 1,
            "levels": 255, "dead_zone": 0.1, **more}  # fmt: skip


AIM = [axis("aim", component=0, low=0, high=300), axis("aim", component=1, low=0, high=200)]


@pytest.mark.parametrize(("source", "reach"), [(PENDULUM, 2), (CAR, 1)])
def test_a_box_is_steered_and_let_go_is_nothing(opened: Open, source: str, reach: float) -> None:
    game = opened(source, analog=[axis(low=-reach, high=reach)])
    game.bridge.prepare(True)
    game.bridge.reset(3, 0)
    game.play([[0], [127], [128], [64]])
    pushes = game.batch()["parity"]["actions.agent_0.0"]
    assert pushes[:3] == [0.0, reach, -reach]
    assert pushes[3] == pytest.approx(reach * 64 / 127)


def test_pointer_and_key_go_to_their_places_of_a_dict(opened: Open) -> None:
    keys = mapping({"aim": [0, 0], "shoot": 1})
    game = opened(SHOOTER, analog=AIM, action_mapping=keys, default_action={"aim": [0, 0], "shoot": 0})
    game.bridge.reset(3, 0)
    left_top = 2 * (128 + 255 * 128) + 3
    game.play([[0], [1], [left_top], [left_top + 1]])
    parity = game.batch()["parity"]
    assert parity["actions.agent_0.aim.0"] == [150, 150, 0, 0]
    assert parity["actions.agent_0.aim.1"] == [100, 100, 0, 0]
    assert parity["actions.agent_0.shoot"] == [0, 1, 0, 1]
    part = [axis("across", part=["aim", 1], low=0, high=300)]
    placed = opened(SHOOTER, analog=part, default_action={"aim": [7, 0], "shoot": 0})
    placed.bridge.reset(3, 0)
    placed.play([[127]])
    assert placed.batch()["parity"]["actions.agent_0.aim.1"] == [300]


def test_inputs_go_around_the_absent_one(opened: Open) -> None:
    game = opened(SHOOTER, analog=AIM, action_mapping=mapping({"aim": [0, 0], "shoot": 1}),
                  default_action={"aim": [5, 5], "shoot": 0})  # fmt: skip
    game.bridge.reset(3, 0)
    game.play([[65_532], [65_533 + 3]])
    codes = [65_532, 65_533]
    expected = [300 * ((code // 2 % 255 + 127) % 255) / 254 for code in codes]
    assert game.batch()["parity"]["actions.agent_0.aim.0"] == pytest.approx(expected)


def test_a_steered_game_is_played_again_from_its_inputs(opened: Open) -> None:
    inputs = [[number] for number in (0, 127, 128, 3, 250, 77)]
    game = opened(PENDULUM, analog=[axis(low=-2, high=2)])
    game.bridge.reset(3, 0)
    game.play(inputs)
    again = opened(PENDULUM, analog=[axis(low=-2, high=2)])
    again.bridge.replay(3, 0, str(inputs)).run(10)
    assert again.bridge.chain() == game.bridge.chain()


@pytest.mark.parametrize(
    ("source", "config", "text"),
    [
        (CAR, {"analog": [axis(high=3)]}, "push reaches 3, which is not what the env accepts from agent_0"),
        (CAR, {"analog": [axis(), axis("second")]}, "more than the 1 numbers of its action"),
        (SHOOTER, {"analog": [axis("steer")]}, "'steer' has no place in the action of agent_0: its entries are 'aim'"),
        (
            SHOOTER,
            {"analog": [axis("aim", levels=4095)] * 3},
            "combinations with its keys, more than an input can tell",
        ),
    ],
)
def test_what_does_not_fit_is_named(opened: Open, source: str, config: dict[str, Any], text: str) -> None:
    from igym_bridge.faults import EnvError

    with pytest.raises(EnvError, match=text):
        opened(source, **config)
