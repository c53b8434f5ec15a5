"""Envs as their authors published them, which draw with pygame: played and shown without it."""

# ruff: noqa: E501 -- lines of the researchers' files that stand in texts here

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np
import pytest

from tests.env.conftest import Opened, mapping

Open = Callable[..., Opened]


def made(name: str) -> str:
    return f'import gymnasium\n\n\ndef make_env():\n    return gymnasium.make("{name}", render_mode="rgb_array")\n'


def colours(game: Opened) -> set[tuple[int, ...]]:
    pixels = game.bridge.pixels().reshape(-1, 4)
    return {tuple(pixel) for pixel in np.unique(pixels, axis=0).tolist()}


@pytest.fixture(autouse=True)
def lent() -> None:
    """These tests mean nothing where the real pygame draws."""
    sys.modules.pop("pygame", None)


@pytest.mark.parametrize(
    "name",
    [
        "MountainCar-v0",
        "CartPole-v1",
        "Acrobot-v1",
        "Pendulum-v1",
        "FrozenLake-v1",
        "Taxi-v4",
        "CliffWalking-v1",
        "Blackjack-v1",
    ],
)
def test_gymnasium_s_own_envs_are_shown(opened: Open, name: str) -> None:
    game = opened(made(name), default_action=[0.0] if name == "Pendulum-v1" else 0)
    picture = json.loads(game.bridge.reset(3, 0).partition("\n")[2])
    width, height = picture["pixels"]
    assert width >= 200
    assert height >= 200
    assert len(colours(game)) >= 3
    before = game.bridge.pixels().copy()
    game.play([[0]] * 3)
    game.run(5, 0)
    if name in ("CartPole-v1", "Acrobot-v1", "Pendulum-v1"):
        assert (game.bridge.pixels() != before).any()


@pytest.mark.parametrize("name", ["tictactoe", "connect_four"])
def test_pettingzoo_s_classics_are_played_and_shown(opened: Open, name: str) -> None:
    source = f'from pettingzoo.classic.{name} import {name}\n\n\ndef make_env():\n    return {name}.env(render_mode="rgb_array")\n'
    moves = 9 if name == "tictactoe" else 7
    game = opened(
        source,
        players=["player_1", "player_2"] if moves == 9 else ["player_0", "player_1"],
        action_mapping=mapping(*range(moves)),
    )
    game.bridge.prepare(True)
    game.bridge.reset(3, 0)
    empty = game.bridge.pixels().copy()
    order = [1, 4, 2, 5, 3] if moves == 9 else [1, 2] * 4
    turns = [[move, 0] if turn % 2 == 0 else [0, move] for turn, move in enumerate(order)]
    game.play(turns[:2])
    game.run(5, 0)
    assert (game.bridge.pixels() != empty).any()
    head = game.play(turns[2:], first=2)
    assert sorted(game.bridge.play.scores.values()) == [-1, 1]
    assert head["over"][1] == "terminated"


def test_rock_paper_scissors_in_parallel(opened: Open) -> None:
    source = 'from pettingzoo.classic.rps import rps\n\n\ndef make_env():\n    return rps.parallel_env(render_mode="rgb_array")\n'
    game = opened(source, players=["player_0", "player_1"], action_mapping=mapping(1, 2), max_steps=6)
    game.bridge.reset(3, 0)
    head = game.play([[0, 1], [1, 2], [2, 0], [1, 1], [0, 2], [0, 0]])
    assert head["over"][0] == 5
    scores = game.bridge.play.scores
    assert scores["player_0"] == -scores["player_1"] != 0
