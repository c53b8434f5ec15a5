"""Whatever a game does to its objects, modules and classes: sums are those of a first reading, and a save brings back
what was there when it was made."""

from __future__ import annotations

import random
import types
import warnings
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from igym_bridge.canon import Canon, differing
from igym_bridge.memento import MementoTaker, restore

NAMES = ["a", "b", "zz", "name", "k", "x"]
CODE = [len, staticmethod(len), lambda: 1, lambda: 2, Callable]
STEPS = 60


class Thing:
    pass


class Slotted:
    __slots__ = ("p", "q")


class World:
    """An env, its module and two of its classes."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.module = types.ModuleType("module")
        vars(self.module).update(a=1, list=[1, 2], function=lambda: 1, name="n")
        self.base = type("Base", (), {"meta": {"x": 1}, "__module__": "module"})
        self.derived = type("Derived", (self.base,), {"__module__": "module"})
        env: Any = Thing()
        self.env = env
        env.one, env.slotted, env.queue, env.array = Thing(), Slotted(), deque(), np.zeros(4)
        env.dict, env.numbers, env.list, env.set = {"k": 1}, {1: 2}, [], set()
        env.kids, env.space = [Thing() for _ in range(3)], spaces.Discrete(3)
        env.generator, env.random, env.older = np.random.default_rng(1), random.Random(3), np.random.RandomState(2)

    def roots(self) -> dict[str, Any]:
        return {"env": self.env, "module.py": self.module, "Base": self.base, "Derived": self.derived}

    def bound(self) -> list[dict[str, Any]]:
        """What the module and its classes hold, code included."""
        return [dict(vars(one)) for one in (self.module, self.base, self.derived)]

    def value(self, depth: int = 0) -> Any:
        draw, env = self.draw, self.env
        plain: list[Callable[[], Any]] = [
            lambda: draw.randrange(5),
            lambda: draw.choice([0.5, float("nan"), -0.0, 0.0, 1.0]),
            lambda: draw.choice(["a", "b", "zz", "pq"]),
            lambda: None,
            lambda: (1, "a", None),
            lambda: np.arange(draw.randrange(1, 4), dtype=float),
            lambda: draw.choice([True, False, np.float64(1.5), np.float32(2), np.int64(3)]),
            lambda: draw.choice([env.one, env.kids, env.dict]),
        ]
        nested: list[Callable[[], Any]] = [
            lambda: [self.value(depth + 1) for _ in range(draw.randrange(3))],
            lambda: {draw.choice(NAMES): self.value(depth + 1)},
            lambda: self.thing(depth + 1),
        ]
        return draw.choice(plain if depth == 2 else plain + nested)()

    def thing(self, depth: int) -> Thing:
        made: Any = Thing()
        made.v = self.value(depth)
        return made

    def bind(self, owner: Any, name: str) -> None:
        setattr(owner, name, self.value())

    def unbind(self, owner: Any, name: str) -> None:
        if name in vars(owner):
            delattr(owner, name)

    def move(self) -> None:
        """One thing that a game may do."""
        draw, env = self.draw, self.env
        name, thing = draw.choice(NAMES), draw.choice([env.one, *env.kids])
        namespace = draw.choice([self.module, self.base, self.derived])
        often: list[Callable[[], Any]] = [
            lambda: self.bind(thing, name),
            lambda: self.unbind(thing, name),
            lambda: self.bind(namespace, name),
            lambda: setattr(namespace, name, draw.choice(CODE)),
            lambda: self.unbind(namespace, name),
        ]
        others: list[Callable[[], Any]] = [
            lambda: env.dict.update({draw.choice([*NAMES, 1, 2, True]): self.value()}),
            lambda: env.dict and env.dict.pop(next(iter(env.dict))),
            lambda: env.numbers.update({draw.choice([1, 2, 3]): draw.choice([1, 1.0, True, "a"])}),
            lambda: env.list.append(self.value()),
            lambda: env.list and env.list.pop(0),
            lambda: env.array.__iadd__(draw.randrange(2)),
            lambda: env.queue.append(draw.randrange(4)),
            lambda: env.set.add(draw.randrange(5)),
            env.space.sample,
            lambda: setattr(env.space, "_np_random", np.random.default_rng(draw.randrange(9))),
            lambda: (env.generator.random(), env.random.random(), env.older.normal()),
            lambda: self.bind(env.slotted, draw.choice("pq")),
            lambda: env.kids.__setitem__(draw.randrange(len(env.kids)), Thing()),
            lambda: setattr(self.module, "a", draw.randrange(3)),
        ]
        draw.choice(2 * often + others)()


@pytest.mark.parametrize("seed", range(40))
def test_sums_and_saves_hold_along_any_walk(seed: int) -> None:
    draw = random.Random(seed)
    world = World(draw)
    roots = world.roots()
    canon, taker = Canon(roots), MementoTaker(roots.values())
    saves: list[tuple[Any, dict[str, str], list[dict[str, Any]]]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for step in range(STEPS):
            for _ in range(draw.randrange(1, 3)):
                world.move()
            assert canon.digest() == Canon(roots).digest(), f"step {step}"
            if draw.random() < 0.5:
                saves = [*saves[-3:], (taker.take(), Canon(roots).table(), world.bound())]
            elif saves and draw.random() < 0.4:
                del saves[draw.randrange(len(saves)) + 1 :]
                restore(saves[-1][0])
                assert differing(saves[-1][1], Canon(roots).table()) == [], f"step {step}"
                for before, now in zip(saves[-1][2], world.bound(), strict=True):
                    assert now.keys() == before.keys(), f"step {step}"
                    assert all(now[name] is before[name] for name in before), f"step {step}"
