"""Buttons and menus that look alike everywhere; their icons take the colours of the theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QWidget,
)

from igym_desktop import icons, theme
from igym_desktop.widgets.plain import set_tip

ICON_NAME = Qt.ItemDataRole.UserRole + 100


class Button(QPushButton):
    """A push button whose words keep their distance from its icon. A click does not move the keyboard focus."""

    def __init__(self, text: str, icon: str, kind: str) -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if icon:
            set_icon(self, icon)
        self.setText(text)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second click of a double click opens nothing again; small actions may be pressed as fast as one likes."""
        if self.property("kind") in ("quiet", "chip"):
            super().mouseDoubleClickEvent(event)

    def setText(self, text: str) -> None:
        self.setAccessibleName(text)
        super().setText(f" {text}" if self.property("iconName") else text)


def button(
    text: str, icon: str = "", *, kind: str = "", name: str = "", tip: str = "", on: Callable[[], Any] | None = None
) -> QPushButton:
    """`kind`: "primary", "danger", "quiet", "chip" or plain."""
    result = Button(text, icon, kind)
    if name:
        result.setObjectName(name)
    if tip:
        set_tip(result, tip)
    if on:
        result.clicked.connect(lambda *_: on())
    return result


def icon_button(icon: str, tip: str, on: Callable[[], Any] | None = None, name: str = "") -> QToolButton:
    """A button that is only an icon; the tip is also its name for screen readers."""
    result = QToolButton()
    result.setProperty("kind", "icon")
    set_tip(result, tip)
    result.setAccessibleName(tip)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    set_icon(result, icon)
    if name:
        result.setObjectName(name)
    if on:
        result.clicked.connect(lambda *_: on())
    return result


def menu_button(text: str, icon: str, menu: QMenu, kind: str = "") -> QPushButton:
    """A button that opens a menu."""
    result = button(text, icon, kind=kind)
    result.setProperty("menu", "true")
    result.setMenu(menu)
    return result


def action(menu: QMenu, text: str, icon: str, on: Callable[[], Any], *, name: str = "", tip: str = "") -> QAction:
    """One entry of a menu."""
    result = menu.addAction(icons.icon(icon), text)
    result.setProperty("iconName", icon)
    result.triggered.connect(lambda *_: on())
    result.setObjectName(name)
    if tip:
        set_tip(result, tip)
    return result


def set_icon(target: QPushButton | QToolButton, icon: str) -> None:
    """Remembers the icon's name so that a change of theme can tint it anew."""
    target.setProperty("iconName", icon)
    tint(target)
    target.setIconSize(icons.ICON_SIZE)


def set_item_icon(item: QListWidgetItem | QTreeWidgetItem, icon: str) -> None:
    """Of a line of a list or tree; its name is remembered as a button's is."""
    if isinstance(item, QListWidgetItem):
        item.setData(ICON_NAME, icon)
        item.setIcon(icons.icon(icon))
    else:
        item.setData(0, ICON_NAME, icon)
        item.setIcon(0, icons.icon(icon))


def tint(target: QWidget) -> None:
    """Gives the icons of a button, a list, a tree, a menu or a line the colours they need in the current theme."""
    with QSignalBlocker(target):  # other colours are no change that anybody made
        _tint(target)


def _tint(target: QWidget) -> None:
    if isinstance(target, QListWidget):
        for at in range(target.count()):
            _tint_item(target.item(at))
    elif isinstance(target, QTreeWidget):
        every = QTreeWidgetItemIterator(target)
        while (item := every.value()) is not None:
            _tint_item(item)
            every += 1
    elif isinstance(target, (QPushButton, QToolButton)):
        _tint_button(target)
    if isinstance(target, (QMenu, QLineEdit)):
        colour = theme.current().muted if isinstance(target, QLineEdit) else None
        for shown in target.actions():
            if name := shown.property("iconName"):
                shown.setIcon(icons.icon(name, colour))


def _tint_item(item: QListWidgetItem | QTreeWidgetItem) -> None:
    name = item.data(ICON_NAME) if isinstance(item, QListWidgetItem) else item.data(0, ICON_NAME)
    if name:
        set_item_icon(item, name)


def _tint_button(target: QPushButton | QToolButton) -> None:
    """The colour its kind needs."""
    name = target.property("iconName")
    if not name:
        return
    tokens = theme.current()
    colours = {"primary": tokens.on_accent, "danger": tokens.stop, "quiet": tokens.accent_text}
    colour = colours.get(str(target.property("kind")), tokens.text)
    if target.property("place") == "sidebar":
        target.setIcon(icons.icon(name, tokens.muted, tokens.accent))
    else:
        target.setIcon(icons.icon(name, colour))
