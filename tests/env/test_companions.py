"""Policies beside people: taking over, advice, and feedback, the same after rollbacks and in a replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.env.conftest import ABSENT, CONFIRM, DRAW, LOAD, SAVE, STEP, Opened
from tests.env.envs import DICT_ACTIONS
from tests.networks import write_constant

Open = Callable[..., Opened]
TURNS = """
def act(observation, agent, rng, memory):
    memory["turns"] = memory.get("turns", 0) + 1
    return memory["turns"] % 3
"""
TAKEOVER = {"name": "takeover", "component": None, "part": None, "sources": [], "role": "takeover",
            "keys": {"Space": 1}, "low": 0, "high": 1, "levels": 2, "dead_zone": 0}  # fmt: skip
FEEDBACK = {**TAKEOVER, "name": "feedback", "role": "feedback", "keys": {"KeyG": 1, "KeyB": 2}, "levels": 3,
            "values": [0.0, 1.0, -0.5]}  # fmt: skip
BOT = {"kind": "python", "function": "bots.py:act", "frame_skip": 1}


def opened_with(opened: Open, beside: dict[str, Any], axes: list[dict[str, Any]], **more: Any) -> Opened:
    """Player 0 has the policy beside them, player 1 none."""
    options = {"frame_skip": 1, "files": {"bots.py": TURNS}, **more}
    return opened(
        DICT_ACTIONS,
        players=[0, 1],
        policies=[{"agent": 0, "policy": {"kind": "human", **beside}}, {"agent": 1, "policy": {"kind": "human"}}],
        action_mapping=[{"keys": ["ArrowLeft"], "action": 1}, {"keys": ["KeyX"], "action": 2}],
        per_agent=[{"agent": 0, "analog": axes}],
        **options,
    )


def columns(game: Opened, inputs: list[list[int]]) -> dict[str, list[Any]]:
    game.bridge.reset(3, 0)
    game.play(inputs)
    found: dict[str, list[Any]] = game.batch()["parity"]
    return found


HELD, LEFT, OTHER = 3, 1, 2
SHARED_INPUTS = [[0, 0], [LEFT, 0], [HELD, 1], [HELD + OTHER, 0], [ABSENT, 0], [0, 2], [HELD + LEFT, ABSENT], [0, 0]]


def test_the_policy_acts_unless_its_person_takes_over_and_rows_say_who(opened: Open) -> None:
    found = columns(opened_with(opened, {"shared": BOT}, [TAKEOVER]), SHARED_INPUTS)
    assert found["actor.0"] == ["policy", "policy", "person", "person", "policy", "policy", "person", "policy"]
    assert found["actions.0"] == [1, 2, 0, 2, 2, 0, 1, 2]
    assert found["actions.1"] == [0, 0, 1, 0, 0, 2, 0, 0]


WRITES = """
import gymnasium
import numpy as np


class Writes(gymnasium.Env):
    def reset(self, *, seed=None, options=None):
        return 0.0, {}

    def step(self, action):
        if isinstance(action, np.ndarray):
            action *= 0
        return 0.0, 0.0, False, False, {}


def make_env():
    return Writes()
"""


def test_an_env_that_writes_into_a_companions_action_changes_no_row(opened: Open) -> None:
    """Though the keys of its person give plain numbers."""
    ones = "import numpy as np\n\n\ndef act(observation, agent, rng, memory):\n    return np.ones((), np.float32)\n"
    game = opened(
        WRITES, action_mapping=[{"keys": ["KeyX"], "action": 0.5}], default_action=0.0, files={"bots.py": ones},
        policies=[{"agent": "agent_0", "policy": {"kind": "human", "shared": BOT}}],
    )  # fmt: skip
    game.bridge.reset(1, 0)
    game.play([[0], [0], [0]])
    assert game.batch()["parity"]["actions.agent_0"] == [1.0, 1.0, 1.0]


def test_without_keys_to_take_over_the_person_only_watches(opened: Open) -> None:
    found = columns(opened_with(opened, {"shared": BOT}, []), [[LEFT, 0]] * 4)
    assert found["actor.0"] == ["policy"] * 4 and found["actions.0"] == [1, 2, 0, 1]


def test_advice_is_shown_and_recorded_and_not_followed(opened: Open) -> None:
    game = opened_with(opened, {"advice": BOT, "advice_text": "Do {keys} ({action})"}, [])
    game.bridge.reset(3, 0)
    shown = [
        game.run(STEP, frame, number, 0, CONFIRM, frame, 5, 0)[0].get("hud") for frame, number in enumerate([1, 1, 0])
    ]
    found = game.batch()["parity"]
    assert found["actions.0"] == [1, 1, 0] and found["advice.0"] == [1, 2, 0]
    assert found["agreed.0"] == [True, False, True]
    assert shown == ["Do ← (1)", "Do X (2)", "Do – (0)"]


def test_advice_is_for_its_own_person_alone(opened: Open) -> None:
    game = opened_with(opened, {"advice": BOT, "advice_text": "{keys}"}, [], me=1)
    game.bridge.reset(3, 0)
    assert "hud" not in game.run(STEP, 0, 0, 0, CONFIRM, 0, 5, 0)[0]


DRAWS_ADVICE = """
from igym.rendering import Surface

