"""The computer does not sleep from the start to the end of a session, with or without a launcher."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from igym.host.children import awake
from tests.host.conftest import SURVEY, StartEngine


class Held:
    means = "a test"

    def __init__(self) -> None:
        self.held = True

    def release(self) -> None:
        self.held = False


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> list[Held]:
    made: list[Held] = []

    def hold() -> Held:
        made.append(Held())
        return made[-1]

    monkeypatch.setattr("igym.host.engine.engine.stay_awake", hold)
    return made


async def test_the_engine_holds_the_computer_awake_until_the_session_ends(
    holds: list[Held], start_engine: StartEngine
) -> None:
    engine = await start_engine(SURVEY)
    assert [hold.held for hold in holds] == [True]
    await engine.stop("the test is over")
    assert [hold.held for hold in holds] == [False]


async def test_the_engine_can_leave_it_to_the_system(holds: list[Held], start_engine: StartEngine) -> None:
    await start_engine(SURVEY, may_sleep=True)
    assert holds == []


def test_windows_is_asked_and_told_when_it_may_sleep_again(monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[int] = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(awake, "_windows_state", states.append)
    awake.stay_awake().release()
    assert states == [0x80000001, 0x80000000]


def test_macos_is_asked_through_caffeinate_for_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Popen:
        def __init__(self, command: list[str], **options: Any) -> None:
            started.append(command)

        def terminate(self) -> None:
            started.append(["terminate"])

        def wait(self, limit_s: float) -> None: ...

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "Popen", Popen)
    held = awake.stay_awake()
    assert started == [["caffeinate", "-i", "-m", "-w", str(os.getpid())]]
    held.release()
    assert started[1:] == [["terminate"]]


def test_linux_is_asked_through_systemd_until_this_process_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real child stands for systemd's tool: it notes what it was asked and runs the command it was given."""
    told = tmp_path / "told"
    tool = tmp_path / "systemd-inhibit"
    tool.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{told}.new"; mv "{told}.new" "{told}"\nexec sleep 600\n')
    tool.chmod(0o755)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    held = awake.stay_awake()
    try:
        assert held.means == str(tool)
        while not told.is_file():
            assert held._process is not None and held._process.poll() is None
        words = told.read_text().splitlines()
        assert "--what=idle:sleep:handle-lid-switch" in words and "--mode=block" in words
        assert words[-1] == f"--pid={os.getpid()}"
        child = held._process
    finally:
        held.release()
    assert child.poll() is not None, "nothing keeps the computer awake any more"


def test_without_a_tool_of_the_system_the_session_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", "")
    held = awake.stay_awake()
    assert held.means == ""
    held.release()
