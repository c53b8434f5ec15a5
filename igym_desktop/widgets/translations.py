"""A text once for everybody, or once for each language of the study, one below the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from igym_desktop.flow.field_text import parse
from igym_desktop.flow.form import Field
from igym_desktop.flow.translations import first, is_by_language, joined, languages_of, split
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import column, label
from igym_desktop.widgets.languages import language_name
from igym_desktop.widgets.structured import Structured, remove_all


@dataclass(frozen=True)
class Parts:
    """How the control of one text is made, heard and filled."""

    make: Callable[[Field], QWidget]
    listen: Callable[[QWidget, Callable[[Any], None]], None]
    fill: Callable[[QWidget, Field, Any], None]


def is_translatable(field: Field) -> bool:
    """Whether the text may differ by language here: the study has several, or it does already."""
    return len(field.facts.get("by_language") or ()) > 1 or is_by_language(field.value)


class TranslationsEditor(Structured):
    """A box to tick, and below it one control, or one for each language."""

    def __init__(self, field: Field, parts: Parts) -> None:
        super().__init__()
        self._field = replace(field, facts={**field.facts, "by_language": (), "value": None})
        self._offered = [str(code) for code in field.facts.get("by_language") or ()]
        self._parts = parts
        self._value: Any = None
        self.controls: dict[str, QWidget] = {}
        self.several = QCheckBox(tr("A text of its own for each language"))
        self.several.toggled.connect(self._toggled)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(3)
        self.setLayout(column(self._lines, self.several, gap=4))

    def value(self) -> Any:
        return self._value

    def show_value(self, value: Any) -> None:
        self._value = value
        self.several.blockSignals(True)
        self.several.setChecked(is_by_language(value))
        self.several.blockSignals(False)
        self._show()

    def _show(self) -> None:
        remove_all(self._lines)
        self.controls.clear()
        if not is_by_language(self._value):
            self._add("", self._value)
            return
        for tag, text in split(self._value, languages_of(self._value, self._offered)).items():
            name = label(language_name(tag), "small")
            self._lines.addWidget(name)
            self._add(tag, text).setAccessibleName(f"{self._field.title}, {language_name(tag)}")

    def _add(self, tag: str, value: Any) -> QWidget:
        control = self._parts.make(self._field)
        self._parts.fill(control, self._field, value)
        self._parts.listen(control, partial(self._typed, tag))
        self._lines.addWidget(control)
        self.controls[tag] = control
        return control

    def _typed(self, tag: str, typed: Any) -> None:
        if not tag:
            self._value = typed
        else:
            parts: Mapping[str, Any] = split(self._value, list(self.controls))
            read = parse(replace(self._field, facts={**self._field.facts, "max_length": None}), typed)
            self._value = joined({**parts, tag: "" if read is None else read})
        self._tell()

    def _toggled(self, on: bool) -> None:
        if on:
            languages = languages_of(self._value, self._offered)
            self._value = joined(split([] if self._value is None and self._is_list else self._value, languages))
        elif self._is_list:
            self._value = [first(item) for item in self._value]
        else:
            self._value = first(self._value)
        self._show()
        self._tell()

    @property
    def _is_list(self) -> bool:
        return self._field.kind == "text_list"
