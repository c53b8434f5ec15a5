"""The built-in examples load, use what they promise to show, and their games can be won."""

from __future__ import annotations

import importlib
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest

from igym import Experiment, GymScene, load_experiment
from igym.experiment.bundle import game_bundle
from igym.experiment.plan import PlanBranch
from igym.experiment.scenes import SCENE_CLASSES, ChatScene, LeaderboardScene, ReplayScene

EXAMPLES = sorted(file.parent for file in (Path(__file__).parents[2] / "examples").glob("*/experiment.py"))


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch, root: Path) -> Iterator[Any]:
    """Imports files of one example as the browser does, and forgets them."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def imported(example: str, name: str) -> ModuleType:
        folder = root / "examples" / example
        for file in folder.glob("*.py"):
            monkeypatch.delitem(sys.modules, file.stem, raising=False)
        monkeypatch.syspath_prepend(str(folder))
        return importlib.import_module(name)

    yield imported
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "").is_relative_to(root / "examples"):
            del sys.modules[name]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_every_example_loads_and_is_documented(folder: Path) -> None:
    experiment = load_experiment(folder)
    assert experiment.id == folder.name
    assert experiment.title
    assert experiment.description
    assert experiment.minutes
    again = Experiment.from_json(json.loads(json.dumps(experiment.to_json())))
    assert again.to_json() == experiment.to_json()
    assert [scene.client_spec() for scene in again.scenes] == [scene.client_spec() for scene in experiment.scenes]
    assert f"igym serve examples/{folder.name}" in (folder / "README.md").read_text("utf-8")
    plan = experiment.stager.draw(random.Random(1))
    assert {scene.scene for scene in plan.scenes()} == {scene.id for scene in experiment.scenes}
    for scene in experiment.scenes:
        if isinstance(scene, GymScene):
            assert game_bundle(scene, folder)["files"]


def test_no_page_of_an_example_needs_the_internet() -> None:
    for folder in EXAMPLES:
        for scene in load_experiment(folder).scenes:
            spec = str(scene.client_spec())
            assert "http://" not in spec
            assert "https://" not in spec
        for page in folder.rglob("*.html"):
            assert 'src="http' not in page.read_text("utf-8")


def test_the_tour_has_every_kind_of_page_and_order(root: Path) -> None:
    tour = load_experiment(root / "examples" / "survey_tour")
    without = {GymScene, ChatScene, LeaderboardScene, ReplayScene}
    assert {type(scene) for scene in tour.scenes} == set(SCENE_CLASSES) - without, "these need a game"
    types = {field["type"] for scene in tour.scenes for field in scene.client_spec()["fields"]}
    assert types == {
        "text", "textarea", "number", "choice", "multi_choice", "scale", "slider", "option_boxes", "ranking", "date",
        "consent",
    }  # fmt: skip
    assert {node.kind for node in tour.stager.nodes()} >= {"randomize_order", "repeat", "block", "branch"}


def test_the_tour_branches_on_the_answer(root: Path) -> None:
    tour = load_experiment(root / "examples" / "survey_tour")
    plan = tour.stager.draw(random.Random(3))
    branch = next(step for step in plan.steps if isinstance(step, PlanBranch))

    class Context:
        answers: Any = None

    for answer, scene in (("yes", "reaction"), ("no", "no_task")):
        Context.answers = {"more": {"choice": answer}}
        choice = tour.function(f"branches.{branch.branch}")(Context())
        assert [step.id for step in branch.option(choice)] == [scene]


def test_the_mountain_is_gymnasium_s_own_and_can_be_climbed(modules: Any) -> None:
    from gymnasium.envs.classic_control.mountain_car import MountainCarEnv

    env = modules("mountain_car", "env").make_env()
    assert type(env.unwrapped) is MountainCarEnv
    observation, _ = env.reset(seed=1)
    reference = MountainCarEnv()
    reference.reset(seed=1)
    env.render()
    for _ in range(400):
        action = 2 if observation[1] >= 0 else 0
        observation, reward, terminated, _, _ = env.step(action)
        assert np.array_equal(observation, reference.step(action)[0])
        assert reward == -1
        ops = env.render()["ops"]
        assert all(not op[4] for op in ops if op[0] == "put"), "the scenery must not be sent again"
        if terminated:
            break
    assert terminated
    assert any(op[1] == "made it" for op in ops)


def test_the_network_plays_well_and_can_be_beaten(modules: Any, root: Path) -> None:
    game = modules("slime_volleyball_ai", "game").Game()
    model = onnxruntime.InferenceSession(str(root / "examples/slime_volleyball_ai/slime.onnx"))
    assert [(i.name, i.shape) for i in model.get_inputs()] == [("observation", [1, 12])]
    assert [(o.name, o.shape) for o in model.get_outputs()] == [("logits", [1, 6])]
    chaser = modules("slime_volleyball_ai", "build_model").Chaser
    points = {"left": 0, "right": 0}
    for seed in range(6):
        game.start(seed)
        other = chaser(np.random.default_rng(seed))
        for frame in range(9000):
            if frame % 8 == 0:
                seen = np.array([game.seen_by("right")], np.float32)
                action = int(np.argmax(model.run(None, {"observation": seen})[0]))
            game.step({"left": other.act(game), "right": action})
            if game.over:
                break
        assert game.over
        points = {side: points[side] + game.score[side] for side in points}
    assert points["right"] > points["left"] > 0


def test_of_two_partners_one_follows_a_slower_beat(modules: Any) -> None:
    partner = modules("tap_together", "partner")
    make_env = modules("tap_together", "env").make_env
    apart = {}
    for name in ("steady", "adaptive"):
        env, rng, memory, asynchronies = make_env(beats=30), np.random.default_rng(1), {}, []
        seen, _ = env.reset(seed=1)
        over = False
        while not over:
            frame = env.game.frame
            # With the ticks for a while, then a beat of 38 frames, not 36.
            mine = int(frame % 36 == 0 if frame < 8 * 36 else (frame - 8 * 36) % 38 == 0)
            other = getattr(partner, name)(seen["partner"], "partner", rng, memory)
            seen, rewards, terminated, _, infos = env.step({"person": mine, "partner": other})
            over = terminated["person"]
            if infos["person"]["asynchrony"] is not None:
                asynchronies.append(infos["person"]["asynchrony"])
            assert (
                rewards["person"]
                == rewards["partner"]
                == int(infos["person"]["asynchrony"] is not None and abs(infos["person"]["asynchrony"]) <= 3)
            )
        assert max(map(abs, asynchronies[:5])) <= 2, "both go with the ticks"
        apart[name] = [abs(value) for value in asynchronies]
    assert max(apart["adaptive"]) <= 7 and max(apart["steady"]) > 14
    ticks = [op for op in env.render()["ops"] if op[0] == "put" and op[1].startswith("tick")]
    assert len({str(op[2]["color"]) for op in ticks if "color" in op[2]}) <= 1, "the lights are out by then"


def test_the_same_seed_and_actions_give_the_same_game(modules: Any) -> None:
    make_env = modules("slime_volleyball_ai", "env").make_env
    draws = random.Random(2)
    actions = [{"left": draws.randrange(6), "right": draws.randrange(6)} for _ in range(600)]
    runs = []
    for _ in range(2):
        env = make_env(win_score=3)
        env.reset(seed=9)
        trace = []
        for action in actions:
            observations, rewards, over, _, _ = env.step(action)
            env.render()
            trace.append((observations["left"].tolist(), rewards, over["left"]))
        runs.append(trace)
    assert runs[0] == runs[1]
    assert sum(abs(rewards["left"]) for _, rewards, _ in runs[0]) > 0


def test_rewards_are_opposite_and_the_ball_stays_on_the_court(modules: Any) -> None:
    env = modules("slime_volleyball_ai", "env").make_env()
    draws = random.Random(4)
    env.reset(seed=1)
    for _ in range(3000):
        _, rewards, over, _, infos = env.step({"left": draws.randrange(6), "right": draws.randrange(6)})
        assert rewards["left"] == -rewards["right"]
        assert 0 <= env.game.ball.x <= 800
        assert env.game.ball.y <= 640
        if over["left"]:
            assert max(info["points"] for info in infos.values()) == 5
            env.reset(seed=draws.randrange(1000))


def test_the_training_script_writes_a_model_the_experiment_can_use(modules: Any, tmp_path: Path) -> None:
    build_model = modules("slime_volleyball_ai", "build_model")
    build_model.ROUNDS, build_model.GAMES, build_model.STEPS = 1, 2, 40
    first, second = tmp_path / "a.onnx", tmp_path / "b.onnx"
    for target in (first, second):
        build_model.save(build_model.train(np.random.default_rng(7)), target)
    assert first.read_bytes() == second.read_bytes()
    logits = onnxruntime.InferenceSession(str(first)).run(None, {"observation": np.zeros((1, 12), np.float32)})[0]
    assert logits.shape == (1, 6)


def test_the_sounds_are_what_their_script_makes(modules: Any, root: Path, tmp_path: Path) -> None:
    build_sounds = modules("slime_volleyball_ai", "build_sounds")
    build_sounds.save(build_sounds.tone([392], 0.09, 38), tmp_path / "hit.wav")
    assert (tmp_path / "hit.wav").read_bytes() == (root / "examples/slime_volleyball_ai/assets/hit.wav").read_bytes()
    build_sounds = modules("tap_together", "build_sounds")
    for name, shape in build_sounds.SOUNDS.items():
        build_sounds.save(build_sounds.drum(*shape), tmp_path / "drum.wav")
        kept = root / "examples" / "tap_together" / "assets" / f"{name}.wav"
        assert (tmp_path / "drum.wav").read_bytes() == kept.read_bytes(), name


def test_both_games_of_slime_volleyball_have_the_same_rules(root: Path) -> None:
    """Each folder is whole, so that it can be copied and packed as a study: what they have in common is one text."""
    for name in ("game.py", "env.py", "build_sounds.py"):
        duel, alone = (root / "examples" / example / name for example in ("slime_duel", "slime_volleyball_ai"))
        assert duel.read_bytes() == alone.read_bytes(), name


def test_what_is_sent_is_tripled_and_parts_are_exchanged(modules: Any) -> None:
    env = modules("trust_game", "env").make_env(rounds=3)
    env.reset(seed=4)
    sender = env.agent_selection
    receiver = next(agent for agent in env.possible_agents if agent != sender)

    def gives(amount: int) -> None:
        for action in [1] * amount + [4]:
            env.step(action)

    gives(4)
    assert env.agent_selection == receiver
    gives(6)
    assert env.rewards == {sender: 12, receiver: 6}
    assert env.agent_selection == receiver, "the receiver sends next"
    gives(0)
    assert env.rewards == {sender: 0, receiver: 10}, "of nothing nothing can be given back: the round is over"
    gives(99)
    assert env.observe(receiver)[3] == 10, "nobody can send more than they have"
    gives(99)
    assert env.rewards == {sender: 30, receiver: 0}
    assert all(env.terminations.values())


def test_nobody_sees_what_the_other_is_about_to_give(modules: Any) -> None:
    env = modules("trust_game", "env").make_env()
    seen = []
    for presses in (1, 7):
        env.reset(seed=4)
        other = next(agent for agent in env.possible_agents if agent != env.agent_selection)
        for _ in range(presses):
            env.step(1)
        env.render(other)
        seen.append((env.observe(other).tolist(), env.picture.surface.full()))
    assert seen[0] == seen[1]


def test_the_pilot_helps_those_who_follow_it_late(modules: Any, root: Path) -> None:
    env = modules("windy_crossing", "env").make_env()
    model = onnxruntime.InferenceSession(str(root / "examples/windy_crossing/pilot.onnx"))

    def passed(advised: bool, late: int, seed: int) -> int:
        seen, _ = env.reset(seed=seed)
        over, aims, info = False, [0.0] * late, {"passed": 0}
        while not over:
            pilot = float(model.run(None, {"observation": seen[None]})[0][0, 0])
            aims.append(pilot if advised else float(seen[0] + seen[3]))
            seen, _, over, _, info = env.step([aims.pop(0)])
        return int(info["passed"])

    for late in (3, 6):
        led, alone = (sum(passed(advised, late, seed) for seed in range(3)) for advised in (True, False))
        assert led > alone + 6, "heading for the next gate is not enough in this wind"


def test_only_the_picture_with_advice_has_a_light(modules: Any) -> None:
    env = modules("windy_crossing", "env").make_env()
    env.reset(seed=1)
    for advice, lights in ((None, 0), ([0.25], 3)):
        env.render(advice=advice)
        drawn = [op for op in env.picture.surface.full()["ops"] if op[0] == "put" and op[1].startswith("light")]
        assert len(drawn) == lights


def test_the_pilot_is_made_by_its_script(modules: Any, tmp_path: Path) -> None:
    build_model = modules("windy_crossing", "build_model")
    build_model.ROUNDS, build_model.NETWORKS, build_model.KEPT = 2, 8, 3
    first, second = tmp_path / "a.onnx", tmp_path / "b.onnx"
    for target in (first, second):
        build_model.save(build_model.train(np.random.default_rng(7)), target)
    assert first.read_bytes() == second.read_bytes()
    (aim,) = onnxruntime.InferenceSession(str(first)).run(None, {"observation": np.zeros((1, 9), np.float32)})
    assert aim.shape == (1, 1)
