"""What the browser's Python makes of every example is recorded: rows, chains and pictures stay bit by bit as they are.

`IGYM_WRITE_GOLDEN=1` records anew, for the day on which an example or the recorded form changes on purpose.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from igym.experiment.bundle import game_bundle
from igym.experiment.loader import load_experiment
from igym.experiment.scenes.gym import GymScene
from igym.in_browsers import library_files
from tests.env.conftest import HUMAN, Opened, mapping
from tests.env.envs import DICT_ACTIONS, STEERED
from tests.env.test_bots import BOTS_FILE, STEERING
from tests.env.test_drawing import PIXELS
from tests.env.test_generators import LEGACY
from tests.env.test_restless import BY_THEIR_DICTS, RESTLESS
from tests.env.test_rows import ODD_INFOS
from tests.env.test_snapshots import KINDS
from tests.env.test_state_pairs import EXACT, ROUNDING
from tests.networks import write_steering

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "golden"
GOLDEN = FOLDER / "golden.json"
RECORDED = ["actions", "rewards", "infos", "observations"]
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/experiment.py"))
SMALL: dict[str, Any] = {
    **KINDS,
    "legacy_numbers": (LEGACY, ["agent_0"], mapping(1, 2, 3)),
    "odd_infos": (ODD_INFOS, ["agent_0"], mapping(1)),
    "own_state": (EXACT, ["agent_0"], mapping(1, 2)),
    "own_state_rounded": (ROUNDING, ["agent_0"], mapping(1, 2)),
    "pixels": (PIXELS, ["agent_0"], mapping(1)),
    "restless": (RESTLESS, ["agent_0"], mapping(1, 2)),
    "by_their_dicts": (BY_THEIR_DICTS, ["agent_0"], mapping(1, 2)),
}


def examples() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in EXAMPLES:
        folder = ROOT / "examples" / name
        for scene in load_experiment(folder).scenes:
            # A game with packages from the index is played in tests/browser, where they are fetched.
            if isinstance(scene, GymScene) and not scene.runtime_options.packages:
                found[f"{name}/{scene.id}"] = _game(game_bundle(scene, folder), folder)
    return found


def _game(bundle: dict[str, Any], folder: Path) -> dict[str, Any]:
    agents = bundle["spec"]["policies"]["agents"]
    humans = [entry["agent"] for entry in agents if entry["kind"] == "human"]
    bots = [entry["agent"] for entry in agents if entry["kind"] != "human"]
    bundle["spec"]["runtime"]["record"] = RECORDED
    bundle["data"] = {path: {"url": _data_url(folder / path)} for path in bundle["data"]}
    bundle["onnx"] = {path: _data_url(folder / path) for path in bundle["onnx"]}
    match = _match(humans, bots)
    if pools := {str(entry["agent"]): [len(entry["policies"]) - 1] for entry in agents if entry["kind"] == "pool"}:
        match["fixed"] = {"pools": pools}
    return {"bundle": bundle, "match": match, "seed": 11, "rollback": True}


def _data_url(path: Path) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(path.read_bytes()).decode()


def _match(players: list[Any], bots: list[Any]) -> dict[str, Any]:
    seats = [{"player": player, "agent": agent} for player, agent in enumerate(players)]
    return {"id": "m", "seed": 3, "me": 0, "players": seats, "bots": bots, "episode": 0}


def small(
    source: str,
    players: list[Any],
    actions: list[dict[str, Any]],
    bots: list[dict[str, Any]] | None = None,
    record: list[str] | None = None,
    files: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A game of one file, in the form in which the host sends an example."""
    agents = [{"agent": agent, **HUMAN} for agent in players] + (bots or [])
    spec = {
        "environment": {"file": "env.py", "config": {}},
        "rendering": {"fps": 30, "per_agent_view": False, "hud_text": None},
        "policies": {"frame_skip": 2, "agents": agents},
        "gameplay": {"action_mapping": actions, "default_action": 0, "max_steps": 100},
        "runtime": {"record": record or RECORDED, "max_observation_numbers": 64, "on_step_code": None},
        "multiplayer": {"reconnection": {}},
    }
    bundle = {"files": {"env.py": source, **(files or {})}, "onnx": {}, "spec": spec}
    match = _match(players, [entry["agent"] for entry in bots or []])
    return {"bundle": bundle, "match": match, "seed": 5, "rollback": True}


