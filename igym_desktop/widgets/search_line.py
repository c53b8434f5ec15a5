"""The line above a list that narrows it down while somebody types."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLineEdit

from igym_desktop.icons import icon
from igym_desktop.theme import current

BESIDE_WORDS = 76
"""The magnifying glass, the button that clears, and the margins, in px."""


class SearchLine(QLineEdit):
    """`width` in px; wider where its words need it, and down to them where there is less room."""

    def __init__(self, words: str, width: int) -> None:
        super().__init__()
        self.setPlaceholderText(words)
        self.setAccessibleName(words)
        self.setClearButtonEnabled(True)
        glass = self.addAction(icon("search", current().muted), QLineEdit.ActionPosition.LeadingPosition)
        glass.setProperty("iconName", "search")
        self.ensurePolished()
        least = self.fontMetrics().horizontalAdvance(words) + BESIDE_WORDS
        self._wanted = max(width, least)
        self.setMinimumWidth(least)
        self.setMaximumWidth(self._wanted)

    def sizeHint(self) -> QSize:
        return QSize(self._wanted, super().sizeHint().height())
