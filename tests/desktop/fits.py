"""Whether everything on screen has the room it needs: words, cells of tables, controls, dialogs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QTableView,
    QTabWidget,
    QTreeView,
    QWidget,
)

from igym_desktop.widgets.elided import ElidedText
from igym_desktop.widgets.path_label import PathLabel
from tests.waiting import until

SLACK = 2
"""Pixels of rounding between a layout and what it holds."""
LINE_MARGINS, BUTTON_IN_LINE = 16, 24
"""Around the words of a line, and for each button in it, in px."""
ROWS = 40
"""Of a table or list, from above."""
Seen = Sequence[QWidget]


def seen(root: QWidget) -> Iterator[QWidget]:
    """What is inside `root` and not hidden; what is in a hidden page is not gone through."""
    for child in root.children():
        if isinstance(child, QWidget) and not child.isWindow() and not child.isHidden():
            yield child
            yield from seen(child)


def of(widgets: Seen, *kinds: type[QWidget]) -> Iterator[Any]:
    """Those of some kinds."""
    return (widget for widget in widgets if isinstance(widget, kinds))


def cut_texts(widgets: Seen) -> Iterator[str]:
    """Labels and buttons that have less room than their words need."""
    for widget in of(widgets, QLabel, QAbstractButton, QComboBox):
        if isinstance(widget, PathLabel) and widget.toolTip() == widget.path:
            continue  # gives way on purpose, and says the whole path when pointed at
        if not _words(widget) or isinstance(widget.parent(), (QTabBar, QLineEdit)):
            continue
        wanted = _needed(widget)
        if widget.width() + SLACK < wanted.width() or widget.height() + SLACK < wanted.height():
            yield f"{_name(widget)} needs {wanted.toTuple()}, has {widget.size().toTuple()}"


def _words(widget: QWidget) -> str:
    return widget.currentText() if isinstance(widget, QComboBox) else str(widget.text())  # type: ignore[attr-defined]


def _needed(widget: QWidget) -> QSize:
    wanted = widget.sizeHint()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return QSize(min(wanted.width(), widget.width()), widget.heightForWidth(widget.width()))
    if isinstance(widget, QComboBox):
        return QSize(widget.width() + _lacking(widget), wanted.height())
    return wanted


def _lacking(combo: QComboBox) -> int:
    """By how much the chosen words are wider than their place, in px. Those not chosen may be wider."""
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    room = combo.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, combo).width()
    return max(0, combo.fontMetrics().horizontalAdvance(combo.currentText()) - room)


def cut_items(widgets: Seen) -> Iterator[str]:
    """Words of tables, lists and paragraphs that end in dots, or would need a wider column."""
    for paragraph in of(widgets, ElidedText):
        if paragraph.is_cut:
            yield f"ElidedText of {paragraph.size().toTuple()} cuts {paragraph.text()[:60]!r}"
    for view in of(widgets, QAbstractItemView):
        if not isinstance(view, QHeaderView):
            yield from _cut_headers(view)
            yield from _cut_cells(view)


def cut_tabs(widgets: Seen) -> Iterator[str]:
    """Tabs that are out of sight."""
    for bar in of(widgets, QTabBar):
        wanted = bar.sizeHint().width()
        if bar.width() + SLACK < wanted:
            yield f"tabs {[bar.tabText(index) for index in range(bar.count())]} need {wanted}, have {bar.width()}"


def cut_placeholders(widgets: Seen) -> Iterator[str]:
    """Hints in empty lines."""
    for line in of(widgets, QLineEdit):
        wanted = line.fontMetrics().horizontalAdvance(line.placeholderText()) + LINE_MARGINS
        wanted += BUTTON_IN_LINE * len(line.actions())
        if line.placeholderText() and not line.text() and line.width() < wanted:
            yield f"{_name(line)} {line.placeholderText()!r} needs {wanted}, has {line.width()}"


def _cut_headers(view: QAbstractItemView) -> Iterator[str]:
    if not isinstance(view, QTableView) or view.horizontalHeader().isHidden():
        return
    head, model = view.horizontalHeader(), view.model()
    for column in range(model.columnCount()):
        if not head.isSectionHidden(column) and head.sectionSize(column) + SLACK < head.sectionSizeHint(column):
            words = model.headerData(column, Qt.Orientation.Horizontal)
            yield f"{_name(view)}: column {words!r} is {head.sectionSize(column)}, needs {head.sectionSizeHint(column)}"


def _cut_cells(view: QAbstractItemView) -> Iterator[str]:
    wraps = bool(getattr(view, "wordWrap", bool)())
    for index in _cells(view):
        words, room = str(index.data() or ""), view.visualRect(index)
        wanted = view.sizeHintForIndex(index)
        cut = room.height() + SLACK < wanted.height() if wraps else room.width() + SLACK < wanted.width()
        if words and not room.isEmpty() and cut:
            yield f"{_name(view)}: {words[:60]!r} has {room.size().toTuple()}, needs {wanted.toTuple()}"


def _cells(view: QAbstractItemView) -> Iterator[QModelIndex]:
    model = view.model()
    if isinstance(view, QTreeView):
        index = view.indexAt(QPoint(1, 1))
        while index.isValid():
            yield index
            index = view.indexBelow(index)
        return
    for row in range(min(ROWS, model.rowCount() if model else 0)):
        for column in range(model.columnCount()) if isinstance(view, QTableView) else (0,):
            if not (isinstance(view, QTableView) and view.isColumnHidden(column)):
                yield model.index(row, column)


def outside(widgets: Seen) -> Iterator[str]:
    """What can be seen or pressed beyond its parent's edge, unless an area scrolls to it."""
    for widget in widgets:
        parent = widget.parentWidget()
        if parent is None or widget.isWindow() or widget.size().isEmpty() or _scrolls(widget):
            continue
        if not parent.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(widget.geometry()):
            yield f"{_name(widget)} at {_box(widget.geometry())} in {_name(parent)} of {parent.size().toTuple()}"


