"""Buttons and menus that look alike everywhere; their icons take the colours of the theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton, QWidget

from igym_desktop import icons, theme
from igym_desktop.widgets.plain import set_tip


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


def tint(target: QWidget) -> None:
    """Gives a button's icon the colour its kind needs in the current theme."""
    name = target.property("iconName")
    if not name or not isinstance(target, (QPushButton, QToolButton)):
        return
    tokens = theme.current()
    colours = {"primary": tokens.on_accent, "danger": tokens.stop, "quiet": tokens.accent_text}
    colour = colours.get(str(target.property("kind")), tokens.text)
    if target.property("place") == "sidebar":
        target.setIcon(icons.icon(name, tokens.muted, tokens.accent))
    else:
        target.setIcon(icons.icon(name, colour))
