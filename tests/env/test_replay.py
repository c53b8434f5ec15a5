"""An episode is played again exactly, can be looked at in any order, and the first frame that differs is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.env.conftest import Opened, mapping
from tests.env.envs import MOUNTAIN_CAR

Open = Callable[..., Opened]
INPUTS = [[(frame * 7) % 3] for frame in range(100)]
STANDING = """
from gymnasium.spaces import Discrete
from igym.rendering import Surface

class Standing:
    action_space = Discrete(3)

    def __init__(self):
        self.surface = Surface(100, 100)

    def reset(self, seed=None, options=None):
        self.steps = 0
        self.surface.reset()
        self.surface.rect(0, 90, 100, 10, "green", id="floor", persistent=True)
        return 0, {}

    def step(self, action):
        self.steps += 1
        return 0, 0.0, False, False, {}

    def render(self):
        self.surface.circle(self.steps, 50, 8, "red", id="ball")
        return self.surface.commit()

env = Standing()
"""
KEYS = {"action_mapping": mapping(0, 2), "default_action": 1}


def recorded(opened: Open, inputs: list[list[int]]) -> tuple[str, str]:
    """The checks and the chain of an episode as it is played."""
    game = opened(MOUNTAIN_CAR, **KEYS)
    game.bridge.reset(7, 0)
    game.play(inputs)
    batch = game.batch(scene="s", visit=1, match="m")
    return batch["checks"], batch["chain"]


def replay(opened: Open, inputs: list[list[int]], seekable: bool = True) -> Any:
    game = opened(MOUNTAIN_CAR, **KEYS)
    game.bridge.prepare(seekable)
    return game.bridge.replay(7, 0, json.dumps(inputs))


def test_a_replay_gives_the_checks_that_were_recorded(opened: Open) -> None:
    checks, chain = recorded(opened, INPUTS)
    again = replay(opened, INPUTS)
    first, second = json.loads(again.run(60)), json.loads(again.run(1000))
    assert first["checks"] + second["checks"] == checks
    assert len(checks) == 8 * len(INPUTS)
    assert second["chain"] == chain
    assert second["first"] == 60
    assert first["frames"][3]["rewards"] == {"agent_0": -1.0}
    assert first["frames"][3]["scores"] == {"agent_0": -4.0}


def test_a_changed_input_shows_at_its_frame(opened: Open) -> None:
    checks, _ = recorded(opened, INPUTS)
    changed = [list(row) for row in INPUTS]
    changed[41][0] = (changed[41][0] + 1) % 3
    again = json.loads(replay(opened, changed).run(1000))["checks"]
    differing = [frame for frame in range(100) if again[frame * 8 : frame * 8 + 8] != checks[frame * 8 : frame * 8 + 8]]
    assert differing == list(range(41, 100))


def test_any_frame_can_be_looked_at_in_any_order(opened: Open) -> None:
    game = replay(opened, INPUTS)
    straight = [observation(game)]
    for frame in range(len(INPUTS)):
        game.run(1)
        game.seek(frame)
        straight.append(observation(game))
    for again in (game, finished(replay(opened, INPUTS, seekable=False))):
        for frame in (99, 3, 50, 49, -1, 98, 30, 29, 99):
            again.seek(frame)
            assert observation(again) == straight[frame + 1]


def test_what_an_env_draws_to_stay_is_in_the_picture_before_the_first_frame(opened: Open) -> None:
    for seekable in (True, False):
        game = opened(STANDING, **KEYS)
        game.bridge.prepare(seekable)
        again = game.bridge.replay(7, 0, json.dumps(INPUTS))
        again.run(60)
        ops = json.loads(again.seek(-1))["ops"]
        assert [op[:2] for op in ops] == [["clear"], ["put", "floor"], ["put", "ball"]]
        assert [op[1] for op in json.loads(again.seek(40))["ops"]] == ["ball"], "it stays"


def test_looking_back_does_not_change_what_comes_next(opened: Open) -> None:
    checks, chain = recorded(opened, INPUTS)
    for seekable in (True, False):
        game = replay(opened, INPUTS, seekable)
        told = json.loads(game.run(50))["checks"]
        game.seek(11)
        rest = json.loads(game.run(50))
        assert told + rest["checks"] == checks
        assert rest["chain"] == chain


def finished(game: Any) -> Any:
    game.run(1000)
    return game


def observation(game: Any) -> list[float]:
    return [float(number) for number in game._play.adapter.env.unwrapped.state]
