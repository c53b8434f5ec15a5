"""A stacked bar with a legend in words: how many of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from igym_desktop import theme
from igym_desktop.widgets.basics import tone_colour

BAR = 10


class Bars(QWidget):
    """`show_values([(words, count, tone)])`."""

    def __init__(self) -> None:
        super().__init__()
        self._values: list[tuple[str, int, str]] = []
        self.setFixedHeight(40)

    def show_values(self, values: Sequence[tuple[str, int, str]]) -> None:
        """Replaces what is shown; nothing takes no room."""
        self._values = [value for value in values if value[1] > 0]
        self.setVisible(bool(self._values))
        self.setAccessibleName(", ".join(f"{words}: {count}" for words, count, _ in self._values))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(0, 0, self.width(), BAR), BAR / 2, BAR / 2)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(self.rect(), QColor(theme.current().hover))
        total, x = sum(count for _, count, _ in self._values) or 1, 0.0
        for _, count, tone in self._values:
            width = self.width() * count / total
            painter.fillRect(QRectF(x, 0, max(1.0, width - 2), BAR), QColor(tone_colour(tone)))
            x += width
        painter.restore()
        self._paint_legend(painter)
        painter.end()

    def _paint_legend(self, painter: QPainter) -> None:
        x, middle = 0, BAR + 16
        for words, count, tone in self._values:
            painter.setBrush(QColor(tone_colour(tone)))
            painter.drawEllipse(QRectF(x, middle - 4, 8, 8))
            text = f"{words}  {count}"
            painter.setPen(QColor(theme.current().text))
            painter.drawText(x + 14, middle + self.fontMetrics().ascent() // 2 - 1, text)
            painter.setPen(Qt.PenStyle.NoPen)
            x += 14 + self.fontMetrics().horizontalAdvance(text) + 22
