"""What dicts hold is told from their tables in memory: every change shows, and nothing else does."""

from __future__ import annotations

import random
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from tests.env.conftest import SAVE, STEP, Opened, mapping

Open = Callable[..., Opened]


def held(content: dict[Any, Any]) -> list[tuple[int, int]]:
    return [(id(name), id(value)) for name, value in content.items()]


def test_the_tables_tell_every_change_and_no_other() -> None:
    """Names come, go, change places and mean something else; tables grow, shrink and move."""
    from igym_bridge.memory import Tables

    draws, space = random.Random(4), dict.fromkeys("abc")
    tables = Tables([{"still": 1}, space])
    kept: list[Any] = []
    before, told = held(space), tables.told()
    assert told is not None and tables.told() == told
    for round_ in range(2000):
        name = f"name{draws.randrange(40)}"
        what = draws.randrange(7)
        if what < 3:
            space[name] = draws.choice([object(), None, 1])
        elif what < 5 and name in space:
            del space[name]
        elif what == 5 and name in space:
            space[name] = space.pop(name)
        elif what == 6 and round_ % 50 == 0:
            list(map(space.pop, [*space][1:]))
        # As whoever compares has to: an address says something only while its object is there.
        kept.append((*space, *space.values()))
        now, told_now = held(space), tables.told()
        assert told_now is not None
        assert (now == before) or told_now != told
        before, told = now, told_now
        assert tables.told() == told


def test_a_dict_that_has_other_names_than_texts_is_not_told() -> None:
    from igym_bridge.memory import Tables

    space: dict[Any, Any] = {"a": 1}
    tables = Tables([space])
    assert tables.told() is not None
    space[3] = 4
    assert tables.told() is None


@pytest.mark.parametrize("shown", [True, False])
def test_namespaces_are_read_alike_whether_or_not_their_memory_can_be(
    monkeypatch: pytest.MonkeyPatch, shown: bool
) -> None:
    from igym_bridge import memory, namespaces

    monkeypatch.setattr(memory, "_IS_KNOWN", shown)
    draws, module, kind = random.Random(7), types.ModuleType("env"), type("Kind", (), {"size": 0})
    vars(module).update(level=1, helper=len, world=[1])
    targets = [module, kind]
    spaces = namespaces.Namespaces(targets)
    assert (spaces._tables.told() is not None) is shown
    saved: list[tuple[Any, Any]] = []
    for _ in range(400):
        where, name = draws.choice(targets), draws.choice(["level", "helper", "world", "new", "size"])
        if draws.random() < 0.2 and name in vars(where):
            delattr(where, name)
        else:
            setattr(where, name, draws.choice([len, 1, 2, [3], lambda: 0, np.zeros(2)]))
        contents = spaces.contents()
        read = [dict(zip(one.names, values, strict=True)) for one, values in zip(spaces.holding, contents, strict=True)]
        assert identities(read) == identities(map(namespaces.data_of, targets))
        entries: list[Any] = []
        spaces.take(entries, [])
        saved.append((entries[0], list(map(namespaces.data_of, targets))))
        if draws.random() < 0.2:
            (put, target, content), then = draws.choice(saved)
            put(target, content)
            assert identities(map(namespaces.data_of, targets)) == identities(then)


def identities(data: Iterable[dict[str, Any]]) -> list[list[tuple[str, int]]]:
    return [sorted((name, id(value)) for name, value in one.items()) for one in data]


ARRAY_FOR_CODE = """
import gymnasium
import numpy as np
from gymnasium import spaces


def paint():
    return 0


class Game(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        return 0, {}

    def step(self, action):
        global paint
        if action:
            paint = np.zeros(3)
        return 0, 0.0, False, False, {}


def make_env():
    return Game()
"""


def test_a_name_of_code_that_holds_an_array_from_now_on_is_saved(opened: Open) -> None:
    """Only identity counts: an array asked whether it equals a function has no single answer."""
    game = opened(ARRAY_FOR_CODE, action_mapping=mapping(1))
    game.bridge.prepare(True)
    game.bridge.reset(1, 0)
    game.run(SAVE, 0, STEP, 0, 0, SAVE, 1, STEP, 1, 1, SAVE, 2)
    saved = game.bridge.ring.strategy.save()
    changed = vars(game.bridge._modules[0])["paint"]
    changed[0] = 5
    game.bridge.ring.strategy.load(saved)
    assert changed.tolist() == [0, 0, 0]
