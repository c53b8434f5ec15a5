"""The stand-alone app: how long it takes to make, how large it is, how soon its window answers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import figure, report
from rig import ROOT

STARTS = 3


def built(folder: Path) -> tuple[Path, float]:
    """The executable, and the seconds it took."""
    started = time.monotonic()
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    places = ["--workpath", str(folder / "work"), "--distpath", str(folder / "dist")]
    subprocess.run([*command, *places, str(ROOT / "build" / "igym_desktop.spec")], check=True)
    name = "interactive-gym.exe" if sys.platform == "win32" else "interactive-gym"
    return folder / "dist" / "interactive-gym-desktop" / name, time.monotonic() - started


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def self_test_s(app: Path, home: Path) -> float:
    """A whole self-test under a fresh home: window, engine, simulated participants, export, comparison."""
    home.mkdir()
    environment = {"HOME": str(home), "PATH": str(home), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    started = time.monotonic()
    subprocess.run([str(app), "--self-test"], check=True, env=environment, cwd=home, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def describe_s(app: Path) -> float:
    """From the command to the answer of a child that needs no window."""
    started = time.monotonic()
    example = ROOT / "examples" / "mountain_car"
    subprocess.run([str(app), "--describe", str(example)], check=True, stdout=subprocess.DEVNULL, env=dict(os.environ))
    return time.monotonic() - started


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as name:
        folder = Path(name)
        app, seconds = built(folder)
        starts = [describe_s(app) for _ in range(STARTS)]
        tests = [self_test_s(app, folder / f"home{number}") for number in range(STARTS)]
        figures = [
            figure("build", "s", [seconds]),
            figure("size of the folder", "MB", [size_mb(app.parent)]),
            figure("start of a child without a window", "s", starts),
            figure("whole self-test from a fresh home", "s", tests),
        ]
    report(
        "Stand-alone app", figures, ["One folder made by PyInstaller; the self-test plays an example and exports it."]
    )


if __name__ == "__main__":
    main()
