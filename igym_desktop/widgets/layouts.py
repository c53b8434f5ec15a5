"""How widgets are put beside and below each other: columns, rows, panels, scrolling areas, tabs."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QTabWidget, QVBoxLayout, QWidget


def column(
    *items: QWidget | QLayout | int | None, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Widgets and layouts below each other; an int is a space, None a stretch."""
    layout = QVBoxLayout()
    _fill(layout, items, gap, margins)
    return layout


def row(
    *items: QWidget | QLayout | int | None, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Widgets and layouts beside each other; an int is a space, None a stretch."""
    layout = QHBoxLayout()
    _fill(layout, items, gap, margins)
    return layout


def _fill(layout: QVBoxLayout | QHBoxLayout, items: Any, gap: int, margins: tuple[int, int, int, int]) -> None:
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


def panel(layout: QLayout, role: str = "panel", margin: int = 18) -> QFrame:
    """A framed surface around `layout`."""
    frame = QFrame()
    frame.setProperty("role", role)
    if margin >= 0:
        layout.setContentsMargins(margin, margin, margin, margin)
    frame.setLayout(layout)
    return frame


def line() -> QFrame:
    """A thin separating line."""
    frame = QFrame()
    frame.setProperty("role", "line")
    return frame


def holder(layout: QLayout) -> QWidget:
    """A bare widget around a layout."""
    widget = QWidget()
    widget.setLayout(layout)
    return widget


class _Scrolled(QWidget):
    """As high as its words are at the width there is: by itself it would stay as high as at its narrowest."""

    def minimumSizeHint(self) -> QSize:
        least, layout = super().minimumSizeHint(), self.layout()
        return QSize(least.width(), 0) if layout is not None and layout.hasHeightForWidth() else least


def scroll(inner: QWidget) -> QScrollArea:
    """Transparent; scrolls sideways only where the window is too narrow for what is in it."""
    area, body = QScrollArea(), _Scrolled()
    whole = QVBoxLayout(body)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.addWidget(inner)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setFrameShape(QFrame.Shape.NoFrame)
    body.setObjectName("scrollBody")
    area.setWidget(body)
    area.viewport().setAutoFillBackground(False)
    return area


def clear(layout: QLayout) -> None:
    """Removes and deletes everything in a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def square(size: int) -> QSize:
    """A QSize with equal sides."""
    return QSize(size, size)


def tab_widget() -> QTabWidget:
    """Tabs without a frame."""
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    tabs.tabBar().setDrawBase(False)
    tabs.tabBar().setExpanding(False)
    tabs.setUsesScrollButtons(False)
    return tabs
