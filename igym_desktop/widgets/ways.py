"""The ways of a branch: their names, one more, one less."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout

from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import button, column, icon_button, label, row
from igym_desktop.widgets.structured import remove_all


class Ways(QFrame):
    """`added(name)`, `renamed(old, new)`, `removed(name)`."""

    added = Signal(str)
    renamed = Signal(str, str)
    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.names: list[str] = []
        self.lines: list[QLineEdit] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        hint = tr("Each way holds scenes: drag them onto it, or choose it in the timeline and add some.")
        more = button(tr("Add a way"), "plus", kind="quiet", name="add_way", on=self._add)
        self.setLayout(
            column(label(tr("Ways"), "strong"), label(hint, "small", wrap=True), self._rows, row(more, None), gap=6,
                   margins=(16, 12, 16, 10))
        )  # fmt: skip

    def show_names(self, names: Sequence[str]) -> None:
        """Fills the rows."""
        self.names = list(names)
        self.lines = []
        remove_all(self._rows)
        for name in names:
            line = QLineEdit(name)
            line.setMaximumWidth(240)
            line.setAccessibleName(tr("Name of a way"))
            line.editingFinished.connect(partial(self._rename, line, name))
            drop = icon_button("trash", tr("Remove {name}", name=name), partial(self.removed.emit, name))
            drop.setEnabled(len(names) > 1)
            holder = QFrame()
            holder.setLayout(row(line, drop, None, gap=6))
            self.lines.append(line)
            self._rows.addWidget(holder)

    def _add(self) -> None:
        self.added.emit(next(name for name in (f"way_{n}" for n in range(1, 1000)) if name not in self.names))

    def _rename(self, line: QLineEdit, name: str) -> None:
        wanted = line.text().strip()
        if wanted and wanted != name and wanted not in self.names:
            self.renamed.emit(name, wanted)
        else:
            line.setText(name)
