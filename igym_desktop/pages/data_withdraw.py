"""Withdrawing a participant after (or during) a session, and the receipt of what was erased."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from igym_desktop.flow.session_facts import read_receipt
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.flow.stored_jobs import Ended, StoredJob, withdraw_job
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import Page
from igym_desktop.windows.dialogs import ask
from igym_desktop.windows.receipt import Receipt, ReceiptDialog, ReceiptWatch, show_receipt


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
            if erase and session.server:
                self.page.banner.say(
                    "go",
                    tr(
                        "The data of {who} are being erased on {server}; the receipt is written there. Fetch the files "
                        "again, so that the copy on this computer loses them too.",
                        who=person.label or person.id, server=session.server,
                    ),
                )  # fmt: skip
            elif erase:
                self._watch = ReceiptWatch(
                    session.folder, session.id, person.id, self._receipt_found, lambda: None, self
                )
        else:
            self.page.banner.say("stop", reply.text)

    def _receipt_found(self, receipt: Receipt) -> None:
        self.done.emit()
        self._show(*receipt)

    def _ended(self, session: StoredSession, person: Any, erase: bool, found: Ended) -> None:
        self.done.emit()
        receipt = read_receipt(session.folder, session.id, person.id) if erase and found.tone == "go" else None
        if receipt is None:
            self.page.banner.say(found.tone, found.text)
            return
        self.page.banner.say("go", found.text, (tr("Show the receipt"), partial(self._show, *receipt)))
        self._show(*receipt)

    def _show(self, file: Path, said: dict[str, Any]) -> None:
        self.receipt = show_receipt(file, said, self.page)
