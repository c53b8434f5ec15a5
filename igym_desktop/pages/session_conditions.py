"""The cells of the study's design: how many people each has, and closing or opening one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from igym_desktop import icons
from igym_desktop.alive import unless_gone
from igym_desktop.flow.view import SessionMirror
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.models.rows import Index, RowsModel
from igym_desktop.pages.session_actions import SessionActions
from igym_desktop.widgets.basics import button, column, label, panel, row, tone_colour
from igym_desktop.widgets.table import plain_table


class CellsModel(RowsModel):
    """One cell a row, in the order of the design: a column for each factor, then the counts."""

    def __init__(self, mirror: SessionMirror, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mirror = mirror
        self.factors: list[str] = []

    def refresh(self) -> None:
        """Takes the mirror's cells; the selection stays while the design is the same."""
        self.put(self._mirror.cells, key=lambda cell: cell["id"], meanwhile=self._name_factors)

    def _name_factors(self) -> None:
        self.factors = list(self.rows[0]["levels"]) if self.rows else []

    def cell_at(self, row: int) -> Mapping[str, Any]:
        """The cell in a row."""
        cell: Mapping[str, Any] = self.rows[row]
        return cell

    @property
    def titles(self) -> list[str]:
        """What stands over the columns."""
        counts = [tr("Wanted"), tr("Under way"), tr("Finished"), tr("Left before the end"), tr("Takes people")]
        return [*self.factors, *counts]

    def data(self, index: Index, role: int = 0) -> Any:
        cell = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(cell)[index.column()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == len(self.titles) - 1:
            tone = "ok" if _takes_people(cell) else "muted"
            return icons.small("door-open" if _takes_people(cell) else "door-closed", tone_colour(tone))
        return None

    def _texts(self, cell: Mapping[str, Any]) -> list[str]:
        wanted = cell.get("wanted")
        state = tr("Yes") if _takes_people(cell) else tr("Full") if cell["open"] else tr("Closed")
        counts = [str(cell[name]) for name in ("running", "finished", "dropped")]
        return [*cell["levels"].values(), tr("No limit") if wanted is None else str(wanted), *counts, state]


def _takes_people(cell: Mapping[str, Any]) -> bool:
    wanted = cell.get("wanted")
    return bool(cell["open"]) and (wanted is None or cell["running"] + cell["finished"] < wanted)


COLUMN_WIDTH = 100


class ConditionsPanel(QWidget):
    """The table, and what can be done with the cells chosen in it."""

    def __init__(self, launcher: Launcher, actions: SessionActions) -> None:
        super().__init__()
        self.actions_of_session = actions
        self.model = CellsModel(launcher.engine.mirror, self)
        self.table = plain_table("cells", tr("Conditions"))
        self.table.setSortingEnabled(False)
        self.table.setModel(self.model)
        self.model.modelReset.connect(self._want_widths)
        self._want_widths()
        self.close_cells = button(tr("Close"), "door-closed", name="close_cells", on=lambda: self._run("close_cell"))
        self.open_cells = button(tr("Open again"), "door-open", name="open_cells", on=lambda: self._run("open_cell"))
        hint = label(tr("A closed condition gets nobody new. Whoever has it already goes on."), "small", wrap=True)
        self.setLayout(
            column(
                panel(column(self.table, gap=0), margin=1),
                row(self.close_cells, self.open_cells, None, gap=8),
                hint,
                gap=10,
                margins=(0, 10, 0, 0),
            )
        )
        self.table.selectionModel().selectionChanged.connect(unless_gone(lambda *_: self._offer()))
        self._offer()

    def refresh(self) -> None:
        """The mirror changed."""
        self.model.refresh()
        self._offer()

    def _want_widths(self) -> None:
        """A column for each factor, so their number is the study's."""
        self.table.want_widths([COLUMN_WIDTH] * self.model.columnCount())

    def _chosen(self) -> list[Mapping[str, Any]]:
        return [self.model.cell_at(index.row()) for index in self.table.selectionModel().selectedRows()]

    def _offer(self) -> None:
        chosen = self._chosen()
        self.close_cells.setEnabled(any(cell["open"] for cell in chosen))
        self.open_cells.setEnabled(any(not cell["open"] for cell in chosen))

    def _run(self, command: str) -> None:
        for cell in self._chosen():
            if cell["open"] == (command == "close_cell"):
                self.actions_of_session.run(command, {"cell": cell["id"]})
