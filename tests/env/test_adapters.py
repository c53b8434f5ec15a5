"""Every kind of env is taken as it is, and comes out in one shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest

from tests.env.conftest import CONFIRM, LOAD, SAVE, STEP, Opened, mapping
from tests.env.envs import CART_POLE, DICT_ACTIONS, MOUNTAIN_CAR, PARALLEL, TURN_BASED

Open = Callable[..., Opened]


def test_an_unmodified_gymnasium_env_gives_the_rows_it_gives_alone(opened: Open) -> None:
    game = opened(MOUNTAIN_CAR, action_mapping=mapping(0, 2), default_action=1)
    game.bridge.reset(11, 0)
    inputs = [[n % 3] for n in range(60)]
    game.play(inputs)
    batch = game.batch(match="m", visit=1, scene="s")
    env = gymnasium.make("MountainCar-v0")
    env.reset(seed=11)
    expected = [env.step([1, 0, 2][row[0]]) for row in inputs]
    assert batch["parity"]["actions.agent_0"] == [[1, 0, 2][row[0]] for row in inputs]
    assert batch["parity"]["rewards.agent_0"] == [-1.0] * 60
    for axis in (0, 1):
        assert batch["parity"][f"observations.agent_0.{axis}"] == [float(step[0][axis]) for step in expected]
    assert batch["inputs"] == {"0": [row[0] for row in inputs]}
    assert (batch["first"], batch["count"], batch["match"]) == (0, 60, "m")


def test_the_single_agent_may_have_any_name(opened: Open) -> None:
    game = opened(CART_POLE, players=["cart"], action_mapping=mapping(1))
    game.bridge.reset(1, 0)
    head = game.play([[1]] * 30)
    assert head["over"] == [head["end"], "terminated"]
    assert 5 < head["end"] < 30
    assert game.batch()["parity"]["terminated.cart"][-1] is True


def test_the_last_step_of_an_episode_is_in_its_rows_and_nothing_after_it(opened: Open) -> None:
    game = opened(MOUNTAIN_CAR, max_steps=7, default_action=1)
    game.bridge.reset(1, 0)
    head = game.play([[0]] * 12)
    assert head["over"] == [6, "max_steps"]
    batch = game.batch()
    assert batch["count"] == 7
    assert batch["parity"]["truncated.agent_0"] == [False] * 6 + [True]
    assert batch["inputs"]["0"] == [0] * 7


def test_gymnasium_with_dict_actions_and_numbers_as_agents(opened: Open) -> None:
    game = opened(DICT_ACTIONS, players=[0, 1], action_mapping=mapping(1, 2), env_config={"size": 4})
    game.bridge.reset(3, 0)
    head = game.play([[1, 2]] * 40)
    assert head["over"] == [39, "terminated"]
    parity = game.batch()["parity"]
    assert parity["actions.0"] == [1] * 40
    assert parity["actions.1"] == [2] * 40
    assert all(type(reward) is int for reward in parity["rewards.0"])
    assert parity["infos.1.left"][-1] is True
    assert head["scores"]["0"] == sum(parity["rewards.0"])


def test_pettingzoo_parallel_lets_one_finish_before_the_other(opened: Open) -> None:
    game = opened(PARALLEL, players=["hare", "tortoise"], action_mapping=mapping(1, 2))
    game.bridge.reset(3, 0)
    head = game.play([[2, 1]] * 20)
    parity = game.batch()["parity"]
    count = len(parity["terminated.hare"])
    assert head["over"] == [count - 1, "terminated"]
    finish = parity["terminated.hare"].index(True)
    assert finish < parity["terminated.tortoise"].index(True) == count - 1
    assert parity["rewards.hare"][finish + 1 :] == [0] * (count - 1 - finish)
    assert parity["actions.hare"][finish + 1 :] == [None] * (count - 1 - finish)
    assert parity["infos.tortoise.home"][-1] is True


def test_turn_based_waits_for_a_move_and_ignores_who_is_not_on_turn(opened: Open) -> None:
    game = opened(TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)))
    game.bridge.reset(3, 0)
    env = game.bridge.play.env
    game.play([[0, 0], [0, 5], [0, 0]])
    assert env.board == [0] * 9
    game.play([[1, 9]], first=3)
    assert env.board == [1, 0, 0, 0, 0, 0, 0, 0, 0]
    game.play([[2, 1]], first=4)
    assert env.board == [1, 0, 0, 0, 0, 0, 0, 0, 0], "an occupied field is no move"
    head = game.play([[0, 4], [2, 0], [0, 5], [3, 0]], first=5)
    assert env.board == [1, 1, 1, 2, 2, 0, 0, 0, 0]
    assert head["over"] == [8, "terminated"]
    assert head["scores"] == {"cross": 1, "nought": -1}
    parity = game.batch()["parity"]
    assert parity["actions.cross"] == [None, None, None, 0, None, None, 1, None, 2]
    assert parity["infos.nought.moves"] == [None, None, None, 1, 1, 2, 3, 4, 5], "the last frame tells as the others do"
    assert "1" in str(parity["observations.nought.observation.2"][-1]), "the last observation is of the last board"


MOVES = [[1, 0], [0, 1], [0, 2], [2, 0]]
"""Cross takes a field, nought tries the same one, takes another, cross takes the one that nought had tried."""


@pytest.mark.parametrize("guesses", [[], [[0, 2], [0, 3]]])
@pytest.mark.parametrize("rollback", [False, True])
def test_a_move_that_is_not_allowed_is_recorded_as_an_attempt(
    opened: Open, rollback: bool, guesses: list[list[int]]
) -> None:
    game = opened(TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)), row_content=2)
    game.bridge.prepare(rollback)
    game.bridge.reset(3, 0)
    game.play(MOVES[:1])
    if rollback:
        # What was guessed wrongly at first leaves no trace, neither as a move nor as an attempt.
        game.run(SAVE, 1, *(n for frame, row in enumerate(guesses, start=1) for n in (STEP, frame, *row)), LOAD, 1)
    game.play(MOVES[1:], first=1)
    batch = game.batch()
    parity = batch["parity"]
    assert parity["actions.nought"] == [None, None, 1, None]
    assert parity["attempted.nought"] == [None, 0, None, None]
    assert parity["actions.cross"] == [0, None, None, None], "its field was taken by nought's second move"
    assert parity["attempted.cross"] == [None, None, None, 1]
    alone = opened(TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)), row_content=2, me=1)
    alone.bridge.reset(3, 0)
    alone.play(MOVES)
    other = alone.batch()
    assert (other["parity"], other["chain"], other["checks"]) == (parity, batch["chain"], batch["checks"])


def test_a_game_kept_before_attempts_had_a_column_gives_the_rows_it_gave_then(opened: Open) -> None:
    game = opened(TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)))
    game.bridge.reset(3, 0)
    game.play(MOVES)
    parity = game.batch()["parity"]
    assert parity["actions.nought"] == [None, 0, 1, None]
    assert "attempted.nought" not in parity


WRITES = """
import gymnasium
import numpy as np
from gymnasium import spaces