def _scrolls(widget: QWidget) -> bool:
    """The body of a scroll area, what Qt's own views move about, and pages that are not in front."""
    parent = widget.parentWidget()
    above = parent.parentWidget() if parent else None
    if isinstance(above, QScrollArea):
        return above.widget() is widget
    inner = (QAbstractScrollArea, QTabBar, QStackedWidget)
    return isinstance(parent, inner) or isinstance(above, inner)


def _box(box: QRect) -> tuple[int, ...]:
    return box.getRect()  # type: ignore[return-value]


def _name(widget: QWidget) -> str:
    said = widget.objectName() or widget.accessibleName()
    words = _words(widget) if isinstance(widget, (QLabel, QAbstractButton, QComboBox)) else ""
    return f"{type(widget).__name__} {said} {words[:50]!r}"


def sideways(widgets: Seen) -> Iterator[str]:
    """Areas and tables one would have to scroll sideways."""
    for area in of(widgets, QScrollArea, QTableView):
        if area.objectName() == "participants" and not area.may_go:
            continue  # whoever looks chooses its columns, of which there may be more than a screen has room for
        if area.horizontalScrollBar().maximum() > 0:
            wide = area.horizontalScrollBar().maximum() + area.viewport().width()
            yield f"{_name(area)} shows {area.viewport().width()} of {wide}"


class Look:
    """Looks at one thing after the other and remembers what does not fit."""

    def __init__(self, screen: QSize, pictures: Path | None, *, low: bool = False) -> None:
        self.screen, self.pictures, self._low = screen, pictures, low
        self.found: dict[str, list[str]] = {}

    async def at(self, name: str, root: QWidget) -> None:
        for _ in range(6):  # layouts settle over several turns of the loop
            await asyncio.sleep(0.005)
        widgets = list(seen(root))
        cut = [*cut_texts(widgets), *cut_items(widgets), *cut_placeholders(widgets)]
        cut += [] if self._low else cut_tabs(widgets)  # on a very small screen arrows lead to the last ones
        self.found[name] = [*cut, *outside(widgets), *sideways(widgets)]
        if self.pictures:
            root.grab().save(str(self.pictures / f"{name.replace(' ', '-')}.png"))

    async def at_tabs(self, name: str, root: QWidget, tabs: QTabWidget) -> None:
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            await self.at(f"{name} tab {index}", root)

    async def at_dialog(self, name: str, window: QWidget, opens: Callable[[], Any]) -> None:
        before = set(_dialogs())
        opens()
        await until(lambda: set(_dialogs()) - before, name)
        dialog = (set(_dialogs()) - before).pop()
        screen = QApplication.primaryScreen().availableGeometry().size().boundedTo(self.screen)
        await self.at(name, dialog)
        if dialog.width() > screen.width() or dialog.height() > screen.height():
            self.found[name].append(f"the dialog is {dialog.size().toTuple()} on a screen of {screen.toTuple()}")
        dialog.reject()
        await until(lambda: dialog not in _dialogs(), f"{name} closed")


def _dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
