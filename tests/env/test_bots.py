"""Bots act inside the step: the same on every browser, recomputed on rollback, fresh in every episode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.env.conftest import ABSENT, CONFIRM, LOAD, SAVE, STEP, Opened, mapping
from tests.env.envs import DICT_ACTIONS, STEERED, TURN_BASED
from tests.networks import write_constant, write_steering

Open = Callable[..., Opened]
BOTS_FILE = """
calls = []


def act(observation, agent, rng, memory, bias=0):
    memory["turns"] = memory.get("turns", 0) + 1
    calls.append(agent)
    return int(rng.integers(0, 2) + memory["turns"] + bias) % 3


def clock(observation, agent, rng, memory):
    memory["frame"] = memory.get("frame", -1) + 1
    return memory["frame"] % 3


def simple(observation):
    return int(observation[0]) % 3
"""


def bot(agent: Any, kind: str, **options: Any) -> dict[str, Any]:
    return {"agent": agent, "policy": {"kind": kind, "frame_skip": None, **options}}


def with_bot(opened: Open, kind: str, **options: Any) -> Opened:
    models = options.pop("models", {})
    return opened(
        DICT_ACTIONS,
        players=[0],
        bots=[bot(1, kind, **options)],
        action_mapping=mapping(1, 2),
        frame_skip=4,
        files={"bots.py": BOTS_FILE},
        models=models,
    )


def actions_of(game: Opened, seed: int = 3, episode: int = 0, frames: int = 24) -> list[int]:
    game.bridge.reset(seed, episode)
    game.play([[1]] * frames)
    found: list[int] = game.batch()["parity"]["actions.1"]
    return found


@pytest.mark.parametrize("options", [{"kind": "random"}, {"kind": "python", "function": "bots.py:act", "options": {}}])
def test_a_bot_is_the_same_everywhere_and_differs_by_seed_and_episode(opened: Open, options: dict[str, Any]) -> None:
    one, other = with_bot(opened, **options), with_bot(opened, **options)
    first = actions_of(one)
    assert first == actions_of(other)
    assert first == actions_of(one), "a bot starts each episode anew"
    assert first != actions_of(one, seed=4)
    assert first != actions_of(one, episode=1)


def test_a_seed_of_its_own_makes_a_bot_independent_of_the_match(opened: Open) -> None:
    game = with_bot(opened, kind="random", seed=9)
    assert actions_of(game, seed=3) == actions_of(game, seed=4)


def test_a_bot_holds_its_action_between_decisions(opened: Open) -> None:
    game = with_bot(opened, kind="python", function="bots.py:act", options={})
    found = actions_of(game, frames=24)
    assert all(found[frame] == found[frame - frame % 4] for frame in range(24))
    assert len(game.bridge.play.bots.seats) == 1


def test_a_bot_may_decide_more_often_than_the_scene_says(opened: Open) -> None:
    found = actions_of(with_bot(opened, kind="python", function="bots.py:act", options={}, frame_skip=2), frames=24)
    assert all(found[frame] == found[frame - frame % 2] for frame in range(24))
    assert any(found[frame] != found[frame - frame % 4] for frame in range(24))


COUNTER = {"kind": "python", "function": "bots.py:clock", "options": {}, "frame_skip": 1}


def test_a_reaction_lies_between_what_a_bot_sees_and_what_it_does(opened: Open) -> None:
    at_once = actions_of(with_bot(opened, **COUNTER))
    assert at_once[:6] == [0, 1, 2, 0, 1, 2]
    late = actions_of(with_bot(opened, **COUNTER, delay_frames=5))
    assert late[:6] == [0] * 6, "the first decision acts at once and is held until the next one is due"
    assert late[6:] == at_once[1:-5]


def test_noise_is_seeded_chance_and_leaves_the_rest_as_it_is(opened: Open) -> None:
    def decisions(noise: float) -> list[int]:
        game = with_bot(opened, **COUNTER, noise=noise)
        return [action for episode in range(10) for action in actions_of(game, episode=episode, frames=40)]

    plain, some, always = (decisions(noise) for noise in (0.0, 0.3, 1.0))
    other = [sum(a != b for a, b in zip(plain, noisy, strict=True)) / 400 for noisy in (some, always)]
    assert 0.12 < other[0] < 0.28 and 0.57 < other[1] < 0.77, "of three actions one is the same by chance"
    assert some == decisions(0.3)


def test_a_pool_plays_whom_the_match_has_drawn_for_each_episode(opened: Open) -> None:
    members = [{"kind": "fixed", "action": action, "frame_skip": None} for action in (2, 1, 0)]
    game = with_bot(opened, kind="pool", policies=members, drawn=[1, 0, 0])
    assert [actions_of(game, episode=episode, frames=4)[0] for episode in range(4)] == [1, 2, 2, 1]
    assert [actions_of(with_bot(opened, kind="pool", policies=members), episode=2, frames=4)[0]] == [0], "undrawn"


def test_what_is_on_its_way_is_part_of_the_game_s_state(opened: Open) -> None:
    """Rolled back and played again, delayed and noisy decisions come as they came."""
    game = with_bot(opened, **COUNTER, delay_frames=5, noise=0.3)
    game.bridge.reset(3, 0)
    game.play([[1]] * 12)
    first = game.batch()["parity"]["actions.1"]
    bot = game.bridge.play.bots.seats["1"]
    saved = game.bridge.play.parts()
    assert saved["bots"]["1"] is bot and len(bot._coming) == 5
    assert first == actions_of(with_bot(opened, **COUNTER, delay_frames=5, noise=0.3), frames=12)


def test_functions_may_take_fewer_arguments_and_options(opened: Open) -> None:
    simple = actions_of(with_bot(opened, kind="python", function="bots.py:simple", options={}))
    assert set(simple) <= {0, 1, 2}
    plain, biased = (
        actions_of(with_bot(opened, kind="python", function="bots.py:act", options=options))
        for options in ({}, {"bias": 1})
    )
    assert [(action + 1) % 3 for action in plain] == biased


def recurrent_model(path: Path) -> Path:
    """state' = state + mean(observation); logits = [state', -state', 0.5]."""
    nodes = [
        helper.make_node("ReduceMean", ["obs"], ["mean"], keepdims=1),
        helper.make_node("Add", ["state", "mean"], ["raised"]),
        helper.make_node("Add", ["raised", "one"], ["next"]),
        helper.make_node("Neg", ["next"], ["negative"]),
        helper.make_node("Concat", ["next", "negative", "half"], ["logits"], axis=1),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "bot",
        [value("obs", TensorProto.FLOAT, [1, 2]), value("state", TensorProto.FLOAT, [1, 1])],
        [value("logits", TensorProto.FLOAT, [1, 3]), value("next", TensorProto.FLOAT, [1, 1])],
        [
            helper.make_tensor("half", TensorProto.FLOAT, [1, 1], [0.5]),
            helper.make_tensor("one", TensorProto.FLOAT, [1, 1], [1.0]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
    return path


RECURRENT = {"state_inputs": ["state"], "state_outputs": ["next"], "state_shape": [1, 1], "logit_output": "logits"}


def test_onnx_keeps_its_state_within_an_episode_only(opened: Open, tmp_path: Path) -> None:
    path = recurrent_model(tmp_path / "bot.onnx")
    game = with_bot(opened, kind="onnx", path="bot.onnx", models={"bot.onnx": path}, **RECURRENT)
    game.bridge.reset(3, 0)
    seat = game.bridge.play.bots.seats["1"]
    assert seat.memory == {}
    game.play([[1]] * 9)
    observed = game.batch()["parity"]
    memory = seat.memory["states"][0]
    means = [np.mean([observed["observations.1.0"][f - 1], observed["observations.1.1"][f - 1]]) for f in (4, 8)]
    assert memory.shape == (1, 1)
    assert float(memory[0, 0]) == pytest.approx(3 + sum(means) + self_start(game, 3), rel=1e-5)
    game.bridge.reset(3, 1)
    assert seat.memory == {}


def gated_model(path: Path) -> Path:
    """logits = goal + 0 * (mean of what is seen): the second input alone decides."""
    nodes = [
        helper.make_node("ReduceMean", ["seen"], ["mean"], keepdims=1),
        helper.make_node("Mul", ["mean", "nothing"], ["zero"]),
        helper.make_node("Add", ["goal", "zero"], ["logits"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "bot",
        [value("goal", TensorProto.FLOAT, [1, 3]), value("seen", TensorProto.FLOAT, [1, 2])],
        [value("logits", TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor("nothing", TensorProto.FLOAT, [1, 1], [0.0])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


@pytest.mark.parametrize("action", [0, 1, 2])
def test_onnx_inputs_are_fed_by_name_and_some_with_a_fixed_value(opened: Open, tmp_path: Path, action: int) -> None:
    path = gated_model(tmp_path / "bot.onnx")
    goal = [[float(action == index) for index in range(3)]]
    options = {"path": "bot.onnx", "observation_input": "seen", "fixed_inputs": {"goal": goal}}
    assert set(actions_of(with_bot(opened, kind="onnx", models={"bot.onnx": path}, **options))) == {action}


def test_a_network_with_a_seed_of_its_own_is_independent_of_the_match(opened: Open, tmp_path: Path) -> None:
    path = gated_model(tmp_path / "bot.onnx")
    fixed = {"observation_input": "seen", "fixed_inputs": {"goal": [[0.0, 0.0, 0.0]]}}
    one, same, other = (
        actions_of(
            with_bot(opened, kind="onnx", path="b", choose="sample", models={"b": path}, seed=seed, **fixed), seed=match
        )
        for seed, match in ((1, 3), (1, 4), (2, 3))
    )
    assert one == same != other


def test_a_temperature_makes_choices_more_or_less_certain(opened: Open, tmp_path: Path) -> None:
    path = recurrent_model(tmp_path / "bot.onnx")
    options = {"path": "bot.onnx", "choose": "sample", **RECURRENT}
    cold, hot = (
        actions_of(
            with_bot(opened, kind="onnx", models={"bot.onnx": path}, temperature=temperature, **options), frames=80
        )
        for temperature in (0.01, 100.0)
    )
    assert len(set(cold)) == 1 < len(set(hot))


def self_start(game: Opened, seed: int) -> float:
    """Mean of the bot's first observation."""
    return float(np.mean(game.bridge.play.adapter.reset(seed)["1"]))


@pytest.mark.parametrize("choose", ["greedy", "sample"])
def test_onnx_choices_are_seeded_and_survive_a_rollback(opened: Open, tmp_path: Path, choose: str) -> None:
    path = recurrent_model(tmp_path / "bot.onnx")
    options = {"path": "bot.onnx", "choose": choose, "temperature": 5.0, **RECURRENT}
    games = [with_bot(opened, kind="onnx", models={"bot.onnx": path}, **options) for _ in range(2)]
    truth = [[n % 3] for n in range(16)]
    games[0].bridge.reset(3, 0)
    games[0].play(truth)
    bent = games[1]
    bent.bridge.prepare(True)
    bent.bridge.reset(3, 0)
    for frame in range(16):
        bent.run(SAVE, frame, STEP, frame, 2)
    bent.run(LOAD, 0, *[part for frame in range(16) for part in (STEP, frame, *truth[frame])], CONFIRM, 15)
    assert bent.batch()["parity"] == games[0].batch()["parity"]


def test_a_bot_moves_once_per_decision_in_a_turn_based_game_and_only_legally(opened: Open) -> None:
    game = opened(
        TURN_BASED, players=["cross"], bots=[bot("nought", "random")], action_mapping=mapping(*range(9)), frame_skip=4
    )
    game.bridge.reset(3, 0)
    game.play([[1]])
    board = game.bridge.play.env.board
    assert sum(map(bool, board)) == 1
    game.play([[0]] * 3, first=1)
    assert sum(map(bool, board)) == 1, "it thinks until its next decision"
    game.play([[0]] * 8, first=4)
    assert sorted(board) == [0] * 7 + [1, 2]


def test_a_stand_in_acts_from_the_agreed_frame_until_the_player_returns(opened: Open) -> None:
    stand_in = {"kind": "random", "seed": 2, "frame_skip": 1}
    straight, bent = (
        opened(DICT_ACTIONS, players=[0, 1], action_mapping=mapping(1, 2), stand_in=stand_in) for _ in range(2)
    )
    straight.bridge.reset(3, 0)
    straight.play([[1, 1 if frame < 4 else ABSENT if frame < 12 else 2] for frame in range(16)])
    found = straight.batch()["parity"]["actions.1"]
    assert found[:4] == [1] * 4
    assert len(set(found[4:12])) > 1
    assert found[12:] == [2] * 4
    # The absence is agreed late: what was played on a guess is played again.
    bent.bridge.prepare(True)
    bent.bridge.reset(3, 0)
    for frame in range(8):
        bent.run(SAVE, frame, STEP, frame, 1, 1)
    bent.run(LOAD, 4, *[part for frame in range(4, 12) for part in (STEP, frame, 1, ABSENT)], CONFIRM, 11)
    assert bent.batch()["parity"]["actions.1"] == found[:12]


def test_without_a_stand_in_the_absent_act_the_default_action(opened: Open) -> None:
    game = opened(DICT_ACTIONS, players=[0, 1], action_mapping=mapping(1, 2))
    game.bridge.reset(3, 0)
    game.play([[1, ABSENT], [1, 2]])
    assert game.batch()["parity"]["actions.1"] == [0, 2]


def test_each_bot_acts_with_the_network_it_names(opened: Open, tmp_path: Path) -> None:
    """One in a seat of its own, another for a player who is gone."""
    models = {f"{name}.onnx": write_constant(tmp_path / f"{name}.onnx", n, observed=2) for n, name in enumerate("abc")}
    game = opened(
        DICT_ACTIONS,
        players=[0],
        bots=[bot(1, "onnx", path="b.onnx")],
        action_mapping=mapping(1, 2),
        stand_in={"kind": "onnx", "path": "c.onnx", "frame_skip": 1},
        models=models,
    )
    game.bridge.reset(3, 0)
    game.play([[0]] * 2 + [[ABSENT]] * 2)
    found = game.batch()["parity"]
    assert (found["actions.0"], found["actions.1"]) == ([0, 0, 2, 2], [1] * 4)


STEERING = {
    "path": "it.onnx",
    "output": "gaussian",
    "observation_inputs": {"place": "body.place", "speed": "body.speed"},
    "log_std_output": "log_std",
    "choose": "sample",
}


def steered(opened: Open, file: Path, kind: str = "box", **options: Any) -> Opened:
    bots = [bot("it", "onnx", **{**options, "path": file.name})]
    return opened(
        STEERED, players=["me"], bots=bots, models={file.name: file}, action_mapping=mapping(1, 2), frame_skip=1,
        env_config={"kind": kind},
    )  # fmt: skip


def taken(game: Opened, frames: int = 40) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
    """The bot's actions, one line each, and all columns."""
    game.bridge.reset(3, 0)
    game.play([[1]] * frames)
    columns = game.batch()["parity"]
    names = sorted(name for name in columns if name.startswith("actions.it"))
    return np.array([columns[name] for name in names]).T, columns


def test_a_network_with_an_input_for_each_part_steers_by_its_mean(opened: Open, tmp_path: Path) -> None:
    path = write_steering(tmp_path / "it.onnx")
    actions, columns = taken(steered(opened, path, **{**STEERING, "choose": "greedy", "log_std_output": None}))
    seen = np.array([columns[f"observations.it.body.{name}"] for name in ("place.0", "place.1", "speed.0")]).T
    weights = np.array([[0.31, -0.72], [0.53, 0.17], [-0.29, 0.88]])
    assert actions[1:] == pytest.approx(np.tanh(seen[:-1] @ weights), abs=2e-5)


def test_a_sampled_mean_is_spread_as_the_network_says_and_kept_within_the_space(opened: Open, tmp_path: Path) -> None:
    narrow, _ = taken(steered(opened, write_steering(tmp_path / "narrow.onnx", -6.0), **STEERING))
    wide, _ = taken(steered(opened, write_steering(tmp_path / "wide.onnx", 1.0), **STEERING))
    calm, _ = taken(steered(opened, write_steering(tmp_path / "calm.onnx", 1.0), temperature=0.001, **STEERING))
    assert np.abs(np.diff(narrow, axis=0)).max() < 0.2 and np.abs(np.diff(calm, axis=0)).max() < 0.2
    assert wide.std() > 0.5 and np.abs(wide).max() == 1.0


def given(path: Path, numbers: list[float]) -> Path:
    """A network that gives these numbers, whatever the three that it sees."""
    value = helper.make_tensor_value_info
    nodes = [
        helper.make_node("ReduceMean", ["obs"], ["mean"], keepdims=1),
        helper.make_node("Mul", ["mean", "nothing"], ["silent"]),
        helper.make_node("Add", ["silent", "numbers"], ["out"]),
    ]
    numbers_of = helper.make_tensor("numbers", TensorProto.FLOAT, [1, len(numbers)], numbers)
    graph = helper.make_graph(
        nodes, "given", [value("obs", TensorProto.FLOAT, [1, 3])], [value("out", TensorProto.FLOAT, [1, len(numbers)])],
        [helper.make_tensor("nothing", TensorProto.FLOAT, [1, 1], [0.0]), numbers_of],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


@pytest.mark.parametrize(
    ("kind", "output", "numbers", "action"),
    [
        ("parts", "multidiscrete", [0.1, 0.2, 5, 1, 2], [1, 0]),
        ("bits", "multidiscrete", [-1, 3], [0, 1]),
        ("box", "action", [0.25, -7], [0.25, -1]),
        ("parts", "action", [1.2, 1.8], [1, 2]),
        ("few", "action", [3], [3]),
        ("few", "logits", [0, 9, 1], [2]),
    ],
)
def test_what_a_network_gives_becomes_what_the_env_takes(
    opened: Open, tmp_path: Path, kind: str, output: str, numbers: list[float], action: list[float]
) -> None:
    actions, _ = taken(steered(opened, given(tmp_path / "given.onnx", numbers), kind, output=output), 5)
    assert actions.tolist() == [action] * 5


@pytest.mark.parametrize(
    ("kind", "options", "numbers", "words"),
    [
        ("box", {}, [1, 2], r'takes Box\(.*\) from it. Say what it gives: output="gaussian"'),
        ("parts", {"output": "gaussian"}, [1, 2], r"said to be gaussian, but the env takes MultiDiscrete"),
        ("parts", {"output": "multidiscrete"}, [1, 2], r"gives 2 numbers as multidiscrete for it, .* need 5: Multi"),
        ("few", {}, [1, 2], r"gives 2 numbers as logits for it, but the env's actions need 3: Discrete\(3, start=1\)"),
        ("box", {"output": "action"}, [1], r"gives 1 numbers as action for it, but the env's actions need 2: Box"),
        ("few", {"observation_inputs": {"obs": "body.place"}}, [1, 2, 3],
         r"given.onnx takes 3 numbers as obs \(shape \(1, 3\)\), the env shows it 2: Box"),
    ],
)  # fmt: skip
def test_a_network_that_does_not_fit_the_env_is_told_when_it_is_loaded(
    opened: Open, tmp_path: Path, kind: str, options: dict[str, Any], numbers: list[float], words: str
) -> None:
    with pytest.raises(Exception, match=words):
        steered(opened, given(tmp_path / "given.onnx", numbers), kind, **options)
