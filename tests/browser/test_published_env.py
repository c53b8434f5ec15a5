"""A game from PyPI whose saved state is rounded: caught with its attributes, and played with an exact copy instead."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from igym_desktop.flow.preflight import from_check
from tests.browser.study_copy import STUDIES

# The ball rests while the game begins, but has its speed.
ROUNDED = {"env.game.ball.vx", "env.game.ball.vy"}
MOVED = {f"env.game.agent_{side}.{name}" for side in ("left", "right") for name in ("x", "y", "vx", "vy")}


def igym(*arguments: str) -> tuple[int, dict[str, Any], str]:
    """(exit code, last JSON line, errors) of the command."""
    command = [sys.executable, "-m", "igym.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    lines = done.stdout.splitlines()
    return done.returncode, json.loads(lines[-1]) if lines else {}, done.stderr


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "study"
    shutil.copytree(STUDIES / "published", folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_published_game_that_rounds_its_state_is_caught_and_played_with_a_copy(study: Path, chromium: str) -> None:
    code, lacking, _ = igym("check", str(study), "--json", "--browser", chromium)
    assert code == 1
    told = " ".join(problem["text"] for scene in lacking["scenes"] for problem in scene["problems"])
    assert "slimevb==0.1.1" in told, "what is not on this computer is named"

    code, prepared, errors = igym("prepare", str(study))
    assert (code, prepared.get("packages")) == (0, ["slimevb==0.1.1"]), (prepared, errors)

    code, result, errors = igym("check", str(study), "--json", "--browser", chromium)
    assert code == 0, (result, errors)
    plain, rounded = result["scenes"]
    for scene in (plain, rounded):
        assert scene["ok"]
        assert scene["problems"] == []
        assert scene["strategy"] == "copy"
        found = scene["browser"]
        assert (found["strategy"], found["differs"]) == ("copy", None)
        assert min(found[cost] for cost in ("step_ms", "save_ms", "load_ms", "frame_ms")) > 0
    assert plain["reasons"] == plain["browser"]["reasons"] == []
    for report in (rounded, rounded["browser"]):
        assert len(report["reasons"]) == 1
        assert report["reasons"][0].startswith("get_state: not restored exactly: ")
        named = report["reasons"][0].rpartition(": ")[2].split(", ")
        assert set(named) >= ROUNDED, named
        assert MOVED & set(named), named

    told_before_start = from_check(result, "")
    assert told_before_start.result == "warning"
    assert "env.game.ball.vx" in told_before_start.text
    assert "full copy" in told_before_start.text
    assert "rounded: in this computer's browser a frame takes " in told_before_start.text
