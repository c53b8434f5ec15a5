"""Naming a stored session, noting something about it, sorting it among pilots, and deleting it with a receipt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from igym_desktop.background import in_background
from igym_desktop.flow.fetched import drop_copy
from igym_desktop.flow.session_facts import read_deletion
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.flow.stored_jobs import Ended, StoredJob, annotate_job, delete_job
from igym_desktop.flow.words import kind_folder, kind_words
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import Page, button, column, label, row
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.wide_dialog import WideDialog
from igym_desktop.windows.dialogs import confirm
from igym_desktop.windows.receipt import ReceiptDialog, what_went

NAME_LIMIT = 120


class SessionCare(QObject):
    """By the running engine when it is its session, else by a job."""

    done = Signal()

    def __init__(self, launcher: Launcher, page: Page, run: Callable[[StoredJob, Any], None]) -> None:
        super().__init__(page)
        self.launcher, self.page, self._run = launcher, page, run
        self.dialog: AnnotateDialog | None = None
        self.receipt: ReceiptDialog | None = None

    def is_running(self, session: StoredSession) -> bool:
        """Whether the engine of this window has it in hand."""
        engine = self.launcher.engine
        return bool(engine.alive and engine.mirror.session.get("id") == session.id)

    def annotate(self, session: StoredSession) -> None:
        """Asks for name, note and kind."""
        self.dialog = AnnotateDialog(session, later_kinds(session), partial(self._changed, session), self.page)
        self.dialog.open()

    def _changed(self, session: StoredSession, wanted: Mapping[str, str]) -> None:
        if not wanted:
            return
        if self.is_running(session):
            self.launcher.engine.command("annotate", wanted, "", self._answered)
        else:
            self._run(annotate_job(session, wanted), self._ended)

    def _answered(self, reply: Any) -> None:
        if reply.ok:
            self.page.banner.say("go", tr("The session was noted so."))
            self.done.emit()
        else:
            self.page.banner.say("stop", reply.text)

    def _ended(self, found: Ended) -> None:
        self.done.emit()
        self.page.banner.say(found.tone, found.text)

    def delete(self, session: StoredSession) -> None:
        """Asks twice in one: what goes is listed, and the session's number has to be typed."""
        if session.server:
            self._ask_to_remove_copy(session)
            return
        people = plural(len(session.people), "{n} participant", "{n} participants")
        confirm(
            self.page,
            tr("Delete the session {name}?", name=session.shown_name),
            tr(
                "All answers, recordings, measurements and files of this session ({people}, started {when}) are erased "
                "for good, also in the app's own backups and exports. What stays is a receipt, and that these ids took "
                "part. Copies you made elsewhere are yours to erase.",
                people=people, when=time.strftime("%Y-%m-%d %H:%M", time.localtime(session.started_at)),
            ),
            tr("Delete for good"),
            lambda _: self._run(delete_job(session), partial(self._deleted, session)),
            kind="danger",
            prompt=tr("Type {word} to confirm", word=confirmation(session)),
            exactly=confirmation(session),
        )  # fmt: skip

    def _ask_to_remove_copy(self, session: StoredSession) -> None:
        """A copy goes as a whole, as it came; nothing of the session itself is erased."""
        confirm(
            self.page,
            tr("Remove the copy?"),
            tr(
                "Everything that was fetched of “{title}” from {server} is removed from this computer, with all "
                "sessions of that study. What lies on the server stays as it is, and can be fetched again.",
                title=session.title, server=session.server,
            ),
            tr("Remove the copy"),
            lambda _: in_background(partial(drop_copy, session.folder), self._copy_removed, self._copy_stays),
            kind="danger",
        )  # fmt: skip

    def _copy_removed(self, _: object) -> None:
        self.done.emit()
        self.page.banner.say("go", tr("The copy was removed."))

    def _copy_stays(self, error: Exception) -> None:
        why = getattr(error, "strerror", None) or str(error)
        self.page.banner.say("stop", tr("The copy could not be removed: {why}", why=why))

    def _deleted(self, session: StoredSession, found: Ended) -> None:
        if found.tone == "go" and _is_unfinished(self.launcher, session):
            self.launcher.engine.forget_unfinished()
        self.done.emit()
        receipt = read_deletion(session.folder, str(found.last.get("receipt") or ""))
        if found.tone != "go" or receipt is None:
            self.page.banner.say(found.tone, found.text)
            return
        self.page.banner.say("go", found.text, (tr("Show the receipt"), partial(self._show, *receipt)))
        self._show(*receipt)

    def _show(self, file: Path, said: dict[str, Any]) -> None:
        self.receipt = ReceiptDialog(file, deletion_text(said), tr("Receipt of a deletion"), self.page)
        self.receipt.open()


