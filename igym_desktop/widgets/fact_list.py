"""Titles with a value each, as the drawers of a session show them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel

from igym_desktop.widgets.basics import label


class FactList(QFormLayout):
    """Rows come in the order their titles are told first; later only their values change."""

    def __init__(self) -> None:
        super().__init__()
        self.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.setHorizontalSpacing(18)
        self.setVerticalSpacing(6)
        self._values: dict[str, QLabel] = {}

    def tell(self, title: str, value: str) -> None:
        """Shows a value under its title; a dash stands for an empty one."""
        if title not in self._values:
            self._values[title] = label("", wrap=True, selectable=True)
            self.addRow(label(title, "muted"), self._values[title])
        self._values[title].setText(value or "–")
