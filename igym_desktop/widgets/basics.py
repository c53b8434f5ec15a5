"""The few building blocks of every page: labels, cards, banners, empty states; with them, buttons and layouts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QLayout, QPushButton, QSizePolicy, QWidget

from igym_desktop import icons, theme
from igym_desktop.i18n import said, tr
from igym_desktop.widgets.buttons import Button, action, button, icon_button, menu_button, set_icon, tint
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.layouts import clear, column, holder, line, panel, row, scroll, square, tab_widget

__all__ = [
    "Banner",
    "Button",
    "Card",
    "EmptyState",
    "GAP",
    "Header",
    "IconLabel",
    "PAGE_MARGIN",
    "Page",
    "action",
    "button",
    "chip",
    "clear",
    "column",
    "holder",
    "icon_button",
    "label",
    "line",
    "menu_button",
    "panel",
    "restyle",
    "row",
    "scroll",
    "set_icon",
    "set_tone",
    "show_if",
    "square",
    "tab_widget",
    "tint",
    "tone_colour",
]

PAGE_MARGIN = 28
GAP = 16


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """Plain text: names and messages of other people are never read as HTML."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setWordWrap(wrap)
    if wrap:
        result.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    if role:
        result.setProperty("role", role)
    if selectable:
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        result.setTextInteractionFlags(flags)
    return result


def show_if(widget: QWidget, on: bool) -> None:
    """Hides or shows. A widget without a parent yet would flash as a window of its own: it is left to its parent."""
    if not on or widget.parentWidget() is not None:
        widget.setVisible(on)


def restyle(widget: QWidget) -> None:
    """After a dynamic property changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def set_tone(widget: QWidget, tone: str) -> None:
    """Sets the `tone` a style rule looks at."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        restyle(widget)


def tone_colour(tone: str) -> str:
    """A tone's text colour in the current theme."""
    tokens = theme.current()
    table = {
        "go": tokens.go,
        "wait": tokens.wait,
        "warn": tokens.warn,
        "stop": tokens.stop,
        "accent": tokens.accent_text,
        "info": tokens.accent_text,
        "off": tokens.off,
    }
    return table.get(tone, tokens.text)


def chip(text: str, tone: str = "") -> QLabel:
    """A small fact in a rounded box."""
    result = label(text, "chip")
    result.setProperty("tone", tone)
    result.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return result


class IconLabel(QLabel):
    """An icon as a label; redrawn when the theme changes."""

    def __init__(self, icon: str, tone: str = "", size: int = 18) -> None:
        super().__init__()
        self._size = size
        self.setFixedSize(size, size)
        self.show_icon(icon, tone)

    def show_icon(self, icon: str, tone: str = "") -> None:
        """Changes what is shown."""
        self._icon, self._tone = icon, tone
        self.tint()

    def tint(self) -> None:
        """Draws the icon in the current theme's colour."""
        self.setPixmap(icons.small(self._icon, tone_colour(self._tone), self._size))


class Banner(QFrame):
    """A message across the page with an icon, a text and up to two actions. Hidden until `say`."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self._icon = IconLabel("info", "info", 20)
        self.text = label("", wrap=True, selectable=True)
        self.details = label("", "small", wrap=True, selectable=True)
        self._buttons = row(gap=8)
        self.close_button = icon_button("close", tr("Dismiss"), self.hide)
        body = column(self.text, self.details, gap=3)
        layout = row(self._icon, body, self._buttons, self.close_button, gap=12, margins=(14, 11, 8, 11))
        layout.setStretch(1, 1)
        layout.setAlignment(self._icon, Qt.AlignmentFlag.AlignTop)
        layout.setAlignment(self.close_button, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        self.hide()

    def say(self, tone: str, text: str, *actions: tuple[str, Callable[[], Any]], details: str = "") -> None:
        """Shows `text`, one of the engine's in the window's language; `tone` is info, go, warn or stop."""
        shapes = {"info": "info", "go": "go", "warn": "warning", "stop": "error"}
        self._icon.show_icon(shapes[tone], tone)
        set_tone(self, tone)
        self.text.setText(said(text))
        self.details.setText(details)
        self.details.setVisible(bool(details))
        clear(self._buttons)
        for title, act in actions:
            self._buttons.addWidget(button(title, on=act))
        self.show()


class Card(QFrame):
    """A surface that is opened by a double click or Enter."""

    opened = Signal()

    def __init__(self, layout: QLayout | None = None) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setProperty("hover", True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if layout:
            self.setLayout(layout)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.opened.emit()
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class EmptyState(QWidget):
    """What a page says when it has nothing to show yet, and what to do about it."""

    def __init__(self, icon: str, title: str, text: str, *buttons: QPushButton) -> None:
        super().__init__()
        self.title = label(title, "heading")
        self.text = label(text, "muted", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text.setFixedWidth(440)
        line_of_buttons = FlowLayout(*buttons, gap=8, centred=True)
        # In a row of its own, not aligned: an aligned label gets one line's height, however many its words take.
        line_of_text = row(None, self.text, None)
        layout = column(
            None, IconLabel(icon, "off", 44), 6, self.title, line_of_text, 8, line_of_buttons, None, None, gap=8
        )
        for index in range(layout.count()):
            item = layout.itemAt(index)
            widget = item.widget() if item else None
            if widget is not None:
                layout.setAlignment(widget, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(layout)


class Header(QWidget):
    """A page's title, subtitle and actions on the right."""

    def __init__(self, title: str, subtitle: str, *actions: QWidget) -> None:
        super().__init__()
        self.title = label(title, "title")
        self.subtitle = label(subtitle, "muted", wrap=True)
        texts = column(self.title, self.subtitle, gap=3)
        self.buttons = QWidget()
        self.buttons.setLayout(FlowLayout(*actions, gap=8))
        self._line = row(texts, self.buttons, gap=16)
        self._line.setStretch(0, 1)
        self._line.setAlignment(self.buttons, Qt.AlignmentFlag.AlignTop)
        self.setLayout(self._line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        layout = self.buttons.layout()
        wanted = self.title.sizeHint().width() + (layout.sizeHint().width() if layout else 0) + 60
        narrow = wanted > self.width()
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._line.direction() != direction:
            self._line.setDirection(direction)
            self._line.setSpacing(10 if narrow else 16)
        super().resizeEvent(event)


class Page(QWidget):
    """Base of all pages: margins, a header and a banner."""

    def __init__(self, title: str, subtitle: str, *actions: QWidget) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = Header(title, subtitle, *actions)
        self.banner = Banner()
        self.body = column(self.header, self.banner, gap=GAP, margins=(PAGE_MARGIN, 22, PAGE_MARGIN, 20))
        self.setLayout(self.body)

    def least_height(self, width: int) -> int:
        """In px; with less something would be cut or lie over something else."""
        return self.body.minimumHeightForWidth(width)

    def shown(self) -> None:
        """The person came to this page."""
