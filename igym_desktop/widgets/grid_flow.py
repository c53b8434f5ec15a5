"""Cards of one width that fill the room: as many beside each other as fit, each line as high as its highest."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLayoutItem

from igym_desktop.widgets.flow_layout import FlowLayout


class GridFlow(FlowLayout):
    """The widths come from the room alone, never the room from them, so it can shrink again."""

    def __init__(self, least: int, *, gap: int) -> None:
        super().__init__(gap=gap)
        self._least, self._single = least, False

    def show_single(self, *, single: bool, gap: int) -> None:
        """One below the other, as a list."""
        self._single, self._gap = single, gap
        self.invalidate()

    def columns(self, width: int) -> int:
        """How many stand beside each other in this room."""
        return 1 if self._single else max(1, (width + self._gap) // (self._least + self._gap))

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        columns = self.columns(rect.width())
        width = (rect.width() - self._gap * (columns - 1)) // columns
        shown, y = self._shown(), rect.y()
        for first in range(0, len(shown), columns):
            line = shown[first : first + columns]
            height = max(_height(item, width) for item in line)
            for index, item in enumerate(line):
                if place:
                    item.setGeometry(QRect(rect.x() + index * (width + self._gap), y, width, height))
            y += height + self._gap
        return max(0, y - self._gap - rect.y())


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
