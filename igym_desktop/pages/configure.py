"""Options of the chosen experiment, generated from its own models; changes are kept as named profiles."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMenu, QScrollArea, QStackedWidget, QWidget

from igym_desktop.flow import profiles
from igym_desktop.flow.form import sections
from igym_desktop.flow.profile_draft import Draft
from igym_desktop.flow.unsaved import Then, Unsaved, invalid_titles, profile_changes
from igym_desktop.i18n import plural, said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.pages.configure_preview import PreviewPane, Wanted
from igym_desktop.pages.configure_scenes import SceneList
from igym_desktop.pages.configure_study import StudyPane
from igym_desktop.widgets.basics import (
    EmptyState,
    Page,
    action,
    button,
    column,
    holder,
    icon_button,
    label,
    panel,
    row,
    scroll,
)
from igym_desktop.widgets.broken import BrokenGames
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.form import SectionForm
from igym_desktop.widgets.search_line import SearchLine
from igym_desktop.windows.compare import CompareDialog
from igym_desktop.windows.dialogs import confirm
from igym_desktop.windows.unsaved import settle


class ConfigurePage(Page):
    """Sections on the left, the form of one section on the right."""

    def __init__(self, launcher: Launcher) -> None:
        self.start = button(tr("Start"), "play", kind="primary", name="configure_start", on=self._start)
        self.save = button(tr("Save"), "save", name="save_profile", on=self.save_profile)
        self.check = button(tr("Preflight"), "preflight", on=partial(launcher.navigate.emit, "preflight"))
        self.switch = button(tr("Profiles…"), "columns", name="study_or_profile", on=self._switch)
        super().__init__(tr("Configure"), "", self.switch, self.save, self.check, self.start)
        self.launcher = launcher
        self.draft: Draft | None = None
        self._folder: Path | None = None
        self._fingerprint: object = None
        self._dirty = self._profile_mode = False
        self._saved: dict[str, object] = {}
        self.forms: dict[str, SectionForm] = {}
        self._areas: dict[str, QScrollArea] = {}
        self.profile = CalmComboBox()
        self.profile.setObjectName("profile")
        self.profile.setAccessibleName(tr("Profile"))
        self.profile.setMinimumWidth(220)
        self.profile.activated.connect(self._profile_picked)
        self.changed = label("", "muted")
        self.search = SearchLine(tr("Find an option"), 230)
        self.search.textChanged.connect(self._find)
        self.list = SceneList()
        self.list.chosen.connect(self.show_section)
        self.list.edited.connect(self._edited)
        self._forms = QStackedWidget()
        choose = button(
            tr("Choose an experiment"), "experiments", kind="primary", on=partial(launcher.navigate.emit, "experiments")
        )
        self._empty = EmptyState(
            "configure",
            tr("No experiment chosen"),
            tr("Choose an experiment first; here you then see and change its options."),
            choose,
        )
        self.preview = PreviewPane(launcher, self, self._to_preview)
        beside = column(self.list, self.preview, gap=2)
        beside.setStretch(0, 1)
        left = panel(beside, margin=6)
        left.setFixedWidth(250)
        self._editor = QWidget()
        inner = row(left, self._forms, gap=16)
        inner.setStretch(1, 1)
        self._editor.setLayout(column(self._profile_bar(), inner, gap=12))
        self._editor.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._editor)
        self.study = StudyPane(launcher, self)
        self.study.changed.connect(self._show_state)
        self._stack.addWidget(self.study)
        self.broken = BrokenGames()
        self.body.addWidget(self.broken)
        self.body.addWidget(self._stack, 1)
        launcher.unsaved = self.unsaved
        launcher.chosen_changed.connect(self._chosen_changed)
        launcher.chosen_changed.connect(self._show_broken)
        launcher.games.tried.connect(self._show_broken)
        self._show_broken()
        launcher.engine.state_changed.connect(self._show_state)
        self._chosen_changed()

    def _show_broken(self) -> None:
        entry = self.launcher.chosen
        folder = entry.folder if entry else None
        self.broken.show_broken(folder, self.launcher.games.broken(entry.folder) if entry else ())

    def show_section(self, key: str) -> None:
        """The form of the experiment or of one scene."""
        if self.draft is None or self._folder is None:
            return
        if key not in self.forms:
            section = next(item for item in self._sections if item.key == key)
            form = SectionForm(section, self.draft, self._folder)
            form.edited.connect(self._edited)
            form.search(self.search.text())
            self.forms[key] = form
            self._areas[key] = scroll(form)
            self._forms.addWidget(self._areas[key])
        self._forms.setCurrentWidget(self._areas[key])
        self.preview.refresh()

    @property
    def makes_study(self) -> bool:
        """Whether the study itself is changed: it was made here, and no profile of it is shown."""
        entry = self.launcher.chosen
        return entry is not None and entry.is_data and not self._profile_mode

    def unsaved(self) -> Unsaved | None:
        """What would be lost if this page were left now."""
        entry = self.launcher.chosen
        if entry is None:
            return None
        if self.makes_study:
            changes, invalid = self.study.unsaved_changes(), self.study.invalid()
        elif self.draft is not None:
            changes = profile_changes(self.draft, self._saved) if self._dirty else ()
            invalid = invalid_titles(self.draft)
        else:
            return None
        if not changes and not invalid:
            return None
        return Unsaved(entry.folder, entry.title, changes, invalid, self._save_then, self._discard)

    def _save_then(self, then: Then) -> None:
        if self.makes_study:
            if self.study.save():
                then()
            self._show_state()
        else:
            self.save_profile(then)

    def _discard(self) -> None:
        if self.makes_study:
            self.study.discard()
        else:
            self.load_profile(self.profile.currentData() or "")
        self._show_state()

    def _switch(self) -> None:
        """Between a study made here and a profile of it."""
        unsaved = self.unsaved()
        if unsaved is not None:
            settle(self, unsaved, "leave", self._switch, lambda: None)
            return
        self._profile_mode = not self._profile_mode
        self._fingerprint = None
        self._chosen_changed()

    def save_profile(self, then: Then | None = None) -> None:
        """Saves under the profile's name, or asks for one; a study made here is saved itself. `then`: once it is."""
        if self.makes_study:
            self.study.save()
            self._show_state()
            return
        name = self.profile.currentData()
        if name:
            self._save_as(name, then)
        else:
            confirm(
                self,
                tr("Save as a profile"),
                tr(
                    "A profile keeps your changes in a small text file beside the "
                    "experiment. The "
                    "experiment itself "
                    "is not changed."
                ),
                tr("Save"),
                lambda typed: self._save_as(typed, then),
                prompt=tr("Name of the profile"),
                required=True,
            )

    def load_profile(self, name: str) -> None:
        """Shows a profile, "" for the experiment as it is written."""
        entry = self.launcher.chosen
        if entry is None:
            return
        overrides = {}
        if name:
            try:
                overrides = profiles.load(self.launcher.profile_path(entry.folder, name))
            except ValueError as error:
                self.banner.say("stop", str(error))
                name = ""
        self.launcher.choose_profile(entry.folder, name)
        self._open_draft(overrides)

    def _chosen_changed(self) -> None:
        entry = self.launcher.chosen
        if entry is not None and entry.folder != self._folder:
            self._profile_mode = bool(entry.is_data and self.launcher.profile_name(entry.folder))
        if entry is not None and self.makes_study:
            self._folder = entry.folder
            self.study.open(entry.folder)
            self._stack.setCurrentWidget(self.study)
            self._show_state()
            return
        ready = entry is not None and bool(entry.info.get("form"))
        self._stack.setCurrentWidget(self._editor if ready else self._empty)
        if entry is not None and not ready:
            self._empty.title.setText(entry.title)
            self._empty.text.setText(said(str(entry.error.get("text") or "")) or tr("The experiment is being read."))
        same = entry is not None and self._folder == entry.folder and self._fingerprint == entry.info.get("form")
        if entry is not None and ready and not same:
            self._folder, self._fingerprint = entry.folder, entry.info["form"]
            self.load_profile(self.launcher.profile_name(entry.folder))
        self._show_state()

    def _open_draft(self, overrides: dict[str, object]) -> None:
        entry = self.launcher.chosen
        assert entry is not None
        schema = entry.info["form"]
        self.draft = Draft(schema, overrides)
        self._sections = sections(schema)
        self._dirty, self._saved = False, self.draft.overrides()
        for area in self._areas.values():
            self._forms.removeWidget(area)
            area.deleteLater()
        self._areas.clear()
        self.forms.clear()
        self.list.show_schema(schema, self.draft)
        if self.draft.foreign:
            self.banner.say(
                "warn",
                tr(
                    "The profile names options this experiment does not have: {names}. They are left out when "
                    "you save.",
                    names=", ".join(self.draft.foreign),
                ),
            )
        self._fill_profiles()
        self.show_section("experiment")
        self._show_state()

    def _fill_profiles(self) -> None:
        entry = self.launcher.chosen
        assert entry is not None
        self.profile.clear()
        self.profile.addItem(tr("As written in the experiment"), "")
        for name in self.launcher.profile_names(entry.folder):
            self.profile.addItem(name, name)
        self.profile.setCurrentIndex(max(0, self.profile.findData(self.launcher.profile_name(entry.folder))))

    def _profile_picked(self, index: int) -> None:
        name = self.profile.itemData(index)
        unsaved = self.unsaved()
        if unsaved is None:
            self.load_profile(name)
            return
        self._fill_profiles()
        settle(self, unsaved, "leave", partial(self.load_profile, name), lambda: None)

    def _save_as(self, name: str, then: Then | None = None) -> None:
        entry, draft = self.launcher.chosen, self.draft
        if entry is None or draft is None:
            return
        try:
            file = profiles.save(self.launcher.profiles_folder(entry.folder), name, draft.overrides())
        except ValueError as error:
            self.banner.say("stop", str(error))
            return
        self._dirty, self._saved = False, draft.overrides()
        self.launcher.choose_profile(entry.folder, file.stem)
        self._fill_profiles()
        self._show_state()
        if then is not None:
            then()

    def _profile_bar(self) -> QWidget:
        menu = QMenu(self)
        action(menu, tr("Save as…"), "save", self._ask_name)
        action(menu, tr("Import…"), "download", self._ask_to_import)
        action(menu, tr("Compare…"), "columns", self._compare, name="compare_profiles")
        action(menu, tr("Undo all changes"), "reset", self._undo_all)
        menu.addSeparator()
        action(menu, tr("Delete this profile…"), "trash", self._ask_to_delete)
        more = icon_button("more", tr("More about profiles"))
        more.setPopupMode(more.ToolButtonPopupMode.InstantPopup)
        more.setMenu(menu)
        caption = label(tr("Profile"), "strong")
        caption.setBuddy(self.profile)
        return holder(FlowLayout(caption, self.profile, more, self.search, self.changed, gap=10))

    def _ask_name(self) -> None:
        confirm(
            self,
            tr("Save as a profile"),
            "",
            tr("Save"),
            self._save_as,
            prompt=tr("Name of the profile"),
            required=True,
        )

    def _ask_to_import(self) -> None:
        dialog = QFileDialog(self, tr("Import a profile"), "", tr("Profiles (*.toml)"))
        dialog.fileSelected.connect(lambda path: self.import_profile(Path(path)))
        dialog.open()

    def import_profile(self, file: Path) -> None:
        """Shows the changes of a profile from anywhere; it is saved only when the person says so."""
        try:
            overrides = profiles.load(file)
        except ValueError as error:
            self.banner.say("stop", str(error))
            return
        saved = self._saved
        self._open_draft(overrides)
        self._dirty, self._saved = True, saved
        self._show_state()

    def _compare(self) -> None:
        if self._folder is not None and self.draft is not None:
            self.comparison = CompareDialog(self._profiles(), self.draft.overrides(), self)
            self.comparison.open()

    def _profiles(self) -> dict[str, Path]:
        """Name → file of each profile there is."""
        folder, launcher = self._folder, self.launcher
        assert folder is not None
        return {name: launcher.profile_path(folder, name) for name in launcher.profile_names(folder)}

    def _to_preview(self) -> Wanted | None:
        entry, draft = self.launcher.chosen, self.draft
        if entry is None or draft is None or draft.errors or entry.status != "ready":
            return None
        key = self.list.chosen_key
        scenes = {str(scene.get("id")) for scene in entry.info.get("scenes") or ()}
        return entry, draft.overrides(), key if key in scenes else "", ""

    def _undo_all(self) -> None:
        self.load_profile(self.profile.currentData())

    def _ask_to_delete(self) -> None:
        name, entry = self.profile.currentData(), self.launcher.chosen
        if name and entry:
            confirm(
                self,
                tr("Delete the profile {name}?", name=name),
                tr("The experiment itself is not changed."),
                tr("Delete"),
                lambda _: self._delete(entry.folder, name),
                kind="danger",
            )

    def _delete(self, folder: Path, name: str) -> None:
        profiles.remove(self.launcher.profile_path(folder, name))
        self.load_profile("")

    def _edited(self) -> None:
        self._dirty = True
        self.list.show_changes()
        self._show_state()

    def _find(self, words: str) -> None:
        counts = {}
        for section in self._sections if self.draft else ():
            if words and section.key not in self.forms:
                self.show_section(section.key)
            if section.key in self.forms:
                counts[section.key] = self.forms[section.key].search(words)
        if words:
            best = next((key for key, count in counts.items() if count), None)
            if best:
                self.list.choose(best)

    def _show_state(self) -> None:
        entry, draft = self.launcher.chosen, self.draft
        ready = entry is not None and draft is not None and entry.status == "ready"
        self.header.title.setText(entry.title if entry else tr("Configure"))
        if self.makes_study:
            self._show_study_state()
            return
        self.header.subtitle.setText(
            tr("What you change is kept as a profile; the experiment's own files stay as they are.")
        )
        invalid = len(draft.errors) if draft else 0
        self.save.setEnabled(ready and self._dirty and not invalid)
        self.start.setEnabled(ready and not invalid and not self.launcher.engine.alive)
        self._show_switch()
        for shown in (self.save, self.start, self.check):
            shown.setVisible(ready)
        self.preview.refresh()
        if draft is None:
            return
        count = draft.changed_count()
        text = plural(count, "{n} change", "{n} changes") if count else tr("no changes")
        text += tr(", not saved yet") if self._dirty else ""
        if invalid:
            text = plural(invalid, "{n} value is not allowed yet", "{n} values are not allowed yet")
        self.changed.setText(text)

    def _show_switch(self) -> None:
        """A study made here has profiles too: what is shown is the one or the other."""
        entry = self.launcher.chosen
        self.switch.setVisible(entry is not None and entry.is_data)
        words = tr("Edit the study") if self._profile_mode else tr("Profiles…")
        if self.switch.accessibleName() != words:
            self.switch.setText(words)
            self.switch.setAccessibleName(words)

    def _show_study_state(self) -> None:
        entry = self.launcher.chosen
        self.header.subtitle.setText(tr("Put the study together here. Saving writes study.toml in its folder."))
        ready = entry is not None and entry.status == "ready" and self.study.is_whole
        self.save.setEnabled(self.study.can_save)
        self.start.setEnabled(ready and not self.launcher.engine.alive)
        self._show_switch()
        for shown in (self.save, self.start, self.check):
            shown.setVisible(True)

    def _start(self) -> None:
        if self.launcher.chosen:
            self.launcher.start(self.launcher.chosen.folder)
