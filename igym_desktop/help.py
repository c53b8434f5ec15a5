"""Help: F1 opens the page of the manual that belongs to what is on screen, in the browser and without the internet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from igym_desktop.flow.manual import DIALOGS, PAGES, START, manual_folder


def open_manual(page: str = START) -> bool:
    """`page` with its heading after a #; False where the manual was not built."""
    folder = manual_folder()
    if folder is None:
        return False
    name, _, heading = page.partition("#")
    url = QUrl.fromLocalFile(str(folder / name))
    if heading:
        url.setFragment(heading)
    return bool(QDesktopServices.openUrl(url))


class HelpKey(QObject):
    """Hears F1 in every window of the app, dialogs included."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Each key press comes to its window first, then to widgets: it is taken once.
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if event.key() != Qt.Key.Key_F1 or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        open_manual(page_for(watched.window(), self._window))
        return True


def page_for(shown: QWidget, main: QWidget) -> str:
    """The page that belongs to the window in front."""
    if shown is main:
        return PAGES.get(str(getattr(main, "page_name", "")), START)
    return DIALOGS.get(type(shown).__name__, PAGES.get(str(getattr(main, "page_name", "")), START))
