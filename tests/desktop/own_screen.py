"""Runs a program that looks at the launcher's windows on a screen of a given size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def told_by(
    script: Path, language: str, home: Path, size: tuple[int, int], *arguments: str, limit_s: float, **environment: str
) -> dict[str, Any]:
    """What the program tells in its last line. With IGYM_PICTURES its pictures come into that folder, by language."""
    screen = home / "screen.json"
    width, height = size
    place = {"name": "lab", "x": 0, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}
    screen.write_text(json.dumps({"screens": [place]}))
    shown_on = {"QT_QPA_PLATFORM": f"offscreen:configfile={screen}", "IGYM_TEST_LANGUAGE": language}
    command = [sys.executable, str(script), str(home / "home"), *arguments]
    if os.environ.get("IGYM_PICTURES"):
        pictures = Path(os.environ["IGYM_PICTURES"]) / language
        pictures.mkdir(parents=True, exist_ok=True)
        command.append(str(pictures))
    done = subprocess.run(
        command, env={**os.environ, **shown_on, **environment}, capture_output=True, text=True, timeout=limit_s,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
