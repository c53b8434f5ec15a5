"""A saved game comes back exactly, or the bridge says in what it does not."""

# ruff: noqa: E501 -- lines of the researchers' files that stand in texts here

from __future__ import annotations

import json
import random
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests.env.conftest import CHECK, CONFIRM, KEEP, LOAD, SAVE, STEP, Opened, mapping
from tests.env.envs import CART_POLE, DICT_ACTIONS, DRAWN, MOUNTAIN_CAR, PARALLEL, TURN_BASED

Open = Callable[..., Opened]

NESTED = """
import collections
import random
from dataclasses import dataclass

import gymnasium
import numpy as np
from gymnasium import spaces

TOTAL = 0
HISTORY = []
Cell = tuple[int, int]
Place = Cell | None


@dataclass
class Ball:
    x: float
    spin: list


class Slotted:
    __slots__ = ("count", "__secret")

    def __init__(self):
        self.count = 0
        self.__secret = {"k": [1]}

    def tick(self):
        self.count += 1
        self.__secret["k"].append(self.count)


class Deep(gymnasium.Env):
    action_space = spaces.Discrete(3)
    made = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.ball = Ball(0.0, [0])
        self.same_ball = self.ball
        self.queue = collections.deque([1, 2, 3], maxlen=4)
        self.grid = np.zeros((3, 3))
        self.view = self.grid[1]
        self.slotted = Slotted()
        self.seen = {(0, 0)}
        self.me = self
        self.callback = lambda: self.ball.spin.append(len(self.queue))
        counter = [0]

        def count():
            counter[0] += 1
            return counter[0]

        self.count = count
        return self._see(), {}

    def step(self, action):
        global TOTAL
        TOTAL += action
        HISTORY.append(action)
        Deep.made += 1
        self.ball.x += self.np_random.normal() + random.random() + np.random.rand()
        self.queue.append(action)
        self.view[action] += 1
        self.slotted.tick()
        self.seen.add((action, self.slotted.count % 3))
        self.callback()
        return self._see(), float(self.count()), False, False, {"total": TOTAL, "made": Deep.made, "alias": self.same_ball.x}

    def _see(self):
        return np.array([self.ball.x, self.grid.sum(), len(self.seen), len(HISTORY)])


def make_env():
    return Deep()
"""

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

