"""The study link, the completion code and the redirect for Prolific and the like, and how to paste them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from igym_desktop.flow import prolific
from igym_desktop.flow import study_edit as edit
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import button, column, icon_button, label, row, scroll

Apply = Callable[[edit.Document, str], None]
"""Takes the changed study and the id of the page with the code."""


class ProlificDialog(QDialog):
    """`document` is the study that is being made; `apply` puts what is needed into it."""

    def __init__(self, parent: QWidget | None, document: Mapping[str, Any], address: str, apply: Apply) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Prolific and the like"))
        self.setModal(True)
        self.resize(720, 640)
        self._document, self._apply = document, apply
        page = prolific.code_page(document)
        self.address = _line(address, tr("https://study.example.org"), tr("Address"))
        self.address.setObjectName("prolific_address")
        code = str(edit.found(document, ("scenes", page, "code"), "") if page else "")
        self.code = _line(code, tr("Such as C1A2B3D4"), tr("Completion code"))
        self.code.setObjectName("prolific_code")
        self.link = _line("", "", tr("Study link"), locked=True)
        self.back = _line("", "", tr("Redirect"), locked=True)
        self.problem = label("", "error", wrap=True)
        self.use = button(tr("Put into this study"), "check", kind="primary", name="prolific_use", on=self._use)
        for line in (self.address, self.code):
            line.textChanged.connect(lambda _: self._show())
        how = QWidget()
        texts = [label(f"{number}.  {text}", wrap=True) for number, text in enumerate(prolific.steps(), start=1)]
        how.setLayout(column(*texts, None, gap=8, margins=(0, 0, 8, 0)))
        about = tr("Ids are taken from the link, and a page at the end shows the code and leads back.")
        layout = column(
            label(tr("Prolific and the like"), "heading"),
            *_named(tr("Address at which participants reach this computer"), self.address),
            *_named(tr("Study link"), self.link, self._copy(self.link)),
            *_named(tr("Completion code"), self.code, self._copy(self.code)),
            *_named(tr("Redirect at the end"), self.back, self._copy(self.back)),
            self.problem,
            label(about, "muted", wrap=True),
            label(tr("How to paste them"), "strong"),
            scroll(how),
            row(None, button(tr("Close"), on=self.reject), self.use),
            gap=6,
            margins=(24, 20, 24, 18),
        )
        self.setLayout(layout)
        self._show()

    def _copy(self, line: QLineEdit) -> QWidget:
        return icon_button("copy", tr("Copy"), partial(self._to_clipboard, line))

    def _to_clipboard(self, line: QLineEdit) -> None:
        QGuiApplication.clipboard().setText(line.text())

    def _show(self) -> None:
        self.link.setText(prolific.study_link(self.address.text()))
        self.link.setCursorPosition(0)
        self.link.setPlaceholderText(tr("Appears when there is an address"))
        problem = ""
        try:
            self.back.setText(prolific.redirect(self.code.text()))
        except ValueError as error:
            self.back.clear()
            problem = str(error) if self.code.text() else ""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.use.setEnabled(bool(self.back.text()))

    def _use(self) -> None:
        self._apply(*prolific.prepared(self._document, self.code.text()))
        self.accept()


def _line(text: str, hint: str, name: str, *, locked: bool = False) -> QLineEdit:
    line = QLineEdit(text)
    line.setPlaceholderText(hint)
    line.setAccessibleName(name)
    line.setReadOnly(locked)
    return line


def _named(title: str, line: QLineEdit, *more: QWidget) -> tuple[Any, Any]:
    caption = label(title, "strong")
    caption.setBuddy(line)
    return caption, row(line, *more, gap=6)
