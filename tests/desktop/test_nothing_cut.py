"""Every page, tab, window, dialog and editor of the launcher keeps its words whole, in every language and theme."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from igym_desktop.i18n import available_languages

SCRIPT = Path(__file__).with_name("every_window.py")
SCREEN = {"name": "lab", "x": 0, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "dpr": 1}


@pytest.mark.parametrize("language", sorted(available_languages()))
def test_nothing_is_cut_on_a_small_and_a_large_screen(tmp_path: Path, language: str) -> None:
    screen = tmp_path / "screen.json"
    screen.write_text(json.dumps({"screens": [SCREEN]}))
    environment = {
        **os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={screen}", "IGYM_TEST_LANGUAGE": language,
        "IGYM_TEST_THEME": "dark" if language == "de" else "light",
    }  # fmt: skip
    command = [sys.executable, str(SCRIPT), str(tmp_path / "home")]
    if os.environ.get("IGYM_PICTURES"):
        pictures = Path(os.environ["IGYM_PICTURES"]) / language
        pictures.mkdir(parents=True, exist_ok=True)
        command.append(str(pictures))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("looked at") >= 130
    assert told == {}, json.dumps(told, ensure_ascii=False, indent=1)