KINDS = {
    "mountain_car": (MOUNTAIN_CAR, ["agent_0"], mapping(0, 2)),
    "cart_pole": (CART_POLE, ["agent_0"], mapping(1)),
    "dict": (DICT_ACTIONS, [0, 1], mapping(1, 2)),
    "parallel": (PARALLEL, ["hare", "tortoise"], mapping(1, 2)),
    "turn_based": (TURN_BASED, ["cross", "nought"], mapping(*range(9))),
    "nested": (NESTED, ["agent_0"], mapping(1, 2)),
    "drawn": (DRAWN, ["agent_0"], mapping(1)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_forced_rollbacks_at_every_frame_change_nothing(opened: Open, kind: str) -> None:
    from igym_bridge.sync_test import sync_test

    source, players, actions = KINDS[kind]
    report = sync_test(opened(source, players=players, action_mapping=actions).bridge, frames=120, seed=3)
    assert report["reasons"] == []
    assert (report["ok"], report["frame"], report["attributes"]) == (True, None, [])
    assert report["strategy"] == "copy"
    assert set(report["costs_ms"]) == {"step", "save", "load", "checksum", "draw"}


def test_the_check_leaves_the_env_as_it_found_it(opened: Open) -> None:
    from igym_bridge.sync_test import sync_test

    game = opened(NESTED, action_mapping=mapping(1, 2))
    fresh = opened(NESTED, action_mapping=mapping(1, 2))
    sync_test(game.bridge, frames=30)
    for one in (game, fresh):
        one.bridge.reset(4, 0)
        one.play([[1], [2], [0]])
    assert game.bridge.chain() == fresh.bridge.chain()


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


def test_a_rollback_gives_the_rows_and_checksums_of_a_game_without_one(opened: Open) -> None:
    straight, bent = (opened(NESTED, action_mapping=mapping(1, 2)) for _ in range(2))
    truth = [1, 2, 0, 1, 1, 2]
    guess = [1, 2, 2, 2, 2, 2]
    # One after the other: both draw from the process's global generators.
    straight.bridge.prepare(True)
    straight.bridge.reset(7, 0)
    for frame, number in enumerate(truth):
        straight_head, _ = straight.run(SAVE, frame, STEP, frame, number, CHECK, frame, CONFIRM, frame)
    bent.bridge.prepare(True)
    bent.bridge.reset(7, 0)
    for frame, number in enumerate(guess):
        bent.run(SAVE, frame, STEP, frame, number, CHECK, frame)
    bent.run(CONFIRM, 1, KEEP, 2, 0)
    replay = [part for frame in range(2, 6) for part in (SAVE, frame, STEP, frame, truth[frame])]
    bent_head, _ = bent.run(LOAD, 2, *replay, CHECK, 5, CONFIRM, 5)
    assert bent_head["checks"] == straight_head["checks"]
    assert bent.bridge.chain() == straight.bridge.chain()
    assert bent.batch()["parity"] == straight.batch()["parity"]
    assert bent_head["scores"] == straight_head["scores"]


def test_only_snapshots_that_may_be_asked_for_are_kept(opened: Open) -> None:
    game = opened(CART_POLE)
    game.bridge.prepare(True)
    game.bridge.reset(1, 0)
    for frame in range(8):
        game.run(SAVE, frame, STEP, frame, 0)
    game.run(KEEP, 6, 1, 3)
    assert [frame in game.bridge.ring for frame in range(8)] == [False, False, False, True, False, False, True, True]


def test_the_end_of_an_episode_can_be_taken_back(opened: Open) -> None:
    game = opened(MOUNTAIN_CAR, action_mapping=mapping(0, 2), default_action=1, max_steps=4)
    game.bridge.prepare(True)
    game.bridge.reset(1, 0)
    for frame in range(4):
        head, _ = game.run(SAVE, frame, STEP, frame, 0)
    assert head["end"] == 3
    head, _ = game.run(LOAD, 2, STEP, 2, 1)
    assert head["end"] == -1
    head, _ = game.run(SAVE, 3, STEP, 3, 1, CONFIRM, 3)
    assert head["over"] == [3, "max_steps"]
    assert game.batch()["parity"]["actions.agent_0"] == [1, 1, 0, 0]


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


LEGACY = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Noise(gymnasium.Env):
    action_space = spaces.Discrete(4)

    def reset(self, *, seed=None, options=None):
        self.n = 0
        return 0.0, {}

    def step(self, action):
        if action == 1:
            self.last = np.random.normal()
        elif action == 2:
            self.last = np.random.rand()
        elif action == 3:
            np.random.seed(7)
            self.last = np.random.normal()
        return getattr(self, "last", 0.0), 0.0, False, False, {}


def make_env():
    return Noise()
"""


def test_the_legacy_generator_is_restored_with_its_stored_number(opened: Open) -> None:
    from igym_bridge.sync_test import sync_test

    report = sync_test(opened(LEGACY, action_mapping=mapping(1, 2, 3)).bridge, frames=300, seed=8)
    assert (report["ok"], report["attributes"]) == (True, [])


RESTLESS = """
import collections
import random
from dataclasses import dataclass

import gymnasium
import numpy as np
from gymnasium import spaces

TOTAL = 0
KEPT = [0]


@dataclass
class Twin:
    n: int


class Part:
    shared = [0]

    def __init__(self, n):
        self.n = n
        self.inner = {"list": [n], "tuple": (n, [n])}


class Restless(gymnasium.Env):
    action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.parts = [Part(0), Part(1)]
        self.by_name = {"one": self.parts[0]}
        self.field = np.zeros(3)
        self.own = random.Random(seed)
        self.bits = np.random.Generator(np.random.PCG64(seed))
        self.maybe = None
        self.pair = (0, self.parts[1])
        self.twin = self.other = Twin(0)
        self.kind = 1
        self.n = 0
        return self.field, {}

    def step(self, action):
        global TOTAL, EXTRA, KEPT
        self.n += 1
        what = self.own.randrange(18) if action else 18
        if what == 0:
            self.parts.append(Part(self.n))
        elif what == 1 and len(self.parts) > 1:
            self.parts.pop(0)
        elif what == 2:
            self.by_name[str(self.n)] = self.parts[-1]
        elif what == 3:
            self.maybe = None if self.maybe else {"deep": [Part(self.n)]}
        elif what == 4:
            self.field = np.arange(3.0) + self.n
        elif what == 5:
            self.pair = (self.n, self.parts[0])
        elif what == 6:
            Part.shared = [self.n]
        elif what == 7:
            EXTRA = self.n
        elif what == 8:
            globals().pop("EXTRA", None)
        elif what == 9:
            Part.word = self.n
        elif what == 10:
            self.own = random.Random(self.n)
        elif what == 11:
            self.bits = np.random.Generator(np.random.Philox(self.n))
        elif what == 12:
            self.bits = np.random.Generator(np.random.PCG64(self.n))
        elif what == 13:
            self.parts[0].__dict__ = {"n": self.n, "inner": {"list": [], "tuple": (0, [0])}}
        elif what == 15:
            self.kind = {int: 1.0, float: True, bool: 1}[type(self.kind)]
        elif what == 16:
            self.by_name["one"] = self.by_name.pop("one")
        self.twin.n += 2
        self.other.n += 1
        KEPT[0] += 1
        if what == 14:
            self.twin = Twin(self.twin.n)
        elif what == 17:
            KEPT = list(KEPT)
        for part in self.parts:
            part.n += 1
            part.inner["list"].append(part.n)
            part.inner["tuple"][1][0] += part.n
        Part.shared[0] += 1
        self.field += self.bits.integers(0, 5) + self.own.random() + self.bits.random(dtype=np.float32)
        TOTAL += action
        seen = sum(part.n + sum(part.inner["list"][-3:]) for part in self.parts) + self.pair[1].n
        return self.field, float(seen), False, False, {"n": TOTAL, "shared": Part.shared[0], "extra": globals().get("EXTRA", -1), "twins": f"{self.twin.n} {self.other.n}", "kind": repr(self.kind), "names": " ".join(self.by_name), "kept": KEPT[0]}


def make_env():
    return Restless()
"""


@dataclass
class Parts:
    parts: list[int]


@pytest.mark.parametrize("seed", range(4))
def test_objects_that_come_go_and_change_places_are_restored(opened: Open, seed: int) -> None:
    from igym_bridge.sync_test import sync_test

    report = sync_test(opened(RESTLESS, action_mapping=mapping(1, 2)).bridge, frames=250, seed=seed)
    assert (report["ok"], report["attributes"]) == (True, [])


def test_an_equal_object_in_the_place_of_another_is_saved_too() -> None:
    from igym_bridge.memento import MementoTaker, restore

    module = types.ModuleType("env")
    world = types.SimpleNamespace(twin=Parts([1]), last=None)
    vars(module)["DATA"] = [1]
    taker = MementoTaker([world, module])
    taker.take()
    world.twin, vars(module)["DATA"] = twin, data = Parts([1]), [1]
    saved = taker.take()
    twin.parts[0] = data[0] = 5
    restore(saved)
    assert (world.twin is twin, twin.parts, vars(module)["DATA"] is data, data) == (True, [1], True, [1])
    world.last = Parts([2])
    saved = taker.take()
    world.last.parts[0] = 5
    restore(saved)
    assert world.last.parts == [2]


def test_a_sum_that_knows_the_last_one_is_that_of_a_first_look(opened: Open) -> None:
    from igym_bridge.canon import Canon

    game = opened(RESTLESS, action_mapping=mapping(1, 2))
    game.bridge.prepare(True)
    game.bridge.reset(5, 0)
    draws, state, saved = random.Random(5), game.bridge.state, 0
    sums = set()
    for frame in range(300):
        if frame % 7 == 6:
            game.run(LOAD, saved)
        if frame % 5 == 0:
            saved = frame
            game.run(SAVE, frame)
        game.run(STEP, frame, draws.randrange(3))
        sums.add(state.checksum())
        assert state.checksum() == Canon(dict(state._roots)).checksum()
    assert len(sums) > 250


@pytest.mark.parametrize("proven", [True, False])
def test_generators_come_back_whether_or_not_their_memory_can_be_read(
    monkeypatch: pytest.MonkeyPatch, proven: bool
) -> None:
    from igym_bridge import generators

    if not proven:
        monkeypatch.setattr(generators, "_random_words", lambda generator: None)
        monkeypatch.setattr(generators, "_pcg_memory", lambda bits: None)
    own, bits, other = random.Random(3), np.random.PCG64(4), np.random.Philox(5)
    own.gauss(0, 1)
    draw = np.random.Generator(bits)
    draw.random(dtype=np.float32)
    for generator in (own, bits, other):
        watch = generators._made(generator)
        before, saved = _told(generator), watch.take()
        for _ in range(2):
            own.gauss(0, 1), own.random(), draw.integers(9), other.random_raw()
            assert _told(generator) != before
            watch.put(saved)
            assert _told(generator) == before


def _told(generator: Any) -> str:
    return repr(generator.getstate() if isinstance(generator, random.Random) else generator.state)
