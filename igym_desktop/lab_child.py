"""The lab check's process: its tables as signals, the researcher's orders to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.i18n import said

END_LIMIT_MS = 5000
CLOSE_LIMIT_MS = 3000


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
        self._told_failure = self._ending = False
        self._job = ChildJob(command, 0, self, leash=True)
        self._job.told.connect(self._hear)
        self._job.start(self._ended)

    def order(self, **order: Any) -> None:
        """`do="again"`, or `do="forget", seat=…`."""
        self._job.write(order)

    def end(self) -> None:
        """Lets it write what was measured and end; `ended` follows."""
        self._ending = True
        self._job.let_go(END_LIMIT_MS)

    def finish(self) -> None:
        """Ends it and waits until it has: for an app that closes."""
        self.end()
        self._job.wait(CLOSE_LIMIT_MS)

    def _hear(self, event: dict[str, Any]) -> None:
        kind = event.get("event")
        if kind == "lab":
            self.table.emit(event)
        elif kind == "ready":
            self.ready.emit(str(event.get("url", "")))
        elif kind == "failed":
            self._fail(str(event.get("code", "")), said(str(event.get("text", ""))))

    def _ended(self, outcome: Outcome) -> None:
        if not outcome.started:
            self._fail("cannot_start", outcome.errors)
        elif not self._ending and not self._told_failure:
            self._fail("crashed", outcome.errors[-600:])
        self.ended.emit()

    def _fail(self, code: str, text: str) -> None:
        self._told_failure = True
        self.failed.emit(code, text)
