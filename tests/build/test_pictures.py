"""Taking the documentation's pictures ends with a reason where something that is waited for does not come."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pictures import studio
from PySide6.QtWidgets import QApplication

from igym_desktop.widgets.basics import Page

BUILD = Path(__file__).parents[2] / "build"
STANDS_STILL = """
import asyncio, subprocess, sys, time
from pathlib import Path
from pictures import studio

home, studio.LIMIT_S = Path(sys.argv[1]), 1
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"],
    start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
print(child.pid, flush=True)

async def stands_still():
    await asyncio.sleep(0)
    time.sleep(600)

asyncio.run(studio.Guard(home.rmdir).during(stands_still()))
"""


@pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)
def test_what_does_not_come_is_named_with_what_the_window_says(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "LIMIT_S", 0.1)
    page = Page("Data", "")
    page.setWindowTitle("Interactive Gym")
    page.banner.say("info", "Nobody sent such a page.")
    page.show()
    try:
        with pytest.raises(studio.NotTakenError, match=r"consent: .*'Interactive Gym'.*Nobody sent such a page"):
            asyncio.run(studio.until(lambda: False, "consent"))
    finally:
        page.close()


def test_a_window_that_stands_still_ends_the_program_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(BUILD), "QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(
        [sys.executable, "-c", STANDS_STILL, str(home)],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "has stood still for 1 s" in ended.stderr and "in stands_still" in ended.stderr
    assert not home.exists()
    assert not psutil.pid_exists(int(ended.stdout)), "the server of a session is such a child"
