"""Personal links: for whom, at which address, and what becomes of them: a table, a sheet with codes, the clipboard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QPlainTextEdit, QWidget

from igym_desktop.flow.papers import personal_links
from igym_desktop.flow.personal_links import ids_of, make_links, takes_links, write_links
from igym_desktop.i18n import plural, tr
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.folders import choose_save_file
from igym_desktop.windows.paper import PaperDialog, show_paper


class PersonalLinksDialog(QDialog):
    """`info` is the described study, `address` where its sessions are reached as far as that is known."""

    def __init__(self, parent: QWidget, info: Mapping[str, Any], data_root: Path, address: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Personal links"))
        self.setModal(True)
        self.resize(720, 480)
        self._info, self._data_root = info, data_root
        self.found: list[tuple[str, str]] = []
        self.paper: PaperDialog | None = None
        self.ids = QPlainTextEdit("P001-P020")
        self.ids.setAccessibleName(tr("Ids"))
        self.ids.setTabChangesFocus(True)
        self.ids.setFixedHeight(84)
        self.address = QLineEdit(address)
        self.address.setPlaceholderText("http://10.0.0.5:8080")
        self.address.setAccessibleName(tr("Address"))
        self.once = QCheckBox(tr("Each link admits one browser, and none after it"))
        self.told = label("", "small", wrap=True, selectable=True)
        about = tr(
            "Each person gets a link of their own. The id in it is signed: nobody can guess another one or change "
            "theirs, and whoever opens theirs again goes on where they were."
        )
        self.makers = [
            button(tr("Copy"), "copy", name="copy_links", on=self._copy),
            button(tr("Sheet to print"), "qr", name="print_links", on=self._print),
            button(tr("Save as CSV…"), "save", kind="primary", name="save_links", on=self._ask_where),
        ]
        self.setLayout(
            column(
                label(tr("Personal links"), "heading"),
                label(about, "muted", wrap=True),
                label(tr("Ids, such as P001-P100 or anna, ben"), "strong"),
                self.ids,
                label(tr("Address at which participants reach this computer"), "strong"),
                self.address,
                self.once,
                self.told,
                None,
                row(None, button(tr("Close"), on=self.reject), *self.makers),
                gap=6,
                margins=(24, 20, 24, 18),
            )
        )
        self.ids.textChanged.connect(self.make)
        self.address.textChanged.connect(self.make)
        self.once.toggled.connect(self.make)
        self.make()

    def make(self) -> None:
        """The links as things stand; what keeps them from being made is said."""
        self.found, problem = [], ""
        try:
            if not takes_links(self._info):
                raise ValueError(
                    tr(
                        "This study takes no ids from links. On Configure, under “Participant ids”, set “Ids” to "
                        "“Taken from the link” and save; then come back."
                    )
                )
            ids = ids_of(self.ids.toPlainText())
            self.found = make_links(
                self._data_root, self._info, ids, self.address.text().strip(), once=self.once.isChecked()
            )
        except ValueError as error:
            problem = str(error)
        self.told.setText(problem or (self.found[0][1] if self.found else ""))
        self.told.setProperty("role", "error" if problem else "small")
        self.told.style().polish(self.told)
        for maker in self.makers:
            maker.setEnabled(bool(self.found))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{who}\t{link}" for who, link in self.found))
        self.told.setText(plural(len(self.found), "{n} link copied.", "{n} links copied."))

    def _print(self) -> None:
        self.paper = show_paper(personal_links(str(self._info.get("title") or ""), self.found), self)

    def _ask_where(self) -> None:
        choose_save_file(self, tr("Save as CSV…"), "links.csv", tr("Tables (*.csv)"), self.save)

    def save(self, file: Path) -> None:
        """One line per person, for a mail merge."""
        try:
            write_links(file, self.found)
        except OSError as error:
            self.told.setText(tr("{file} could not be written: {why}", file=file, why=error.strerror or error))
            return
        self.told.setText(tr("Saved: {file}", file=file))
