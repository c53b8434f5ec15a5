"""A path that gives way in its middle when there is no room; the whole one is its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from igym_desktop.widgets.plain import set_tip

LEAST = 120


class PathLabel(QLabel):
    """Shows `path`, or as much of its beginning and end as fits."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.path = ""
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def show_path(self, path: str) -> None:
        """Another path, or a word for none."""
        self.path = path
        set_tip(self, path)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.path) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(LEAST, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self.path, Qt.TextElideMode.ElideMiddle, self.width()))
