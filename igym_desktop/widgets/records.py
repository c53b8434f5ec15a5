"""Lists of things with parts: questions, answers, rules, who plays; drag them, choose one, change its parts below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from igym_desktop.alive import unless_gone
from igym_desktop.flow import entries
from igym_desktop.flow.entries import KEY, Entry, PartsDraft
from igym_desktop.flow.entries_table import entries_of
from igym_desktop.flow.form import Field
from igym_desktop.flow.tables import read_rows
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import action, button, column, icon_button, label, menu_button, row
from igym_desktop.widgets.structured import Structured, remove_all

MakeRow = Callable[[Field, Any, Path], QWidget]
"""The control of one part; handed in, because such a row may hold a list again."""
ROW_HEIGHT = 34
MOST_ROWS = 7
OF_TABLES = frozenset({"TextField", "ScaleField", "Choice"})
"""Kinds that people have in tables already: items of a questionnaire, answers to choose from."""


class RecordEditor(Structured):
    """One thing that is one of several kinds: choose the kind, fill its parts."""

    def __init__(self, facts: Mapping[str, Any], folder: Path, make_row: MakeRow) -> None:
        super().__init__()
        self._facts, self._folder, self._make_row = facts, folder, make_row
        self.entry: Entry = {}
        self.kind = QComboBox()
        self.kind.setAccessibleName(tr("Kind"))
        if facts.get("nullable"):
            self.kind.addItem(tr("none"), -1)
        for index, variant in enumerate(facts.get("variants") or ()):
            self.kind.addItem(entries.variant_title(variant["kind"]), index)
        self.kind.activated.connect(self._kind_picked)
        self._parts = QVBoxLayout()
        self._parts.setSpacing(2)
        several = self.kind.count() > 1
        self.kind.setVisible(several)
        self.setLayout(column(row(self.kind, None), self._parts, gap=4))
        self._more = QWidget()

    def value(self) -> Any:
        return dict(self.entry) if self.kind.currentData() != -1 else None

    def show_value(self, value: Any) -> None:
        given = {"kind": value} if isinstance(value, str) else value
        none = given is None and bool(self._facts.get("nullable"))
        self.entry = dict(given or {})
        wanted = -1 if none else entries.variant_of(self._facts, self.entry)
        self.kind.setCurrentIndex(max(0, self.kind.findData(wanted)))
        self._fill()

    def show_entry(self, entry: Entry) -> None:
        """The same with an entry that is changed in place."""
        self.entry = entry
        self.kind.setCurrentIndex(max(0, self.kind.findData(entries.variant_of(self._facts, entry))))
        self._fill()

    def _kind_picked(self, _: int) -> None:
        index = int(self.kind.currentData())
        if index >= 0:
            kept = {name: value for name, value in self.entry.items() if name in (KEY, "name", "label", "required")}
            fresh = entries.blank(self._facts, index, [])
            allowed = {KEY, *(part["name"] for part in self._facts["variants"][index]["fields"])}
            self.entry.clear()
            self.entry.update({**fresh, **{name: value for name, value in kept.items() if name in allowed}})
        self._fill()
        self._tell()

    def _fill(self) -> None:
        remove_all(self._parts)
        index = int(self.kind.currentData() if self.kind.count() else 0)
        variants = self._facts.get("variants") or ()
        if index < 0 or not variants:
            return
        draft = PartsDraft(variants[index], self.entry, self._tell)
        # What an entry says is seen; what it could say as well is folded away.
        plain = [field for field in draft.fields.values() if not field.advanced or field.name in self.entry]
        advanced = [field for field in draft.fields.values() if field not in plain]
        for field in plain:
            self._parts.addWidget(self._make_row(field, draft, self._folder))
        if advanced:
            more = button(tr("Advanced options"), "chevron-right", kind="quiet")
            more.clicked.connect(partial(self._show_advanced, more, advanced, draft))
            self._parts.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_advanced(self, more: QWidget, fields: list[Field], draft: PartsDraft) -> None:
        more.hide()
        for field in fields:
            self._parts.addWidget(self._make_row(field, draft, self._folder))


class RecordsEditor(Structured):
    """A list of entries; the chosen one is changed below."""

    def __init__(self, facts: Mapping[str, Any], folder: Path, make_row: MakeRow) -> None:
        super().__init__()
        self._facts, self._folder = facts, folder
        self.entries: list[Entry] = []
        self.list = QListWidget()
        self.list.setAccessibleName(str(facts.get("title") or ""))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(unless_gone(lambda _: self._show_current()))
        self.list.model().rowsMoved.connect(unless_gone(lambda *_: self._dragged()))
        self.key = QLineEdit()
        self.key.setMaximumWidth(220)
        self.key.setAccessibleName(tr("name"))
        self.key.textEdited.connect(self._key_typed)
        self.record = RecordEditor(facts, folder, make_row)
        self.record.edited.connect(lambda _: self._changed())
        self.detail = QFrame()
        self.detail.setProperty("role", "inset")
        names = {"policies": tr("Agent"), "agent_records": tr("Agent")}
        key_line = row(label(names.get(str(facts.get("type")), tr("Name")), "strong"), self.key, None)
        self.detail.setLayout(column(key_line, self.record, gap=6, margins=(14, 10, 10, 10)))
        keyed = entries.is_keyed(facts)
        self.key.setVisible(keyed)
        key_line.itemAt(0).widget().setVisible(keyed)  # type: ignore[union-attr]
        self.setLayout(column(self.list, self._buttons(), self.detail, gap=6))
        self.setMaximumWidth(620)
        self._fill(0)

    def _buttons(self) -> Any:
        variants = self._facts.get("variants") or ()
        if len(variants) > 1:
            menu = QMenu(self)
            for index, variant in enumerate(variants):
                action(menu, entries.variant_title(variant["kind"]), "plus", partial(self.add, index))
            adding = menu_button(tr("Add"), "plus", menu)
        else:
            adding = button(tr("Add"), "plus", on=partial(self.add, 0))
        adding.setObjectName("add_entry")
        self.copy = icon_button("duplicate", tr("Duplicate"), self.duplicate)
        self.drop = icon_button("trash", tr("Remove"), self.remove)
        self.up = icon_button("up", tr("Move up"), partial(self.move_by, -1))
        self.down = icon_button("down", tr("Move down"), partial(self.move_by, 1))
        self.table = button(tr("From a table (CSV)…"), "download", kind="quiet", on=self._ask_for_table)
        kinds = {variant["kind"] for variant in variants}
        self.table.setVisible(bool(kinds & OF_TABLES))
        return row(adding, self.table, None, self.copy, self.up, self.down, self.drop, gap=4)

    def _ask_for_table(self) -> None:
        dialog = QFileDialog(self, tr("A table of entries"), str(self._folder), tr("Tables (*.csv *.tsv *.txt)"))
        dialog.fileSelected.connect(lambda path: self.read_table(Path(path)))
        dialog.open()

    def read_table(self, file: Path) -> None:
        """Each line becomes an entry after those that are there."""
        new = entries_of(self._facts, read_rows(file), self.entries)
        if new:
            self.entries += new
            self._fill(len(self.entries) - 1)
            self._changed()

    def value(self) -> Any:
        return entries.packed(self._facts, self.entries)

    def show_value(self, value: Any) -> None:
        self.entries = entries.unpacked(self._facts, value)
        self._fill(min(max(self.list.currentRow(), 0), len(self.entries) - 1))

    def add(self, variant: int) -> None:
        """A new entry of this kind after the chosen one."""
        at = self.list.currentRow() + 1 if self.entries else 0
        self.entries.insert(at, entries.blank(self._facts, variant, self.entries))
        self._fill(at)
        self._changed()

    def duplicate(self) -> None:
        """The chosen one once more, after it."""
        at = self.list.currentRow()
        self.entries.insert(at + 1, entries.copied(self._facts, self.entries[at], self.entries))
        self._fill(at + 1)
        self._changed()

    def remove(self) -> None:
        """Takes the chosen one out."""
        at = self.list.currentRow()
        self.entries.pop(at)
        self._fill(min(at, len(self.entries) - 1))
        self._changed()

    def move_by(self, by: int) -> None:
        """Moves the chosen one up or down."""
        at = self.list.currentRow()
        if 0 <= at + by < len(self.entries):
            self.entries.insert(at + by, self.entries.pop(at))
            self._fill(at + by)
            self._changed()

    def _dragged(self) -> None:
        order = [self.list.item(index).data(Qt.ItemDataRole.UserRole) for index in range(self.list.count())]
        self.entries = [self.entries[index] for index in order]
        self._fill(self.list.currentRow())
        self._changed()

    def _fill(self, chosen: int) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for index, entry in enumerate(self.entries):
            item = QListWidgetItem(entries.summary(self._facts, entry))
            item.setData(Qt.ItemDataRole.UserRole, index)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(item)
        self.list.setCurrentRow(chosen)
        self.list.blockSignals(False)
        self.list.setFixedHeight(ROW_HEIGHT * min(max(len(self.entries), 1), MOST_ROWS) + 12)
        self.list.setVisible(bool(self.entries))
        self._show_current()

    def _show_current(self) -> None:
        at = self.list.currentRow()
        there = 0 <= at < len(self.entries)
        for shown in (self.copy, self.drop, self.up, self.down):
            shown.setVisible(bool(self.entries))
            shown.setEnabled(there)
        self.detail.setVisible(there)
        if there:
            self.key.setText(str(self.entries[at].get(KEY, "")))
            self.record.show_entry(self.entries[at])

    def _key_typed(self, text: str) -> None:
        at = self.list.currentRow()
        if text.strip() and 0 <= at < len(self.entries):
            self.entries[at][KEY] = int(text) if text.strip().isdigit() else text.strip()
            self._changed()

    def _changed(self) -> None:
        at = self.list.currentRow()
        if 0 <= at < len(self.entries):
            self.list.item(at).setText(entries.summary(self._facts, self.entries[at]))
        self._tell()
