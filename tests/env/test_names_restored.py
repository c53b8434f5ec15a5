"""Whichever way a game binds a name of its modules or classes anew, a save brings back what the name meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.env.conftest import LOAD, SAVE, STEP, Opened, mapping

Open = Callable[..., Opened]

GAME = """
import random
import sys
import gymnasium
from gymnasium import spaces
import helper

COUNT = 0


class Kept:
    count = 0


{}


class Game(gymnasium.Env):
    action_space = spaces.Discrete(2)
    shared = 0

    def reset(self, *, seed=None, options=None):
        self.n = 0
        return 0, {{}}

    def step(self, action):
        self.n += 1
        if self.n == 3:
            {}
        return 0, 0.0, False, False, {{}}


def make_env():
    return Game()
"""
HELPER = "COUNT = 0\n"
LATE = "import helper\n\n\ndef up():\n    helper.COUNT += 1\n"
HIDDEN = "class Secret:\n    __hidden = 0\n    @classmethod\n    def more(cls):\n        cls.__hidden += 1\n"
FAMILY = "class Family(type):\n    def more(self):\n        self.size = 1\nclass One(metaclass=Family):\n    size = 0\n"
BUMP = "def bump(self):\n    self.COUNT += 1\n"
OF_CLASS = "class Tidy:\n    size = 0\n    @classmethod\n    def more(self):\n        self.size += 1\n"
OUTSIDE = "import fractions\nclass Part(fractions.Fraction):\n    size = 0\n"
REBINDING = [
    ("", "globals()['COUNT'] += 1"),
    ("def count():\n    global COUNT\n    COUNT += 1\n", "count()"),
    ("", "Kept.count += 1"),
    ("", "type(self).shared += 1"),
    ("", "helper.COUNT += 1"),
    ("", "helper.NEW = 1"),
    ("", "for helper.COUNT in (1, 2): pass"),
    ("", "setattr(helper, 'COUNT', 5)"),
    ("", "vars(helper)['COUNT'] += 1"),
    ("", "helper.__dict__['COUNT'] += 1"),
    ("", "exec('import helper; helper.COUNT += 1')"),
    ("", "sys.modules[__name__].COUNT += 1"),
    ("", "self = helper; self.COUNT += 1"),
    (BUMP, "bump(helper)"),
    (HIDDEN, "Secret.more()"),
    (FAMILY, "One.more()"),
    (OF_CLASS, "Tidy.more()"),
    (OUTSIDE, "Part.size += 1"),
    ("", "import operator; operator.methodcaller('__setattr__', 'COUNT', 4)(helper)"),
]
FIRST = "def first():\n    global score\n    score = 1\n"
CALLED = "class Counted(type(Kept)):\n    made = 0\nclass Coin(metaclass=Counted):\n    made = 0\n"
NEW = (
    "class Coin:\n    made = 0\n    def __new__(self):\n        self.made += 1\n        return super().__new__(self)\n"
)
HANDED = "class Coin:\n    made = 0\n    def add(self):\n        self.made += 1\n"
REBINDING += [
    (FIRST, "first()"),
    (CALLED, "Coin.made = Coin.made + 1"),
    (NEW, "Coin()"),
    (HANDED, "Coin.add(Coin)"),
    ("", "import late; late.up()"),
]


def game(opened: Open, above: str, body: str) -> Opened:
    found = opened(GAME.format(above, body), files={"helper.py": HELPER, "late.py": LATE}, action_mapping=mapping(1))
    found.bridge.prepare(True)
    found.bridge.reset(1, 0)
    found.run(STEP, 0, 0, STEP, 1, 0)
    return found


@pytest.mark.parametrize(("above", "body"), REBINDING)
def test_a_name_that_is_bound_anew_is_restored(opened: Open, above: str, body: str) -> None:
    found = game(opened, above, body)
    strategy, state = found.bridge.ring.strategy, found.bridge.state
    before, saved = state.table(), strategy.save()
    found.run(STEP, 2, 0)
    changed = {name for name, value in state.table().items() if before.get(name) != value}
    assert {"env.n"} < changed
    strategy.load(saved)
    assert state.table() == before


EFFECT = """
def glow():
    return 1


