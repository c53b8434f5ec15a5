"""A list to choose one thing from: each with its picture, a title and a sentence or two."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from igym_desktop import icons, theme

TILE = QSize(112, 63)
PAD, GAP, BETWEEN = 9, 14, 2
GLYPH, ROUND, SHARP = 26, 10, 2.0
KEY, PICTURE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
"""A picture is a pixmap, or the name of an icon, which is drawn in the colours of the theme there is."""
WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
Index = QModelIndex | QPersistentModelIndex


class PicturedList(QListWidget):
    """Rows as high as their words need; pictures are `TILE` large."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Rows(self))
        self.setWordWrap(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A row whose height changes the scroll bar's presence would change the rows' heights again.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSpacing(2)

    def add(self, key: str, title: str, text: str, picture: QPixmap | str) -> None:
        """One more row; `key` names it. `picture`: an icon's name, where there is no picture."""
        item = QListWidgetItem(f"{title}\n{text}")
        item.setData(KEY, key)
        item.setData(PICTURE, picture)
        self.addItem(item)

    def show_picture(self, key: str, picture: QPixmap) -> None:
        """Another picture for a row that is there."""
        for number in range(self.count()):
            if self.item(number).data(KEY) == key:
                self.item(number).setData(PICTURE, picture)

    @property
    def chosen(self) -> str:
        """The key of the row that is chosen, or ""."""
        return str(self.item(self.currentRow()).data(KEY)) if self.currentRow() >= 0 else ""


def glyph_tile(name: str) -> QPixmap:
    """An icon where the others have a picture."""
    tokens = theme.current()
    tile = blank_tile()
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.accent_soft))
    painter.drawRoundedRect(QRectF(QPoint(0, 0), TILE), ROUND, ROUND)
    corner = QPoint((TILE.width() - GLYPH) // 2, (TILE.height() - GLYPH) // 2)
    painter.drawPixmap(corner, icons.small(name, tokens.accent, GLYPH))
    painter.end()
    return tile


def blank_tile() -> QPixmap:
    """To paint a picture on; sharp on high-density screens too."""
    tile = QPixmap(TILE * SHARP)
    tile.setDevicePixelRatio(SHARP)
    tile.fill(Qt.GlobalColor.transparent)
    return tile


class _Rows(QStyledItemDelegate):
    """Picture, bold title, and below it the text."""

    def __init__(self, view: PicturedList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._view.viewport().width() - 2 * self._view.spacing()
        room = self._room(QRect(0, 0, width, 0))
        title, text = self._words(option.font, room.width(), index)
        words = title[1].height() + BETWEEN + text[1].height()
        return QSize(width, max(words, TILE.height()) + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        own = QStyleOptionViewItem(option)
        self.initStyleOption(own, index)
        own.text, own.icon = "", QIcon()
        style = self._view.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, own, painter, self._view)
        area: QRect = option.rect
        picture = index.data(PICTURE)
        picture = glyph_tile(picture) if isinstance(picture, str) else picture
        if isinstance(picture, QPixmap):
            top = area.top() + (area.height() - TILE.height()) // 2
            painter.drawPixmap(QRect(QPoint(area.left() + PAD, top), TILE), picture)
        self._say(painter, own, area, index)

    def _say(self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, index: Index) -> None:
        room = self._room(area)
        rows = self._words(option.font, room.width(), index)
        top = area.top() + (area.height() - rows[0][1].height() - BETWEEN - rows[1][1].height()) // 2
        painter.save()
        for (font, size, words), colour in zip(rows, (theme.current().text, theme.current().muted), strict=True):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(QRect(QPoint(room.left(), top), QSize(room.width(), size.height())), WRAPPED, words)
            top += size.height() + BETWEEN
        painter.restore()

    @staticmethod
    def _room(area: QRect) -> QRect:
        return area.adjusted(PAD + TILE.width() + GAP, 0, -PAD, 0)

    @staticmethod
    def _words(font: QFont, width: int, index: Index) -> list[tuple[QFont, QRect, str]]:
        """Font, size and words of the title and of the text."""
        title, _, text = str(index.data() or "").partition("\n")
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        room = QRect(0, 0, max(width, 1), 10_000)
        return [(each, QFontMetrics(each).boundingRect(room, int(WRAPPED), words), words)
                for each, words in ((bold, title), (font, text))]  # fmt: skip
