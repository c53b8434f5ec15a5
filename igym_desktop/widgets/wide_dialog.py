"""A dialog as wide as it reads best, and never narrower than its buttons and fields need."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QWidget


class WideDialog(QDialog):
    """`least_width` in px. On a small screen Qt opens a dialog at two thirds of it, whatever the layout needs, once a
    least width was set; the layout's own is known when the style sheet has been applied, thus when it is shown."""

    def __init__(self, parent: QWidget | None, least_width: int) -> None:
        super().__init__(parent)
        self._least_width = least_width
        self.setMinimumWidth(least_width)

    def showEvent(self, event: QShowEvent) -> None:
        if (layout := self.layout()) is not None:
            self.setMinimumWidth(max(self._least_width, layout.minimumSize().width()))
        super().showEvent(event)
