"""The chosen experiment's options: as a profile of it, or, of a study that was made here, the study itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QStackedWidget

from igym_desktop.flow.library import Entry
from igym_desktop.flow.unsaved import Then, Unsaved
from igym_desktop.i18n import said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.pages.configure_profile import ProfilePane
from igym_desktop.pages.configure_study import StudyPane
from igym_desktop.widgets.basics import EmptyState, Page, button
from igym_desktop.widgets.broken import BrokenGames
from igym_desktop.windows.unsaved import settle


class ConfigurePage(Page):
    """Shows one of two panes, and says of it in the header what can be saved and started."""

    def __init__(self, launcher: Launcher) -> None:
        self.start = button(tr("Start"), "play", kind="primary", name="configure_start", on=self._start)
        self.save = button(tr("Save"), "save", name="save_profile", on=self.save_shown)
        self.check = button(tr("Preflight"), "preflight", on=partial(launcher.navigate.emit, "preflight"))
        self.switch = button(tr("Profiles…"), "columns", name="study_or_profile", on=self._switch)
        super().__init__(tr("Configure"), "", self.switch, self.save, self.check, self.start)
        self.launcher = launcher
        self._folder: Path | None = None
        self._profile_mode = False
        self._empty = self._nothing_chosen()
        self.profiles = ProfilePane(launcher, self)
        self.study = StudyPane(launcher, self)
        self._stack = QStackedWidget()
        for shown in (self._empty, self.profiles, self.study):
            self._stack.addWidget(shown)
        self.broken = BrokenGames()
        self.body.addWidget(self.broken)
        self.body.addWidget(self._stack, 1)
        self.profiles.changed.connect(self._show_state)
        self.study.changed.connect(self._show_state)
        launcher.unsaved = self.unsaved
        launcher.chosen_changed.connect(self._chosen_changed)
        launcher.chosen_changed.connect(self._show_broken)
        launcher.games.tried.connect(self._show_broken)
        self._show_broken()
        launcher.engine.state_changed.connect(self._show_state)
        self._chosen_changed()

    def _nothing_chosen(self) -> EmptyState:
        to_choose = partial(self.launcher.navigate.emit, "experiments")
        return EmptyState(
            "configure",
            tr("No experiment chosen"),
            tr("Choose an experiment first; here you then see and change its options."),
            button(tr("Choose an experiment"), "experiments", kind="primary", on=to_choose),
        )

    def _show_broken(self) -> None:
        entry = self.launcher.chosen
        folder = entry.folder if entry else None
        self.broken.show_broken(folder, self.launcher.games.broken(entry.folder) if entry else ())

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
        if not self.makes_study:
            return self.profiles.unsaved(entry)
        changes, invalid = self.study.unsaved_changes(), self.study.invalid()
        if not changes and not invalid:
            return None
        return Unsaved(entry.folder, entry.title, changes, invalid, self._save_study, self._discard_study)

    def _save_study(self, then: Then) -> None:
        if self.study.save():
            then()
        self._show_state()

    def _discard_study(self) -> None:
        self.study.discard()
        self._show_state()

    def save_shown(self) -> None:
        """The study that was made here, or the profile under its name, for which is asked if it has none."""
        if self.makes_study:
            self._save_study(lambda: None)
        else:
            self.profiles.save()

    def _switch(self) -> None:
        """Between a study made here and a profile of it."""
        unsaved = self.unsaved()
        if unsaved is not None:
            settle(self, unsaved, "leave", self._switch, lambda: None)
            return
        self._profile_mode = not self._profile_mode
        self.profiles.forget()
        self._chosen_changed()

    def _chosen_changed(self) -> None:
        entry = self.launcher.chosen
        # An entry that is still being read does not know whether it is data.
        if entry is not None and entry.folder != self._folder:
            self._profile_mode = bool(entry.is_data and self.launcher.profile_name(entry.folder))
        if entry is None:
            self._stack.setCurrentWidget(self._empty)
        elif self.makes_study:
            self._folder = entry.folder
            self.profiles.forget()
            self.study.open(entry.folder)
            self._stack.setCurrentWidget(self.study)
        elif entry.info.get("form"):
            self._folder = entry.folder
            self._stack.setCurrentWidget(self.profiles)
            self.profiles.open(entry)
        else:
            self._show_unread(entry)
        self._show_state()

    def _show_unread(self, entry: Entry) -> None:
        self._stack.setCurrentWidget(self._empty)
        self._empty.title.setText(entry.title)
        self._empty.text.setText(said(str(entry.error.get("text") or "")) or tr("The experiment is being read."))

    def _show_state(self) -> None:
        entry = self.launcher.chosen
        pane = self.study if self.makes_study else self.profiles
        ready = entry is not None and entry.status == "ready"
        self.header.title.setText(entry.title if entry else tr("Configure"))
        self.header.subtitle.setText(self._about())
        self.save.setEnabled(pane.can_save and (ready or self.makes_study))
        self.start.setEnabled(ready and pane.is_whole and not self.launcher.engine.alive)
        self._show_switch()
        shows_buttons = self.makes_study or (ready and self.profiles.draft is not None)
        for shown in (self.save, self.start, self.check):
            shown.setVisible(shows_buttons)
        if not self.makes_study:
            self.profiles.preview.refresh()

    def _about(self) -> str:
        if self.makes_study:
            return tr("Put the study together here. Saving writes study.toml in its folder.")
        return tr("What you change is kept as a profile; the experiment's own files stay as they are.")

    def _show_switch(self) -> None:
        """A study made here has profiles too: what is shown is the one or the other."""
        entry = self.launcher.chosen
        self.switch.setVisible(entry is not None and entry.is_data)
        words = tr("Edit the study") if self._profile_mode else tr("Profiles…")
        if self.switch.accessibleName() != words:
            self.switch.setText(words)
            self.switch.setAccessibleName(words)

    def _start(self) -> None:
        if self.launcher.chosen:
            self.launcher.start(self.launcher.chosen.folder)
