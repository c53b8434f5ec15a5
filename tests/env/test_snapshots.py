"""A saved game comes back exactly, or the bridge says in what it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.env.conftest import CHECK, CONFIRM, KEEP, LOAD, SAVE, STEP, Opened, mapping
from tests.env.envs import CART_POLE, DICT_ACTIONS, DRAWN, MOUNTAIN_CAR, NESTED, PARALLEL, TURN_BASED

Open = Callable[..., Opened]

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
