"""A paragraph cut to a number of lines with an ellipsis; the whole text is its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from igym_desktop import theme
from igym_desktop.widgets.plain import set_tip


class ElidedText(QWidget):
    """As high as its text needs, between `least` and `lines` lines."""

    def __init__(self, lines: int, *, least: int = 1, muted: bool = True) -> None:
        super().__init__()
        self._lines, self._least, self._muted, self._text = lines, least, muted, ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_lines(self, lines: int, least: int = 1) -> None:
        """From now on at most, and at least, so many."""
        self._lines, self._least = lines, least
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Replaces the text."""
        if text != self._text:
            self._text = text
            set_tip(self, text)
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    @property
    def is_cut(self) -> bool:
        """Whether there is more than is shown."""
        return "".join(self._visible_lines()).endswith("…") and not self._text.rstrip().endswith("…")

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = len(self._lines_in(max(1, width)))
        return self.fontMetrics().lineSpacing() * max(self._least, lines) + 2

    def sizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.fontMetrics().lineSpacing() * self._least + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = theme.current()
        painter.setPen(Qt.GlobalColor.black)
        painter.setPen(tokens.muted if self._muted else tokens.text)
        y = 0.0
        for line in self._visible_lines():
            painter.drawText(QPointF(0, y + self.fontMetrics().ascent()), line)
            y += self.fontMetrics().lineSpacing()
        painter.end()

    def _visible_lines(self) -> list[str]:
        return self._lines_in(self.width())

    def _lines_in(self, width: int) -> list[str]:
        paragraph = " ".join(self._text.split())
        layout = QTextLayout(paragraph, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        shown: list[str] = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            start = line.textStart()
            if len(shown) == self._lines - 1:
                shown.append(self.fontMetrics().elidedText(paragraph[start:], Qt.TextElideMode.ElideRight, width))
                break
            shown.append(paragraph[start : start + line.textLength()].rstrip())
        layout.endLayout()
        return shown
