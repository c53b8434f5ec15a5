"""The participant's globals are known to every file of the env from its first line on, and are saved with the game."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.env.conftest import CHECK, CONFIRM, LOAD, SAVE, STEP, Opened

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


def test_people_of_a_match_whose_own_values_differ_are_in_the_same_state(opened: Open) -> None:
    """Each bridge is opened as a browser of the match would: with what all share, and the names of the rest."""
    sums = []
    for _ in range(2):
        playing = game(opened, level=2)
        playing.bridge.prepare(True)
        playing.bridge.reset(1, 0)
        playing.run(SAVE, 0, STEP, 0, 0, CONFIRM, 0)
        sums.append(playing.run(STEP, 1, 0, CONFIRM, 1, CHECK, 1)[0]["checks"])
    assert sums[0] == sums[1]


@pytest.mark.parametrize("asked", ["igym_globals['speed']", "igym_globals.get('speed', 1)", "'speed' in igym_globals"])
def test_a_value_that_is_not_everybodys_is_refused_by_name(opened: Open, asked: str) -> None:
    from igym_bridge.faults import EnvError

    source = {"speeds.py": f"def speed():\n    return {asked}\n"}
    playing = opened(ENV, files=source, globals={}, apart=["speed"])
    playing.bridge.reset(1, 0)
    with pytest.raises(EnvError, match=r'igym_globals\["speed"\] is not the same for everybody in this match'):
        playing.run(STEP, 0, 0)
    own = ENV.replace("self.height = START", "igym_globals['speed'] = 2\n        self.height = START")
    playing = opened(own, files=source, globals={}, apart=["speed"])
    playing.bridge.reset(1, 0)
    playing.play([[0]])


def test_a_state_taken_over_is_known_to_every_file_of_the_env(opened: Open) -> None:
    playing = game(opened)
    playing.bridge.prepare(True)
    playing.bridge.reset(1, 0)
    for frame in range(3):
        playing.run(SAVE, frame, STEP, frame, 0)
    playing.bridge.import_state(3, playing.bridge.export_state(1))
    playing.run(LOAD, 3, STEP, 3, 0)
    assert json.loads(playing.bridge.changed_globals())["steps"] == 2


def test_an_env_without_them_records_none(opened: Open) -> None:
    plain = "class Still:\n    def reset(self, seed=None):\n        return 0, {}\n"
    plain += "    def step(self, action):\n        return 0, 0.0, False, False, {}\n\n\nenv = Still()\n"
    playing = opened(plain, globals={"a": 1})
    playing.bridge.reset(1, 0)
    playing.run(STEP, 0, 0, CONFIRM, 0)
    assert "globals" not in playing.batch(scene="s", visit=1, match="m")
