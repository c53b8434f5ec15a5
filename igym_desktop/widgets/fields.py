"""One option of the form: title, control, help, what is wrong, whether it was changed, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from igym_desktop.flow.choice_words import choice_words, special_words
from igym_desktop.flow.field_text import FormError, as_text
from igym_desktop.flow.form import Field
from igym_desktop.flow.profile_draft import FieldDraft, PageDraft
from igym_desktop.flow.value_words import value_text
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import button, chip, column, icon_button, label, restyle, row, show_if
from igym_desktop.widgets.combo import CalmComboBox as CalmComboBox
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.keys import KeysEditor
from igym_desktop.widgets.languages import LanguagesEditor
from igym_desktop.widgets.plain import set_tip
from igym_desktop.widgets.records import RecordEditor, RecordsEditor
from igym_desktop.widgets.rich_text import RichTextEditor
from igym_desktop.widgets.structured import Structured, TableEditor, choose_file
from igym_desktop.widgets.translations import Parts, TranslationsEditor, is_translatable

CONTROL_WIDTH = 380


class FieldRow(QWidget):
    """`edited` after each accepted or refused change, `remade` when other options changed with it."""

    edited = Signal()
    remade = Signal()

    def __init__(self, field: Field, draft: FieldDraft, folder: Path) -> None:
        super().__init__()
        self.field, self._draft, self._folder = field, draft, folder
        self._pages = draft if isinstance(draft, PageDraft) else None
        self.setObjectName("field_" + "_".join(field.path))
        self.changed = chip(tr("Changed"), "accent")
        self.reset = button(tr("Reset"), "reset", kind="quiet", on=self._reset)
        set_tip(self.reset, tr("Back to {value}", value=value_text(field, draft.back_to(field.path))))
        self.error = label("", "error", wrap=True)
        self.control = _make_control(field, folder)
        self.control.setObjectName("control_" + "_".join(field.path))
        self.control.setAccessibleName(field.title)
        self.control.setAccessibleDescription(field.description)
        title = label(field.title, "strong")
        set_tip(title, field.name)
        self.page = button(tr("Edit the page here"), "edit", kind="quiet", on=self._take_page_in)
        set_tip(self.page, tr("Its text becomes part of the study; the file stays as it is."))
        head = row(title, self.changed, self.reset, self.page, None, gap=8)
        line = row(self.control, *([label(field.unit, "muted")] if field.unit else []), None, gap=8)
        line.setStretch(0, 20)
        help_text = label(field.description, "small", wrap=True)
        show_if(help_text, bool(field.description))
        self.setLayout(column(head, line, self.error, help_text, gap=3, margins=(0, 4, 0, 8)))
        self._fill()
        if field.editable:
            _listen(self.control, self._typed)

    def show_state(self) -> None:
        """Changed marker, reset button and error."""
        changed, error = self._draft.is_changed(self.field.path), self._draft.errors.get(self.field.path, "")
        self.changed.setVisible(changed and self._draft.marks_changes)
        self.reset.setVisible(changed or bool(error))
        self.page.setVisible(self._pages is not None and self._pages.holds_page(self.field.path))
        self.error.setText(error)
        self.error.setVisible(bool(error))
        target = _typed_part(self.control)
        if bool(target.property("invalid")) != bool(error):
            target.setProperty("invalid", bool(error))
            restyle(target)

    def _typed(self, value: Any) -> None:
        try:
            self._draft.type(self.field.path, value)
        except FormError:
            pass  # the draft remembers the text; it is shown below
        self.show_state()
        self.edited.emit()

    def _take_page_in(self) -> None:
        assert self._pages is not None
        try:
            self._pages.take_page_in(self.field.path)
        except FormError as error:
            self.error.setText(str(error))
            self.error.show()
        else:
            self.remade.emit()

    def _reset(self) -> None:
        self._draft.reset(self.field.path)
        self._fill()
        self.edited.emit()

    def _fill(self) -> None:
        self.control.blockSignals(True)
        _fill(self.control, self.field, self._draft.value(self.field.path))
        self.control.blockSignals(False)
        self.show_state()


class ManyChoices(QWidget):
    """A checkbox for each choice."""

    picked = Signal(list)

    def __init__(self, field: Field) -> None:
        super().__init__()
        words = choice_words(field.name, field.choices)
        self.boxes = {choice: QCheckBox(words[choice]) for choice in field.choices}
        for box in self.boxes.values():
            box.toggled.connect(lambda on: self.picked.emit(self.value()))
        self.setLayout(FlowLayout(*self.boxes.values(), gap=14))

    def value(self) -> list[Any]:
        """The chosen ones, in the schema's order."""
        return [choice for choice, box in self.boxes.items() if box.isChecked()]


class LineWithButton(QWidget):
    """A line of text with a button that helps to fill it."""

    def __init__(self, icon: str, tip: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        _up_to(self.line, CONTROL_WIDTH - 44)
        self.button: QToolButton = icon_button(icon, tip)
        self.setMaximumWidth(CONTROL_WIDTH)
        self.setLayout(row(self.line, self.button, gap=6))


def _up_to(widget: QWidget, width: int) -> None:
    """As wide as there is room, but no wider."""
    widget.setMinimumWidth(min(width, 120))
    widget.setMaximumWidth(width)
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())


