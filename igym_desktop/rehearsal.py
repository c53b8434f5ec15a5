"""Runs a rehearsal against the running session: simulated participants, then export, then verification."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from igym_desktop.background import in_background
from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.control_link import Reply
from igym_desktop.flow.rehearsal import RehearsalPlan, report, unsettled
from igym_desktop.flow.sessions import Verification, verify
from igym_desktop.i18n import said, tr

if TYPE_CHECKING:
    from igym_desktop.launcher import Launcher

SETTLE_LIMIT_MS = 10_000
UNHEARD = ("not_connected", "no_answer")


class Rehearsal(QObject):
    """`finished(report)` once; `progress(done, total, text)` on the way."""

    progress = Signal(int, int, str)
    finished = Signal(object)

    def __init__(self, launcher: Launcher, plan: RehearsalPlan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._launcher, self._plan = launcher, plan
        self._done = 0
        self._outcome: Outcome | None = None
        self._settled = self._exporting = self._cancelled = False
        self._limit = QTimer(self, singleShot=True, interval=SETTLE_LIMIT_MS)
        self._limit.timeout.connect(self._settle)
        self._job = ChildJob(launcher.command_line("simulate", plan.arguments(_address(launcher))), 0, self)
        self._job.told.connect(self._told)

    def start(self) -> None:
        """Sends the simulated participants."""
        self.progress.emit(0, self._plan.number, tr("Simulated participants take part…"))
        self._launcher.engine.command("session_kind", {"kind": "rehearsal"}, "", self._begin)

    def _begin(self, reply: Reply) -> None:
        """Nobody comes before the server knows whose data theirs are.

        Refused where people have joined: then the session stays what it is, and only those who come now are marked.
        """
        if self._cancelled or reply.code in UNHEARD:
            self._simulated(Outcome(False, {}, reply.text, cancelled=self._cancelled))
            return
        if self._plan.speed != 1.0:
            # Rows of a game that is played faster than its clock are taken only while the researcher says so.
            self._launcher.engine.command("rehearse", {"fast": True}, "", lambda reply: None)
        self._job.start(self._simulated)

    def cancel(self) -> None:
        """They leave at once, and files are written no further; the report says so."""
        self._cancelled = True
        self._job.cancel()
        if self._exporting:
            self._launcher.engine.command("cancel_export", {}, "", lambda reply: None)

    def _told(self, event: dict[str, Any]) -> None:
        if event.get("event") == "progress":
            self._done += 1
            who = str(event.get("participant") or "")
            self.progress.emit(
                self._done, self._plan.number, tr("{who}: {outcome}", who=who, outcome=event.get("outcome"))
            )

    def _simulated(self, outcome: Outcome) -> None:
        """The table is a moment behind, and recordings are compared when their last rows are there."""
        self._outcome = outcome
        if self._plan.speed != 1.0:
            self._launcher.engine.command("rehearse", {"fast": False}, "", lambda reply: None)
        self.progress.emit(0, 0, tr("Writing and checking the files…"))
        self._limit.start()
        self._launcher.engine.view_changed.connect(self._settle)
        # Once without a change: everything may have settled before the job's end was heard of.
        self._settle()

    def _settle(self) -> None:
        mirror = self._launcher.engine.mirror
        waiting = unsettled(mirror.participants.values(), mirror.matches.values())
        if self._settled or (waiting and self._limit.isActive()):
            return
        self._settled = True
        self._limit.stop()
        self._launcher.engine.view_changed.disconnect(self._settle)
        plan = self._launcher.engine.plan
        if plan is not None and not plan.keeps_data:
            text = tr("“Save data” is off (save_data=False): no files were written, so there are none to check.")
            self._verified(None, Verification(True, text))
            return
        self._exporting = True
        self._launcher.engine.link.progress.connect(self._written)
        self._launcher.engine.command("export", {"formats": ["csv"]}, "", self._exported)

    def _written(self, step: dict[str, Any]) -> None:
        text = tr("{done} of {total}: {what}", done=step["done"], total=step["total"], what=said(str(step["what"])))
        self.progress.emit(int(step["done"]), int(step["total"]), text)

    def _exported(self, reply: Any) -> None:
        self._exporting = False
        self._launcher.engine.link.progress.disconnect(self._written)
        plan = self._launcher.engine.plan
        folder = plan.data_folder if plan else Path()
        trouble = "" if reply.ok else str(reply.text)
        failed = partial(self._verified, trouble)
        in_background(
            partial(verify, folder), failed, lambda error: self._verified(trouble, Verification(False, str(error)))
        )

    def _verified(self, export: str | None, found: Verification) -> None:
        assert self._outcome is not None
        mirror = self._launcher.engine.mirror
        errors = tr("Cancelled.") if self._outcome.cancelled else self._outcome.errors
        self.finished.emit(
            report(
                self._outcome.last if self._outcome.last.get("event") == "simulated" else {}, errors,
                list(mirror.matches.values()), list(mirror.problems.values()), export, (found.ok, found.text),
            )
        )  # fmt: skip


def _address(launcher: Launcher) -> str:
    """Simulated participants come in by this computer's own door: they know no certificates, and no proxy."""
    return launcher.engine.local_url
