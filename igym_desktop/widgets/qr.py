"""A QR code that stays sharp at any size, always dark on white so that every phone reads it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

QUIET = 3
"""Modules of white around the code."""


def matrix(text: str) -> list[list[bool]]:
    """Rows of dark modules."""
    import segno

    return [[bool(cell) for cell in line] for line in segno.make(text, micro=False, error="m").matrix]


class QrCode(QWidget):
    """Shows `text` as a QR code; empty text shows nothing."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._text = ""
        self._rows: list[list[bool]] = []
        self.setMinimumSize(size, size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Encodes and repaints."""
        if text != self._text:
            self._text = text
            self._rows = matrix(text) if text else []
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        side = min(self.width(), self.height())
        modules = len(self._rows) + 2 * QUIET
        left, top = (self.width() - side) / 2, (self.height() - side) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("white"))
        painter.drawRoundedRect(QRectF(left, top, side, side), 6, 6)
        painter.setBrush(QColor("black"))
        step = side / modules
        for y, line in enumerate(self._rows):
            for x, dark in enumerate(line):
                if dark:
                    painter.drawRect(
                        QRectF(left + (x + QUIET) * step, top + (y + QUIET) * step, step + 0.05, step + 0.05)
                    )
        painter.end()
