"""An env that does not come back is named by its own line, however the system writes paths."""

from __future__ import annotations

import ntpath
import os
import threading
from typing import Any

import pytest

from igym.host.hostenv.watchdog import Watchdog
from igym.host.studies.env_bridge import bridge_part

STUDY = r"C:\Users\Jürgen Groß\beans"
HANGS = "\n" * 13 + "reached.set(); go_on.wait()"


def test_a_hanging_step_is_told_by_its_line_under_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_part("places"), "system", ntpath)
    monkeypatch.setattr(os, "_exit", lambda code: None)
    said: list[dict[str, Any]] = []
    dogs: list[Watchdog] = []
    reached, go_on = threading.Event(), threading.Event()

    def play() -> None:
        dogs.append(Watchdog(said.append, {"step": 1.0}, STUDY))
        exec(compile(HANGS, STUDY + r"\env.py", "exec"), {"reached": reached, "go_on": go_on})

    playing = threading.Thread(target=play)
    playing.start()
    try:
        assert reached.wait(120)
        dogs[0]._give_up("step")
    finally:
        go_on.set()
        playing.join()
    assert (said[0]["file"], said[0]["line"]) == ("env.py", 14)
    assert said[0]["traceback"].startswith('  File "env.py", line 14')
    assert "threading" not in said[0]["traceback"]
