"""Controls for values with several parts: tables of names and values, and what they share with the other editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QVBoxLayout, QWidget

from igym_desktop.flow.config_values import PER_EPISODE, VALUE, read_config, trials_of, write_config
from igym_desktop.flow.study_files import in_study
from igym_desktop.flow.tables import read_rows
from igym_desktop.flow.values import (
    factors_of,
    read_list,
    read_text,
    read_value,
    read_weights,
    write_list,
    write_text,
    write_value,
    write_weights,
)
from igym_desktop.i18n import plural, tr
from igym_desktop.widgets.basics import button, column, holder, icon_button, label, row
from igym_desktop.widgets.flow_layout import FlowLayout

WIDTH = 460


class Structured(QWidget):
    """`edited(value)` after each change by the person; `show_value` fills it and says nothing."""

    edited = Signal(object)

    def value(self) -> Any:
        """The value as it stands."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Fills the control."""
        raise NotImplementedError

    def _tell(self, *_: object) -> None:
        self.edited.emit(self.value())


def remove_all(layout: QVBoxLayout) -> None:
    """Takes every widget out, at once: what is to be deleted must not be found any more."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.setParent(None)
            widget.deleteLater()


def choose_file(parent: QWidget, folder: Path, picked: Callable[[str], None]) -> None:
    """A file as it is written in the study; one from elsewhere is copied into the study's folder."""

    def chosen(path: str) -> None:
        try:
            picked(in_study(Path(path), folder))
        except OSError as error:
            told = tr("The file could not be copied into the study: {why}", why=error.strerror or error)
            _tell(parent, told)

    dialog = QFileDialog(parent, tr("Choose a file of the experiment"), str(folder))
    dialog.fileSelected.connect(chosen)
    dialog.open()


def _tell(parent: QWidget, text: str) -> None:
    dialog = QDialog(parent)
    dialog.setWindowTitle(tr("Choose a file"))
    close = row(None, button(tr("Close"), on=dialog.accept))
    dialog.setLayout(column(label(text, wrap=True), close, gap=12, margins=(24, 20, 24, 18)))
    dialog.open()


_FORMS: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    "text": (read_text, write_text),
    "plain": (read_value, write_value),
    "list": (read_list, write_list),
    "weights": (read_weights, write_weights),
    "config": (read_config, write_config),
}
"""How a value is read from its line, and written on it."""
_OF_TABLES: dict[str, Callable[[list[list[str]]], dict[str, Any]]] = {"list": factors_of, "config": trials_of}
"""What can be made of a table that somebody has."""


def _of_config() -> str:
    """What may stand beside a name, in the words that are read there."""
    shapes = ({VALUE: "size"}, {VALUE: "answers.about.end", "default": "left"})
    changing = ({PER_EPISODE: ["calm", "windy"], "order": order} for order in ("listed", "random"))
    examples = " · ".join(write_config(shape) for shape in (*shapes, *changing))
    return tr(
        "A value may also come from a condition, an answer or a shared value, or change with each episode: {examples}",
        examples=examples,
    )


class TableEditor(Structured):
    """Names and values, one pair in a row; with `keys` the names are fixed and an empty value is left out."""

    def __init__(self, facts: Mapping[str, Any], folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._keys = [str(key) for key in facts.get("keys") or ()]
        self._files = facts.get("type") == "files"
        self._entry = "text" if self._files else str(facts.get("entry", "plain"))
        self.pairs: list[tuple[QLineEdit, QLineEdit, QWidget]] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self.add = button(tr("Add a file") if self._files else tr("Add an entry"), "plus", kind="quiet", on=self._add)
        self.add.setVisible(not self._keys)
        trials = self._entry == "config"
        words = tr("Trials from a table (CSV)…") if trials else tr("From a table (CSV)…")
        self.table = button(words, "download", kind="quiet", on=self._ask_for_table)
        self.table.setVisible(self._entry in _OF_TABLES)
        self.told = label("", "small", wrap=True)
        self.told.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._lines)
        layout.addWidget(holder(FlowLayout(self.add, self.table)))
        layout.addWidget(self.told)
        if trials:
            layout.addWidget(label(_of_config(), "small", wrap=True))
        self.setMaximumWidth(WIDTH)

    def value(self) -> dict[str, Any]:
        read, _ = _FORMS[self._entry]
        pairs = [(name.text().strip(), value.text()) for name, value, _ in self.pairs]
        return {name: read(text) for name, text in pairs if name and (text or not self._keys)}

    def show_value(self, value: Any) -> None:
        given = dict(value or {})
        remove_all(self._lines)
        self.pairs.clear()
        for name in self._keys or given:
            self._line(name, _FORMS[self._entry][1](given[name]) if name in given else "")

    def _ask_for_table(self) -> None:
        title = tr("A table of trials") if self._entry == "config" else tr("A table of conditions")
        dialog = QFileDialog(self, title, str(self._folder), tr("Tables (*.csv *.tsv *.txt)"))
        dialog.fileSelected.connect(lambda path: self.read_table(Path(path)))
        dialog.open()

    def read_table(self, file: Path) -> None:
        """Each column becomes a name: a factor with its levels, or a setting with a value for each trial."""
        rows = read_rows(file)
        self.show_value({**self.value(), **_OF_TABLES[self._entry](rows)})
        trials = len(rows) - 1 if self._entry == "config" else 0
        if trials > 0:
            words = plural(trials, "{n} trial, one in each episode.", "{n} trials, one in each episode.")
            self.told.setText(f"{words} {tr('Set the number of episodes to it, under Gameplay.')}")
            self.told.show()
        self._tell()

    def _add(self) -> None:
        self._line("", "")
        self.pairs[-1][0].setFocus()

    def _line(self, name: str, text: str) -> None:
        first, second = QLineEdit(name), QLineEdit(text)
        first.setPlaceholderText(tr("name"))
        shapes = {"list": tr("values, between commas"), "weights": tr("human: 2, ai: 1")}
        second.setPlaceholderText(tr("file") if self._files else shapes.get(self._entry, tr("value")))
        first.setAccessibleName(tr("name"))
        second.setAccessibleName(tr("value of {name}", name=name))
        first.setReadOnly(bool(self._keys))
        first.setMaximumWidth(150)
        parts: list[QWidget] = [first, second]
        if self._files:
            parts.append(icon_button("folder", tr("Choose a file"), partial(self._choose, first, second)))
        whole = QWidget()
        if not self._keys:
            parts.append(
                icon_button("trash", tr("Remove {name}", name=name or tr("entry")), partial(self._drop, whole))
            )
        else:
            first.hide()
            parts.insert(0, label(name.replace("_", " "), "muted"))
            parts[0].setFixedWidth(80)
        line = row(*parts, gap=6)
        line.setStretch(parts.index(second), 1)
        whole.setLayout(line)
        self._lines.addWidget(whole)
        self.pairs.append((first, second, whole))
        first.textEdited.connect(self._tell)
        second.textChanged.connect(self._tell)

    def _choose(self, name: QLineEdit, target: QLineEdit) -> None:
        def picked(path: str) -> None:
            if not name.text():
                name.setText(path.rsplit("/", 1)[-1].rsplit(".", 1)[0])
            target.setText(path)

        choose_file(self, self._folder, picked)

    def _drop(self, holder: QWidget) -> None:
        self.pairs = [pair for pair in self.pairs if pair[2] is not holder]
        holder.setParent(None)
        holder.deleteLater()
        self._tell()
