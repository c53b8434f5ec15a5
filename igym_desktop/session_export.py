"""Writing one stored session as files: by the running engine when it is its session, else in a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.i18n import plural, tr

if TYPE_CHECKING:
    from igym_desktop.launcher import Launcher


class SessionExport(QObject):
    """`finished(ok, text, folder)` once."""

    progress = Signal(int, int, str)
    finished = Signal(bool, str, str)

    def __init__(self, launcher: Launcher, session: StoredSession, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._launcher, self._session, self._name = launcher, session, name
        self._job: ChildJob | None = None

    def start(self) -> None:
        """Begins."""
        arguments = [str(self._session.folder), "--session", self._session.id, "--format", self._name, "--json"]
        self._job = ChildJob(self._launcher.command_line("export", arguments), 0, self)
        self._job.told.connect(self._event)
        self._job.start(self._done)

    def cancel(self) -> None:
        """Stops between two files; those written are complete."""
        if self._job:
            self._job.cancel()

    def _event(self, event: dict[str, Any]) -> None:
        if event.get("event") == "progress":
            self.progress.emit(int(event.get("done", 0)), int(event.get("total", 0)), str(event.get("what", "")))

    def _done(self, outcome: Outcome) -> None:
        last = outcome.last
        if outcome.cancelled:
            self.finished.emit(
                False, tr("The export was cancelled. Files that were finished are complete."), str(self._session.folder)
            )
        elif outcome.ok and last.get("event") == "exported":
            count = int(last.get("files", 0))
            words = plural(count, "{count} file was written.", "{count} files were written.")
            self.finished.emit(True, words, str(last.get("folder") or self._session.folder))
        else:
            why = str(last.get("text") or outcome.errors[-600:] or tr("no reason was given"))
            self.finished.emit(False, tr("The export did not succeed: {why}", why=why), "")