class Env:
    def __init__(self):
        self.surface = Surface(100, 100)
    def reset(self, seed=None, options=None):
        return {0: 0, 1: 0}, {0: {}, 1: {}}
    def step(self, actions):
        no = {0: False, 1: False}
        return {0: 0, 1: 0}, {0: 0, 1: 0}, no, no, {0: {}, 1: {}}
    def render(self, agent=None, advice=None):
        self.surface.text(1, 1, f"{agent}: {advice}", "red")
        return self.surface.commit()

env = Env()
"""


@pytest.mark.parametrize("me", [0, 1])
def test_an_env_may_draw_the_advice_itself_for_its_own_person_alone(opened: Open, me: int) -> None:
    game = opened(
        DRAWS_ADVICE,
        players=[0, 1],
        policies=[{"agent": 0, "policy": {"kind": "human", "advice": BOT, "advice_text": ""}},
                  {"agent": 1, "policy": {"kind": "human"}}],
        action_mapping=[{"keys": ["ArrowLeft"], "action": 1}],
        frame_skip=1, files={"bots.py": TURNS}, per_agent_view=True, me=me,
    )  # fmt: skip
    game.bridge.prepare(True)
    game.bridge.reset(3, 0)
    shown = []
    for orders in ([SAVE, 0, STEP, 0, 0, 0, DRAW, 0], [STEP, 1, 0, 0, DRAW, 0], [LOAD, 0, STEP, 0, 0, 0, DRAW, 0]):
        head, picture = game.run(*orders)
        assert picture and "hud" not in head, "without a text there is no line above the game"
        shown += [op[6]["text"] for op in picture["ops"] if op[0] == "put"]
    assert shown == (["0: 1", "0: 2", "0: 1"] if me == 0 else ["1: None"] * 3)


def test_a_press_of_a_feedback_key_counts_once_however_long_it_is_held(opened: Open) -> None:
    good, bad = 3, 6
    inputs = [[0, 0], [good, 0], [good + LEFT, 0], [0, 0], [bad, 0], [good, 0], [ABSENT, 0]]
    found = columns(opened_with(opened, {}, [FEEDBACK]), inputs)
    assert found["feedback.0"] == [None, 1.0, None, None, -0.5, 1.0, None]
    assert found["actions.0"] == [0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("kind", ["shared", "advice"])
def test_wrong_guesses_taken_back_leave_no_trace(opened: Open, tmp_path: Path, kind: str) -> None:
    network = {"kind": "onnx", "path": "it.onnx", "frame_skip": 1}
    models = {"it.onnx": write_constant(tmp_path / "it.onnx", 2, observed=2)}
    for policy in (BOT, network):
        axes = [TAKEOVER, FEEDBACK] if kind == "shared" else [FEEDBACK]
        games = [opened_with(opened, {kind: policy, "advice_text": "{keys}"}, axes, models=models) for _ in range(2)]
        inputs = [[(frame * 5) % (18 if kind == "shared" else 9), frame % 3] for frame in range(30)]
        straight = columns(games[0], inputs)
        bent = games[1]
        assert json.loads(bent.bridge.prepare(True))["strategy"]
        bent.bridge.reset(3, 0)
        for frame, row in enumerate(inputs):
            wrong = [(number + 1) % 3 for number in row]
            bent.run(SAVE, frame, STEP, frame, *wrong, LOAD, frame, STEP, frame, *row, CONFIRM, frame)
        assert bent.batch()["parity"] == straight
        assert bent.bridge.chain() == games[0].bridge.chain()
        again = json.loads(games[0].bridge.replay(3, 0, json.dumps(inputs)).run(1000))
        assert again["chain"] == bent.bridge.chain()


def test_a_network_beside_a_person_is_held_to_the_env_too(opened: Open, tmp_path: Path) -> None:
    models = {"it.onnx": write_constant(tmp_path / "it.onnx", 0, observed=5)}
    with pytest.raises(Exception, match="takes 5 numbers as obs"):
        opened_with(opened, {"shared": {"kind": "onnx", "path": "it.onnx"}}, [], models=models)
