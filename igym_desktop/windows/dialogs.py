"""Questions to the person, never blocking: the answer comes to a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.wide_dialog import WideDialog

Answer = Callable[[str, str], None]
"""(key of the button, text that was typed)."""
Check = Callable[[str], str]
"""Why what is typed cannot be, in words; "" when it can."""


class Question(WideDialog):
    """A title, a text, an optional input and named buttons. Escape answers the last button."""

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        text: str,
        choices: Sequence[tuple[str, str, str]],
        answer: Answer,
        *,
        prompt: str = "",
        required: bool = False,
        multiline: bool = False,
        value: str = "",
        listing: str = "",
        exactly: str = "",
        check: Check | None = None,
    ) -> None:
        super().__init__(parent, 460)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setModal(True)
        self._answer, self._required, self._last = answer, required or bool(exactly), choices[-1][0]
        self._exactly, self._checked = exactly, check
        self.refused = label("", "small", wrap=True)
        self.refused.hide()
        self._picked = ""
        self.input: QLineEdit | QPlainTextEdit | None = None
        self.buttons = {
            key: button(words, kind=kind, name=f"answer_{key}", on=partial(self._pick, key))
            for key, words, kind in choices
        }
        shown = column(label(title, "heading", wrap=True), label(text, wrap=True), gap=8)
        if listing:
            shown.addWidget(_listing(listing))
        if prompt:
            self._add_input(shown, prompt, multiline, value)
            shown.addWidget(self.refused)
        ordered = [self.buttons[key] for key, _, _ in reversed(choices)]
        self.setLayout(column(shown, 10, row(None, *ordered), gap=6, margins=(24, 20, 24, 18)))
        first = self.buttons[choices[0][0]]
        first.setDefault(True)
        (first if not prompt else self.findChild(QWidget, "answer_input") or first).setFocus()
        self._check()
        self.finished.connect(self._done)

    @property
    def typed(self) -> str:
        """What was written in the input."""
        if isinstance(self.input, QPlainTextEdit):
            return self.input.toPlainText().strip()
        return self.input.text().strip() if self.input else ""

    def _add_input(self, layout: object, prompt: str, multiline: bool, value: str) -> None:
        self.input = QPlainTextEdit(value) if multiline else QLineEdit(value)
        self.input.setObjectName("answer_input")
        caption = label(prompt, "strong")
        caption.setBuddy(self.input)
        self.input.setAccessibleName(prompt)
        if isinstance(self.input, QPlainTextEdit):
            self.input.setFixedHeight(96)
            self.input.setTabChangesFocus(True)
        self.input.textChanged.connect(lambda *_: self._check())
        layout.addSpacing(6)  # type: ignore[attr-defined]
        layout.addWidget(caption)  # type: ignore[attr-defined]
        layout.addWidget(self.input)  # type: ignore[attr-defined]

    def _check(self) -> None:
        why = self._checked(self.typed) if self._checked and self.typed else ""
        self.refused.setText(why)
        self.refused.setVisible(bool(why))
        if self._required:
            for key, shown in self.buttons.items():
                fits = self.typed.casefold() == self._exactly.casefold() if self._exactly else bool(self.typed)
                shown.setEnabled((fits and not why) or key == self._last)

    def _pick(self, key: str) -> None:
        self._picked = key
        self.accept()

    def _done(self) -> None:
        self._answer(self._picked or self._last, self.typed)


def _listing(text: str) -> QPlainTextEdit:
    """What a question is about, line by line, to be read and scrolled."""
    lines = QPlainTextEdit(text)
    lines.setObjectName("question_listing")
    lines.setAccessibleName(tr("Contents"))
    lines.setReadOnly(True)
    lines.setTabChangesFocus(True)
    lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    lines.setFixedHeight(180)
    return lines


def ask(
    parent: QWidget | None,
    title: str,
    text: str,
    choices: Sequence[tuple[str, str, str]],
    answer: Answer,
    *,
    prompt: str = "",
    required: bool = False,
    multiline: bool = False,
    value: str = "",
    listing: str = "",
    exactly: str = "",
    check: Check | None = None,
) -> Question:
    """Opens a question. `choices` are (key, words, kind), the main one first, the harmless one last.

    `exactly`: what has to be typed before any but the harmless one can be chosen.
    """
    question = Question(
        parent,
        title,
        text,
        choices,
        answer,
        prompt=prompt,
        required=required,
        multiline=multiline,
        value=value,
        listing=listing,
        exactly=exactly,
        check=check,
    )
    question.open()
    return question


def confirm(
    parent: QWidget | None,
    title: str,
    text: str,
    words: str,
    yes: Callable[[str], None],
    *,
    kind: str = "primary",
    prompt: str = "",
    required: bool = False,
    multiline: bool = False,
    value: str = "",
    listing: str = "",
    exactly: str = "",
    check: Check | None = None,
) -> Question:
    """A question with one way forward; `yes` gets what was typed."""
    choices = [("yes", words, kind), ("cancel", tr("Cancel"), "")]
    return ask(
        parent,
        title,
        text,
        choices,
        lambda key, typed: yes(typed) if key == "yes" else None,
        prompt=prompt,
        required=required,
        multiline=multiline,
        value=value,
        listing=listing,
        exactly=exactly,
        check=check,
    )
