"""The log as a table: time, level, source, text."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor

from igym_desktop import icons
from igym_desktop.flow.log import KEPT, LogLine
from igym_desktop.flow.words import level_words
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import tone_colour
from igym_desktop.widgets.plain import as_tip

Index = QModelIndex | QPersistentModelIndex
CUT = 1000


class LogModel(QAbstractTableModel):
    """Oldest first; lines arrive in bundles so that a storm of them does not stall the window."""

    def __init__(self, lines: list[LogLine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines = lines
        self._titles = [tr("Time"), tr("Level"), tr("Source"), tr("Message")]

    def add(self, fresh: list[LogLine]) -> None:
        """Appends, and forgets the oldest beyond what is kept."""
        self.beginInsertRows(QModelIndex(), len(self.lines), len(self.lines) + len(fresh) - 1)
        self.lines.extend(fresh)
        self.endInsertRows()
        if len(self.lines) > KEPT + CUT:
            gone = len(self.lines) - KEPT
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            del self.lines[:gone]
            self.endRemoveRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        line = self.lines[index.row()]
        words = level_words(line.level)
        if role == Qt.ItemDataRole.DisplayRole:
            clock = time.strftime("%H:%M:%S", time.localtime(line.at))
            return (clock, words.text, line.source, line.text)[index.column()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 1:
            return icons.small(words.icon, tone_colour(words.tone))
        if role == Qt.ItemDataRole.ForegroundRole and words.tone in ("stop", "warn") and index.column() in (1, 3):
            return QColor(tone_colour(words.tone))
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 3:
            return as_tip(line.as_text())
        return None


class LogFilter(QSortFilterProxyModel):
    """By words and by level."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search, self._levels = "", frozenset[str]()

    def use(self, search: str, levels: frozenset[str]) -> None:
        """No level means all."""
        self._search, self._levels = search, levels
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, LogModel)
        return model.lines[source_row].matches(self._search, self._levels)

    def shown(self) -> list[LogLine]:
        """The lines that pass, in order."""
        model = self.sourceModel()
        assert isinstance(model, LogModel)
        return [model.lines[self.mapToSource(self.index(row, 0)).row()] for row in range(self.rowCount())]
