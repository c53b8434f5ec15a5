"""Random generators come back exactly, numpy's global one with the number it keeps for the next draw."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from igym_bridge.canon import Canon
from igym_bridge.memento import MementoTaker, restore

from tests.env.conftest import Opened, mapping

Open = Callable[..., Opened]

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


class Pair(spaces.Space[Any]):
    """A study's own: two spaces under names of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = spaces.Discrete(9), spaces.Discrete(9)

    def sample(self, mask: Any = None, probability: Any = None) -> Any:
        return self.left.sample(), self.right.sample()


class Holder:
    def __init__(self, space: Any) -> None:
        self.space = space


@pytest.mark.parametrize(
    "space",
    [
        spaces.Sequence(spaces.Discrete(9)),
        spaces.Sequence(spaces.Discrete(9), stack=True),
        spaces.Sequence(spaces.Tuple((spaces.Discrete(9),))),
        spaces.Dict(a=spaces.Sequence(spaces.Box(0, 1, (2,)))),
        spaces.Tuple((spaces.Discrete(9),)),
        spaces.OneOf((spaces.Discrete(9), spaces.Discrete(4))),
        spaces.Graph(spaces.Discrete(9), spaces.Discrete(9)),
        Pair(),
    ],
    ids=lambda space: f"{type(space).__name__}",
)
def test_generators_of_the_spaces_that_a_space_is_made_of_come_back(space: Any) -> None:
    holder = Holder(space)
    space.seed(3)
    space.sample()
    taker, canon = MementoTaker([holder]), Canon({"env": holder})
    taker.take()
    saved, told = taker.take(), canon.digest()
    drawn = [str(space.sample()) for _ in range(4)]
    for inner in (getattr(space, "feature_space", space), getattr(space, "left", space)):
        restore(saved)
        assert canon.digest() == told
        inner.sample()
        assert canon.digest() == Canon({"env": holder}).digest() != told, "a draw of whichever is counted"
    restore(saved)
    assert [str(space.sample()) for _ in range(4)] == drawn


def _told(generator: Any) -> str:
    return repr(generator.getstate() if isinstance(generator, random.Random) else generator.state)
