"""Rows hold what happened: frame by frame, plain values, nothing padded or rounded."""

# ruff: noqa: E501 -- lines of the researchers' files that stand in texts here

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.env.conftest import CONFIRM, STEP, Opened, mapping
from tests.env.envs import CART_POLE, MOUNTAIN_CAR

Open = Callable[..., Opened]

ODD_INFOS = """
import enum
import gymnasium
import numpy as np
from gymnasium import spaces


class Mood(enum.Enum):
    GOOD = "good"


class Odd(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.n = 0
        self.buffer = np.zeros(2)
        return self.buffer, {}

    def step(self, action):
        self.n += 1
        self.buffer += 1
        infos = {"n": self.n, "whole": np.int64(3), "half": np.float32(0.5), "mood": Mood.GOOD, "nested": {"a": {"b": [1, 2.5]}}, "word": "Ä"}
        if self.n == 3:
            infos["late"] = True
        if self.n % 2:
            infos["nan"] = float("nan")
            infos["inf"] = float("-inf")
        return self.buffer, np.float64(self.n), False, False, infos


def make_env():
    return Odd()
"""


def test_infos_are_frame_aligned_and_keep_their_types(opened: Open) -> None:
    game = opened(ODD_INFOS)
    game.bridge.reset(1, 0)
    game.play([[0]] * 4)
    parity = game.batch()["parity"]
    assert parity["infos.agent_0.n"] == [1, 2, 3, 4]
    assert [type(value) for value in parity["infos.agent_0.n"]] == [int] * 4
    assert parity["infos.agent_0.whole"] == [3] * 4
    assert type(parity["infos.agent_0.whole"][0]) is int
    assert parity["infos.agent_0.half"] == [0.5] * 4
    assert parity["infos.agent_0.mood"] == ["good"] * 4
    assert parity["infos.agent_0.nested.a.b.1"] == [2.5] * 4
    assert parity["infos.agent_0.late"] == [None, None, True, None]
    assert parity["infos.agent_0.word"] == ["Ä"] * 4
    nan = parity["infos.agent_0.nan"]
    assert [value is None for value in nan] == [False, True, False, True]
    assert math.isnan(nan[0])
    assert parity["infos.agent_0.inf"] == [-math.inf, None, -math.inf, None]
    assert parity["rewards.agent_0"] == [1.0, 2.0, 3.0, 4.0]


def test_an_env_that_reuses_its_array_does_not_change_the_past(opened: Open) -> None:
    game = opened(ODD_INFOS)
    game.bridge.reset(1, 0)
    game.run(STEP, 0, 0, STEP, 1, 0, STEP, 2, 0, CONFIRM, 2)
    assert game.batch()["parity"]["observations.agent_0.0"] == [1.0, 2.0, 3.0]


CHANGING = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Name(str):
    # Equal to another name, and written otherwise.
    def __format__(self, spec):
        return "named"


