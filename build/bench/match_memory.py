"""How much memory a match holds beside its env's own modules: the env, its snapshots, rows that wait."""

from __future__ import annotations

import gc
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

from figures import Figure, figure, report
from loop_overhead import busy_game, game

from igym.host.studies.env_bridge import bridge_config, open_bridge

BEFORE_KB = {"mountain_car": 550, "slime_duel": 970, "grid_kitchen": 1037, "busy": 506}
"""What a match held when its snapshots were copies of everything."""
MOST = 1.2
FRAMES, FIRST, BATCH, BACK, DEPTH = 400, 60, 30, 5, 3
SAVE, LOAD, STEP, CONFIRM, DRAW, CHECK, KEEP = 1, 2, 3, 4, 5, 7, 8


def config_of(game: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """With a person for each agent, as in a match of several."""
    spec = game["bundle"]["spec"]
    agents = [entry["agent"] for entry in spec["policies"]["agents"]]
    spec["policies"]["agents"] = [{"agent": agent, "kind": "human"} for agent in agents]
    return bridge_config(spec, agents, 1), len(agents)


def held(folder: Path, config: dict[str, Any], players: int) -> list[int]:
    """Bytes after each frame of a match in which every fifth frame a guess of three frames was wrong."""
    bridge = open_bridge(folder, config)
    bridge.prepare(True)
    bridge.reset(1, 0)
    none, samples = [0] * players, []
    for frame in range(FRAMES):
        orders = [DRAW, 0]
        if frame % BACK == 0 and frame > BACK:
            again = [part for at in range(frame - DEPTH, frame) for part in (SAVE, at, STEP, at, *none)]
            orders += [LOAD, frame - DEPTH, *again]
        orders += [SAVE, frame, STEP, frame, *none]
        if frame % BATCH == BATCH - 1:
            orders += [CHECK, frame]
        if frame > 2 * DEPTH:
            orders += [CONFIRM, frame - 2 * DEPTH, KEEP, frame - 2 * DEPTH, 0]
        bridge.run(orders)
        if frame % BATCH == BATCH - 1:
            bridge.take_batch("{}", "{}")
        if bridge.play.over is not None:
            break
        samples.append(tracemalloc.get_traced_memory()[0])
    return samples[min(FIRST, len(samples) // 2) :]


def measured(game: dict[str, Any]) -> list[float]:
    """kB of a second match, so that what is loaded once does not count."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in game["bundle"]["files"].items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        config, players = config_of(game)
        held(folder, config, players)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        return [(one - before) / 1000 for one in held(folder, config, players)]


def figures_of(game: dict[str, Any]) -> Figure:
    name = game["name"]
    before = BEFORE_KB[name]
    return figure(f"{name}: memory of a match", "kB", measured(game), f"≤ {MOST * before:,.0f} ({MOST} × {before})")


def main() -> None:
    tracemalloc.start()
    games = [*map(game, [name for name in BEFORE_KB if name != "busy"]), busy_game()]
    report(
        "Memory of a match", [figures_of(one) for one in games], ["In this computer's Python, as tracemalloc counts."]
    )


if __name__ == "__main__":
    main()
