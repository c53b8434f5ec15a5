"""A new study: its name, and what it begins as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from igym_desktop.flow.library import Entry
from igym_desktop.flow.study_names import study_id
from igym_desktop.flow.study_templates import templates
from igym_desktop.i18n import tr
from igym_desktop.icons import icon
from igym_desktop.widgets.basics import button, column, label, row

KEY = Qt.ItemDataRole.UserRole
Wanted = Callable[[str, str], None]
"""(key of a template or path of an example, name)."""


class NewStudyDialog(QDialog):
    """`wanted` is called once, with a name that makes a valid id."""

    def __init__(self, parent: QWidget | None, studies: Path, examples: Sequence[Entry], wanted: Wanted) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("New study"))
        self.setModal(True)
        self.resize(740, 620)
        self._studies, self._wanted = studies, wanted
        self.name = QLineEdit()
        self.name.setObjectName("study_name")
        self.name.setMaxLength(200)
        self.name.setPlaceholderText(tr("Such as: Trust between partners"))
        self.name.setAccessibleName(tr("Name"))
        self.name.textChanged.connect(lambda _: self._check())
        self.place = label("", "small", wrap=True)
        self.list = QListWidget()
        self.list.setObjectName("templates")
        self.list.setAccessibleName(tr("Begins as"))
        self.list.setIconSize(QSize(22, 22))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(2)
        for template in templates():
            self._add(template.key, template.title, template.text, template.icon)
        for entry in examples:
            self._add(str(entry.folder), tr("Example: {title}", title=entry.title), entry.description, "experiments")
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _: self._make())
        self.make = button(tr("Create study"), "plus", kind="primary", name="create_study", on=self._make)
        cancel = button(tr("Cancel"), on=self.reject)
        caption = label(tr("Name"), "strong")
        caption.setBuddy(self.name)
        begins = label(tr("Begins as"), "strong")
        head = column(label(tr("New study"), "heading"), caption, self.name, self.place, gap=6)
        buttons = row(None, cancel, self.make)
        self.setLayout(column(head, 6, begins, self.list, buttons, gap=6, margins=(24, 20, 24, 18)))
        self.name.setFocus()
        self._check()

    def _add(self, key: str, title: str, text: str, picture: str) -> None:
        item = QListWidgetItem(icon(picture), f"{title}\n{text}")
        item.setData(KEY, key)
        self.list.addItem(item)

    def _check(self) -> None:
        """The id is shown, or what is wrong, while the name is typed."""
        problem, folder = "", None
        try:
            folder = self._studies / study_id(self.name.text())
            if folder.exists():
                problem = tr("There is already a folder {folder}. Choose another name.", folder=folder)
        except ValueError as error:
            problem = str(error) if self.name.text().strip() else tr("Its folder is named after it.")
        self.place.setText(problem or tr("In the folder {folder}", folder=folder))
        self.make.setEnabled(not problem)

    def _make(self) -> None:
        item = self.list.currentItem()
        if self.make.isEnabled() and item is not None:
            self.make.setEnabled(False)
            self._wanted(str(item.data(KEY)), self.name.text().strip())
            self.accept()
