"""From the command to an open launcher window that answers, and a bare Qt window beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import figure, report
from rig import EXAMPLES

from tests.browser.launcher_process import LauncherProcess

STARTS = 5
BARE = """
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("a window")
label.show()
app.processEvents()
"""


def launcher_s(folder: Path) -> float:
    """The first order is answered after the window is open and its event loop runs."""
    started = time.monotonic()
    launcher = LauncherProcess(folder, *sorted(path.parent for path in EXAMPLES.glob("*/experiment.py")))
    try:
        launcher.tell("state")
        return time.monotonic() - started
    finally:
        launcher.close()


def bare_s() -> float:
    started = time.monotonic()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", BARE], check=True, env=environment)
    return time.monotonic() - started


def main() -> None:
    launcher: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
        for number in range(STARTS):
            bare.append(bare_s())
            launcher.append(launcher_s(Path(folder) / str(number)))
    ratios = [one / other for one, other in zip(launcher, bare, strict=True)]
    report(
        "Launcher start",
        [
            figure("process start to a window that answers", "s", launcher),
            figure("a bare Qt window, start to end", "s", bare),
            figure("launcher over bare window", "×", ratios),
        ],
        ["Offscreen, with a data folder of its own; the first start also draws the experiments' cards."],
    )


if __name__ == "__main__":
    main()
