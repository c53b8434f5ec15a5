"""Frames that wait for moves: whose move is waited for, and what becomes of one that never comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.env.conftest import CONFIRM, DRAW, STEP, Opened, mapping
from tests.env.envs import PARALLEL, TURN_BASED
from tests.env.test_controls import ALONE, SPEAKER

Open = Callable[..., Opened]
LATE, END, ABSENT = 65_534, 65_533, 65_535


def waiting(opened: Open, source: str, **config: Any) -> Opened:
    return opened(source, **{"pace": "on_input", "action_mapping": mapping(0, 1, 2), **config})


def test_taxi_needs_no_default_when_it_waits_for_a_key(opened: Open) -> None:
    game = waiting(opened, "import gymnasium\nenv = gymnasium.make('Taxi-v4')",
                   action_mapping=mapping(*range(6)), default_action=None)  # fmt: skip
    game.bridge.prepare(True)
    game.bridge.reset(1, 0)
    game.play([[1], [4], [6]])
    assert game.batch()["parity"]["actions.agent_0"] == [0, 3, 5]


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"default_action": None, "late_default": True}, "what agent_0 does when they are away or late"),
        ({"action_mapping": []}, "agent_0 has none in action_mapping"),
    ],
)
def test_a_game_that_could_not_go_on_is_refused_before_play(opened: Open, config: dict[str, Any], text: str) -> None:
    from igym_bridge.faults import EnvError

    with pytest.raises(EnvError, match=text):
        waiting(opened, ALONE, **config)


def test_two_need_a_default_for_who_is_away(opened: Open) -> None:
    from igym_bridge.faults import EnvError

    with pytest.raises(EnvError, match="what speaker does when they are away or late"):
        waiting(opened, SPEAKER, players=["speaker", "listener"], default_action=None)


def test_each_answer_says_whose_moves_come_next(opened: Open) -> None:
    game = waiting(opened, TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)))
    head = game.bridge.reset(3, 0)
    assert '"acting":[0]' in head
    assert game.run(STEP, 0, 1, 0, CONFIRM, 0)[0]["acting"] == [1]
    assert game.run(DRAW, 0)[0]["acting"] == [1]
    assert game.run(STEP, 1, 0, 1, CONFIRM, 1)[0]["acting"] == [1], "an occupied field is no move"
    race = waiting(opened, PARALLEL, players=["hare", "tortoise"], action_mapping=mapping(1, 2))
    assert '"acting":[0,1]' in race.bridge.reset(3, 0).replace(" ", "")
    head = race.play([[2, 1]] * 20)
    assert head["acting"] == []
    assert "acting" not in opened(ALONE).bridge.reset(1, 0)


def test_who_is_late_or_away_takes_the_default_action_in_a_turn_based_game_too(opened: Open) -> None:
    game = waiting(opened, TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)),
                   default_action=8, late_default=True)  # fmt: skip
    game.bridge.reset(3, 0)
    game.play([[LATE, 0], [0, 1], [3, 0]])
    assert game.bridge.play.env.board == [2, 0, 1, 0, 0, 0, 0, 0, 1]
    game = waiting(opened, TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)), default_action=8)
    game.bridge.reset(3, 0)
    game.play([[1, 0], [0, ABSENT]])
    assert game.bridge.play.env.board == [1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_the_limit_ends_the_episode_before_the_frame_and_keeps_what_was_tried(opened: Open) -> None:
    game = waiting(opened, SPEAKER, players=["speaker", "listener"], row_content=2)
    game.bridge.prepare(True)
    game.bridge.reset(3, 0)
    head = game.play([[1, 2], [3, END], [1, 1]])
    assert head["over"] == [1, "move_limit"]
    assert head["acting"] == []
    parity = game.batch()["parity"]
    assert parity["actions.speaker"] == [0, None]
    assert parity["attempted.speaker"] == [None, 2]
    assert parity["rewards.listener"] == [1, 0]
    assert parity["truncated.speaker"] == [False, True]
    assert parity["observations.listener.0"] == [parity["observations.listener.0"][0]] * 2


def test_what_was_played_is_played_again_from_its_inputs(opened: Open) -> None:
    inputs = [[1, 2], [3, LATE], [2, END]]
    config: dict[str, Any] = {"players": ["speaker", "listener"], "late_default": True}
    game = waiting(opened, SPEAKER, **config)
    game.bridge.reset(3, 0)
    game.play(inputs)
    again = waiting(opened, SPEAKER, **config)
    replay = again.bridge.replay(3, 0, str(inputs))
    replay.run(10)
    assert again.bridge.chain() == game.bridge.chain()