class Arm(gymnasium.Env):
    action_space = spaces.Box(-1, 1, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        return np.zeros(1), {}

    def step(self, action):
        pushed = float(action.sum())
        action *= 0
        return np.zeros(1), pushed, False, False, {}

env = Arm()
"""


def test_an_env_that_writes_into_its_action_changes_neither_the_row_nor_the_next_action(opened: Open) -> None:
    game = opened(WRITES, action_mapping=mapping([1.0, 0.5]), default_action=[0, 0])
    game.bridge.reset(0, 0)
    game.play([[1], [1]])
    parity = game.batch()["parity"]
    assert parity["rewards.agent_0"] == [1.5, 1.5]
    assert parity["actions.agent_0.0"] == [1.0, 1.0]


ONE_DICT = """
import gymnasium
from gymnasium import spaces


class Game(gymnasium.Env):
    action_space = spaces.Dict({"a": spaces.Discrete(2), "b": spaces.Discrete(2)})
    rewards = {"a": 0, "b": 0}

    def reset(self, *, seed=None, options=None):
        self.n = 0
        return {"a": 0, "b": 0}, {}

    def step(self, actions):
        self.n += 1
        self.rewards["a"] = int(self.n == 2)
        flags = {"a": False, "b": False}
        return {"a": 0, "b": 0}, self.rewards, flags, flags, {"a": {}, "b": {}}


def make_env():
    return Game()
"""


def test_an_env_that_returns_one_dict_of_rewards_each_time_scores_each_step(opened: Open) -> None:
    """Whether frames are confirmed one by one or several together."""
    scores = []
    for together in (1, 4):
        game = opened(ONE_DICT, players=["a", "b"], action_mapping=mapping(1))
        game.bridge.reset(1, 0)
        for first in range(0, 4, together):
            steps = [order for frame in range(first, first + together) for order in (STEP, frame, 0, 0)]
            game.run(*steps, CONFIRM, first + together - 1)
        scores.append(dict(game.bridge.play.scores))
        assert game.batch()["parity"]["rewards.a"] == [0, 1, 0, 0]
    assert scores[0] == scores[1] == {"a": 1, "b": 0}


@pytest.mark.parametrize(
    ("source", "players", "text"),
    [
        ("env = object()", ["agent_0"], "has no method reset"),
        ("x = 1", ["agent_0"], "defines neither `env` nor `make_env"),
        (PARALLEL, ["hare"], "has the agent 'tortoise'"),
        (PARALLEL, ["hare", "tiger"], "name the agent 'tiger'"),
    ],
)
def test_a_wrong_env_is_named_in_words(opened: Open, source: str, players: list[Any], text: str) -> None:
    from igym_bridge.faults import EnvError

    with pytest.raises(EnvError, match=text):
        opened(source, players=players)


def test_an_action_the_env_does_not_know_is_refused_before_play(opened: Open) -> None:
    from igym_bridge.faults import EnvError

    with pytest.raises(EnvError, match="action 7 of the action mapping"):
        opened(MOUNTAIN_CAR, action_mapping=mapping(0, 7), default_action=1)


def test_lists_become_arrays_for_box_actions(opened: Open) -> None:
    source = """
import gymnasium
from gymnasium import spaces
import numpy as np
class Arm(gymnasium.Env):
    action_space = spaces.Box(-1, 1, (2,), np.float32)
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1), {}
    def step(self, action):
        assert isinstance(action, np.ndarray) and action.dtype == np.float32
        return np.zeros(1), float(action.sum()), False, False, {}
