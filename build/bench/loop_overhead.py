"""What a frame of play adds to the env's own step and render, and what a rollback costs, in the browser's Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from figures import Figure, figure, report

from igym.experiment.bundle import game_bundle, library_files
from igym.experiment.loader import load_experiment
from igym.experiment.scenes.gym import GymScene

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "build" / "bench" / "rig" / "loop_overhead.mjs"
PLAY_TARGET = {"mountain_car": "≤ 3", "slime_volleyball_ai": "≤ 1.3"}
Samples = dict[str, list[float]]


def game(name: str) -> dict[str, Any]:
    """An example's game, its bots played by the default action so that both loops do the same work."""
    folder = ROOT / "examples" / name
    experiment = load_experiment(folder)
    scene = next(one for one in experiment.scenes if isinstance(one, GymScene))
    bundle = game_bundle(scene, folder)
    agents = [entry["agent"] for entry in bundle["spec"]["policies"]["agents"]]
    bundle["onnx"] = {}
    bundle["config"] = bundle["spec"]["environment"]["config"]
    default = bundle["spec"]["gameplay"]["default_action"]
    others = [{"agent": agent, "kind": "fixed", "action": default} for agent in agents[1:]]
    bundle["spec"]["policies"]["agents"] = [{"agent": agents[0], "kind": "human"}, *others]
    bundle["actions"] = repr([default] if len(agents) == 1 else [dict.fromkeys(agents, default)])
    players = [{"player": 0, "agent": agents[0]}]
    match = {"id": "m", "seed": 1, "me": 0, "players": players, "bots": agents[1:], "episode": 0}
    return {"name": name, "library": library_files(), "bundle": bundle, "match": match}


def measured(games: list[dict[str, Any]]) -> dict[str, Samples]:
    node = shutil.which("node")
    if node is None:
        raise FileNotFoundError("node is needed for this measurement; `python build/dev.py test` sets it up.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "games.json"
        file.write_text(json.dumps(games), encoding="utf-8")
        done = subprocess.run([node, str(SCRIPT), str(file)], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Samples] = json.loads(done.stdout)
    return found


def figures_of(name: str, samples: Samples) -> list[Figure]:
    step = sorted(samples["bare_step"])[len(samples["bare_step"]) // 2]
    drawn = sorted(samples["bare_step_and_render"])[len(samples["bare_step_and_render"]) // 2]
    return [
        figure(f"{name}: bare step", "ms", samples["bare_step"]),
        figure(f"{name}: bare step + render", "ms", samples["bare_step_and_render"]),
        figure(f"{name}: a frame in play", "ms", samples["in_play"]),
        figure(
            f"{name}: in play / bare step + render", "×", [one / drawn for one in samples["in_play"]], PLAY_TARGET[name]
        ),
        figure(f"{name}: a replayed frame / bare step", "×", [one / step for one in samples["replayed"]], "≤ 1.3"),
        figure(f"{name}: saving the state", "ms", samples["save"], "≤ 0.3"),
        figure(f"{name}: restoring the state", "ms", samples["load"], "≤ 0.3"),
    ]


def main() -> None:
    found = measured([game(name) for name in PLAY_TARGET])
    figures = [one for name, samples in found.items() for one in figures_of(name, samples)]
    report(
        "Loop overhead",
        figures,
        ["In Pyodide under node. In play: inputs, session, one call into Python (step, row, picture), local columns."],
    )


if __name__ == "__main__":
    main()
