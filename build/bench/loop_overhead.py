"""What a frame of play adds to the env's own step and render, and what a rollback costs, in the browser's Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from figures import Figure, figure, report

from igym.experiment.bundle import game_bundle
from igym.experiment.loader import load_experiment
from igym.experiment.scenes.gym import GymScene
from igym.in_browsers import library_files

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "build" / "bench" / "rig" / "loop_overhead.mjs"
EXAMPLES = ("mountain_car", "slime_duel", "slime_volleyball_ai", "grid_kitchen")
SAVE_TARGET, LOAD_TARGET = {"slime_duel": "≤ 0.03"}, {"slime_duel": "≤ 0.015"}
BUSY = "busy"
BUSY_ENV = """
import gymnasium
import numpy as np
from gymnasium import spaces
from igym.rendering import Surface


class Busy(gymnasium.Env):
    action_space = spaces.Discrete(3)
    observation_space = spaces.Box(-np.inf, np.inf, (4,))

    def __init__(self):
        self.surface = Surface(400, 300)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.x = [float(self.np_random.uniform(0, 400)) for _ in range(120)]
        self.v = [float(self.np_random.uniform(-2, 2)) for _ in range(120)]
        return self._see(), {}

    def step(self, action):
        for index, speed in enumerate(self.v):
            place = self.x[index] + speed + action - 1
            if not 0 <= place <= 400:
                self.v[index] = -speed
            self.x[index] = min(400.0, max(0.0, place))
        return self._see(), 1.0, False, False, {}

    def _see(self):
        return np.array(self.x[:4], np.float32)

    def render(self):
        for index in range(20):
            self.surface.circle(self.x[index], 10 * index, 4, "tomato")
        return self.surface.commit()


def make_env():
    return Busy()
"""
"""An env whose bare step is long: what is added to it matters less."""
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


def busy_game() -> dict[str, Any]:
    """The game of `BUSY_ENV`, with mountain car's keys."""
    found = game("mountain_car")
    found["bundle"]["files"] = {"env.py": BUSY_ENV}
    found["bundle"]["config"] = found["bundle"]["spec"]["environment"]["config"] = {}
    return {**found, "name": BUSY}


def measured(games: list[dict[str, Any]]) -> dict[str, Samples]:
    node = shutil.which("node")
    if node is None:
        raise FileNotFoundError("node is needed for this measurement; `python build/dev.py test` sets it up.")
    found: dict[str, Samples] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "games.json"
        # As in a page, where one game is played: each has a process of its own.
        for one in games:
            file.write_text(json.dumps([one]), encoding="utf-8")
            done = subprocess.run([node, str(SCRIPT), str(file)], check=True, stdout=subprocess.PIPE, text=True)
            found |= json.loads(done.stdout)
    return found


def figures_of(name: str, samples: Samples) -> list[Figure]:
    step = sorted(samples["bare_step"])[len(samples["bare_step"]) // 2]
    # Blocks side by side: what a neighbour on the processor takes away falls on both.
    in_play = [one / drawn for one, drawn in zip(samples["in_play"], samples["bare_step_and_render"], strict=True)]
    replay_target = "≤ 1.5" if name == BUSY else "≤ 2.5"
    in_steps = {kind: [one / step for one in samples[kind]] for kind in ("replayed", "save", "load", "checksum")}
    return [
        figure(f"{name}: bare step", "ms", samples["bare_step"]),
        figure(f"{name}: bare step + render", "ms", samples["bare_step_and_render"]),
        figure(f"{name}: a frame in play", "ms", samples["in_play"]),
        figure(f"{name}: in play / bare step + render", "×", in_play, "≤ 1.5"),
        figure(f"{name}: a replayed frame / bare step", "×", in_steps["replayed"], replay_target),
        figure(f"{name}: saving the state", "ms", samples["save"], SAVE_TARGET.get(name, "")),
        figure(f"{name}: restoring the state", "ms", samples["load"], LOAD_TARGET.get(name, "")),
        figure(f"{name}: saving / bare step", "×", in_steps["save"], ""),
        figure(f"{name}: restoring / bare step", "×", in_steps["load"], ""),
        figure(f"{name}: checksum of the state", "ms", samples["checksum"], "≤ 0.17"),
        figure(f"{name}: checksum / bare step", "×", in_steps["checksum"], ""),
        figure(f"{name}: the first checksum of an episode", "ms", samples["first_checksum"], ""),
    ]


def main() -> None:
    found = measured([*map(game, EXAMPLES), busy_game()])
    figures = [one for name, samples in found.items() for one in figures_of(name, samples)]
    report(
        "Loop overhead",
        figures,
        [
            "Pyodide under node. In play: inputs, session, one call into Python (step, row, picture), local columns.",
            "CPU time of a process for each game, after 40 blocks that are not counted.",
            "Blocks of what is compared take turns. Replayed: restore, 8 steps, one state saved.",
            "Saving, restoring, checksum: from the 20th frame of an episode on.",
        ],
    )


if __name__ == "__main__":
    main()
