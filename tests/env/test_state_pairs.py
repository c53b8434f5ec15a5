"""An env's own get_state() and set_state() are used where they are exact; what cannot be restored is named."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.env.conftest import Opened, mapping

Open = Callable[..., Opened]

ROUNDING = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Rounded(gymnasium.Env):
    action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.speed = 0.1, 0.01
        return np.array([self.place]), {}

    def step(self, action):
        self.speed += 0.001 * (action - 1)
        self.place += self.speed
        return np.array([self.place]), 0.0, False, False, {}

    def get_state(self):
        return {"place": float(np.float32(self.place)), "speed": float(np.float32(self.speed))}

    def set_state(self, state):
        self.place, self.speed = state["place"], state["speed"]


def make_env():
    return Rounded()
"""

EXACT = ROUNDING.replace("float(np.float32(self.place))", "self.place").replace(
    "float(np.float32(self.speed))", "self.speed"
)

UNSTEADY = """
import itertools
import gymnasium
from gymnasium import spaces


class Unsteady(gymnasium.Env):
    action_space = spaces.Discrete(3)
    ticks = itertools.count()

    def reset(self, *, seed=None, options=None):
        self.drift = 0
        return 0, {}

    def step(self, action):
        self.drift += next(self.ticks)
        return self.drift, 0.0, False, False, {}


def make_env():
    return Unsteady()
"""


def test_rounding_in_the_env_s_own_pair_is_named_and_not_used(opened: Open) -> None:
    game = opened(ROUNDING, players=["a"], action_mapping=mapping(1, 2))
    report = json.loads(game.bridge.prepare(True))
    assert report["strategy"] == "copy"
    assert len(report["reasons"]) == 1
    assert report["reasons"][0].startswith("get_state: not restored exactly: ")
    assert "env.place" in report["reasons"][0]
    assert "env.speed" in report["reasons"][0]
    [[path, key, values]] = report["told"]
    assert (path, key, values["strategy"]) == (["reasons", 0], "{strategy}: {reason}", "get_state")
    assert values["reason"]["key"] == "not restored exactly: {names}"


def test_a_pair_that_only_fails_once_the_game_is_under_way_is_caught(opened: Open) -> None:
    late = ROUNDING.replace("np.float32(self.speed)", "np.float32(self.speed) if self.place > 0.5 else self.speed")
    late = late.replace("np.float32(self.place)", "self.place").replace(
        "self.place += self.speed", "self.place += 0.01"
    )
    game = opened(late, players=["a"], action_mapping=mapping(1, 2))
    report = json.loads(game.bridge.prepare(True))
    assert report["strategy"] == "copy"
    assert report["reasons"] == ["get_state: not restored exactly: env.speed"]


def test_an_exact_pair_of_the_env_is_preferred(opened: Open) -> None:
    game = opened(EXACT, players=["a"], action_mapping=mapping(1, 2))
    report = json.loads(game.bridge.prepare(True))
    assert (report["strategy"], report["reasons"]) == ("get_state", [])


def test_an_env_that_is_not_a_function_of_its_inputs_is_caught_by_name(opened: Open) -> None:
    from igym_bridge.sync_test import sync_test

    game = opened(UNSTEADY, players=["a"], action_mapping=mapping(1, 2))
    report = json.loads(game.bridge.prepare(True))
    assert report["strategy"] is None
    assert "env.drift" in report["reasons"][0]
    assert report["reasons"][0] in report["refusal"] and "cannot be played by several people" in report["refusal"]
    checked = sync_test(game.bridge, frames=20)
    assert checked["ok"] is False
    assert checked["frame"] is not None
    assert "env.drift" in checked["attributes"]