def _make_control(field: Field, folder: Path) -> QWidget:
    if not field.editable:
        return label(tr("Set in the experiment's code") + (f": {field.value}" if field.value else ""), "muted")
    makers: dict[str, Callable[[], QWidget]] = {
        "boolean": lambda: QCheckBox(tr("On")),
        "choice": lambda: _combo(field),
        "multi_choice": lambda: ManyChoices(field),
        "multiline": lambda: _box(104),
        "html": lambda: RichTextEditor(folder),
        "text_list": lambda: _box(72),
        "json": lambda: _box(72, mono=True),
        "colour": _colour_line,
        "file": lambda: _file_line(folder),
    }
    if field.name == "languages" and field.kind == "text_list":
        return LanguagesEditor()
    if field.kind in ("text", "multiline", "html", "text_list", "file") and is_translatable(field):
        return TranslationsEditor(field, Parts(lambda one: _make_control(one, folder), _listen, _fill))
    if field.kind in makers:
        return makers[field.kind]()
    if field.kind in ("table", "files"):
        # A game's config may also say what a condition or the episode decides.
        facts = {**field.facts, "entry": "config"} if field.name == "config" else field.facts
        return TableEditor(facts, folder)
    if field.kind == "keys":
        return KeysEditor()
    if field.kind == "record":
        return RecordEditor(field.facts, folder, FieldRow)
    if field.kind in ("records", "named_records", "policies", "agent_records"):
        return RecordsEditor(field.facts, folder, FieldRow)
    return _combo(field) if field.specials else _line(field)


def _line(field: Field) -> QLineEdit:
    line = QLineEdit()
    number = field.kind in ("integer", "number")
    _up_to(line, 140 if number else CONTROL_WIDTH)
    if field.nullable:
        line.setPlaceholderText(tr("none"))
    return line


def _combo(field: Field) -> QComboBox:
    combo = CalmComboBox()
    combo.setMinimumWidth(140 if field.specials else 220)
    if field.specials:
        combo.setEditable(True)
        for special, words in special_words(field.specials).items():
            combo.addItem(words, special)
        return combo
    if field.nullable:
        combo.addItem(tr("none"), None)
    for choice, words in choice_words(field.name, field.choices).items():
        combo.addItem(words, choice)
    return combo


def _box(height: int, *, mono: bool = False) -> QPlainTextEdit:
    box = QPlainTextEdit()
    _up_to(box, CONTROL_WIDTH + 80)
    box.setFixedHeight(height)
    box.setTabChangesFocus(True)
    if mono:
        box.setStyleSheet("font-family: 'DejaVu Sans Mono', 'Cascadia Mono', Menlo, monospace; font-size: 12px;")
    return box


def _colour_line() -> LineWithButton:
    control = LineWithButton("edit", tr("Choose a colour"))

    def choose() -> None:
        dialog = QColorDialog(QColor(control.line.text()), control)
        dialog.colorSelected.connect(lambda colour: control.line.setText(colour.name()))
        dialog.open()

    control.button.clicked.connect(choose)
    return control


def _file_line(folder: Path) -> LineWithButton:
    control = LineWithButton("folder", tr("Choose a file of the experiment"))
    control.button.clicked.connect(lambda: choose_file(control, folder, control.line.setText))
    return control


def _listen(control: QWidget, typed: Callable[[Any], None]) -> None:
    if isinstance(control, Structured):
        control.edited.connect(typed)
    elif isinstance(control, QCheckBox):
        control.toggled.connect(typed)
    elif isinstance(control, ManyChoices):
        control.picked.connect(typed)
    elif isinstance(control, QComboBox) and control.isEditable():
        control.currentTextChanged.connect(typed)
    elif isinstance(control, QComboBox):
        control.currentIndexChanged.connect(lambda index: typed(control.itemData(index)))
    elif isinstance(control, QPlainTextEdit):
        control.textChanged.connect(lambda: typed(control.toPlainText()))
    else:
        line = _typed_part(control)
        assert isinstance(line, QLineEdit)
        line.textChanged.connect(typed)


def _fill(control: QWidget, field: Field, value: Any) -> None:
    if not field.editable:
        return
    if isinstance(control, Structured):
        control.show_value(value)
    elif isinstance(control, QCheckBox):
        control.setChecked(bool(value))
    elif isinstance(control, ManyChoices):
        chosen = field.facts.get("when_true", ()) if value is True else value or ()
        for choice, box in control.boxes.items():
            box.setChecked(choice in chosen)
    elif isinstance(control, QComboBox) and control.isEditable():
        control.setEditText(as_text(field, value))
    elif isinstance(control, QComboBox):
        control.setCurrentIndex(max(0, control.findData(value)))
    elif isinstance(control, QPlainTextEdit):
        control.setPlainText(as_text(field, value))
    else:
        line = _typed_part(control)
        assert isinstance(line, QLineEdit)
        line.setText(as_text(field, value))


def _typed_part(control: QWidget) -> QWidget:
    return control.line if isinstance(control, LineWithButton) else control