def _is_unfinished(launcher: Launcher, session: StoredSession) -> bool:
    """Whether the next start would offer to go on with it."""
    plan = launcher.engine.unfinished()
    return plan is not None and plan.session == session.id


def confirmation(session: StoredSession) -> str:
    """What is typed before a session goes: the end of its number."""
    return session.id[-4:]


class Noted(Protocol):
    """What a session is called, remembered by, and was for."""

    @property
    def name(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True)
class RunningNotes:
    """Those of the session that is running."""

    name: str
    note: str
    kind: str


class AnnotateDialog(WideDialog):
    """Name, note and what the session was for; `done` gets what changed."""

    def __init__(
        self, session: Noted, kinds: Sequence[str], done: Callable[[Mapping[str, str]], None], parent: QWidget
    ) -> None:
        super().__init__(parent, 520)
        self.setWindowTitle(tr("Name and note"))
        self.setModal(True)
        self._session, self._done = session, done
        self.name = QLineEdit(session.name)
        self.name.setMaxLength(NAME_LIMIT)
        self.name.setPlaceholderText(tr("For example: Monday, second group"))
        self.note = QPlainTextEdit(session.note)
        self.note.setTabChangesFocus(True)
        self.note.setMinimumHeight(120)
        self.kind = CalmComboBox()
        for kind in kinds:
            self.kind.addItem(kind_words(kind) or tr("Study"), kind)
        self.kind.setCurrentIndex(max(0, self.kind.findData(session.kind)))
        self.kind.setEnabled(self.kind.count() > 1)
        self.kind.currentIndexChanged.connect(lambda _: self._explain())
        self.explained = label("", "small", wrap=True)
        parts: list[QWidget] = []
        for words, shown in ((tr("Name"), self.name), (tr("Note"), self.note), (tr("What it was for"), self.kind)):
            caption = label(words, "strong")
            caption.setBuddy(shown)
            shown.setAccessibleName(words)
            parts += [caption, shown]
        save = button(tr("Save"), "save", kind="primary", name="save_note", on=self._save)
        save.setDefault(True)
        buttons = row(None, button(tr("Cancel"), on=self.reject), save)
        self.setLayout(column(*parts, self.explained, 6, buttons, gap=6, margins=(24, 20, 24, 18)))
        self._explain()

    def changes(self) -> dict[str, str]:
        """Only what is different."""
        now = {
            "name": self.name.text().strip(),
            "note": self.note.toPlainText().strip(),
            "kind": self.kind.currentData(),
        }
        before = {"name": self._session.name, "note": self._session.note, "kind": self._session.kind}
        return {key: str(value) for key, value in now.items() if value != before[key]}

    def _explain(self) -> None:
        kind = str(self.kind.currentData())
        if not self.kind.isEnabled() and kind != "rehearsal":
            self.explained.setText(tr("What a session was for can be changed after its end."))
        elif kind_folder(kind):
            self.explained.setText(
                tr("Its files and tables lie apart from the study's, in {folder}.", folder=kind_folder(kind))
            )
        else:
            self.explained.setText(tr("Its files and tables are those of the study."))

    def _save(self) -> None:
        self.accept()
        self._done(self.changes())


def later_kinds(session: StoredSession) -> tuple[str, ...]:
    """What it can become: a rehearsal stays one, and people's data are sorted anew after the end only."""
    later = ("study", "pilot", "test")
    return later if session.kind in later and session.state == "ended" else (session.kind,)


def deletion_text(said: dict[str, Any]) -> str:
    """The receipt for people; the file itself is JSON."""
    at = said.get("erased_at")
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if isinstance(at, (int, float)) else ""
    sessions = [entry for entry in said.get("sessions") or () if isinstance(entry, dict)]
    heads = (
        tr("Session {session}, {count} participants", session=entry.get("session"), count=entry.get("participants"))
        for entry in sessions
    )
    return "\n".join([*heads, tr("Erased on {when}", when=when), "", *what_went(said)])
