"""Languages of a study, chosen from a list by their own names; the first is the one a page begins with."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QVBoxLayout

from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import clear, column, icon_button, label, row
from igym_desktop.widgets.combo import CalmComboBox
from igym_desktop.widgets.structured import Structured

BUILT_IN = ("en", "de", "fr", "es", "it", "pt", "nl", "ar")
"""In these the app has its own texts for participants; in others those are English."""
OTHERS = (
    "bg", "ca", "cs", "da", "el", "et", "fa", "fi", "he", "hi", "hr", "hu", "id", "is", "ja", "ko", "lt", "lv", "no",
    "pl", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip


def language_name(code: str) -> str:
    """Its own name, with the code."""
    name = QLocale(code.replace("-", "_")).nativeLanguageName()
    return f"{name[:1].upper()}{name[1:]} ({code})" if name else code


class LanguagesEditor(Structured):
    """One line a language, and a list to add one from."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: list[str] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2)
        self.add = CalmComboBox()
        self.add.setObjectName("add_language")
        self.add.setAccessibleName(tr("Add a language"))
        self.add.activated.connect(self._added)
        self.setLayout(column(self._lines, row(self.add, None), gap=4))
        self._show()

    def value(self) -> list[str]:
        """The codes, the first language first."""
        return list(self._codes)

    def show_value(self, value: Any) -> None:
        """A list of codes."""
        self._codes = [str(code) for code in value or ()]
        self._show()

    def _show(self) -> None:
        clear(self._lines)
        for number, code in enumerate(self._codes):
            built_in = "" if code in BUILT_IN else tr("Your own texts only: the app's are English here.")
            first = tr("First") if number == 0 else ""
            up = icon_button("up", tr("First language"), partial(self._to_front, code))
            up.setEnabled(number > 0)
            remove = icon_button("close", tr("Remove"), partial(self._remove, code), f"remove_language_{code}")
            remove.setEnabled(len(self._codes) > 1)
            words = " · ".join(part for part in (first, built_in) if part)
            self._lines.addLayout(
                row(label(language_name(code), "strong"), label(words, "small"), None, up, remove, gap=6)
            )
        self.add.clear()
        self.add.addItem(tr("Add a language…"), "")
        for code in (*BUILT_IN, *sorted(OTHERS, key=lambda code: language_name(code).casefold())):
            if code not in self._codes:
                self.add.addItem(language_name(code), code)

    def _added(self, index: int) -> None:
        code = self.add.itemData(index)
        if code:
            self._change([*self._codes, str(code)])

    def _remove(self, code: str) -> None:
        self._change([known for known in self._codes if known != code])

    def _to_front(self, code: str) -> None:
        self._change([code, *(known for known in self._codes if known != code)])

    def _change(self, codes: list[str]) -> None:
        self._codes = codes
        self._show()
        self._tell()
