"""Runs one long job on stored data as a child process, with progress and cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.flow.stored_jobs import StoredJob, ended
from igym_desktop.i18n import said

if TYPE_CHECKING:
    from igym_desktop.launcher import Launcher


class RunningJob(QObject):
    """`finished(Ended)` once."""

    progress = Signal(int, int, str)
    finished = Signal(object)

    def __init__(self, launcher: Launcher, job: StoredJob, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.job = job
        command = launcher.command_line(job.kind, job.arguments)
        self._child = ChildJob(command, 0, self, leash="--leash" in job.arguments)
        self._child.told.connect(self._told)

    def start(self) -> RunningJob:
        """Begins."""
        self._child.start(self._done)
        return self

    def cancel(self) -> None:
        """Stops soon; files that were finished stay."""
        self._child.cancel()

    def _told(self, event: dict[str, Any]) -> None:
        if event.get("event") == "progress":
            self.progress.emit(int(event.get("done", 0)), int(event.get("total", 0)), said(str(event.get("what", ""))))

    def _done(self, outcome: Outcome) -> None:
        self.finished.emit(ended(self.job, outcome.last, outcome.errors, cancelled=outcome.cancelled))
