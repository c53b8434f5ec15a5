"""A keyboard with what its keys do; a click on a key asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from igym_desktop import theme
from igym_desktop.flow.keyboard import COLUMNS, ROWS, Key, actions_of, keyboard
from igym_desktop.i18n import language, tr
from igym_desktop.widgets.plain import as_tip

WIDTH, ROW = 620, 36
GAP = 3.0


class KeyboardPicture(QWidget):
    """`picked(name)`: a key was clicked. Everything it shows stands in the rows of the editor, too."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setMaximumWidth(WIDTH)
        self.setFixedHeight(ROWS * ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Keyboard"))
        self._keys = keyboard(language())
        self._actions: dict[str, list[tuple[str, bool]]] = {}

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, ROWS * ROW)

    def show_bindings(self, bindings: Sequence[Mapping[str, Any]]) -> None:
        """Marks the keys that do something."""
        self._actions = actions_of(bindings)
        self.update()

    def area_of(self, key: Key) -> QRectF:
        """Where a key is drawn."""
        unit = self.width() / COLUMNS
        return QRectF(key.x * unit, key.y * ROW, key.width * unit - GAP, ROW - GAP)

    def key_at(self, place: QPointF) -> Key | None:
        """The key below the pointer."""
        return next((key for key in self._keys if self.area_of(key).contains(place)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        key = self.key_at(event.position())
        if key is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(key.name)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            key = self.key_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), as_tip(self._tip(key)) if key else "", self)
            return True
        return super().event(event)

    def _tip(self, key: Key) -> str:
        name = key.text or key.name
        actions = ", ".join(
            f"{action} (+)" if together else action for action, together in self._actions.get(key.name, ())
        )
        return f"{name} → {actions}" if actions else tr("{key}: nothing yet. Click to add it.", key=name)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key in self._keys:
            self._paint_key(painter, key)
        painter.end()

    def _paint_key(self, painter: QPainter, key: Key) -> None:
        tokens, actions = theme.current(), self._actions.get(key.name, [])
        area = self.area_of(key).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(tokens.accent if actions else tokens.border), 1.4 if actions else 1.0))
        painter.setBrush(QColor(tokens.accent_soft if actions else tokens.surface))
        painter.drawRoundedRect(area, 5, 5)
        painter.setPen(QColor(tokens.accent_text if actions else tokens.muted))
        font = painter.font()
        font.setPixelSize(11)
        font.setBold(bool(actions))
        painter.setFont(font)
        inner = area.adjusted(4, 2, -4, -2)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, key.text)
        if actions:
            action, together = actions[0]
            more = "+" if together else "…" if len(actions) > 1 else ""
            font.setPixelSize(12)
            painter.setFont(font)
            text = painter.fontMetrics().elidedText(f"{action}{more}", Qt.TextElideMode.ElideRight, int(inner.width()))
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, text)
