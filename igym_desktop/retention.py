"""Erasing sessions that are older than the lab may keep them: what would go, and then doing it, folder by folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.flow.sessions import DATABASE
from igym_desktop.i18n import said, tr

if TYPE_CHECKING:
    from igym_desktop.launcher import Launcher

LIMIT_S = 600


class Retention(QObject):
    """`finished(sessions, problems)` once: what is (or was) older than `days`, and folders that could not be read."""

    finished = Signal(list, list)

    def __init__(self, launcher: Launcher, days: int, *, erase: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._launcher, self._days, self._erase = launcher, days, erase
        self._folders = sorted(file.parent for file in launcher.data_root.glob(f"*/{DATABASE}"))
        self._sessions: list[dict[str, Any]] = []
        self._problems: list[str] = []
        self._job: ChildJob | None = None

    def start(self) -> Retention:
        """One folder after the other."""
        self._next()
        return self

    def _next(self) -> None:
        if not self._folders:
            self.finished.emit(self._sessions, self._problems)
            return
        folder = self._folders.pop(0)
        arguments = [str(folder), "--days", str(self._days), "--json", *(["--erase"] if self._erase else [])]
        self._job = ChildJob(self._launcher.command_line("retention", arguments), LIMIT_S, self)
        self._job.start(lambda outcome: self._answered(folder, outcome))

    def _answered(self, folder: Path, outcome: Outcome) -> None:
        last = outcome.last
        if outcome.ok and last.get("event") == "retention":
            self._sessions += [{**session, "experiment": folder.name} for session in last.get("sessions") or ()]
        else:
            why = said(str(last.get("text") or "")) or str(outcome.errors[-400:] or tr("no reason was given"))
            self._problems.append(f"{folder.name}: {why}")
        self._next()
