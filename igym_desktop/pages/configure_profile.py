"""A profile of an experiment, on the Configure page: its scenes and options in forms, kept under a name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFileDialog, QMenu, QScrollArea, QStackedWidget, QWidget

from igym_desktop.flow import profiles
from igym_desktop.flow.form import Section, sections
from igym_desktop.flow.library import Entry
from igym_desktop.flow.profile_draft import Draft
from igym_desktop.flow.unsaved import Then, Unsaved, invalid_titles, profile_changes
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.pages.configure_preview import PreviewPane, Wanted
from igym_desktop.pages.configure_scenes import SceneList
from igym_desktop.widgets.basics import Page, action, column, holder, icon_button, label, panel, row, scroll
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.form import SectionForm
from igym_desktop.widgets.search_line import SearchLine
from igym_desktop.windows.compare import CompareDialog
from igym_desktop.windows.dialogs import confirm
from igym_desktop.windows.unsaved import settle

LIST_WIDTH, NARROW, LEAST_FORM = 250, 620, 320
"""Of the list of scenes beside the options; below which width of both it stands above them, which are so high then."""


class ProfilePane(QWidget):
    """Scenes on the left, the form of one on the right. `changed` whenever what can be saved or started may have."""

    changed = Signal()

    def __init__(self, launcher: Launcher, page: Page) -> None:
        super().__init__()
        self.launcher, self.page = launcher, page
        self.draft: Draft | None = None
        self.sections: list[Section] = []
        self.forms: dict[str, SectionForm] = {}
        self._areas: dict[str, QScrollArea] = {}
        self._folder: Path | None = None
        self._fingerprint: object = None
        self._dirty = False
        self._saved: dict[str, object] = {}
        self.profile = CalmComboBox()
        self.profile.setObjectName("profile")
        self.profile.setAccessibleName(tr("Profile"))
        self.profile.setMinimumWidth(220)
        self.profile.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.profile.activated.connect(self._picked)
        self.summary = label("", "muted")
        self.search = SearchLine(tr("Find an option"), 230)
        self.search.textChanged.connect(self._find)
        self.list = SceneList()
        self.list.chosen.connect(self.show_section)
        self.list.edited.connect(self.edited)
        self._forms = QStackedWidget()
        self.preview = PreviewPane(launcher, page, self._to_preview)
        self._arrange()

    def _arrange(self) -> None:
        beside = column(self.list, self.preview, gap=2)
        beside.setStretch(0, 1)
        self._scenes = panel(beside, margin=6)
        self._inner = row(self._scenes, self._forms, gap=16)
        self._inner.setStretch(1, 1)
        whole = column(self._bar(), self._inner, gap=12)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the options stand below the list of scenes."""
        narrow = self.width() < NARROW
        self._inner.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._scenes.setFixedWidth(self.width() if narrow else LIST_WIDTH)
        self._forms.setMinimumHeight(LEAST_FORM if narrow else 0)
        super().resizeEvent(event)

    def _bar(self) -> QWidget:
        menu = QMenu(self)
        action(menu, tr("Save as…"), "save", self.ask_name)
        action(menu, tr("Import…"), "download", self._ask_to_import)
        action(menu, tr("Compare…"), "columns", self.compare, name="compare_profiles")
        action(menu, tr("Undo all changes"), "reset", self.discard)
        menu.addSeparator()
        action(menu, tr("Delete this profile…"), "trash", self._ask_to_delete)
        more = icon_button("more", tr("More about profiles"))
        more.setPopupMode(more.ToolButtonPopupMode.InstantPopup)
        more.setMenu(menu)
        caption = label(tr("Profile"), "strong")
        caption.setBuddy(self.profile)
        return holder(FlowLayout(caption, self.profile, more, self.search, self.summary, gap=10))

    @property
    def can_save(self) -> bool:
        """Whether there is something to save that reads."""
        return self._dirty and self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether everything typed is allowed."""
        return self.draft is not None and not self.draft.errors

    def open(self, entry: Entry) -> None:
        """The experiment's form as it was read last; one that is shown already keeps what was typed."""
        if self._folder == entry.folder and self._fingerprint == entry.info.get("form"):
            return
        self._folder, self._fingerprint = entry.folder, entry.info["form"]
        self.load(self.launcher.profile_name(entry.folder))

    def forget(self) -> None:
        """Next time the chosen profile is read again."""
        self._fingerprint = None

    def unsaved(self, entry: Entry) -> Unsaved | None:
        """What would be lost if it were left now."""
        if self.draft is None:
            return None
        changes = profile_changes(self.draft, self._saved) if self._dirty else ()
        invalid = invalid_titles(self.draft)
        if not changes and not invalid:
            return None
        return Unsaved(entry.folder, entry.title, changes, invalid, self.save, self.discard)

    def discard(self) -> None:
        """Back to the profile as it was saved."""
        self.load(self.profile.currentData() or "")

    def save(self, then: Then | None = None) -> None:
        """Under the profile's name, or asks for one; `then`: once it is saved."""
        name = self.profile.currentData()
        if name:
            self._save_as(name, then)
            return
        about = tr(
            "A profile keeps your changes in a small text file beside the experiment. The experiment itself is not "
            "changed."
        )
        self._ask(about, partial(self._save_as, then=then))

    def ask_name(self) -> None:
        """To keep it under another name."""
        self._ask("", self._save_as)

    def _ask(self, about: str, save: Callable[[str], None]) -> None:
        confirm(
            self, tr("Save as a profile"), about, tr("Save"), save, prompt=tr("Name of the profile"), required=True
        )  # fmt: skip

    def _save_as(self, name: str, then: Then | None = None) -> None:
        folder, draft = self._folder, self.draft
        if folder is None or draft is None:
            return
        try:
            file = profiles.save(self.launcher.profiles_folder(folder), name, draft.overrides())
        except ValueError as error:
            self.page.banner.say("stop", str(error))
            return
        self._dirty, self._saved = False, draft.overrides()
        self.launcher.choose_profile(folder, file.stem)
        self._fill_profiles()
        self.show_state()
        if then is not None:
            then()

    def load(self, name: str) -> None:
        """Shows a profile, "" for the experiment as it is written."""
        entry = self.launcher.chosen
        if entry is None:
            return
        overrides = {}
        if name:
            try:
                overrides = profiles.load(self.launcher.profile_path(entry.folder, name))
            except ValueError as error:
                self.page.banner.say("stop", str(error))
                name = ""
        self.launcher.choose_profile(entry.folder, name)
        self._show(entry, overrides)

    def _show(self, entry: Entry, overrides: dict[str, object]) -> None:
        schema = entry.info["form"]
        self.draft = Draft(schema, overrides)
        self.sections = sections(schema)
        self._dirty, self._saved = False, self.draft.overrides()
        for area in self._areas.values():
            self._forms.removeWidget(area)
            area.deleteLater()
        self._areas.clear()
        self.forms.clear()
        self.list.show_schema(schema, self.draft)
        if self.draft.foreign:
            text = tr(
                "The profile names options this experiment does not have: {names}. They are left out when you save.",
                names=", ".join(self.draft.foreign),
            )
            self.page.banner.say("warn", text)
        self._fill_profiles()
        self.show_section("experiment")
        self.show_state()

    def show_section(self, key: str) -> None:
        """The form of the experiment or of one scene."""
        if self.draft is None or self._folder is None:
            return
        if key not in self.forms:
            section = next(item for item in self.sections if item.key == key)
            form = SectionForm(section, self.draft, self._folder)
            form.edited.connect(self.edited)
            form.search(self.search.text())
            self.forms[key] = form
            self._areas[key] = scroll(form)
            self._forms.addWidget(self._areas[key])
        self._forms.setCurrentWidget(self._areas[key])
        self.preview.refresh()

    def edited(self) -> None:
        """Something was changed in the draft."""
        self._dirty = True
        self.list.show_changes()
        self.show_state()

    def show_state(self) -> None:
        """What differs from what is saved, in words."""
        self.preview.refresh()
        if self.draft is not None:
            self.summary.setText(self._summary(self.draft))
        self.changed.emit()

    def _summary(self, draft: Draft) -> str:
        invalid, count = len(draft.errors), draft.changed_count()
        if invalid:
            return plural(invalid, "{n} value is not allowed yet", "{n} values are not allowed yet")
        text = plural(count, "{n} change", "{n} changes") if count else tr("no changes")
        return text + (tr(", not saved yet") if self._dirty else "")

    def _fill_profiles(self) -> None:
        folder = self._folder
        assert folder is not None
        self.profile.clear()
        self.profile.addItem(tr("As written in the experiment"), "")
        for name in self.launcher.profile_names(folder):
            self.profile.addItem(name, name)
        self.profile.setCurrentIndex(max(0, self.profile.findData(self.launcher.profile_name(folder))))

    def _picked(self, index: int) -> None:
        name, entry = self.profile.itemData(index), self.launcher.chosen
        unsaved = self.unsaved(entry) if entry is not None else None
        if unsaved is None:
            self.load(name)
            return
        self._fill_profiles()
        settle(self, unsaved, "leave", partial(self.load, name), lambda: None)

    def _ask_to_import(self) -> None:
        dialog = QFileDialog(self, tr("Import a profile"), "", tr("Profiles (*.toml)"))
        dialog.fileSelected.connect(lambda path: self.import_profile(Path(path)))
        dialog.open()

    def import_profile(self, file: Path) -> None:
        """Shows the changes of a profile from anywhere; it is saved only when the person says so."""
        entry = self.launcher.chosen
        try:
            overrides = profiles.load(file)
        except ValueError as error:
            self.page.banner.say("stop", str(error))
            return
        if entry is None:
            return
        saved = self._saved
        self._show(entry, overrides)
        self._dirty, self._saved = True, saved
        self.show_state()

    def compare(self) -> None:
        """Every profile beside the others and what is typed now."""
        folder, launcher = self._folder, self.launcher
        if folder is not None and self.draft is not None:
            files = {name: launcher.profile_path(folder, name) for name in launcher.profile_names(folder)}
            self.comparison = CompareDialog(files, self.draft, self)
            self.comparison.open()

    def _to_preview(self) -> Wanted | None:
        entry, draft = self.launcher.chosen, self.draft
        if entry is None or draft is None or draft.errors or entry.status != "ready":
            return None
        key = self.list.chosen_key
        scenes = {str(scene.get("id")) for scene in entry.info.get("scenes") or ()}
        return entry, draft.overrides(), key if key in scenes else "", ""

    def _ask_to_delete(self) -> None:
        name, folder = self.profile.currentData(), self._folder
        if name and folder is not None:
            confirm(
                self,
                tr("Delete the profile {name}?", name=name),
                tr("The experiment itself is not changed."),
                tr("Delete"),
                lambda _: self.delete(folder, name),
                kind="danger",
            )

    def delete(self, folder: Path, name: str) -> None:
        """Takes a profile away; the experiment as it is written is shown."""
        profiles.remove(self.launcher.profile_path(folder, name))
        self.load("")

    def _find(self, words: str) -> None:
        counts = {}
        for section in self.sections:
            if words and section.key not in self.forms:
                self.show_section(section.key)
            if section.key in self.forms:
                counts[section.key] = self.forms[section.key].search(words)
        best = next((key for key, count in counts.items() if count), None) if words else None
        if best:
            self.list.choose(best)
