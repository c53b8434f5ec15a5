"""Tells the desktop what needs attention while the window is not looked at: a message and a mark in the task bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from igym_desktop import icons
from igym_desktop.flow.news import NewsDesk
from igym_desktop.flow.view import Difference
from igym_desktop.widgets.plain import as_notice

if TYPE_CHECKING:
    from igym_desktop.launcher import Launcher

SHOWN_MS = 10_000


class Notifications(QObject):
    """`told(title, text)` for each notice, whether the desktop can show it or not."""

    told = Signal(str, str)

    def __init__(self, launcher: Launcher, window: QWidget) -> None:
        super().__init__(window)
        self._launcher, self._window = launcher, window
        self._desk = NewsDesk()
        self._tray: QSystemTrayIcon | None = None
        launcher.engine.view_changed.connect(self._view_changed)
        launcher.engine.state_changed.connect(self._state_changed)

    def _state_changed(self, state: str) -> None:
        if state in ("stopped", "failed") and self._tray is not None:
            self._tray.hide()

    def _view_changed(self, difference: Difference) -> None:
        if difference.everything:
            self._desk.begin()
        mirror = self._launcher.engine.mirror
        for item in self._desk.read(mirror.problems, mirror.participants):
            if self._launcher.settings.notify and not self._window.isActiveWindow():
                self._show(item.title, item.text)

    def _show(self, title: str, text: str) -> None:
        title, text = as_notice(title), as_notice(text)
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            if self._tray is None:
                self._tray = QSystemTrayIcon(QIcon(icons.pixmap("app", "#000000", 64, 1.0)), self)
                self._tray.activated.connect(self._window.raise_)
            self._tray.show()
            self._tray.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning, SHOWN_MS)
        self.told.emit(title, text)
