"""A study that was made here, on the Configure page: the editor with its preview, opened, saved and watched."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.flow.library import STUDY
from igym_desktop.i18n import said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.pages.configure_preview import PreviewPane, Wanted
from igym_desktop.pages.study import StudyEditor
from igym_desktop.widgets.basics import Page, button, column, row
from igym_desktop.widgets.editor import open_in_editor
from igym_desktop.windows.dialogs import confirm
from igym_desktop.windows.prolific import ProlificDialog

LOW = 360
CONVERT_LIMIT_S = 60.0


class StudyPane(QWidget):
    """`changed` whenever what can be saved or started may have changed."""

    changed = Signal()

    def __init__(self, launcher: Launcher, page: Page) -> None:
        super().__init__()
        self.launcher, self.page = launcher, page
        self.editor = StudyEditor()
        self.preview = PreviewPane(launcher, page, self._to_preview, "study_")
        self.editor.beside.addWidget(self.preview)
        self.editor.changed.connect(self._changed)
        self.prolific = button(tr("Prolific…"), "link", name="prolific", on=self.ask_about_prolific)
        self.python = button(tr("To Python…"), "edit", name="to_python", on=self.ask_to_convert)
        self.editor.beside.addLayout(row(self.prolific, self.python, gap=6))
        self.setLayout(column(self.editor))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window the scenes need the room more than what is said about the preview."""
        self.preview.text.setVisible(self.height() > LOW)
        super().resizeEvent(event)

    @property
    def dirty(self) -> bool:
        """Whether something is not saved."""
        return self.editor.dirty

    @property
    def can_save(self) -> bool:
        """Whether there is something to save that reads."""
        return self.dirty and self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether everything typed is allowed."""
        draft = self.editor.draft
        return draft is not None and not draft.problem and not draft.errors

    def open(self, folder: Path) -> None:
        """The files may have been changed elsewhere: they are read again unless there is something to save here."""
        draft = self.editor.draft
        if draft is None or draft.folder != folder or (not self.dirty and draft.is_outdated):
            try:
                self.editor.open(folder)
            except ValueError as error:
                act = (tr("Open in editor"), partial(open_in_editor, folder / STUDY))
                self.page.banner.say("stop", str(error), act)

    def unsaved_changes(self) -> tuple[str, ...]:
        """The steps since it was saved, in words, the newest first."""
        return self.editor.steps_since_saved()

    def invalid(self) -> tuple[str, ...]:
        """What keeps it from being saved."""
        draft = self.editor.draft
        if draft is None:
            return ()
        told = [said(draft.problem)] if draft.problem and self.dirty else []
        return (*told, *(".".join(path[1:]) for path in draft.errors))

    def discard(self) -> None:
        """Back to what the file says."""
        draft = self.editor.draft
        if draft is not None:
            self.editor.open(draft.folder)

    def save(self) -> bool:
        """Writes the study; False when that failed, which the page's banner tells."""
        try:
            self.editor.save()
        except ValueError as error:
            self.page.banner.say("stop", str(error))
            return False
        entry = self.launcher.chosen
        if entry is not None:
            self.launcher.reader.read(entry.folder)
        return True

    def ask_about_prolific(self) -> None:
        """Shows the link, the code and the redirect, and how to paste them."""
        draft = self.editor.draft
        if draft is not None:
            address = self.launcher.engine.join_url if self.launcher.engine.alive else ""
            self.dialog = ProlificDialog(self, draft.document, address, self.editor.use_prolific)
            self.dialog.open()

    def ask_to_convert(self) -> None:
        """To go on by code: the study becomes an experiment.py."""
        confirm(
            self,
            tr("Go on in Python?"),
            tr(
                "The study becomes an experiment.py that defines exactly the same, to be changed in a text editor. It "
                "can no longer be put together here; study.toml stays in its folder as study.toml.old, and “igym "
                "convert” leads back."
            ),
            tr("Write experiment.py"),
            lambda _: self._convert(),
        )

    def _convert(self) -> None:
        entry = self.launcher.chosen
        if entry is None:
            return

        def done(outcome: Outcome) -> None:
            if outcome.last.get("event") != "converted":
                self.page.banner.say("stop", said(str(outcome.last.get("text") or "")) or outcome.errors[-300:])
            else:
                file = Path(str(outcome.last["file"]))
                act = (tr("Open in editor"), partial(open_in_editor, file))
                self.page.banner.say("go", tr("The study is in {file} now.", file=file), act)
            self.launcher.reader.read(entry.folder)

        job = ChildJob(self.launcher.command_line("convert", [str(entry.folder), "--json"]), CONVERT_LIMIT_S, self)
        job.start(done)

    def _changed(self) -> None:
        self.python.setEnabled(not self.dirty and self.is_whole)
        self.preview.refresh()
        self.changed.emit()

    def _to_preview(self) -> Wanted | None:
        entry, draft = self.launcher.chosen, self.editor.draft
        if entry is None or draft is None or not self.is_whole or draft.look.missing:
            return None
        scene = self.editor.chosen if draft.is_scene(self.editor.chosen) else ""
        return entry, {}, scene, draft.text if self.dirty else ""
