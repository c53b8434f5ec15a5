"""A game on the host is checked in processes of its own: a compiled package can be imported once, and may crash."""

from __future__ import annotations

import faulthandler
import json
import os
import random
import subprocess
import traceback
from pathlib import Path
from typing import Any

from igym.experiment.scenes.gym import GymScene
from igym.host.base import spawn
from igym.host.base.json_lines import read_line, say, take_over_stdout
from igym.host.checks.env_check import try_waitroom_bots
from igym.host.checks.host_check import check_host_scene
from igym.host.studies.authoring import loaded_experiment
from igym.host.studies.env_bridge import described, working_in
from igym.protocol.told import Told

APART = "--apart"
ENV, BOTS = "env", "bots"
PRINTS_KEPT = 1500
Found = dict[str, Any]


def check_apart(folder: Path, profile: Path | None, scene: GymScene, frames: int, seed: int) -> Found:
    """What `check_host_scene` finds, then the waitroom's bots, each with a fresh Python. Never raises for the env."""
    found = _in_child(folder, profile, scene, frames, seed, ENV)
    if not found["problems"]:
        found["problems"] = _in_child(folder, profile, scene, frames, seed, BOTS)["problems"]
    return found


def _in_child(folder: Path, profile: Path | None, scene: GymScene, frames: int, seed: int, part: str) -> Found:
    order = {"folder": str(folder), "profile": str(profile) if profile else None, "scene": scene.id,
             "frames": frames, "seed": seed, "part": part}  # fmt: skip
    done = subprocess.run(
        spawn.command("check", [APART, json.dumps(order)]), capture_output=True, encoding="utf-8", errors="replace",
        check=False, env=spawn.environment(os.environ),
    )  # fmt: skip
    lines = done.stdout.splitlines()
    if lines:
        return dict(read_line(lines[-1]))
    text = Told(
        "The env's process ended by itself (exit code {code}). A package with compiled parts has "
        "crashed, or the env ended Python. What it said last is below.",
        code=done.returncode,
    )
    told = done.stderr.strip()
    # Where Python itself tells of a crash, the line that led there comes first.
    begun = told.rfind("Fatal Python error")
    told = told[begun:][:PRINTS_KEPT] if begun >= 0 else told[-PRINTS_KEPT:]
    return {"problems": [{"text": text, "traceback": told, "details": told}], "warnings": [], "where": "host"}


def main(arguments: list[str]) -> int:
    """`igym check --apart JSON`: one line of JSON with what was found."""
    replies = take_over_stdout()
    faulthandler.enable()
    order = json.loads(arguments[0])
    folder, profile = Path(order["folder"]), order["profile"]
    scene = loaded_experiment(folder, Path(profile) if profile else None, with_host_envs=False).scene(order["scene"])
    assert isinstance(scene, GymScene)
    say(replies, _checked(folder, scene, order["frames"], order["seed"], order["part"]))
    # What an env has started must not keep this process alive.
    os._exit(0)


def _checked(folder: Path, scene: GymScene, frames: int, seed: int, part: str) -> Found:
    found: Found = {"problems": [], "warnings": []}
    try:
        with working_in(folder):
            if part == ENV:
                found = check_host_scene(folder, scene, frames, random.Random(seed))
            else:
                try_waitroom_bots(folder, scene, frames, random.Random(seed))
    except Exception as error:
        found["problems"] = [as_problem(error, folder)]
    return found


def as_problem(error: Exception, folder: Path) -> Found:
    """`{text, type, message, traceback, file, line, details}`: from the researcher's files; in `details` every call."""
    found = described(error, str(folder))
    text, file, line = found["message"], found["file"], found["line"]
    return {
        "text": Told("{text} ({file}, line {line})", text=text, file=file, line=line) if file else text,
        "type": type(error).__name__,
        **found,
        "details": "".join(traceback.format_exception(error)),
    }
