"""Two profiles side by side: only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QTableView, QWidget

from igym.protocol.profile_tables import LEFT_OUT
from igym_desktop.flow import profiles
from igym_desktop.flow.field_text import plain_text
from igym_desktop.i18n import plural, tr
from igym_desktop.models.sessions import Shown, ThingsModel
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.table import plain_table


class CompareDialog(QDialog):
    """What is on the page, saved or not, against a profile (name → file) or the experiment as it is written."""

    def __init__(self, files: Mapping[str, Path], mine: Mapping[str, Any], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Compare profiles"))
        self.setModal(True)
        self.resize(760, 460)
        self._files, self._mine = files, mine
        self.other = CalmComboBox()
        self.other.setObjectName("other_profile")
        self.other.setMinimumWidth(240)
        self.other.setAccessibleName(tr("Compare with"))
        self.other.addItem(tr("As written in the experiment"), "")
        for name in files:
            self.other.addItem(name, name)
        self.other.currentIndexChanged.connect(self._compare)
        self.model = ThingsModel(_columns(), self)
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
        lines = [f"{name}\t{_shown(old)}\t{_shown(new)}" for name, old, new in self.model.rows]
        QGuiApplication.clipboard().setText("\n".join(lines))


def _columns() -> list[Shown]:
    return [
        Shown(tr("Option"), 300, lambda item: item[0], lambda item: item[0]),
        Shown(tr("There"), 190, lambda item: _shown(item[1]), lambda item: _shown(item[1])),
        Shown(tr("Here"), 190, lambda item: _shown(item[2]), lambda item: _shown(item[2])),
    ]


def _shown(value: Any) -> str:
    if value == LEFT_OUT:
        return tr("left out")
    return tr("as in the experiment") if value is profiles.MISSING else plain_text(value)
