"""The page that shows recorded matches again: one small server for each data folder, as long as the launcher lives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from igym_desktop.child_job import ChildJob, CommandLine, Outcome
from igym_desktop.i18n import said, tr


class ReplayServer(QObject):
    """`opened(url, whether a browser took it)`, `refused(code, text)` when there is nothing to show."""

    opened = Signal(str, bool)
    refused = Signal(str, str)

    def __init__(self, command_line: CommandLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command_line = command_line
        self._job: ChildJob | None = None
        self._folder: Path | None = None
        self._url = ""
        self._wanted = ""

    def show(self, folder: Path, replay: str = "") -> None:
        """Opens a recorded episode, or the list of all; what was exported since the last time is among them."""
        self.stop()
        self._folder, self._wanted = folder, replay
        job = ChildJob(self._command_line("replay", [str(folder), "--json"]), 0, self, leash=True)
        self._job = job
        job.told.connect(lambda event: self._told(job, event))
        job.start(lambda outcome: self._ended(job, outcome))

    def stop(self) -> None:
        """The pages that are open stay as they are, but load nothing more."""
        job, self._job = self._job, None
        if job:
            job.cancel()

    def _told(self, job: ChildJob, event: dict[str, Any]) -> None:
        if job is self._job and event.get("event") == "ready":
            url = str(event["url"]) + (f"#{self._wanted}" if self._wanted else "")
            self.opened.emit(url, bool(QDesktopServices.openUrl(QUrl(url))))

    def _ended(self, job: ChildJob, outcome: Outcome) -> None:
        if job is not self._job:
            return
        self._job = None
        last = outcome.last
        text = said(str(last.get("text") or "")) or str(outcome.errors[-400:].strip() or tr("no reason was given"))
        self.refused.emit(str(last.get("code") or ""), text)
