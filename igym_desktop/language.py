"""One language for the whole window: the app's own words, and those of Qt's dialogs, menus and dates."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from igym_desktop.i18n import language, use_language


class WindowLanguage:
    """What is made from now on speaks it; windows that are there are made anew by whoever owns them."""

    def __init__(self, qt: QApplication) -> None:
        self._qt = qt
        self._qt_words = QTranslator(qt)

    def use(self, code: str) -> None:
        """An unknown code means English."""
        use_language(code)
        self._qt.removeTranslator(self._qt_words)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._qt_words.load(f"qtbase_{code}", folder):
            self._qt.installTranslator(self._qt_words)
        # The region stays the computer's where it speaks the same language: it decides dates and numbers.
        here = QLocale.system()
        fits = here.bcp47Name().partition("-")[0] == code
        QLocale.setDefault(here if fits else QLocale(code))

    @staticmethod
    def is_used(code: str) -> bool:
        """Whether the window speaks it already."""
        return language() == code