def games() -> dict[str, dict[str, Any]]:
    bot = {"agent": 1, "kind": "python", "function": "bots.py:simple", "options": {}}
    chance = {"agent": 1, "kind": "random", "seed": 4}
    found = examples() | {name: small(*parts) for name, parts in SMALL.items()}
    found["bot"] = small(DICT_ACTIONS, [0], mapping(1, 2), [bot], files={"bots.py": BOTS_FILE})
    found["network"] = small(STEERED, ["me"], mapping(1, 2), [{"agent": "it", "kind": "onnx", **STEERING}])
    with tempfile.TemporaryDirectory() as folder:
        found["network"]["bundle"]["onnx"] = {"it.onnx": _data_url(write_steering(Path(folder) / "it.onnx"))}
    found["random_bot"] = small(DICT_ACTIONS, [0], mapping(1, 2), [chance])
    for name in ("nested", "dict", "own_state"):
        source, players, actions = SMALL[name]
        found[f"{name}_with_state"] = small(source, players, actions, record=[*RECORDED, "state"])
    # As somebody alone plays it: nothing is saved.
    alone = {f"{name}/alone": {**game, "rollback": False} for name, game in found.items() if _is_for_one(game)}
    return found | alone


def _is_for_one(game: dict[str, Any]) -> bool:
    return len(game["match"]["players"]) == 1


GAMES = games()


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    node = shutil.which("node")
    assert node, "node is needed for this test; `python build/dev.py test` sets it up"
    file = tmp_path_factory.mktemp("golden") / "games.json"
    file.write_text(json.dumps({"library": library_files(), "games": GAMES}), encoding="utf-8")
    command = [node, "--no-warnings", str(FOLDER / "play.mjs"), str(file)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    found: dict[str, Any] = json.loads(done.stdout)
    if os.environ.get("IGYM_WRITE_GOLDEN"):
        lines = [f"{json.dumps(name)}: {json.dumps(found[name], ensure_ascii=False)}" for name in sorted(found)]
        GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return found


@pytest.mark.parametrize("name", GAMES)
def test_rows_chains_and_pictures_are_the_recorded_ones(played: dict[str, Any], name: str) -> None:
    golden: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert played[name] == golden[name]


@pytest.mark.parametrize("name", [name for name, game in GAMES.items() if game["rollback"]])
def test_wrong_guesses_taken_back_leave_no_trace_in_the_rows(played: dict[str, Any], name: str) -> None:
    found = played[name]
    if found["strategy"] is None:
        return
    rolled = found["rolled_back"]
    assert rolled["same_checksums"]
    same = ("chain", "batch", "sounds", "scores")
    assert {key: rolled[key] for key in same} == {key: found[key] for key in same}


def test_a_network_does_the_same_with_the_runtime_of_the_host(opened: Callable[..., Opened], tmp_path: Path) -> None:
    """150 sampled continuous actions, to the last digit of every row."""
    state = 5

    def draw(below: int) -> int:
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return state * below // 2**32

    path = write_steering(tmp_path / "it.onnx")
    bots = [{"agent": "it", "policy": {"kind": "onnx", **STEERING}}]
    game = opened(
        STEERED, players=["me"], bots=bots, models={"it.onnx": path}, action_mapping=mapping(1, 2), frame_skip=2,
        max_steps=100, seed=3,
    )  # fmt: skip
    game.bridge.reset(5, 0)
    game.play([[draw(3)] for _ in range(100)])
    assert game.bridge.chain() == json.loads(GOLDEN.read_text(encoding="utf-8"))["network"]["chain"]
