"""A state travels to another browser, and two that differ can be told apart by name."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.env.conftest import CHECK, CONFIRM, LOAD, SAVE, STEP, Opened, mapping
from tests.env.envs import NESTED, PARALLEL

Open = Callable[..., Opened]


def test_two_browsers_can_tell_in_which_attribute_they_differ(opened: Open) -> None:
    one, other = (opened(NESTED, action_mapping=mapping(1, 2)) for _ in range(2))
    heads = []
    for game in (one, other):
        game.bridge.prepare(True)
        game.bridge.reset(7, 0)
        game.run(SAVE, 0, STEP, 0, 1, CHECK, 0)
        game.bridge.play.env.ball.x += 1e-9 if game is other else 0
        heads.append(game.run(SAVE, 1, STEP, 1, 1, CHECK, 1)[0])
    assert heads[0]["checks"] != heads[1]["checks"]
    assert json.loads(one.bridge.differing_attributes(0, other.bridge.state_table(0))) == []
    named = json.loads(one.bridge.differing_attributes(1, other.bridge.state_table(1)))
    assert "env.ball.x" in named


def test_a_state_travels_to_another_browser(opened: Open) -> None:
    behind, ahead = (opened(PARALLEL, players=["hare", "tortoise"], action_mapping=mapping(1, 2)) for _ in range(2))
    for game in (behind, ahead):
        game.bridge.prepare(True)
        game.bridge.reset(7, 0)
    for frame in range(4):
        ahead.run(SAVE, frame, STEP, frame, 1, 0, CONFIRM, frame)
    data = ahead.bridge.export_state(3)
    before = behind.bridge.state.checksum()
    behind.bridge.import_state(3, data)
    assert behind.bridge.state.checksum() == before
    heads = [game.run(LOAD, 3, STEP, 3, 2, 2, CHECK, 3)[0] for game in (behind, ahead)]
    assert heads[0]["checks"] == heads[1]["checks"]


CLASS_COUNTS = """
import threading
import gymnasium
from gymnasium import spaces
import other


class Tally:
    total = 0
    lock = threading.Lock()


class Counts(gymnasium.Env):
    action_space = spaces.Discrete(4)

    def reset(self, *, seed=None, options=None):
        Tally.total = other.Tally.total = 0
        return 0.0, {}

    def step(self, action):
        Tally.total += 1 + int(action)
        other.Tally.total += 2
        return float(Tally.total), 0.0, False, False, {}


def make_env():
    return Counts()
"""


def test_what_classes_count_is_saved_summed_and_travels(opened: Open) -> None:
    """Also where two files have a class of the same name; a lock stays where it is."""
    files = {"other.py": "class Tally:\n    total = 0\n"}
    behind, ahead = (opened(CLASS_COUNTS, files=files, action_mapping=mapping(1, 2)) for _ in range(2))
    for game in (behind, ahead):
        game.bridge.prepare(True)
        game.bridge.reset(7, 0)
    table = ahead.bridge.state.table()
    ahead.run(SAVE, 0, STEP, 0, 1, SAVE, 1, STEP, 1, 1)
    changed = {name for name, value in ahead.bridge.state.table().items() if table.get(name) != value}
    assert len([name for name in changed if name.endswith("Tally.total")]) == 2
    ahead.run(LOAD, 1)
    assert ahead.run(STEP, 1, 1, SAVE, 2, CONFIRM, 1) and ahead.batch()["parity"]["actions.agent_0"] == [1, 1]
    behind.bridge.import_state(2, ahead.bridge.export_state(2))
    heads = [game.run(LOAD, 2, STEP, 2, 1, CHECK, 2)[0] for game in (behind, ahead)]
    assert heads[0]["checks"] == heads[1]["checks"]
