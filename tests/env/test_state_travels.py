"""A state travels to another browser, and two that differ can be told apart by name."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

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


BINDS = """
import gymnasium
from gymnasium import spaces


def glow():
    return 1


def shine():
    return 2


EFFECT = {}


class Binds(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.n = 0
        return 0, {{}}

    def step(self, action):
        global EFFECT, LATE
        self.n += 1
        if self.n == 3:
            {}
        return self.n, 0.0, False, False, {{}}


def make_env():
    return Binds()
"""


@pytest.mark.parametrize(
    ("first", "body"),
    [
        ("0", "type(self).streak = 1"),
        ("0", "LATE = [self.n]"),
        ("0", "LATE = glow"),
        ("None", "EFFECT = glow"),
        ("glow", "EFFECT = None"),
        ("glow", "EFFECT = shine"),
        ("0", "type(self).show = glow"),
    ],
)
def test_names_that_come_go_or_mean_something_else_travel_both_ways(opened: Open, first: str, body: str) -> None:
    """To a page that was loaded again, and back to a moment before the name came."""
    source = BINDS.replace("EFFECT = {}", f"EFFECT = {first}").format(body)
    fresh, late, played = (opened(source, action_mapping=mapping(1)) for _ in range(3))
    for game in (fresh, late, played):
        game.bridge.prepare(True)
        game.bridge.reset(7, 0)
        for frame in range(0 if game is fresh else 5):
            game.run(SAVE, frame, STEP, frame, 0)
    bound = meaning(late)
    played.run(SAVE, 5)
    fresh.bridge.import_state(5, played.bridge.export_state(5))
    fresh.run(LOAD, 5)
    assert fresh.bridge.state.table() == played.bridge.state.table()
    assert meaning(fresh) == bound
    late.bridge.import_state(1, played.bridge.export_state(1))
    assert meaning(late) == bound, "until it goes back, it stays where it is"
    for game in (late, played):
        game.run(LOAD, 1)
    assert late.bridge.state.table() == played.bridge.state.table()
    assert meaning(late) == meaning(played) != bound


def meaning(game: Opened) -> list[str]:
    """What the names in question stand for."""
    module = next(one for one in game.bridge._modules if hasattr(one, "Binds"))
    spaces = vars(module), vars(module.Binds)
    found = [space.get(name, "nothing") for space in spaces for name in ("EFFECT", "LATE", "streak", "show")]
    return [getattr(one, "__name__", repr(one)) for one in found]
