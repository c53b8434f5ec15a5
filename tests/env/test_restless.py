"""Objects of a game that come, go and change places are saved and summed as they are."""

# ruff: noqa: E501 -- lines of the researchers' files that stand in texts here

from __future__ import annotations

import random
import types
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pytest

from tests.env.conftest import LOAD, SAVE, STEP, Opened, mapping

Open = Callable[..., Opened]

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


BY_THEIR_DICTS = """
import gymnasium
from gymnasium import spaces


class Part:
    def __init__(self):
        self.n, self.held, self.none = 0, [0], None

    def grow(self, action):
        self.n += 1
        if self.n % 3 == action:
            self.held = [self.n]
        if self.n % 7 == 0:
            self.late = {"n": [self.n]}
        elif self.n % 7 == 3 and "late" in vars(self):
            del self.late
        self.held[0] += 1


class Bare:
    pass


class Game(gymnasium.Env):
    action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        part, bare = Part(), Bare()
        self.of_part, self.grow = vars(part), part.grow
        self.of_bare, self.fill = vars(bare), lambda value: setattr(bare, "value", value)
        return 0, {}

    def step(self, action):
        self.grow(action)
        part = self.of_part
        if action:
            self.fill([part["n"]])
        for held in self.of_bare.values():
            held[0] += action
        seen = [part["n"], part["held"][0], *part.get("late", {"n": [0]})["n"], *self.of_bare.get("value", [0])]
        return seen[0], float(sum(seen)), False, False, {"seen": repr(seen), "names": " ".join(part)}


def make_env():
    return Game()
"""
"""Attributes that are changed in their objects and read from dicts; some objects are known by those alone."""


@dataclass
class Parts:
    parts: list[int]


class Bag:
    def __init__(self, **content: object) -> None:
        self.__dict__ |= content


@pytest.mark.parametrize("source", [RESTLESS, BY_THEIR_DICTS])
@pytest.mark.parametrize("seed", range(4))
def test_objects_that_come_go_and_change_places_are_restored(opened: Open, seed: int, source: str) -> None:
    from igym_bridge.sync_test import sync_test

    report = sync_test(opened(source, action_mapping=mapping(1, 2)).bridge, frames=250, seed=seed)
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


@pytest.mark.parametrize("source", [RESTLESS, BY_THEIR_DICTS])
def test_a_sum_that_knows_the_last_one_is_that_of_a_first_look(opened: Open, source: str) -> None:
    from igym_bridge.canon import Canon

    game = opened(source, action_mapping=mapping(1, 2))
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


def change(draws: random.Random, things: list[Bag], by_kind: dict[object, object]) -> None:
    thing, name, what = draws.choice(things), f"n{draws.randrange(12)}", draws.randrange(8)
    if what == 0 and len(vars(thing)) > 4:
        vars(thing).pop(name, None)
    elif what in (1, 2):
        setattr(thing, name, draws.choice([None, [draws.random()]]))
    elif what == 3:
        vars(thing)[name] = vars(thing).pop(name, None)
    elif what == 4:
        by_kind[draws.choice(list(by_kind))] = draws.choice([None, 1.5, [draws.random()]])
    elif what == 5 and draws.random() < 0.1:
        thing.__dict__ = dict(vars(thing))
    for held in [*chain.from_iterable(vars(thing).values() for thing in things), *by_kind.values()]:
        if isinstance(held, list):
            held[0] += 1


@pytest.mark.parametrize("seed", range(6))
def test_attributes_that_come_and_go_beside_moving_ones_are_restored(seed: int) -> None:
    """Some hold nothing, some are lists that are replaced: where one goes, the others close up in memory."""
    from igym_bridge.memento import MementoTaker, restore

    draws = random.Random(seed)
    things = [Bag(**{f"n{index}": None for index in range(8)}) for _ in range(3)]
    by_kind: dict[object, object] = {0: None, "a": None, (1, 2): None}
    taker = MementoTaker([things, by_kind])
    saved: list[tuple[Any, str]] = []

    def told() -> str:
        return repr((list(map(vars, things)), by_kind))

    for _ in range(1500):
        change(draws, things, by_kind)
        if draws.random() < 0.6:
            saved.append((taker.take(), told()))
        if saved and draws.random() < 0.2:
            memento, before = draws.choice(saved[-5:])
            restore(memento)
            assert told() == before