class Changing(gymnasium.Env):
    action_space = spaces.Dict({"one": spaces.Discrete(2), "two": spaces.Discrete(2)})

    def reset(self, *, seed=None, options=None):
        self.n = 0
        self.buffer = np.zeros(3, np.float32)
        return self.seen(), {}

    def step(self, action):
        self.n += 1
        self.buffer[:] += 0.1
        kind = self.n // 31
        reward = [0, 0.0, -0.0, float("nan"), np.float64(2), 10**20, True, None, 1][self.n // 50 % 9]
        infos = [{}, {"a": 1.0}, {"a": -0.0}, {"a": 1}, {Name("a"): 1}, {"b": 2, "a": 1}, {"a": 1, "b": 2}, {"a": None}, {"a": [1, {}]}, {"a": "x"}][kind % 10]
        ends = {"one": kind % 4 == 3, "two": False}
        return self.seen(), {"one": reward, "two": self.n}, ends, dict.fromkeys(ends, False), {"one": {**infos, **({"rare": 1} if self.n % 17 == 0 else {})}, "two": {}}

    def seen(self):
        kind = self.n // 24
        one = [self.buffer, self.buffer.astype(np.float64), self.buffer.reshape(3, 1), self.buffer[:2], np.array(self.n), 3, None, {"x": self.buffer}, self.buffer.astype(bool), np.array(["a"])][kind % 10]
        return {"one": one, "two": self.buffer}


def make_env():
    return Changing()
"""


@pytest.mark.parametrize("rollback", [False, True])
@pytest.mark.parametrize(
    ("source", "agents"),
    [(CHANGING, ["one", "two"]), (ODD_INFOS, ["agent_0"]), (CART_POLE, ["agent_0"])],
    ids=["changing", "odd", "steady"],
)
def test_a_row_read_off_by_its_form_is_the_row_made_the_long_way(
    opened: Open, source: str, agents: list[str], rollback: bool
) -> None:
    """Over changes of types, names and shapes that look alike to a comparison by value."""
    told, quick = [], 0
    for long_way in (False, True):
        game = opened(
            source, players=agents, action_mapping=mapping(1), record=["actions", "rewards", "infos", "observations"]
        )
        if rollback:
            game.bridge.prepare(True)
        rows = game.bridge.play.rows
        line = rows.line
        found: list[Any] = []

        def noted(*given: Any, line: Any = line, found: list[Any] = found, long_way: bool = long_way) -> Any:
            found.append(None if long_way else line(*given))
            return found[-1]

        rows.line = noted
        game.bridge.reset(3, 0)
        for first in range(0, 720, 30):
            game.play([[(first + n) % 2] * len(agents) for n in range(30)], first)
            told.append((repr(game.batch()["parity"]), game.bridge.chain()))
        quick += sum(one is not None for one in found)
    assert told[: len(told) // 2] == told[len(told) // 2 :]
    assert (quick > 10) is (source is not ODD_INFOS), "else nothing was read off here"


def test_batches_follow_each_other_without_gap_and_chain_over_all_rows(opened: Open) -> None:
    cut, whole = opened(CART_POLE, max_steps=9), opened(CART_POLE, max_steps=9)
    for game in (cut, whole):
        game.bridge.reset(1, 2)
    cut.play([[0]] * 4)
    first = cut.batch()
    cut.play([[0]] * 5, first=4)
    second = cut.batch()
    whole.play([[0]] * 9)
    all_of_it = whole.batch()
    assert (first["first"], first["count"], first["seq"], first["episode"]) == (0, 4, 0, 2)
    assert (second["first"], second["count"], second["seq"]) == (4, 5, 1)
    assert first["chain"] != second["chain"] == all_of_it["chain"] == whole.bridge.chain()
    joined = {name: first["parity"][name] + second["parity"][name] for name in first["parity"]}
    assert joined == all_of_it["parity"]


def test_a_resumed_episode_hands_out_only_what_is_not_stored(opened: Open) -> None:
    before, after = (
        opened(MOUNTAIN_CAR, action_mapping=mapping(0, 2), default_action=1),
        opened(MOUNTAIN_CAR, action_mapping=mapping(0, 2), default_action=1),
    )
    inputs = [[n % 3] for n in range(20)]
    before.bridge.reset(1, 0)
    before.play(inputs)
    after.bridge.reset(1, 0, 12)
    head = after.play(inputs)
    assert head["rows"] == 8
    full, rest = before.batch(), after.batch()
    assert (rest["first"], rest["count"]) == (12, 8)
    assert rest["parity"] == {name: values[12:] for name, values in full["parity"].items()}
    assert rest["inputs"]["0"] == [row[0] for row in inputs[12:]]
    assert rest["chain"] == full["chain"]


def test_nothing_is_recorded_before_it_is_confirmed(opened: Open) -> None:
    game = opened(CART_POLE)
    game.bridge.reset(1, 0)
    head, _ = game.run(STEP, 0, 0, STEP, 1, 0)
    assert (head["rows"], head["confirmed"]) == (0, -1)
    head, _ = game.run(CONFIRM, 0)
    assert (head["rows"], head["confirmed"], head["scores"]) == (1, 0, {"agent_0": 1.0})


def test_only_what_is_asked_for_is_recorded(opened: Open) -> None:
    game = opened(CART_POLE, record=["actions"])
    game.bridge.reset(1, 0)
    head = game.play([[0]] * 2)
    assert sorted(game.batch()["parity"]) == ["actions.agent_0", "terminated.agent_0", "truncated.agent_0"]
    assert head["scores"] == {"agent_0": 2.0}, "the score is shown all the same"


def test_the_state_is_recorded_on_request(opened: Open) -> None:
    game = opened(CART_POLE, record=["state"])
    game.bridge.reset(1, 0)
    game.play([[0]])
    parity = game.batch()["parity"]
    assert parity["state.gravity"] == [9.8]
    assert "state.state.0" in parity


def test_observations_too_large_to_record_are_named(opened: Open) -> None:
    game = opened(CART_POLE, max_observation_numbers=3)
    game.bridge.reset(1, 0)
    game.play([[0]])
    batch = game.batch()
    assert not any(name.startswith("observations") for name in batch["parity"])
    assert batch["left_out"] == {"agent_0": 4}


def test_rows_taken_in_parts_are_the_rows_taken_at_once(opened: Open) -> None:
    whole, parts = opened(CART_POLE, action_mapping=mapping(1)), opened(CART_POLE, action_mapping=mapping(1))
    inputs = [[frame % 2] for frame in range(8)]
    for game in (whole, parts):
        game.bridge.reset(1, 0)
        game.play(inputs)
    expected = whole.batch()
    taken = [msgpack.unpackb(parts.bridge.take_batch("{}", "{}", count)) for count in (3, 4)] + [parts.batch()]
    assert [(batch["first"], batch["count"]) for batch in taken] == [(0, 3), (3, 4), (7, 1)]
    assert "".join(batch["checks"] for batch in taken) == expected["checks"]
    assert [number for batch in taken for number in batch["inputs"]["0"]] == expected["inputs"]["0"]
    for name, cells in expected["parity"].items():
        assert [cell for batch in taken for cell in batch["parity"][name]] == cells
    assert all(batch["chain"].startswith(batch["checks"][-8:]) for batch in taken)
    assert taken[-1]["chain"] == expected["chain"]


def test_nothing_is_named_as_left_out_where_nothing_is(opened: Open) -> None:
    game = opened(CART_POLE, max_observation_numbers=4)
    game.bridge.reset(1, 0)
    game.play([[0]])
    assert "left_out" not in game.batch()


def test_code_after_each_step_sees_and_changes_the_globals(opened: Open) -> None:
    code = "igym_globals['steps'] = igym_globals.get('steps', 0) + 1\ninfos['agent_0']['seen'] = frame * 10"
    game = opened(CART_POLE, on_step_code=code, globals={"steps": 40})
    game.bridge.reset(1, 0)
    assert game.bridge.changed_globals() == ""
    game.play([[0]] * 2)
    assert json.loads(game.bridge.changed_globals()) == {"steps": 42}
    assert game.bridge.changed_globals() == ""
    assert game.batch()["parity"]["infos.agent_0.seen"] == [0, 10]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=20),
    max_leaves=40,
)


@given(VALUES)
def test_our_msgpack_is_msgpack(value: Any) -> None:
    from igym_bridge.pack import pack

    assert msgpack.unpackb(pack(value), strict_map_key=False) == value


@pytest.mark.parametrize("number", [2**64, -(2**70)])
def test_integers_beyond_64_bits_keep_their_digits(number: int) -> None:
    from igym_bridge.pack import pack

    assert msgpack.unpackb(pack(number)) == str(number)
