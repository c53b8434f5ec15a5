"""Tables that look alike everywhere, and the cell that draws a number with its recent course."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QPainter, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionHeaderV2,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from igym.formulas import guarded
from igym_desktop import theme
from igym_desktop.alive import unless_gone

ROW_HEIGHT = 34
LONGEST_CELL, SHORTEST_WORDS = 260, 120
"""Wider contents than the first, in px, are cut; where room is short, people's own words down to the second. The tip
says the whole."""


class Headings(QHeaderView):
    """Room for the sorting arrow is kept in the column that has it; by itself Qt keeps it in every one."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setSectionsClickable(True)

    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:
        sorts = self.isSortIndicatorShown() and self.sortIndicatorSection() == logicalIndex
        if sorts or self.model() is None:
            return super().sectionSizeFromContents(logicalIndex)
        words, font = QStyleOptionHeaderV2(), self.font()
        self.initStyleOption(words)
        words.text = str(self.model().headerData(logicalIndex, Qt.Orientation.Horizontal) or "")
        font.setBold(True)
        words.fontMetrics = QFontMetrics(font)
        return self.style().sizeFromContents(QStyle.ContentsType.CT_HeaderSection, words, QSize(), self)


class WideTable(QTableView):
    """A table whose columns take the width there is: each more in proportion to what it wants.

    Where there is less, columns give way down to what they say, unless they are `steady` because it changes all the
    time. A column that somebody made wider or narrower stays so.
    """

    def __init__(self, *, steady: bool = False) -> None:
        super().__init__()
        self._steady = steady
        self._wanted: list[int] = []
        self._fixed: set[int] = set()
        self._own_words: set[int] = set()
        self._stay: set[int] = set()
        self.may_go: list[int] = []
        self._sharing = False
        self._headings = Headings()
        self.setHorizontalHeader(self._headings)
        self.horizontalHeader().sectionResized.connect(self._resized)
        self.horizontalHeader().setResizeContentsPrecision(0)  # of the rows on screen
        self._share_soon = QTimer(self, singleShot=True, interval=0)
        self._share_soon.timeout.connect(self.share_width)
        self.horizontalHeader().sortIndicatorChanged.connect(unless_gone(lambda *_: self._share_soon.start()))

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        for changed in (model.modelReset, model.rowsInserted, model.dataChanged) if model else ():
            changed.connect(self._share_soon.start)

    def want_widths(
        self,
        widths: Sequence[int],
        own_words: Iterable[int] = (),
        may_go: Sequence[int] = (),
        stay: Iterable[int] = (),
    ) -> None:
        """What each column needs, in px; never less than the words above it. `own_words`: columns with names and the
        like, which are cut before anything has to be scrolled to. `may_go`: those that are left out where even that
        is not enough, the first first; something beside the table says what stands in them. `stay`: those that gain
        nothing by more width.
        """
        self._wanted, self._own_words, self.may_go, self._stay = list(widths), set(own_words), list(may_go), set(stay)
        self.share_width()

    def let_go(self, columns: Sequence[int]) -> None:
        """`may_go` anew: of the columns that are shown now, or are left out already."""
        if list(columns) != self.may_go:
            for index in self.may_go:
                self.setColumnHidden(index, False)
            self.may_go = list(columns)
            self.share_width()

    def width_of(self, words: str) -> int:
        """What a cell with an icon needs for these words, in px: to want a width before somebody says them."""
        self.ensurePolished()  # the style sheet's font and margins
        cell = QStyleOptionViewItem()
        self.initViewItemOption(cell)
        cell.text, cell.decorationSize = words, self.iconSize()
        feature = QStyleOptionViewItem.ViewItemFeature
        cell.features |= feature.HasDisplay | feature.HasDecoration
        return self.style().sizeFromContents(QStyle.ContentsType.CT_ItemViewItem, cell, QSize(), self).width()

    def share_width(self) -> None:
        """Anew, also after a column was shown or hidden."""
        self._leave_out()
        shown = [index for index in range(len(self._wanted)) if not self.isColumnHidden(index)]
        least = self._squeezed({index: self._least(index) for index in shown})
        wanted = {index: max(self._wanted[index], least[index]) for index in shown}
        free = self.viewport().width() - sum(wanted.values())
        # What grows does so by its size, what gives way by what it can spare.
        part = {index: wanted[index] if free >= 0 else wanted[index] - least[index] for index in shown}
        part |= dict.fromkeys((self._fixed | (self._stay if free > 0 else set())) & set(shown), 0)
        whole = sum(part.values())
        change = max(free, -whole) if free < 0 else free
        self._sharing = True
        for index in shown:
            self.setColumnWidth(index, wanted[index] + change * part[index] // max(1, whole))
        self._sharing = False

    def _leave_out(self) -> None:
        if not self.may_go:
            return
        self._sharing = True
        for index in self.may_go:
            self.setColumnHidden(index, False)  # a hidden one does not say what it needs
        shown = [index for index in range(len(self._wanted)) if not self.isColumnHidden(index)]
        least = self._squeezed({index: self._least(index) for index in shown})
        for index in self.may_go:
            if sum(least.values()) > self.viewport().width():
                self.setColumnHidden(index, True)
                del least[index]
        self._sharing = False

    def _squeezed(self, least: dict[int, int]) -> dict[int, int]:
        lacking = sum(least.values()) - self.viewport().width()
        heading = self.horizontalHeader().sectionSizeHint
        shortest = {index: max(SHORTEST_WORDS, heading(index)) for index in self._own_words & least.keys()}
        spare = {index: max(0, least[index] - width) for index, width in shortest.items()}
        whole = sum(spare.values())
        if lacking <= 0 or not whole:
            return least
        return least | {index: least[index] - min(room, -(-lacking * room // whole)) for index, room in spare.items()}

    def _least(self, index: int) -> int:
        """Its heading and its cells whole; the cells up to a limit, as people write what they like."""
        heading = self.horizontalHeader().sectionSizeHint(index)
        if index in self._fixed:
            return self._wanted[index]
        if self._steady:
            return max(heading, self._wanted[index])
        cells = min(self.sizeHintForColumn(index), max(self._wanted[index], LONGEST_CELL))
        return max(heading, cells)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_width()

    def _resized(self, index: int, before: int, now: int) -> None:
        """By hand: Qt stretches the last one by itself, and showing or hiding a column is no wish about its width."""
        by_hand = QGuiApplication.mouseButtons() and self.horizontalHeader().underMouse() and before and now
        if not self._sharing and by_hand and index < len(self._wanted):
            self._wanted[index] = now
            self._fixed.add(index)


def plain_table(name: str, accessible: str, *, steady: bool = False) -> WideTable:
    """Whole rows, no grid, sortable by header, comfortable row height."""
    table = WideTable(steady=steady)
    table.setObjectName(name)
    table.setAccessibleName(accessible)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSortingEnabled(True)
    table.setTabKeyNavigation(False)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setIconSize(QSize(16, 16))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsMovable(True)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setMinimumSectionSize(44)
    return table


class SparklineDelegate(QStyledItemDelegate):
    """Number on the left, its last values as a line on the right."""

    def __init__(self, role: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        values = index.data(self._role)
        if not values or len(values) < 2:
            return
        area = QRectF(option.rect).adjusted(42, 9, -10, -9)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.current().accent), 1.4))
        painter.drawPolyline(sparkline(values, area))
        painter.restore()


def sparkline(values: Sequence[float], area: QRectF) -> QPolygonF:
    """The values as points in `area`, newest at its right edge; the scale starts at 0."""
    top = max(*values, 1.0)
    step = area.width() / max(1, len(values) - 1)
    return QPolygonF(
        [QPointF(area.left() + i * step, area.bottom() - area.height() * value / top) for i, value in enumerate(values)]
    )


def safe_cell(text: str) -> str:
    """Participants choose their labels: a spreadsheet must not run one as a formula. Numbers stay numbers."""
    try:
        float(text)
    except ValueError:
        return guarded(text)
    return text
