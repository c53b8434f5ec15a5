"""A short-lived child process of the same app (describe, export, verify, replay, simulate, …) as a Qt job."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from igym_desktop.i18n import tr

CommandLine = Callable[[str, Sequence[str]], list[str]]
"""(kind of child, its arguments) → argv."""
CANCEL_LIMIT_MS = 10_000
"""A process that writes files gets the time to take back the half one."""


@dataclass(frozen=True)
class Outcome:
    """How a job ended; `events` are the JSON objects of stdout in order."""

    ok: bool
    events: list[dict[str, Any]]
    errors: str
    cancelled: bool = False

    @property
    def last(self) -> dict[str, Any]:
        """The final JSON object, or an empty one."""
        return self.events[-1] if self.events else {}


class ChildJob(QObject):
    """Runs one command; `done` gets its outcome once. The process dies with this object.

    `leash`: it runs until its standard input ends, with this launcher at the latest."""

    told = Signal(object)
    finished = Signal(object)

    def __init__(
        self, command: Sequence[str], limit_s: float, parent: QObject | None = None, *, leash: bool = False
    ) -> None:
        super().__init__(parent)
        self._leash = leash
        self._events: list[dict[str, Any]] = []
        self._rest = b""
        self._cancelled = False
        self._problem = ""
        self._ended = False
        self._process = QProcess(self)
        self._process.setProcessEnvironment(child_environment())
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._exited)
        self._process.errorOccurred.connect(self._broke)
        self._limit = QTimer(self, singleShot=True)
        self._limit.timeout.connect(self._too_slow)
        self._command = list(command)
        self._limit_s = limit_s

    def start(self, done: Callable[[Outcome], None] | None = None) -> ChildJob:
        """Runs it now."""
        if done:
            self.finished.connect(done)
        if self._limit_s > 0:
            self._limit.start(round(self._limit_s * 1000))
        self._process.start(self._command[0], self._command[1:])
        if not self._leash:
            self._process.closeWriteChannel()
        return self

    def cancel(self) -> None:
        """Ends the process; `finished` follows with `cancelled`."""
        self._cancelled = True
        self._process.closeWriteChannel()  # the way to tell a leashed one where there are no signals
        self._process.terminate()
        QTimer.singleShot(CANCEL_LIMIT_MS, self._process, self._process.kill)

    def _read(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
        for text in lines:
            self._take(text)

    def _take(self, text: bytes) -> None:
        try:
            value = json.loads(text)
        except ValueError:
            return
        if isinstance(value, dict):
            self._events.append(value)
            self.told.emit(value)

    def _too_slow(self) -> None:
        self._problem = tr("It took longer than {limit} seconds and was stopped.", limit=round(self._limit_s))
        self._process.kill()

    def _broke(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._problem = self._process.errorString()
            self._finish(False)

    def _exited(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._take(self._rest)
        self._finish(code == 0 and status == QProcess.ExitStatus.NormalExit)

    def _finish(self, ok: bool) -> None:
        if self._ended:
            return
        self._ended = True
        self._limit.stop()
        errors = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        self.finished.emit(
            Outcome(ok, self._events, "\n".join(filter(None, [self._problem, errors.strip()])), self._cancelled)
        )


def child_environment() -> QProcessEnvironment:
    """The variables of a child process of this app."""
    from igym.host.spawn import environment

    result = QProcessEnvironment()
    for name, value in environment(os.environ).items():
        result.insert(name, value)
    return result
