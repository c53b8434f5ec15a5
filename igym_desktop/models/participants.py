"""The live table of participants: sorted and filtered here, as Qt's own proxy asks for every cell of every change."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from igym_desktop.flow.view import Difference, SessionMirror
from igym_desktop.i18n import said
from igym_desktop.models.participants_columns import Cell, Column, Row, cell_data, columns
from igym_desktop.models.participants_filter import FILTERS, Search

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
HISTORY_ROLE = Qt.ItemDataRole.UserRole + 2
HISTORY_LENGTH = 60
_CELL_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.DecorationRole,
        Qt.ItemDataRole.ForegroundRole,
        Qt.ItemDataRole.ToolTipRole,
    }
)
_NONE = QModelIndex()


class ParticipantsModel(QAbstractTableModel):
    """Follows a `SessionMirror`: each update is one look at the rows, one new order and at most four signals."""

    def __init__(self, mirror: SessionMirror, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns()
        self._mirror = mirror
        self._shown: list[str] = []
        self._row_of: dict[str, int] = {}
        self._history: dict[str, deque[float]] = {}
        self._filter = "all"
        self._search = Search(self.columns)
        self._sorted_by, self._descending = -1, False
        self._sort_values: dict[str, tuple[Row, Any]] = {}
        self._take(self._wanted())

    def apply(self, difference: Difference) -> None:
        """Takes over what the mirror just learned."""
        if difference.everything:
            self._start_again()
            return
        self._note_rtt([*difference.participants, *difference.added])
        if difference.gone:
            self._forget(difference.gone)
        self._arrange()
        self._repaint(difference.participants)

    def search(self, text: str) -> None:
        """Shows those in whose row every word occurs."""
        self._search.use(text)
        self._arrange()

    def use(self, name: str) -> None:
        """Shows one of `FILTERS`."""
        self._filter = name
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column's values; equals stay in the order of joining. -1: everybody in that order."""
        if column != self._sorted_by:
            self._sort_values.clear()
        self._sorted_by, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def refresh_waiting(self) -> None:
        """Once a second: the waiting times of those who wait."""
        people = self._mirror.participants
        if any(people[key].get("waiting_since") for key in self._shown if key in people):
            column = self.column_index("waiting")
            self.dataChanged.emit(self.index(0, column), self.index(len(self._shown) - 1, column))

    def column_index(self, key: str) -> int:
        """Where a column is."""
        return next(index for index, column in enumerate(self.columns) if column.key == key)

    def row_of(self, participant: str) -> int:
        """Row of a participant, -1 when gone or not shown."""
        return self._row_of.get(participant, -1)

    def index(self, row: int, column: int, parent: Index = _NONE) -> QModelIndex:
        """As Qt makes it, without asking for both counts each time."""
        inside = not parent.isValid() and 0 <= row < len(self._shown) and 0 <= column < len(self.columns)
        return self.createIndex(row, column) if inside else QModelIndex()

    def rowCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.columns[section].tip or self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        key = self._shown[index.row()]
        row = self._mirror.participants.get(key, {})
        if role == ROW_ROLE:
            return row
        column = self.columns[index.column()]
        if role == HISTORY_ROLE:
            return list(self._history.get(key, ())) if column.key == "rtt" else None
        if role not in _CELL_ROLES:
            return None
        return cell_data(self._cell(column, row, self._mirror.cannot_play.get(key)), row, column.key, role)

    @staticmethod
    def _cell(column: Column, row: Row, trouble: str | None) -> Cell:
        """Red through the whole row when this person's game fails; why is in the tip."""
        cell = column.cell(row)
        if trouble is None:
            return cell
        icon = "error" if column.key == "state" else cell.icon
        return cell._replace(icon=icon, tone="stop", tip=said(trouble))

    def _start_again(self) -> None:
        self.beginResetModel()
        self._history.clear()
        self._sort_values.clear()
        self._search.forget({})
        self._take(self._wanted())
        self.endResetModel()

    def _note_rtt(self, keys: Iterable[str]) -> None:
        for key in keys:
            rtt = self._mirror.participants.get(key, {}).get("rtt_ms")
            if rtt is not None:
                self._history.setdefault(key, deque(maxlen=HISTORY_LENGTH)).append(float(rtt))

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._history.pop(key, None)
            self._sort_values.pop(key, None)
        self._search.forget(self._mirror.participants)

    def _wanted(self) -> list[str]:
        """Who is to be shown, in order."""
        accepted, found = FILTERS[self._filter], self._search.accepts
        people = self._mirror.participants
        keys = [key for key, row in people.items() if accepted(row) and found(key, row)]
        if self._sorted_by < 0:
            return keys
        values = {key: self._sort_value(key, people[key]) for key in keys}
        try:
            return sorted(keys, key=values.__getitem__, reverse=self._descending)
        except TypeError:
            return sorted(keys, key=lambda key: str(values[key]), reverse=self._descending)

    def _sort_value(self, key: str, row: Row) -> Any:
        """Kept as long as the row is the same."""
        known = self._sort_values.get(key)
        if known is None or known[0] is not row:
            cell = self.columns[self._sorted_by].cell(row)
            known = self._sort_values[key] = (row, cell.text if cell.sort is None else cell.sort)
        return known[1]

    def _arrange(self) -> None:
        """Brings the shown rows to what is wanted. Who leaves goes to the end first: one signal for all of them."""
        wanted = self._wanted()
        if wanted == self._shown:
            return
        keep = set(wanted)
        staying = [key for key in self._shown if key in keep]
        leaving = [key for key in self._shown if key not in keep]
        if leaving:
            self._reorder([*staying, *leaving])
            self.beginRemoveRows(QModelIndex(), len(staying), len(self._shown) - 1)
            self._take(staying)
            self.endRemoveRows()
        coming = [key for key in wanted if key not in self._row_of]
        if coming:
            self.beginInsertRows(QModelIndex(), len(self._shown), len(wanted) - 1)
            self._take([*self._shown, *coming])
            self.endInsertRows()
        self._reorder(wanted)

    def _reorder(self, keys: list[str]) -> None:
        """The same rows in another order; selected ones stay selected."""
        if keys == self._shown:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        names = [self._shown[index.row()] for index in before]
        self._take(keys)
        after = [self.createIndex(self._row_of[n], i.column()) for n, i in zip(names, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _take(self, keys: list[str]) -> None:
        self._shown = keys
        self._row_of = {key: row for row, key in enumerate(keys)}

    def _repaint(self, keys: Sequence[str]) -> None:
        """One signal from the first to the last: a view paints what it shows and nothing else."""
        rows = [self._row_of[key] for key in keys if key in self._row_of]
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), len(self.columns) - 1))