env = Arm()
"""
    game = opened(source, action_mapping=mapping([1.0, 0.5]), default_action=[0, 0])
    game.bridge.reset(0, 0)
    head = game.play([[0], [1], [1]])
    assert head["scores"]["agent_0"] == 3.0
    parity = game.batch()["parity"]
    assert parity["actions.agent_0.0"] == [0.0, 1.0, 1.0]
    assert parity["actions.agent_0.1"] == [0.0, 0.5, 0.5]


def test_two_games_of_one_file_do_not_share_anything(opened: Open) -> None:
    one = opened(CART_POLE)
    other = opened(CART_POLE)
    assert one.bridge.play.env is not other.bridge.play.env


def test_spaces_sampled_inside_an_env_follow_the_seed(opened: Open) -> None:
    source = """
import gymnasium
from gymnasium import spaces
class Dice(gymnasium.Env):
    action_space = spaces.Discrete(1000)
    def reset(self, *, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return int(self.action_space.sample()), 0.0, False, False, {}
env = Dice()
"""
    rolls = []
    for _ in range(2):
        game = opened(source)
        game.bridge.reset(9, 0)
        game.play([[0]] * 5)
        rolls.append(game.batch()["parity"]["observations.agent_0.0"])
    assert rolls[0] == rolls[1]
    assert len(set(rolls[0])) > 1
    assert not np.isnan(rolls[0]).any()


def test_an_env_may_be_named_by_its_module_or_written_in_place(opened: Open) -> None:
    named = opened("", files={"games.py": DICT_ACTIONS}, players=[0, 1], action_mapping=mapping(1, 2),
                   environment={"entry_point": "games:make_env", "config": {"size": 4}})  # fmt: skip
    written = opened("", players=[0, 1], action_mapping=mapping(1, 2),
                     environment={"code": DICT_ACTIONS, "config": {"size": 4}})  # fmt: skip
    for game in (named, written):
        game.bridge.reset(3, 0)
        game.play([[1, 2]] * 10)
    assert named.batch()["parity"] == written.batch()["parity"]
