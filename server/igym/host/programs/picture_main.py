"""`igym picture FOLDER`: what stands on an experiment's card, as one JSON object: a picture that lies beside it, or its
first game at its first frame."""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from igym.experiment.experiment import Experiment
from igym.experiment.scenes.gym import GymScene
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.children.researcher_child import describe_error
from igym.host.packages.own_wheels import scenes_packages
from igym.host.studies.authoring import loaded_experiment
from igym.host.studies.env_bridge import bridge_config, human_agents, open_bridge

SEED = 1
OWN_PICTURES = ("picture.svg", "picture.png", "picture.jpg")
"""Names of a file that stands for the experiment; the first that is there is taken."""
CARD = (800, 450)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="igym picture", description="What stands on an experiment's card.")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    replies = take_over_stdout()
    try:
        folder = options.folder.resolve()
        answer = {"ok": True, "picture": own_picture(folder) or first_picture(loaded_experiment(folder, None), folder)}
    except Exception as error:
        answer = {"ok": False, "error": describe_error(error)}
    say(replies, answer)
    return 0 if answer["ok"] else 1


def own_picture(folder: Path) -> dict[str, Any] | None:
    """As `first_picture`, of the file that lies in the folder; None without one."""
    for name in OWN_PICTURES:
        if (folder / name).is_file():
            whole = {"name": "picture", "x": 0, "y": 0, "w": CARD[0], "h": CARD[1], "frame": None, "angle": 0}
            put = ["put", "picture", "image", 0, 1, 0, {**whole, "alpha": 1, "flip": 0}]
            size = {"width": CARD[0], "height": CARD[1], "background": "#ffffff"}
            return {**size, "images": {"picture": name}, "sheets": {}, "ops": [put]}
    return None


def first_picture(experiment: Experiment, folder: Path) -> dict[str, Any] | None:
    """`{width, height, background, images, sheets, ops}`, or with `pixels, rgba` (base64); None without a game."""
    if not experiment.games:
        return None
    scene = experiment.games[0]
    rendering, assets = scene.rendering_options, scene.assets_options.model_dump(mode="json")
    facts = {"width": rendering.width, "height": rendering.height, "background": str(rendering.background)}
    facts |= {"images": assets["images"], "sheets": assets["sprite_sheets"]}
    with scenes_packages(experiment, folder):
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
