"""The participant's globals are known to every file of the env from its first line on, and are saved with the game."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.env.conftest import CONFIRM, LOAD, SAVE, STEP, Opened

Open = Callable[..., Opened]
ENV = """
import speeds

START = igym_globals.get("level", 1)


class Climb:
    def reset(self, seed=None):
        self.height = START + igym_globals.get("level", 1)
        return self.height, {}

    def step(self, action):
        self.height += speeds.speed()
        igym_globals["steps"] = igym_globals.get("steps", 0) + 1
        return self.height, 1.0, False, False, {"steps": igym_globals["steps"]}


env = Climb()
"""
SPEEDS = "def speed():\n    return igym_globals['speed']\n"


def game(opened: Open, **shared: int) -> Opened:
    return opened(ENV, files={"speeds.py": SPEEDS}, globals={"speed": 3, **shared})


def test_an_env_reads_and_sets_the_participants_globals(opened: Open) -> None:
    playing = game(opened, level=4)
    playing.bridge.reset(1, 0)
    playing.play([[0]] * 5)
    assert json.loads(playing.bridge.changed_globals()) == {"speed": 3, "level": 4, "steps": 5}
    batch = playing.batch(scene="s", visit=1, match="m")
    assert batch["parity"]["observations.agent_0.0"] == [11, 14, 17, 20, 23]
    assert batch["globals"] == {"speed": 3, "level": 4}, "a replay begins with what the episode began with"


def test_without_any_they_are_an_empty_dict_that_stays_the_envs(opened: Open) -> None:
    playing = opened(ENV.replace("speeds.speed()", "2"), files={"speeds.py": SPEEDS})
    playing.bridge.reset(1, 0)
    playing.play([[0]] * 2)
    assert json.loads(playing.bridge.changed_globals()) == {"steps": 2}
    assert playing.batch(scene="s", visit=1, match="m")["globals"] == {}


def test_a_rollback_gives_them_back(opened: Open) -> None:
    playing = game(opened)
    playing.bridge.prepare(True)
    playing.bridge.reset(1, 0)
    for frame in range(6):
        playing.run(SAVE, frame, STEP, frame, 0, LOAD, frame, STEP, frame, 0, CONFIRM, frame)
    assert playing.batch(scene="s", visit=1, match="m")["parity"]["infos.agent_0.steps"] == [1, 2, 3, 4, 5, 6]


def test_an_env_without_them_records_none(opened: Open) -> None:
    plain = "class Still:\n    def reset(self, seed=None):\n        return 0, {}\n"
    plain += "    def step(self, action):\n        return 0, 0.0, False, False, {}\n\n\nenv = Still()\n"
    playing = opened(plain, globals={"a": 1})
    playing.bridge.reset(1, 0)
    playing.run(STEP, 0, 0, CONFIRM, 0)
    assert "globals" not in playing.batch(scene="s", visit=1, match="m")
