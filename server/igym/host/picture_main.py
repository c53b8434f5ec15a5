"""`igym picture FOLDER`: what the experiment's first game looks like at its first frame, as one JSON object."""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from igym.experiment import Experiment
from igym.experiment.scenes.gym import GymScene
from igym.host.authoring import loaded_experiment
from igym.host.env_bridge import bridge_config, human_agents, open_bridge
from igym.host.json_lines import say, take_over_stdout
from igym.host.researcher_child import describe_error

SEED = 1


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="igym picture", description="Draws the first frame of an experiment.")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    replies = take_over_stdout()
    try:
        experiment = loaded_experiment(options.folder.resolve(), None)
        answer = {"ok": True, "picture": first_picture(experiment, options.folder.resolve())}
    except Exception as error:
        answer = {"ok": False, "error": describe_error(error)}
    say(replies, answer)
    return 0 if answer["ok"] else 1


def first_picture(experiment: Experiment, folder: Path) -> dict[str, Any] | None:
    """`{width, height, background, images, sheets, ops}`, or with `pixels, rgba` (base64); None without a game."""
    if not experiment.games:
        return None
    scene = experiment.games[0]
    rendering, assets = scene.rendering_options, scene.assets_options.model_dump(mode="json")
    facts = {"width": rendering.width, "height": rendering.height, "background": str(rendering.background)}
    facts |= {"images": assets["images"], "sheets": assets["sprite_sheets"]}
    return {**facts, **_drawn(folder, scene)}


def _drawn(folder: Path, scene: GymScene) -> dict[str, Any]:
    spec = scene.client_spec()
    os.chdir(folder)
    bridge = open_bridge(folder, bridge_config(spec, human_agents(spec), SEED))
    bridge.prepare(False)
    drawn: dict[str, Any] = json.loads(bridge.reset(SEED, 0).partition("\n")[2] or '{"ops": []}')
    if "pixels" in drawn:
        drawn["rgba"] = base64.b64encode(bridge.pixels().tobytes()).decode("ascii")
    return drawn


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
