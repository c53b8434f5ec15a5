"""The engine as a child process: its lines become signals. It outlives this process when told so."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import IO, Any

from PySide6.QtCore import QObject, Signal

from igym.host.base import spawn
from igym_desktop.child_job import parse_line

LAST_LINES_S = 10.0
"""Why it ended stands in its last lines; a process it left behind may hold the pipe open without writing any."""

ENDED_CODES = (1,) if sys.platform == "win32" else (-15, -9)
"""What the system says of a process that was ended by another one: SIGTERM and SIGKILL where there are signals."""


class EngineChild(QObject):
    """One engine process.

    Not a QProcess: that kills its child when the object goes, and an engine may have to outlive the launcher. The open
    stdin is the leash: the engine notices the launcher's death by its end.
    """

    told = Signal(object)
    """One JSON object of stdout."""
    said = Signal(str)
    """One line of stderr."""
    exited = Signal(int)
    """Its exit code; 0 for one that was ended from here and had no time to say otherwise."""

    def __init__(
        self,
        command: Sequence[str],
        token: str,
        parent: QObject | None = None,
        secrets: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(parent)
        environment = {**os.environ, **spawn.PYTHON_VARIABLES, **secrets, spawn.TOKEN_VARIABLE: token}
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            encoding="utf-8",
            errors="replace",
            **_own_group(),
        )
        self._threads = [
            threading.Thread(target=self._read_events, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_errors, args=(self._process.stderr,), daemon=True),
        ]
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._was_ended = False

    def listen(self) -> None:
        """From now on signals come; connect them first, or a quick end is missed."""
        for thread in (*self._threads, self._waiter):
            thread.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def terminate(self) -> None:
        """Asks it to end at once."""
        if self._process.poll() is None:
            self._was_ended = True
            self._process.terminate()

    def kill(self) -> None:
        """Ends it for sure."""
        if self._process.poll() is None:
            self._was_ended = True
            self._process.kill()

    def release(self) -> None:
        """Lets go: the engine sees the launcher leave and goes on by itself."""
        try:
            if self._process.stdin:
                self._process.stdin.close()
        except OSError:
            pass  # the pipe's other end went first

    def join(self, timeout_s: float) -> bool:
        """Waits for its end; False when it still runs."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        self._waiter.join(timeout_s)
        return True

    def _read_events(self, stream: IO[str]) -> None:
        for line in stream:
            parsed = parse_line(line)
            (self._tell(self.told, parsed) if parsed is not None else self._tell(self.said, line.rstrip()))
        stream.close()

    def _read_errors(self, stream: IO[str]) -> None:
        for line in stream:
            self._tell(self.said, line.rstrip())
        stream.close()

    def _wait(self) -> None:
        code = self._process.wait()
        self.release()
        for thread in self._threads:
            thread.join(LAST_LINES_S)
        self._tell(self.exited, 0 if self._was_ended and code in ENDED_CODES else code)

    @staticmethod
    def _tell(signal: Any, value: object) -> None:
        try:
            signal.emit(value)
        except RuntimeError:
            pass  # the launcher has closed and the Qt object is gone


def _own_group() -> dict[str, Any]:
    """Ctrl+C in a terminal must not reach the engine; on Windows no console window opens."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    else:
        return {"start_new_session": True}
