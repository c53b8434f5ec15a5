"""A new study: its name, and what it begins as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from igym_desktop.flow.library import Entry
from igym_desktop.flow.study_names import study_id
from igym_desktop.flow.study_templates import templates
from igym_desktop.i18n import tr
from igym_desktop.pictures import Pictures
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.pictured_list import PicturedList
from igym_desktop.widgets.thumbnail import picture_tile

Wanted = Callable[[str, str], None]
"""(key of a template or path of an example, name)."""


class NewStudyDialog(QDialog):
    """`wanted` is called once, with a name that makes a valid id."""

    def __init__(
        self, parent: QWidget | None, studies: Path, examples: Sequence[Entry], pictures: Pictures, wanted: Wanted
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("New study"))
        self.setModal(True)
        self.resize(780, 640)
        self._studies, self._wanted = studies, wanted
        self.name = QLineEdit()
        self.name.setObjectName("study_name")
        self.name.setMaxLength(200)
        self.name.setPlaceholderText(tr("Such as: Trust between partners"))
        self.name.setAccessibleName(tr("Name"))
        self.name.textChanged.connect(lambda _: self._check())
        self.place = label("", "small", wrap=True)
        self.list = PicturedList()
        self.list.setObjectName("templates")
        self.list.setAccessibleName(tr("Begins as"))
        for template in templates():
            self.list.add(template.key, template.title, template.text, template.icon)
        self._examples, self._pictures = {entry.folder: entry for entry in examples}, pictures
        for entry in examples:
            title = tr("Example: {title}", title=entry.title)
            self.list.add(str(entry.folder), title, entry.description, self._tile(entry))
        pictures.drawn.connect(self._drawn)
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

    def _tile(self, entry: Entry) -> QPixmap:
        return picture_tile(entry.folder, entry.experiment_id, self._pictures.file_of(entry.folder))

    def _drawn(self, folder: Path) -> None:
        """Right after the first start of the app some pictures come only now."""
        if folder in self._examples:
            self.list.show_picture(str(folder), self._tile(self._examples[folder]))

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
        if self.make.isEnabled() and self.list.chosen:
            self.make.setEnabled(False)
            self._wanted(self.list.chosen, self.name.text().strip())
            self.accept()
