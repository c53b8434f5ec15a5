"""What was erased, when, and what stays; and waiting for the receipt of somebody erased while the session runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from igym_desktop.background import in_background
from igym_desktop.flow.paper_html import Papers
from igym_desktop.flow.papers import plain
from igym_desktop.flow.session_facts import read_receipt
from igym_desktop.i18n import plural, said, tr
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.folders import show_folder
from igym_desktop.widgets.wide_dialog import WideDialog
from igym_desktop.windows.paper import show_paper

LOOKS_EVERY_MS, LOOKS = 300, 400

Receipt = tuple[Path, dict[str, Any]]


class ReceiptDialog(WideDialog):
    """The same is on disk, as JSON."""

    def __init__(self, file: Path, text: str, title: str, parent: QWidget) -> None:
        super().__init__(parent, 560)
        self.setWindowTitle(title)
        self.setModal(True)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setMinimumHeight(240)
        self.text.setAccessibleName(title)
        where = label(str(file), "small", wrap=True, selectable=True)
        show = button(tr("Open folder"), "folder", on=partial(show_folder, file.parent))
        paper = partial(self._show_paper, plain(title, text))
        to_print = button(tr("Print…"), "page", name="print_receipt", on=paper)
        close = button(tr("Close"), kind="primary", name="close_receipt", on=self.accept)
        parts = (label(title, "heading"), self.text, where, 6, row(None, show, to_print, close))
        self.setLayout(column(*parts, gap=8, margins=(24, 20, 24, 18)))

    def _show_paper(self, papers: Papers) -> None:
        self.paper = show_paper(papers, self)


def show_receipt(file: Path, receipt: dict[str, Any], parent: QWidget) -> ReceiptDialog:
    """Opens the receipt of a withdrawal."""
    dialog = ReceiptDialog(file, receipt_text(receipt), tr("Receipt of a withdrawal"), parent)
    dialog.open()
    return dialog


class ReceiptWatch(QObject):
    """A running engine erases after it has answered: `found` once its receipt lies there, `missed` if it never does."""

    def __init__(
        self, folder: Path, session: str, participant: str, found: Callable[[Receipt], None],
        missed: Callable[[], None], parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._asked = partial(read_receipt, folder, session, participant)
        self._found, self._missed, self._left = found, missed, LOOKS
        self._since = time.time() - 2
        QTimer.singleShot(LOOKS_EVERY_MS, self, self._look)

    def _look(self) -> None:
        self._left -= 1
        in_background(self._asked, self._seen, lambda error: self._seen(None))

    def _seen(self, receipt: Receipt | None) -> None:
        if receipt is not None and float(receipt[1].get("erased_at") or 0) >= self._since:
            self._found(receipt)
        elif self._left > 0:
            QTimer.singleShot(LOOKS_EVERY_MS, self, self._look)
        else:
            self._missed()


def receipt_text(receipt: dict[str, Any]) -> str:
    """For people."""
    at = receipt.get("erased_at")
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if isinstance(at, (int, float)) else ""
    head = tr("Participant {who}, session {session}", who=receipt.get("participant"), session=receipt.get("session"))
    return "\n".join([head, tr("Erased on {when}", when=when), "", *what_went(receipt)])


def what_went(receipt: dict[str, Any]) -> list[str]:
    """What was erased and kept, each copy with what was done with it, and each file."""
    copied = [entry for entry in receipt.get("copies") or () if isinstance(entry, dict)]
    removed = [str(name) for name in receipt.get("removed_files") or ()]
    return [
        tr("Erased: {what}", what=said(str(receipt.get("erased")))),
        tr("Kept: {what}", what=said(str(receipt.get("kept")))),
        "",
        *([tr("Every copy, and what was done with it:")] if copied else []),
        *(f"    {entry.get('file')}: {said(str(entry.get('done')))}" for entry in copied),
        *([""] if copied else []),
        plural(len(removed), "{n} file was removed.", "{n} files were removed."),
        *(f"    {name}" for name in removed),
    ]
