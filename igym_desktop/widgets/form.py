"""The form of one section: groups that fold, advanced options behind a fold of their own."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from igym_desktop.flow.form import Field, Group, Section
from igym_desktop.flow.manual import page_of_group
from igym_desktop.flow.profile_draft import FieldDraft
from igym_desktop.help import open_manual
from igym_desktop.i18n import plural, tr
from igym_desktop.widgets.basics import column, icon_button, label, row, set_icon, show_if
from igym_desktop.widgets.fields import FieldRow


class SectionForm(QWidget):
    """Built when its section is chosen; `edited` after every change, `remade` when it is to be built anew."""

    edited = Signal()
    remade = Signal()

    def __init__(self, section: Section, draft: FieldDraft, folder: Path) -> None:
        super().__init__()
        self.section = section
        self.groups = [
            GroupBox(group, draft, folder, open_at_first=index < 2, kind=section.kind)
            for index, group in enumerate(section.groups)
        ]
        for group in self.groups:
            group.edited.connect(self.edited)
            group.remade.connect(self.remade)
        self.setLayout(column(*self.groups, None, gap=12, margins=(0, 0, 8, 12)))

    def search(self, words: str) -> int:
        """Shows only options that match; returns how many. Empty text shows all."""
        return sum(group.search(words) for group in self.groups)


class GroupBox(QFrame):
    """One builder method's options."""

    edited = Signal()
    remade = Signal()

    def __init__(self, group: Group, draft: FieldDraft, folder: Path, *, open_at_first: bool, kind: str = "") -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.group, self._draft, self._folder = group, draft, folder
        self._rows: dict[tuple[str, ...], FieldRow] = {}
        self._found: set[tuple[str, ...]] | None = None
        self.fold = _fold(group.title)
        self.fold.toggled.connect(lambda on: self._show())
        self.count = label("", "small")
        self._plain = QVBoxLayout()
        self._more = QVBoxLayout()
        for layout in (self._plain, self._more):
            layout.setSpacing(2)
        advanced = [field for field in group.fields if field.advanced]
        self.more = _fold(plural(len(advanced), "{n} advanced option", "{n} advanced options"))
        self.more.toggled.connect(lambda on: self._show())
        self._body = QWidget()
        self._advanced = QWidget()
        self._advanced.setLayout(self._more)
        self._body.setLayout(
            column(*self._described(), self._plain, self.more, self._advanced, gap=6, margins=(26, 4, 0, 0))
        )
        self.setLayout(
            column(row(self.fold, None, self.count, self._help(kind)), self._body, gap=0, margins=(12, 9, 16, 10))
        )
        self.more.setVisible(bool(advanced))
        self.fold.setChecked(open_at_first or any(draft.is_changed(field.path) for field in group.fields))
        self.more.setChecked(any(draft.is_changed(field.path) for field in advanced))
        self._show()

    def search(self, words: str) -> int:
        """How many options of this group contain all the words."""
        wanted = words.casefold().split()
        if not wanted:
            self._found = None
        else:
            self._found = {field.path for field in self.group.fields if _contains(field, wanted)}
        self._show()
        return len(self.group.fields) if self._found is None else len(self._found)

    def _help(self, kind: str) -> QToolButton:
        page = page_of_group(self.group.fields[0].path, kind)
        return icon_button("help", tr("What is this?"), partial(open_manual, page), f"help_{self.group.title}")

    def _described(self) -> list[QWidget]:
        return [label(self.group.description, "muted", wrap=True)] if self.group.description else []

    def _show(self) -> None:
        searching = self._found is not None
        is_open = searching or self.fold.isChecked()
        set_icon(self.fold, "chevron-down" if is_open else "chevron-right")
        set_icon(self.more, "chevron-down" if self.more.isChecked() else "chevron-right")
        if is_open:
            self._make_rows()
        self._body.setVisible(is_open)
        self._advanced.setVisible(searching or self.more.isChecked())
        self.more.setVisible(not searching and any(field.advanced for field in self.group.fields))
        for path, shown in self._rows.items():
            show_if(shown, self._found is None or path in self._found)
        show_if(self, self._found is None or bool(self._found))
        self._show_count()

    def _make_rows(self) -> None:
        if self._rows:
            return
        for field in self.group.fields:
            shown = FieldRow(field, self._draft, self._folder)
            shown.edited.connect(self._edited)
            shown.remade.connect(self.remade)
            self._rows[field.path] = shown
            (self._more if field.advanced else self._plain).addWidget(shown)

    def _edited(self) -> None:
        self._show_count()
        self.edited.emit()

    def _show_count(self) -> None:
        marked = self.group.fields if self._draft.marks_changes else ()
        changed = sum(self._draft.is_changed(field.path) for field in marked)
        self.count.setText(tr("{count} changed", count=changed) if changed else "")


def _contains(field: Field, words: list[str]) -> bool:
    text = f"{field.title} {field.name} {field.description}".casefold()
    return all(word in text for word in words)


def _fold(title: str) -> QToolButton:
    fold = QToolButton()
    fold.setText(f" {title}")
    fold.setProperty("kind", "fold")
    fold.setCheckable(True)
    fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    fold.setAccessibleName(title)
    return fold
