"""The whole loop with an example: people play, a policy learns from their set, plays with people, and is verified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import igym
from igym import GymScene, Human, Onnx, Python
from igym.experiment.loader import load_experiment
from igym.host.conversion.clean_rl import Layers
from igym.host.export.exporter import Exporter
from igym.host.replay.verify import verify
from igym.host.store.store_reader import StoreReader
from tests.host.export.played import PlayedStudy

DUEL = Path(__file__).resolve().parents[3] / "examples" / "slime_duel"
Array = np.ndarray[Any, Any]


def duel() -> tuple[GymScene, dict[str, str | bytes]]:
    (scene,) = (scene for scene in load_experiment(DUEL).scenes if isinstance(scene, GymScene))
    files = {path.relative_to(DUEL).as_posix(): path for path in DUEL.rglob("*") if path.suffix in (".py", ".html")}
    files |= {path.relative_to(DUEL).as_posix(): path for path in (DUEL / "assets").rglob("*") if path.is_file()}
    return scene, {name: path.read_bytes() for name, path in files.items() if "__pycache__" not in name}


def chases(player: int, episode: int, frame: int, seen: Any) -> int:
    """Runs under the ball and jumps when it is near: what the network is to find out."""
    side = 1 if player else -1
    ahead = side * float(seen[4] - seen[0])
    run = 1 if ahead < -0.03 else 2 if ahead > 0.03 else 0
    return {0: 0, 1: 1, 2: 2}[run] if seen[5] > 0.5 else {0: 3, 1: 4, 2: 5}[run]


def learned(seen: Array, done: Array, actions: int) -> list[tuple[Array, Array]]:
    """Behaviour cloning: one hidden layer by gradient descent, in a second."""
    rng = np.random.default_rng(0)
    layers = [
        (rng.normal(0, 0.5, (48, seen.shape[1])), np.zeros(48)),
        (rng.normal(0, 0.1, (actions, 48)), np.zeros(actions)),
    ]
    wanted = np.eye(actions)[done]
    for step in range(1500):
        rate = 1.0 if step < 1000 else 0.3
        (w1, b1), (w2, b2) = layers
        hidden = np.tanh(seen @ w1.T + b1)
        logits = hidden @ w2.T + b2
        odds = np.exp(logits - logits.max(1, keepdims=True))
        wrong = (odds / odds.sum(1, keepdims=True) - wanted) / len(seen)
        back = (wrong @ w2) * (1 - hidden**2)
        layers = [
            (w1 - rate * back.T @ seen, b1 - rate * back.sum(0)),
            (w2 - rate * wrong.T @ hidden, b2 - rate * wrong.sum(0)),
        ]
    return layers


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = PlayedStudy(tmp_path_factory.mktemp("people"), *duel())
    study.match(chases, episodes=2, most=400)
    return export(study)


def export(study: PlayedStudy) -> Path:
    with StoreReader(study.builder.path) as reader:
        exporter = Exporter(reader, study.data, "s1")
        exporter.export_all()
        assert exporter.failures == []
    return study.data


@pytest.fixture(scope="module")
def policy(recorded: Path) -> Layers:
    """What a network learned of the people who played the right side."""
    people = igym.load(recorded).to_minari()["igym/demo/duel/right-v0"]
    assert people.total_episodes == 2
    seen = np.concatenate([episode.observations[:-1] for episode in people])
    done = np.concatenate([episode.actions for episode in people])
    layers = Layers(learned(seen, done, int(people.action_space.n)), "tanh")
    alike = np.mean([layers.act(one) == action for one, action in zip(seen, done, strict=True)])
    assert alike > 0.85
    env = people.recover_environment(partners={"left": lambda seen: 0})
    now, _ = env.reset(seed=1)
    for _ in range(50):
        now, *_ = env.step(layers.act(now))
    env.close()
    return layers


def test_a_policy_learned_from_people_plays_with_people_and_is_verified(policy: Layers, tmp_path: Path) -> None:
    policy.export(tmp_path / "partner.onnx")
    scene, files = duel()
    files["partner.onnx"] = (tmp_path / "partner.onnx").read_bytes()
    scene = scene.policies({"left": Human, "right": Onnx("partner.onnx", frame_skip=1)})
    study = PlayedStudy(tmp_path, scene, files)
    (person,) = study.match(chases, episodes=2, most=150)
    data = export(study)

    rows = igym.load(data).rows
    seen = rows[[f"observations.right.{number}" for number in range(12)]].to_numpy(np.float32)
    first = rows["episode"].to_numpy()[:-1] == rows["episode"].to_numpy()[1:]
    decided = [policy.act(one) for one in seen[:-1]]
    acted = rows["actions.right"].to_numpy()[1:]
    assert np.mean(np.asarray(decided)[first] == acted[first]) > 0.99 and len(set(acted)) > 2
    found = verify(data, None, None, lambda *_: None, lambda: False)
    assert (found.outcome, len(found.episodes)) == ("identical", 2)

    left = igym.load(data).to_minari()["igym/demo/duel/left-v0"]
    told = next(iter(left.storage.get_episode_metadata([0])))
    assert told["participant"] == person and told["partners"] == [["right", "right", "policy"]]
    assert told["policies"]["right"]["file"] == "partner.onnx" and len(told["policies"]["right"]["sha256"]) == 64
    assert left[0].infos["partner.right"][1:150].tolist() == acted[:149].tolist()


BOTS = """
from functools import cache

import numpy as np


@cache
def weights(checkpoint):
    return dict(np.load(checkpoint))


def act(observation, agent, rng, memory, checkpoint):
    layers = weights(checkpoint)
    hidden = np.tanh(np.asarray(observation) @ layers["w1"] + layers["b1"])
    return int(np.argmax(hidden @ layers["w2"] + layers["b2"]))
"""


def test_on_the_host_any_checkpoint_acts_by_a_function_and_is_verified(policy: Layers, tmp_path: Path) -> None:
    (w1, b1), (w2, b2) = policy.weights
    np.savez(tmp_path / "partner.npz", w1=w1.T, b1=b1, w2=w2.T, b2=b2)
    scene, files = duel()
    files |= {"bots.py": BOTS, "partner.npz": (tmp_path / "partner.npz").read_bytes()}
    partner = Python("bots.py:act", options={"checkpoint": "partner.npz"}, frame_skip=1)
    study = PlayedStudy(tmp_path, scene.policies({"left": Human, "right": partner}).runtime(where="host"), files)
    study.match(chases, most=120)
    data = export(study)
    rows = igym.load(data).rows
    assert rows["actions.right"].nunique() > 2
    found = verify(data, None, None, lambda *_: None, lambda: False)
    assert found.outcome == "identical"
