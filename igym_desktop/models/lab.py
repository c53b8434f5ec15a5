"""A lab check as two tables: the seats, and the ways between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QColor

from igym_desktop import icons
from igym_desktop.flow.lab_check import finding_text, step_text, verdict_words, way_words
from igym_desktop.flow.words import Words
from igym_desktop.i18n import tr
from igym_desktop.models.rows import Index, RowsModel
from igym_desktop.widgets.basics import tone_colour
from igym_desktop.widgets.plain import as_tip

Row = Mapping[str, Any]


class Shown(NamedTuple):
    title: str
    text: Callable[[Row], str]
    width: int


def _number(key: str, unit: str, places: int = 0) -> Callable[[Row], str]:
    def text(row: Row) -> str:
        value = row.get(key)
        return f"{value:.{places}f} {unit}" if isinstance(value, (int, float)) else ""

    return text


def _screen(row: Row) -> str:
    return f"{row.get('screen_width')} × {row.get('screen_height')}"


def _pairs(row: Row) -> str:
    return f"{row.get('pairs_done')} / {row.get('pairs')}" if row.get("pairs") else ""


def _note(row: Row) -> str:
    found = [finding_text(finding)[0] for finding in row.get("findings") or ()]
    return found[0] if found else step_text(row)


class SeatsModel(RowsModel):
    """One row for each seat, by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = [
            Shown(tr("Seat"), lambda row: str(row.get("seat")), 100),
            Shown(tr("Result"), lambda row: verdict_words(str(row.get("verdict"))).text, 120),
            Shown(tr("Browser"), lambda row: str(row.get("browser")), 105),
            Shown(tr("Screen"), _screen, 105),
            Shown(tr("Picture rate"), _number("refresh_hz", "Hz"), 100),
            Shown(tr("Game step"), _number("step_ms", "ms", 1), 95),
            Shown(tr("RTT"), _number("rtt_ms", "ms", 1), 80),
            Shown(tr("Other seats"), _pairs, 100),
            Shown(tr("What was found"), _note, 120),
        ]

    def show(self, rows: list[Row]) -> None:
        """Keeps the selection as long as the seats stay the same."""
        self.put(sorted(rows, key=lambda row: str(row.get("seat")).casefold()), key=lambda row: row["seat"])

    @property
    def titles(self) -> list[str]:
        """What stands over the columns."""
        return [column.title for column in self.columns]

    def data(self, index: Index, role: int = 0) -> Any:
        row = self.rows[index.row()]
        words = verdict_words(str(row.get("verdict")))
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[index.column()].text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self.columns[index.column()].text(row))
        if index.column() == 1:
            return _toned(words, role)
        return None


class WaysModel(QAbstractTableModel):
    """Seat × seat: the round trip between them, and whether it goes through this computer."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.seats: list[str] = []
        self._ways: dict[frozenset[str], Row] = {}

    def show(self, seats: list[str], pairs: list[Row]) -> None:
        """Everything anew; the table is small."""
        seats = sorted(seats, key=str.casefold)
        ways = {frozenset((str(pair["a"]), str(pair["b"]))): pair for pair in pairs}
        if seats == self.seats:
            self._ways = ways
            if seats:
                self.dataChanged.emit(self.index(0, 0), self.index(len(seats) - 1, len(seats) - 1))
            return
        self.beginResetModel()
        self.seats, self._ways = seats, ways
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.seats)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.seats)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        return self.seats[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        a, b = self.seats[index.row()], self.seats[index.column()]
        if a == b:
            return "–" if role == Qt.ItemDataRole.DisplayRole else None
        words = way_words(self._ways.get(frozenset((a, b))))
        if role == Qt.ItemDataRole.DisplayRole:
            return words.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(f"{a} – {b}: {words.text}")
        return _toned(words, role)


def _toned(words: Words, role: int) -> Any:
    if role == Qt.ItemDataRole.DecorationRole:
        return icons.small(words.icon, tone_colour(words.tone))
    if role == Qt.ItemDataRole.ForegroundRole and words.tone in ("stop", "warn"):
        return QColor(tone_colour(words.tone))
    return None
