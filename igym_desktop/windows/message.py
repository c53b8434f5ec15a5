"""Writing to participants: the text, and how long it is shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from igym_desktop.i18n import plural, tr
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.combo import CalmComboBox
from igym_desktop.widgets.wide_dialog import WideDialog

TIMES_S = (30, 60, 300, 900)
Send = Callable[[str, float | None], None]
"""(text, seconds it is shown; None: until OK)."""


class MessageDialog(WideDialog):
    """Named like a question, so that both are answered in one way."""

    def __init__(self, parent: QWidget, title: str, send: Send) -> None:
        super().__init__(parent, 460)
        self.setWindowTitle(title)
        self.setModal(True)
        self._send = send
        self.input = QPlainTextEdit()
        self.input.setObjectName("answer_input")
        self.input.setAccessibleName(tr("Text"))
        self.input.setTabChangesFocus(True)
        self.input.setFixedHeight(96)
        self.input.textChanged.connect(self._check)
        self.shown = CalmComboBox()
        self.shown.setAccessibleName(tr("How long it is shown"))
        self.shown.addItem(tr("Until they press OK"), None)
        for seconds in TIMES_S:
            words = plural(seconds // 60, "{n} minute", "{n} minutes") if seconds >= 60 else tr("30 seconds")
            self.shown.addItem(words, float(seconds))
        text = tr(
            "It appears at once above what they are doing; in a game it stands beside the playing field. Whoever is "
            "away sees it on coming back. The tab “Messages” tells who has read it."
        )
        self.buttons = {
            "yes": button(tr("Send"), "message", kind="primary", name="answer_yes", on=self._go),
            "cancel": button(tr("Cancel"), name="answer_cancel", on=self.reject),
        }
        self.buttons["yes"].setDefault(True)
        captions = []
        for words, control in ((tr("Text"), self.input), (tr("How long it is shown"), self.shown)):
            caption = label(words, "strong")
            caption.setBuddy(control)
            captions.append(caption)
        parts = (
            label(title, "heading", wrap=True),
            label(text, wrap=True),
            captions[0],
            self.input,
            captions[1],
            self.shown,
        )
        buttons = row(None, self.buttons["cancel"], self.buttons["yes"])
        self.setLayout(column(*parts, 10, buttons, gap=6, margins=(24, 20, 24, 18)))
        self.input.setFocus()
        self._check()

    def _check(self) -> None:
        self.buttons["yes"].setEnabled(bool(self.input.toPlainText().strip()))

    def _go(self) -> None:
        text, seconds = self.input.toPlainText().strip(), self.shown.currentData()
        self.accept()
        self._send(text, seconds)