def shine():
    return 2


effect = glow
"""
SHOWN = "global effect; self.seen = (effect() if effect else 0, Kept.__dict__.get('show', len)('abc')); "
CODE = [
    "effect = None",
    "effect = shine",
    "effect = lambda: 3",
    "Kept.show = staticmethod(shine); Kept.show = lambda _: 4",
    "effect = 5 if self.n % 2 else glow; effect = effect if callable(effect) else shine",
]
FILES = {"helper.py": HELPER, "late.py": LATE, "parts/__init__.py": "", "parts/late.py": LATE}


def played(opened: Open, above: str, body: str) -> Opened:
    """Six frames, saved before each; `body` is run from the third on."""
    source = GAME.replace("self.n == 3", "self.n >= 3").format(above, body)
    found = opened(source, files=FILES, action_mapping=mapping(1))
    found.bridge.prepare(True)
    found.bridge.reset(1, 0)
    for frame in range(6):
        found.run(SAVE, frame, STEP, frame, 0)
    return found


def assert_the_same_again(found: Opened) -> None:
    once = found.bridge.state.table()
    for back in (5, 4, 3, 2, 1):
        found.run(LOAD, back)
        for frame in range(back, 6):
            found.run(SAVE, frame, STEP, frame, 0)
        assert found.bridge.state.table() == once, f"from frame {back}"


@pytest.mark.parametrize("body", CODE)
def test_a_name_of_code_is_restored_with_what_it_meant(opened: Open, body: str) -> None:
    found = played(opened, EFFECT, SHOWN + body)
    assert_the_same_again(found)
    module = next(one for one in found.bridge._modules if hasattr(one, "Game"))
    found.run(LOAD, 1)
    assert module.effect is module.glow, "as before the first frame, and before the rehearsal"
    assert "show" not in vars(module.Kept)


def test_a_module_that_was_imported_in_play_stays_where_python_bound_it(opened: Open) -> None:
    """That is done only once."""
    assert_the_same_again(played(opened, "import parts", "import parts.late; parts.late.up()"))


STREAK = "type(self).streak = type(self).__dict__.get('streak', 0) + 1"
LATE_LIST = "'winners' in vars(type(self)) or setattr(type(self), 'winners', []); self.winners.append(self.n)"
GONE = "'shared' in vars(type(self)) and delattr(type(self), 'shared'); Kept.count += self.n > 4"


@pytest.mark.parametrize("body", [STREAK, f"{STREAK}; helper.COUNT += 1", LATE_LIST, GONE])
def test_frames_that_are_played_again_after_a_name_came_give_the_same(opened: Open, body: str) -> None:
    """The name came, or went, after the objects of the game were listed, and is saved before they are listed again."""
    assert_the_same_again(played(opened, "", body))


def test_what_the_researchers_code_after_a_step_binds_is_restored(opened: Open) -> None:
    code = "import helper\nhelper.COUNT += 1"
    found = opened(GAME.format("", "pass"), files={"helper.py": HELPER}, action_mapping=mapping(1), on_step_code=code)
    found.bridge.prepare(True)
    found.bridge.reset(1, 0)
    found.run(STEP, 0, 0)
    before, saved = found.bridge.state.table(), found.bridge.ring.strategy.save()
    found.run(STEP, 1, 0)
    assert found.bridge.state.table()["helper.py.COUNT"] != before["helper.py.COUNT"]
    found.bridge.ring.strategy.load(saved)
    assert found.bridge.state.table() == before


def test_another_browsers_state_leaves_the_modules_their_own_objects(opened: Open) -> None:
    """It brings copies of what the modules hold; afterwards the game holds its own again."""
    found = game(opened, "PLACES = [1, 2]", "PLACES.append(3)")
    bridge = found.bridge
    found.run(1, 2)
    state = bridge.export_state(2)
    before = bridge.state.table()
    module = next(one for one in bridge._modules if hasattr(one, "PLACES"))
    places = module.PLACES
    bridge.import_state(2, state)
    assert bridge.state.table() == before
    assert module.PLACES is places
    found.run(STEP, 2, 0, 2, 2)
    assert bridge.state.table() == before
