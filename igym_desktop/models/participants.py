"""The live table of participants: one row each, with words, icons and a value to sort by in every cell."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from igym_desktop import icons
from igym_desktop.flow.view import Difference, SessionMirror
from igym_desktop.flow.words import ENDED, connection_words, duration_text, state_words
from igym_desktop.i18n import plural, tr
from igym_desktop.widgets.basics import tone_colour

Row = Mapping[str, Any]
Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = Qt.ItemDataRole.UserRole
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
HISTORY_ROLE = Qt.ItemDataRole.UserRole + 2
HISTORY_LENGTH = 60


class Cell(NamedTuple):
    text: str
    sort: Any = None
    icon: str = ""
    tone: str = ""
    tip: str = ""


class Column(NamedTuple):
    key: str
    title: str
    width: int
    cell: Callable[[Row], Cell]
    shown: bool = True
    tip: str = ""


def _state(row: Row) -> Cell:
    words = state_words(str(row.get("state", "")))
    loading = row.get("loading")
    text = words.text
    if loading and loading.get("fraction") is not None:
        text = f"{words.text} {round(100 * float(loading['fraction']))} %"
    return Cell(text, words.text, words.icon, words.tone, str(row.get("reason") or (loading or {}).get("label") or ""))


def _connection(row: Row) -> Cell:
    words = connection_words(str(row.get("connection", "")))
    return Cell(words.text, words.text, words.icon, words.tone)


def _scene(row: Row) -> Cell:
    index, total = row.get("scene_index"), row.get("scene_total")
    name = str(row.get("scene_id") or "")
    text = f"{name}  ({index + 1}/{total})" if name and isinstance(index, int) and total else name
    return Cell(text, (index if isinstance(index, int) else -1, name))


def _number(key: str, pattern: str = "{:.0f}") -> Callable[[Row], Cell]:
    def cell(row: Row) -> Cell:
        value = row.get(key)
        return Cell("", -1.0) if value is None else Cell(pattern.format(value), float(value))

    return cell


def _text(key: str) -> Callable[[Row], Cell]:
    return lambda row: Cell(str(row.get(key) or ""), str(row.get(key) or "").casefold())


def _who(row: Row) -> Cell:
    name = str(row.get("label") or row.get("id") or "")
    return Cell(name, _natural(name), tip=str(row.get("id", "")))


@lru_cache(maxsize=8192)
def _natural(text: str) -> str:
    """ "PC2" before "PC10"."""
    digits, result = "", ""
    for letter in text.casefold() + " ":
        if letter.isdigit():
            digits += letter
            continue
        result += digits.rjust(8, "0") if digits else ""
        digits = ""
        result += letter
    return result


def _progress(row: Row) -> Cell:
    episode, frame = row.get("episode"), row.get("frame")
    if episode is None:
        return Cell("", -1)
    return Cell(f"{int(episode) + 1} · {frame or 0}", int(episode) * 10_000_000 + int(frame or 0))


def _focus(row: Row) -> Cell:
    focused = row.get("focused")
    if focused is None or row.get("state") in ENDED:
        return Cell("", 0)
    return Cell(tr("In view"), 1, "eye", "go") if focused else Cell(tr("Looked away"), 2, "eye-off", "warn")


def _warnings(row: Row) -> Cell:
    """The engine counts warnings; what they were is in the timeline."""
    count = int(row.get("warnings") or 0)
    if not count:
        return Cell("", 0)
    return Cell(plural(count, "{count} warning", "{count} warnings"), count, "warning", "warn")


def _waiting(row: Row) -> Cell:
    since = row.get("waiting_since")
    waited = max(0.0, time.time() - float(since)) if since else None
    return Cell(duration_text(waited), waited or -1.0)


def _joined(row: Row) -> Cell:
    at = row.get("joined_at")
    return Cell(time.strftime("%H:%M:%S", time.localtime(at)), at) if at else Cell("", 0)


def columns() -> list[Column]:
    """All columns; the person chooses which are shown."""
    return [
        Column("who", tr("Participant"), 120, _who),
        Column(
            "seat",
            tr("Seat"),
            76,
            lambda row: Cell(str(row.get("seat") or ""), _natural(str(row.get("seat") or ""))),
            shown=False,
        ),
        Column("state", tr("State"), 156, _state),
        Column("scene", tr("Scene"), 140, _scene),
        Column("connection", tr("Connection"), 118, _connection),
        Column(
            "rtt",
            tr("RTT (ms)"),
            112,
            _number("rtt_ms", "{:.0f}"),
            tip=tr("Round trip to this computer; the line shows the last minute"),
        ),
        Column(
            "fps", tr("fps"), 56, _number("fps", "{:.0f}"), tip=tr("Frames per second in the participant's browser")
        ),
        Column("partners", tr("Partner"), 96, lambda row: Cell(", ".join(map(str, row.get("partners") or ())))),
        Column("progress", tr("Episode · frame"), 116, _progress),
        Column("focus", tr("Focus"), 124, _focus),
        Column("warnings", tr("Warnings"), 112, _warnings),
        Column("waiting", tr("Waiting"), 76, _waiting),
        Column("match", tr("Match"), 84, _text("match_id"), shown=False),
        Column("code", tr("Code"), 96, _text("code")),
        Column("reason", tr("Reason"), 150, _text("reason"), shown=False),
        Column("joined", tr("Joined"), 84, _joined, shown=False),
        Column("browser", tr("Browser"), 170, _text("browser"), shown=False),
    ]


LIVE = ("connection", "rtt", "fps", "partners", "progress", "focus", "warnings", "waiting")
"""Neighbouring columns that change all the time; a change of these alone leaves the order by any other as it is."""
LIVE_FIELDS = frozenset(
    {"connection", "rtt_ms", "fps", "partners", "episode", "frame", "focused", "warnings", "waiting_since"}
)
"""What the rows call it."""


class ParticipantsModel(QAbstractTableModel):
    """Follows a `SessionMirror`; repaints only the rows that changed."""

    def __init__(self, mirror: SessionMirror, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns()
        self._mirror = mirror
        self._ids: list[str] = list(mirror.participants)
        self._row_of: dict[str, int] = {key: index for index, key in enumerate(self._ids)}
        self._history: dict[str, deque[float]] = {}
        self._told: dict[str, list[Any]] = {}
        self._sort_values: dict[str, tuple[Row, dict[int, Any]]] = {}

    def apply(self, difference: Difference) -> None:
        """Takes over what the mirror just learned."""
        if difference.everything:
            self.beginResetModel()
            self._ids = list(self._mirror.participants)
            self._number_rows()
            self._history.clear()
            self.endResetModel()
            return
        for key in difference.gone:
            self._remove(key)
        self._append([key for key in difference.added if key not in self._row_of])
        self._changed([self._row_of[key] for key in difference.participants if key in self._row_of])

    def refresh_waiting(self) -> None:
        """Once a second: the waiting times of those who wait."""
        column = self.column_index("waiting")
        for row, key in enumerate(self._ids):
            if self._mirror.participants[key].get("waiting_since"):
                index = self.index(row, column)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DisplayRole, SORT_ROLE])

    def column_index(self, key: str) -> int:
        """Where a column is."""
        return next(index for index, column in enumerate(self.columns) if column.key == key)

    def row_at(self, row: int) -> Row:
        """The participant in a row of this model."""
        return self._mirror.participants.get(self._ids[row], {})

    def sort_value(self, row: int, column: int) -> Any:
        """What a cell is sorted by; without the way through Qt's variants, as sorting asks for it very often."""
        key, shown = self._ids[row], self.row_at(row)
        known = self._sort_values.get(key)
        if known is None or known[0] is not shown:
            known = self._sort_values[key] = (shown, {})
        values = known[1]
        if column not in values or self.columns[column].key == "waiting":
            cell = self.columns[column].cell(shown)
            values[column] = cell.text if cell.sort is None else cell.sort
        return values[column]

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's signature
        """As Qt makes it, without asking for both counts each time."""
        inside = not parent.isValid() and 0 <= row < len(self._ids) and 0 <= column < len(self.columns)
        return self.createIndex(row, column) if inside else QModelIndex()

    def row_of(self, participant: str) -> int:
        """Row of a participant, -1 when gone."""
        return self._row_of.get(participant, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
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
        row = self.row_at(index.row())
        if role == ROW_ROLE:
            return row
        column = self.columns[index.column()]
        if role == HISTORY_ROLE:
            return list(self._history.get(self._ids[index.row()], ())) if column.key == "rtt" else None
        return _cell_data(column.cell(row), row, column.key, role)

    def _append(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        self.beginInsertRows(QModelIndex(), len(self._ids), len(self._ids) + len(keys) - 1)
        self._ids.extend(keys)
        self._number_rows()
        self.endInsertRows()

    def _remove(self, key: str) -> None:
        row = self._row_of.get(key, -1)
        if row < 0:
            return
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._ids[row]
        self._number_rows()
        self._forget(key)
        self.endRemoveRows()

    def _forget(self, key: str) -> None:
        self._history.pop(key, None)
        self._told.pop(key, None)
        self._sort_values.pop(key, None)

    def _changed(self, rows: Sequence[int]) -> None:
        for row in rows:
            key = self._ids[row]
            rtt = self._mirror.participants[key].get("rtt_ms")
            if rtt is not None:
                self._history.setdefault(key, deque(maxlen=HISTORY_LENGTH)).append(float(rtt))
        live = [row for row in rows if self._only_live(self._ids[row])]
        others = set(rows).difference(live)
        self._tell(live, self.column_index(LIVE[0]), self.column_index(LIVE[-1]))
        self._tell(others, 0, len(self.columns) - 1)

    def _only_live(self, key: str) -> bool:
        """Whether nothing but the live columns of a row is another than when it was told last."""
        row = self._mirror.participants[key]
        rest = [value for name, value in row.items() if name not in LIVE_FIELDS]
        before, self._told[key] = self._told.get(key), rest
        return rest == before

    def _tell(self, rows: Iterable[int], first: int, last: int) -> None:
        for top, bottom in stretches(rows):
            self.dataChanged.emit(self.index(top, first), self.index(bottom, last))

    def _number_rows(self) -> None:
        self._row_of = {key: index for index, key in enumerate(self._ids)}


def stretches(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Rows as (first, last) of each unbroken run: one signal for a run costs far less than one for each row."""
    runs: list[tuple[int, int]] = []
    for row in sorted(rows):
        if runs and row <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


def _cell_data(cell: Cell, row: Row, key: str, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return cell.text
    if role == Qt.ItemDataRole.DecorationRole and cell.icon:
        return icons.small(cell.icon, tone_colour(cell.tone))
    if role == Qt.ItemDataRole.ForegroundRole:
        return _foreground(cell, row, key)
    if role == Qt.ItemDataRole.ToolTipRole:
        return cell.tip or cell.text or None
    if role == SORT_ROLE:
        return cell.text if cell.sort is None else cell.sort
    return None


def _foreground(cell: Cell, row: Row, key: str) -> QColor | None:
    if cell.tone in ("stop", "warn"):
        return QColor(tone_colour(cell.tone))
    if row.get("state") in ENDED and key not in ("state", "code"):
        return QColor(tone_colour("off"))
    return None
