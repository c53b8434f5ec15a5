"""Two profiles side by side: only what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QTableView, QWidget

from igym.protocol.profile_tables import LEFT_OUT
from igym_desktop.flow import profiles
from igym_desktop.flow.profile_draft import Draft
from igym_desktop.i18n import plural, tr
from igym_desktop.models.sessions import Shown, ThingsModel
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.table import plain_table

Difference = tuple[str, Any, Any]
"""Path of an option in a profile, its value there, its value here."""


class CompareDialog(QDialog):
    """What is on the page, saved or not, against a profile (name → file) or the experiment as it is written."""

    def __init__(self, files: Mapping[str, Path], draft: Draft, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Compare profiles"))
        self.setModal(True)
        self.resize(760, 460)
        self._files, self._draft, self._mine = files, draft, draft.overrides()
        self.other = CalmComboBox()
        self.other.setObjectName("other_profile")
        self.other.setMinimumWidth(240)
        self.other.setAccessibleName(tr("Compare with"))
        self.other.addItem(tr("As written in the experiment"), "")
        for name in files:
            self.other.addItem(name, name)
        self.other.currentIndexChanged.connect(self._compare)
        self.model = ThingsModel(self._columns(), self)
        self.text = label("", "muted", wrap=True)
        caption = label(tr("Compare with"), "strong")
        copy = button(tr("Copy"), "copy", on=self._copy)
        close = button(tr("Close"), kind="primary", name="close_compare", on=self.accept)
        head = row(caption, self.other, self.text, gap=10)
        head.setStretch(2, 1)
        self.setLayout(column(head, self._table(), 4, row(None, copy, close), gap=8, margins=(20, 18, 20, 16)))
        self._compare()

    def _table(self) -> QTableView:
        table = plain_table("differences", tr("Differences"))
        table.setSortingEnabled(False)
        table.setModel(self.model)
        table.horizontalHeader().setStretchLastSection(True)
        table.want_widths([shown.width for shown in self.model.columns])
        return table

    def _compare(self) -> None:
        name, theirs = self.other.currentData(), {}
        try:
            theirs = profiles.load(self._files[name]) if name else {}
        except ValueError as error:
            self.model.show_things([])
            self.text.setText(str(error))
            return
        found = profiles.differences(theirs, self._mine)
        self.model.show_things(found)
        words = plural(len(found), "{n} difference", "{n} differences")
        self.text.setText(words if found else tr("They are the same."))

    def _copy(self) -> None:
        lines = ["\t".join(shown.text(item) for shown in self.model.columns) for item in self.model.rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _columns(self) -> list[Shown]:
        def column_of(title: str, width: int, words: Callable[[Difference], str]) -> Shown:
            return Shown(title, width, words, words)

        return [
            column_of(tr("Option"), 300, lambda item: self._draft.title_of(item[0])),
            column_of(tr("There"), 190, lambda item: self._shown(item[0], item[1])),
            column_of(tr("Here"), 190, lambda item: self._shown(item[0], item[2])),
        ]

    def _shown(self, name: str, value: Any) -> str:
        if value == LEFT_OUT:
            return tr("left out")
        return tr("as in the experiment") if value is profiles.MISSING else self._draft.words_of(name, value)
