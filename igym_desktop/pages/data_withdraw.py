"""Withdrawing a participant after (or during) a session, and the receipt of what was erased."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QPlainTextEdit

from igym_desktop.flow.server_words import heard
from igym_desktop.flow.session_facts import read_receipt
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.flow.stored_jobs import Ended, StoredJob, withdraw_job
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import Page, button, column, label, row
from igym_desktop.widgets.folders import show_folder
from igym_desktop.windows.dialogs import ask


class Withdrawal(QObject):
    """Asks, has it done (by the running engine when it is its session), and shows the receipt."""

    done = Signal()

    def __init__(self, launcher: Launcher, page: Page, run: Callable[[StoredJob, Any], None]) -> None:
        super().__init__(page)
        self.launcher, self.page, self._run = launcher, page, run
        self.receipt: ReceiptDialog | None = None

    def ask(self, session: StoredSession, person: Any) -> None:
        """`person` is one of the session's people."""
        ask(
            self.page,
            tr("Withdraw {who}", who=person.label or person.id),
            tr(
                "Erasing removes their rows, answers and files for good; what their partners' browsers recorded is "
                "kept, and a receipt is written. Copies you made elsewhere are yours to erase."
            ),
            [
                ("erase", tr("Withdraw and erase"), "danger"),
                ("keep", tr("Withdraw, keep data"), ""),
                ("cancel", tr("Cancel"), ""),
            ],
            lambda key, reason: None if key == "cancel" else self._begin(session, person, reason, key == "erase"),
            prompt=tr("Reason (for the record)"),
        )

    def _begin(self, session: StoredSession, person: Any, reason: str, erase: bool) -> None:
        engine = self.launcher.engine
        if engine.alive and engine.mirror.session.get("id") == session.id:
            args = {"participant": person.id, "erase": erase}
            engine.command("withdraw", args, reason, partial(self._answered, session, person, erase))
            return
        self._run(withdraw_job(session, person.id, reason, erase=erase), partial(self._ended, session, person, erase))

    def _answered(self, session: StoredSession, person: Any, erase: bool, reply: Any) -> None:
        if reply.ok:
            self.page.banner.say(
                "go", tr("{who} was withdrawn from the running session.", who=person.label or person.id)
            )
            self.done.emit()
        else:
            self.page.banner.say("stop", reply.text)

    def _ended(self, session: StoredSession, person: Any, erase: bool, found: Ended) -> None:
        self.done.emit()
        receipt = read_receipt(session.folder, session.id, person.id) if erase and found.tone == "go" else None
        if receipt is None:
            self.page.banner.say(found.tone, found.text)
            return
        self.page.banner.say("go", found.text, (tr("Show the receipt"), partial(self._show, *receipt)))
        self._show(*receipt)

    def _show(self, file: Path, said: dict[str, Any]) -> None:
        self.receipt = ReceiptDialog(file, receipt_text(said), tr("Receipt of a withdrawal"), self.page)
        self.receipt.open()


class ReceiptDialog(QDialog):
    """What was erased, when, and what stays; the same is on disk."""

    def __init__(self, file: Path, text: str, title: str, parent: Page) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(560)
        self.setModal(True)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setMinimumHeight(240)
        self.text.setAccessibleName(title)
        where = label(str(file), "small", wrap=True, selectable=True)
        show = button(tr("Open folder"), "folder", on=partial(show_folder, file.parent))
        close = button(tr("Close"), kind="primary", name="close_receipt", on=self.accept)
        self.setLayout(
            column(
                label(title, "heading"), self.text, where, 6, row(None, show, close), gap=8, margins=(24, 20, 24, 18)
            )
        )


def receipt_text(said: dict[str, Any]) -> str:
    """For people; the file itself is JSON."""
    at = said.get("erased_at")
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if isinstance(at, (int, float)) else ""
    copied = [entry for entry in said.get("copies") or () if isinstance(entry, dict)]
    removed = [str(name) for name in said.get("removed_files") or ()]
    lines = [
        tr("Participant {who}, session {session}", who=said.get("participant"), session=said.get("session")),
        tr("Erased on {when}", when=when),
        "",
        tr("Erased: {what}", what=heard(str(said.get("erased")))),
        tr("Kept: {what}", what=heard(str(said.get("kept")))),
        "",
        *([tr("Every copy, and what was done with it:")] if copied else []),
        *(f"    {entry.get('file')}: {heard(str(entry.get('done')))}" for entry in copied),
        *([""] if copied else []),
        plural(len(removed), "{count} file was removed.", "{count} files were removed."),
        *(f"    {name}" for name in removed),
    ]
    return "\n".join(lines)
