"""A combo box that the mouse wheel scrolls past."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class CalmComboBox(QComboBox):
    """The wheel scrolls the page, it does not change options by accident."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
