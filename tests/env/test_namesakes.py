"""Files of a study that are called as other modules are."""

from __future__ import annotations

import queue  # noqa: F401
import statistics  # noqa: F401
import sys
from collections.abc import Callable

import pettingzoo.utils  # noqa: F401
import pytest
from igym_bridge import loader

from tests.env.conftest import Opened

Open = Callable[..., Opened]

GAME = """
import gymnasium
from gymnasium import spaces
import queue, random, statistics, pettingzoo, pettingzoo.utils


class Game(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        return 0, {}

    def step(self, action):
        return 0, 0.0, False, False, {}


MADE = [getattr(one, "MADE", "elsewhere") for one in (queue, random, statistics, pettingzoo, pettingzoo.utils)]


def make_env():
    return Game()
"""
OWN = "MADE = 'here'\n"


def made(found: Opened) -> list[str]:
    module = next(one for one in found.bridge._modules if hasattr(one, "Game"))
    return list(module.MADE)


def test_a_studys_own_files_are_imported_though_other_modules_of_their_names_were(opened: Open) -> None:
    others = {name: sys.modules[name] for name in ("queue", "random", "statistics", "pettingzoo", "pettingzoo.utils")}
    names = ["statistics.py", "random.py", "pettingzoo/__init__.py", "pettingzoo/utils.py"]
    found = opened(GAME, files=dict.fromkeys(names, OWN))
    assert made(found) == ["elsewhere", "elsewhere", "here", "here", "here"], "what `random` is every game relies on"
    assert loader.load_file("random.py", found.bridge._folder).MADE == "here", "a file that is named is this file"

    assert made(opened(GAME)) == ["elsewhere"] * 5
    assert {name: sys.modules[name] for name in others} == others


def test_a_name_that_is_everybodys_stays_so_where_nothing_has_imported_it_yet(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "difflib")
    source = "import difflib\n" + GAME.replace('"elsewhere"', 'difflib.__name__ + str(hasattr(difflib, "MADE"))')
    assert made(opened(source, files={"difflib.py": OWN}))[0] == "difflibFalse"
