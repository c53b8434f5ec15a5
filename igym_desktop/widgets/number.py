"""A whole number to type, within bounds."""

from __future__ import annotations

from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QLineEdit


class NumberLine(QLineEdit):
    """Like a spin box without buttons; an empty or too small entry counts as the lowest number."""

    def __init__(self, low: int, high: int, value: int) -> None:
        super().__init__(str(value))
        self._low, self._high = low, high
        self.setValidator(QIntValidator(low, high, self))
        self.setFixedWidth(110)

    def value(self) -> int:
        """The number, always within its bounds."""
        text = self.text().strip()
        return min(self._high, max(self._low, int(text))) if text else self._low

    def setValue(self, value: int) -> None:
        """Replaces the number."""
        self.setText(str(value))
