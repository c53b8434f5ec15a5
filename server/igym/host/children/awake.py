"""Keeps the computer from sleeping while a session runs, with what the operating system offers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from igym.host.base import spawn

_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001


class Awake:
    """Holds until `release`. `means` tells how, "" when this computer offers nothing."""

    def __init__(self, means: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.means = means
        self._process = process

    def release(self) -> None:
        """The computer may sleep again."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(5)
            self._process = None
        elif self.means == "windows":
            _windows_state(_ES_CONTINUOUS)


def inhibitor_command(pid: int) -> list[str] | None:
    """argv of a program that prevents sleep for as long as it runs and ends with process `pid`."""
    if sys.platform == "darwin":
        return ["caffeinate", "-i", "-m", "-w", str(pid)]
    else:
        return _inhibit(pid)


def _inhibit(pid: int) -> list[str] | None:
    tool = shutil.which("systemd-inhibit")
    follow = shutil.which("tail")
    if tool and follow:
        what = [
            "--what=idle:sleep:handle-lid-switch",
            "--who=Interactive Gym",
            "--why=A session is running",
            "--mode=block",
        ]
        return [tool, *what, follow, "-f", "/dev/null", f"--pid={pid}"]
    return None


def stay_awake() -> Awake:
    """Starts to prevent sleep; never fails."""
    if sys.platform == "win32":
        _windows_state(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)
        return Awake("windows")
    else:
        return _by_a_program()


def _by_a_program() -> Awake:
    command = inhibitor_command(os.getpid())
    if command is None:
        return Awake("")
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **spawn.aside()
        )
    except OSError:
        return Awake("")
    return Awake(command[0], process)


def _windows_state(flags: int) -> None:
    import ctypes

    getattr(ctypes, "windll").kernel32.SetThreadExecutionState(flags)  # noqa: B009 - exists on Windows only
