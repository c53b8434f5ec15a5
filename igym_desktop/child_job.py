"""A short-lived child process of the same app (describe, export, verify, replay, simulate, …) as a Qt job."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from igym.host.base.json_lines import read_line
from igym_desktop.i18n import tr

CommandLine = Callable[[str, Sequence[str]], list[str]]
"""(kind of child, its arguments) → argv."""
CANCEL_LIMIT_MS = 10_000
"""A process that writes files gets the time to take back the half one."""


@dataclass(frozen=True)
class Outcome:
    """How a job ended; `last` is the final JSON object of stdout, or an empty one."""

    ok: bool
    last: dict[str, Any]
    errors: str
    cancelled: bool = False
    started: bool = True


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
        self._last: dict[str, Any] = {}
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

    @property
    def running(self) -> bool:
        """Whether its process has begun and not ended."""
        return self._process.state() != QProcess.ProcessState.NotRunning

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

    def write(self, message: dict[str, Any]) -> None:
        """One line to a leashed process; one that has ended gets nothing."""
        if not self._ended:
            self._process.write(json.dumps(message).encode() + b"\n")

    def let_go(self, limit_ms: int) -> None:
        """Ends its input, which a leashed process ends at by itself, and the process `limit_ms` later if it must be."""
        # Whoever holds this may ask after the process, and Qt's object for it, have gone.
        if not self._ended:
            self._process.closeWriteChannel()
            QTimer.singleShot(limit_ms, self._process, self._process.kill)

    def wait(self, limit_ms: int) -> None:
        """Returns when it has ended, or then: for an app that closes."""
        if not self._ended:
            self._process.waitForFinished(limit_ms)

    def _read(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
        for text in lines:
            self._take(text)

    def _take(self, text: bytes) -> None:
        value = parse_line(text)
        if value is not None:
            self._last = value
            self.told.emit(value)

    def _too_slow(self) -> None:
        self._problem = tr("It took longer than {limit} seconds and was stopped.", limit=round(self._limit_s))
        self._process.kill()

    def _broke(self, error: QProcess.ProcessError) -> None:
        # After every other error `finished` follows.
        if error == QProcess.ProcessError.FailedToStart:
            self._problem = self._process.errorString()
            self._finish(False, started=False)

    def _exited(self, code: int, status: QProcess.ExitStatus) -> None:
        # Qt may tell of the end before it tells of the last output, and the last line may lack its end.
        self._read()
        self._take(self._rest)
        self._finish(code == 0 and status == QProcess.ExitStatus.NormalExit)

    def _finish(self, ok: bool, started: bool = True) -> None:
        if self._ended:
            return
        self._ended = True
        self._limit.stop()
        errors = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        self.finished.emit(
            Outcome(ok, self._last, "\n".join(filter(None, [self._problem, errors.strip()])), self._cancelled, started)
        )


def parse_line(line: str | bytes) -> dict[str, Any] | None:
    """One line of a child's stdout; None when it is no JSON object."""
    try:
        value = read_line(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def child_environment() -> QProcessEnvironment:
    """The variables of a child process of this app."""
    from igym.host.base.spawn import environment

    result = QProcessEnvironment()
    for name, value in environment(os.environ).items():
        result.insert(name, value)
    return result
