"""On a screen at 200 % every page and dialog keeps its words whole and its controls within reach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from igym_desktop.i18n import available_languages

from .test_main_window import study
from .test_pages import SCHEMA

__all__ = ["study"]
SCREEN = {"name": "lab", "x": 0, "y": 0, "width": 2560, "height": 1440, "logicalDpi": 96, "dpr": 1}
SCRIPT = Path(__file__).with_name("scaled_window.py")


@pytest.mark.parametrize("language", sorted(available_languages()))
def test_nothing_is_cut_or_out_of_reach_at_twice_the_size(study: Any, tmp_path: Path, language: str) -> None:
    folder = study("mountain_car", title="Mountain Car", form=SCHEMA, scenes=[{"id": "welcome", "kind": "start"}])
    screen = tmp_path / "screen.json"
    screen.write_text(json.dumps({"screens": [SCREEN]}))
    environment = {
        **os.environ, "QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": f"offscreen:configfile={screen}",
        "IGYM_TEST_LANGUAGE": language,
        "IGYM_FAKE": json.dumps({"participants": 10}),
    }  # fmt: skip
    command = [sys.executable, str(SCRIPT), str(tmp_path / "home"), str(folder)]
    if os.environ.get("IGYM_PICTURES"):
        pictures = Path(os.environ["IGYM_PICTURES"]) / language
        pictures.mkdir(parents=True, exist_ok=True)
        command.append(str(pictures))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("looked at") >= 26
    assert told == {}, json.dumps(told, ensure_ascii=False, indent=1)
