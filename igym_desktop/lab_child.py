"""The lab check's process: its tables as signals, the researcher's orders to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from igym_desktop.child_job import child_environment
from igym_desktop.flow.server_words import heard


class LabChild(QObject):
    """Runs until `end`; closing its input ends it, so it never outlives the launcher."""

    ready = Signal(str)
    """The address that seats open."""
    table = Signal(object)
    failed = Signal(str, str)
    """Code and a text for a person."""
    ended = Signal()

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rest = b""
        self._told_failure = False
        self._ending = self._over = False
        self._process = QProcess(self)
        self._process.setProcessEnvironment(child_environment())
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(lambda *_: self._finished())
        self._process.errorOccurred.connect(self._broke)
        self._process.start(command[0], list(command[1:]))

    def order(self, **order: Any) -> None:
        """`do="again"`, or `do="forget", seat=…`."""
        if self._over:
            return
        self._process.write(json.dumps(order).encode() + b"\n")

    def end(self) -> None:
        """Lets it write what was measured and end; `ended` follows."""
        # Whoever holds this may ask after the process and Qt's object for it are gone.
        if self._over or self._process.state() == QProcess.ProcessState.NotRunning:
            return
        self._ending = True
        self._process.closeWriteChannel()
        QTimer.singleShot(5000, self._process, self._process.kill)

    def finish(self) -> None:
        """Ends it and waits until it has: for an app that closes."""
        self.end()
        if not self._over:
            self._process.waitForFinished(3000)

    def _read(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
        tables = []
        for text in lines:
            event = _parsed(text)
            if event.get("event") == "lab":
                tables.append(event)
            elif event.get("event") == "ready":
                self.ready.emit(str(event.get("url", "")))
            elif event.get("event") == "failed":
                self._fail(str(event.get("code", "")), heard(str(event.get("text", ""))))
        if tables:
            self.table.emit(tables[-1])

    def _broke(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._fail("cannot_start", self._process.errorString())
            self._over = True
            self.ended.emit()

    def _finished(self) -> None:
        try:
            errors = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        except RuntimeError:
            return  # the launcher has closed and the Qt object is gone
        if not self._ending and not self._told_failure:
            self._fail("crashed", errors[-600:])
        self._over = True
        self.ended.emit()

    def _fail(self, code: str, text: str) -> None:
        self._told_failure = True
        self.failed.emit(code, text)


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
