"""What keys do: press them, say which action they stand for."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from igym_desktop.flow.values import read_value, write_value
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import action, button, icon_button, label, row
from igym_desktop.widgets.keyboard import WIDTH, KeyboardPicture
from igym_desktop.widgets.structured import Structured, remove_all

_K = Qt.Key
NAMES: dict[int, str] = {
    _K.Key_Left: "ArrowLeft", _K.Key_Right: "ArrowRight", _K.Key_Up: "ArrowUp", _K.Key_Down: "ArrowDown",
    _K.Key_Return: "Enter", _K.Key_Enter: "NumpadEnter", _K.Key_Escape: "Escape", _K.Key_Tab: "Tab",
    _K.Key_Backspace: "Backspace", _K.Key_Delete: "Delete", _K.Key_Insert: "Insert", _K.Key_Home: "Home",
    _K.Key_End: "End", _K.Key_PageUp: "PageUp", _K.Key_PageDown: "PageDown", _K.Key_Shift: "Shift",
    _K.Key_Control: "Control", _K.Key_Alt: "Alt", _K.Key_Meta: "Meta", _K.Key_CapsLock: "CapsLock",
    _K.Key_Space: "Space",
    **{_K(_K.Key_F1 + number): f"F{number + 1}" for number in range(12)},
}  # fmt: skip
OTHERS = (
    "MouseLeft", "MouseMiddle", "MouseRight", "GamepadLeft", "GamepadRight", "GamepadUp", "GamepadDown", "GamepadA",
    "GamepadB", "GamepadX", "GamepadY", "GamepadLeftBumper", "GamepadRightBumper", "GamepadLeftTrigger",
    "GamepadRightTrigger", "GamepadStart", "GamepadBack",
)  # fmt: skip
SHOWN = {"ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓"}


def browser_name(event: QKeyEvent) -> str:
    """The key as a participant's browser names it; empty for one it never tells."""
    named = NAMES.get(event.key())
    if named:
        return named
    text = event.text().strip()
    if text and text.isprintable():
        return text.lower()
    return chr(event.key()).lower() if 33 <= event.key() <= 126 else ""


def shown_keys(keys: list[str]) -> str:
    """ "← + Space" """
    return " + ".join(SHOWN.get(key, key.upper() if len(key) == 1 else key) for key in keys)


class KeyCatcher(QPushButton):
    """Click it, hold the keys, let go: `caught` are those that were down together."""

    caught = Signal(list)

    def __init__(self, keys: list[str]) -> None:
        super().__init__()
        self.keys, self._down, self._most = list(keys), list[str](), list[str]()
        self.setCheckable(True)
        self.setMinimumWidth(150)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.toggled.connect(self._toggled)
        self._show()

    def show_keys(self, keys: list[str]) -> None:
        """As if they had been pressed."""
        self.keys = list(keys)
        self.setChecked(False)
        self._show()
        self.caught.emit(self.keys)

    def _toggled(self, on: bool) -> None:
        self._down, self._most = [], []
        self._show()

    def _show(self) -> None:
        words = shown_keys(self._most or self.keys) if not self.isChecked() or self._most else tr("Press the keys…")
        self.setText(words or tr("Click, then press"))
        self.setAccessibleName(tr("Keys: {keys}", keys=words or tr("none")))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        name = browser_name(event) if self.isChecked() else ""
        if not name:
            super().keyPressEvent(event)
            return
        if not event.isAutoRepeat() and name not in self._down:
            self._down.append(name)
            self._most = list(self._down) if len(self._down) >= len(self._most) else self._most
            self._show()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.isChecked() or event.isAutoRepeat():
            super().keyReleaseEvent(event)
            return
        name = browser_name(event)
        self._down = [key for key in self._down if key != name]
        if self._most and not self._down:
            self.show_keys(self._most)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab is a key like any other while keys are caught."""
        return False if self.isChecked() else super().focusNextPrevChild(forward)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.setChecked(False)
        super().focusOutEvent(event)


class KeysEditor(Structured):
    """One row for each binding: keys held together, and the action they stand for."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[KeyCatcher, QLineEdit, QWidget]] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self.add = button(tr("Add keys"), "plus", kind="quiet", on=self._add)
        self.picture = KeyboardPicture()
        self.picture.picked.connect(self._picked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._lines)
        layout.addLayout(row(self.add, None))
        layout.addWidget(self.picture)
        self.setMaximumWidth(WIDTH)

    def value(self) -> list[dict[str, Any]]:
        return [
            {"keys": list(keys.keys), "action": read_value(line.text())} for keys, line, _ in self.rows if keys.keys
        ]

    def show_value(self, value: Any) -> None:
        remove_all(self._lines)
        self.rows.clear()
        for binding in value or ():
            self._line(list(binding["keys"]), write_value(binding["action"]))
        self.picture.show_bindings(self.value())

    def _tell(self, *_: object) -> None:
        super()._tell()
        self.picture.show_bindings(self.value())

    def _add(self) -> None:
        self._line([], self._next_action())
        self.rows[-1][0].setChecked(True)
        self.rows[-1][0].setFocus()

    def _next_action(self) -> str:
        numbers = [found for _, line, _ in self.rows if isinstance(found := read_value(line.text()), int)]
        return str(max(numbers, default=0) + 1)

    def _picked(self, name: str) -> None:
        """A key of the picture: with the others while keys are awaited, else to what it does, or a new row for it."""
        waiting = next((catcher for catcher, _, _ in self.rows if catcher.isChecked()), None)
        known = next((line for catcher, line, _ in self.rows if catcher.keys == [name]), None)
        if waiting is not None:
            waiting.show_keys([*(key for key in waiting.keys if key != name), name])
        elif known is None:
            self._line([name], self._next_action())
            self._tell()
        (known or self.rows[-1][1]).setFocus()

    def _line(self, keys: list[str], text: str) -> None:
        catcher, line, holder = KeyCatcher(keys), QLineEdit(text), QWidget()
        line.setMaximumWidth(110)
        line.setAccessibleName(tr("Action"))
        more = icon_button("game", tr("A button of a mouse or gamepad"))
        menu = QMenu(more)
        for name in OTHERS:
            action(menu, name, "plus", partial(self._with, catcher, name))
        more.setMenu(menu)
        more.setPopupMode(more.ToolButtonPopupMode.InstantPopup)
        drop = icon_button("trash", tr("Remove these keys"), partial(self._drop, holder))
        layout = row(catcher, more, label("→", "muted"), line, drop, None, gap=6)
        holder.setLayout(layout)
        self._lines.addWidget(holder)
        self.rows.append((catcher, line, holder))
        catcher.caught.connect(self._tell)
        line.textEdited.connect(self._tell)

    def _with(self, catcher: KeyCatcher, name: str) -> None:
        catcher.show_keys([*(key for key in catcher.keys if key != name), name])

    def _drop(self, holder: QWidget) -> None:
        self.rows = [line for line in self.rows if line[2] is not holder]
        holder.setParent(None)
        holder.deleteLater()
        self._tell()
