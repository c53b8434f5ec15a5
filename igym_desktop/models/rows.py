"""What every list of like things has in common as a table: rows, titles, and a selection that outlives new values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractTableModel):
    """One thing a row. A class of it says its `titles` and, in `data`, what stands in its cells."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[Any] = []

    @property
    def titles(self) -> list[str]:
        """What stands over the columns."""
        raise NotImplementedError

    def put(self, rows: Sequence[Any], key: Callable[[Any], Any], meanwhile: Callable[[], None] | None = None) -> None:
        """Shows these; what is selected stays so as long as they are the same things in the same order.

        `meanwhile` changes what the columns are.
        """
        if [key(row) for row in rows] == [key(row) for row in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))
            return
        self.beginResetModel()
        self.rows = rows
        if meanwhile:
            meanwhile()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(self.titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.titles[section]
        return None
