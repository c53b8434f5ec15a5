"""One stored session: its facts, what can be done with it, and tabs with everything it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QTableView, QWidget

from igym.host.export.payments import Payment
from igym_desktop.alive import unless_gone
from igym_desktop.background import in_background
from igym_desktop.flow import session_facts, stored_jobs
from igym_desktop.flow.consents import Consent, consent_papers, read_consents
from igym_desktop.flow.export_plan import formats
from igym_desktop.flow.paper_html import Papers
from igym_desktop.flow.papers import read_files, receipts, report, signature_list
from igym_desktop.flow.prolific import bonus_lines
from igym_desktop.flow.sessions import StoredSession, folder_size, list_sessions
from igym_desktop.flow.stored_jobs import Ended, StoredJob
from igym_desktop.flow.words import kind_folder, kind_words, size_text, state_words
from igym_desktop.i18n import said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.models.sessions import THING_ROLE, ThingsModel, person_columns
from igym_desktop.pages.data_check import CheckPanel
from igym_desktop.pages.data_plots import PlotsPanel
from igym_desktop.pages.data_session_care import SessionCare
from igym_desktop.pages.data_tables import CodebookPanel, PaymentsPanel, sorted_table
from igym_desktop.pages.data_withdraw import Withdrawal
from igym_desktop.stored_job import RunningJob
from igym_desktop.widgets.bars import Bars
from igym_desktop.widgets.basics import Page, action, button, column, holder, label, menu_button, row, tab_widget
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.folders import choose_save_file, show_folder
from igym_desktop.widgets.job_bar import JobBar
from igym_desktop.widgets.plain import set_tip
from igym_desktop.widgets.web_pages import tell_address
from igym_desktop.windows.paper import PaperDialog, show_paper

CHECK_TAB = 2


class StoredSessionPanel(QWidget):
    """`changed` when something on disk is different now. The page's banner tells how jobs ended."""

    changed = Signal()

    def __init__(self, launcher: Launcher, page: Page) -> None:
        super().__init__()
        self.launcher, self.page = launcher, page
        self.session: StoredSession | None = None
        self.job: RunningJob | None = None
        self._checks: dict[str, Ended] = {}
        self.paper: PaperDialog | None = None
        self.title = label("", "heading")
        self.facts = label("", "muted", wrap=True, selectable=True)
        self.code = label("", "muted", wrap=True, selectable=True)
        self.code.setObjectName("trail_code")
        set_tip(
            self.code,
            tr(
                "Write this code into your paper log. It stands for everything recorded so far: with it, "
                "igym verify --code proves later that nothing of it was removed or changed."
            ),
        )
        self.tables = label("", "muted", wrap=True, selectable=True)
        self.tables.setObjectName("table_check")
        self.outcome = Bars()
        self.progress = JobBar()
        self.people = ThingsModel(person_columns(), self)
        self.people_proxy, self.people_table = sorted_table("stored_people", tr("Participants"), self.people, self)
        self.plots, self.codebook, self.payments = PlotsPanel(), CodebookPanel(), PaymentsPanel()
        self.check = CheckPanel(self.verify, self.replay)
        self.withdrawal = Withdrawal(launcher, page, self.run)
        self.withdrawal.done.connect(self.changed)
        self.care = SessionCare(launcher, page, self.run)
        self.care.done.connect(self.changed)
        self.note = label("", wrap=True, selectable=True)
        self.note.setObjectName("session_note")
        head = column(self.title, self.note, self.facts, self.code, self.tables, 4, holder(self._buttons()), gap=5)
        layout = column(head, self.progress, self.outcome, self._tabs(), gap=10, margins=(16, 14, 16, 8))
        layout.setStretch(3, 1)
        self.setLayout(layout)
        launcher.replays.refused.connect(self._replay_refused)
        launcher.replays.opened.connect(self._replay_opened)
        launcher.engine.state_changed.connect(self._show_buttons)

    def minimumSizeHint(self) -> QSize:
        """By the lines its words and buttons take at the width there is; a layout's own guess is for the narrowest."""
        least, layout = super().minimumSizeHint(), self.layout()
        return QSize(least.width(), layout.minimumHeightForWidth(self.width())) if layout else least

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def show_session(self, session: StoredSession | None) -> None:
        """Another session was chosen, or the same one was read again."""
        self.session = session
        self._show_buttons()
        if session is None:
            return
        kind = kind_words(session.kind)
        self.title.setText(f"{session.shown_name} · {kind}" if kind else session.shown_name)
        self.note.setText(session.note)
        self.note.setVisible(bool(session.note))
        self._show_facts(session, "")
        self.code.setText("")
        self._show_tables("")
        self.people.show_things(session.people)
        self.nobody.setVisible(not session.people)
        self._somebody.setVisible(bool(session.people))
        self.outcome.show_values(
            [
                (state_words(name).text, count, state_words(name).tone)
                for name, count in session.outcomes().most_common()
            ]
        )
        known = self._checks.get(session.id)
        self.check.show_outcome(known) if known else self.check.clear()
        self._read_files(session)

    def _read_files(self, session: StoredSession) -> None:
        def wanted() -> bool:
            return self.session is session

        folder = session.folder
        in_background(
            partial(folder_size, folder), lambda size: self._show_facts(session, size_text(size)), wanted=wanted
        )
        in_background(partial(session_facts.read_facts, folder, session.id), self._read, wanted=wanted)
        in_background(
            partial(session_facts.read_codebook, folder), self.codebook.show_lines, self._no_codebook, wanted=wanted
        )

    def run_export(self, name: str) -> None:
        """Writes the chosen session in one format."""
        if self.session:
            self.run(stored_jobs.export_job(self.session, name), self._exported)

    def verify(self) -> None:
        """Files against their hashes, matches against their recordings."""
        if self.session:
            self.run(stored_jobs.verify_job(self.session), partial(self._verified, self.session.id))

    def back_up(self) -> None:
        """A copy of the experiment's database beside it."""
        if self.session:
            self.run(stored_jobs.backup_job(self.session, ""), self._backed_up)

    def replay(self, episode: str = "") -> None:
        """In the browser: one recorded episode, or the list of all."""
        if self.session:
            self.launcher.replays.show(self.session.folder, episode)

    def run(self, job: StoredJob, then: object) -> None:
        """One job at a time; `then` gets its `Ended`."""
        if self.job is not None:
            return
        self.job = RunningJob(self.launcher, job, self)
        self.job.progress.connect(self.progress.show_progress)
        self.job.finished.connect(partial(self._ended, then))
        self.progress.begin(job.busy, self.job.cancel)
        self.job.start()
        self._show_buttons()

    def _ended(self, then: object, found: Ended) -> None:
        if self.job is not None:
            self.job.deleteLater()
        self.job = None
        self.progress.end()
        self._show_buttons()
        then(found)  # type: ignore[operator]

    def _buttons(self) -> FlowLayout:
        self.open_button = button(tr("Open folder"), "folder", name="open_session", on=self._open)
        menu = QMenu(self)
        for name, words in formats():
            action(menu, words, "export", partial(self.run_export, name), name=f"export_{name}")
        self.export_button = menu_button(tr("Export"), "export", menu)
        self.export_button.setObjectName("export")
        self.replay_button = button(
            tr("Replay"), "play", name="replay", tip=tr("Watch recorded matches in the browser"), on=self.replay
        )
        self.verify_button = button(tr("Verify"), "verify", name="verify", on=self._verify_here)
        self.backup_button = button(
            tr("Back up now"),
            "save",
            name="backup",
            tip=tr("Copies this experiment's database; a running session is not disturbed"),
            on=self.back_up,
        )
        self.resume_button = button(tr("Resume session"), "play", kind="primary", name="resume_stored", on=self._resume)
        papers = QMenu(self)
        action(papers, tr("Report…"), "page", self.show_report, name="show_report")
        action(papers, tr("Receipts…"), "page", partial(self._show_payments, receipts), name="show_receipts")
        action(
            papers, tr("List to sign…"), "edit", partial(self._show_payments, signature_list), name="show_signatures"
        )
        action(papers, tr("Consent…"), "verify", self.show_consent, name="show_consent")
        papers.addSeparator()
        action(papers, tr("Bonus file…"), "save", self._ask_for_bonus_file, name="bonus_file")
        self.papers_button = menu_button(tr("Report and papers"), "page", papers)
        self.papers_button.setObjectName("papers")
        self.annotate_button = button(tr("Name and note…"), "edit", name="annotate", on=self._annotate)
        self.delete_button = button(tr("Delete…"), "trash", name="delete_session", on=self._delete)
        return FlowLayout(
            self.resume_button, self.export_button, self.replay_button, self.verify_button, self.backup_button,
            self.open_button, self.papers_button, self.annotate_button, self.delete_button, gap=8,
        )  # fmt: skip

    def _tabs(self) -> QWidget:
        self.withdraw_button = button(tr("Withdraw…"), "trash", name="withdraw", on=self._withdraw)
        self.people_table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.people_table.selectionModel().selectionChanged.connect(unless_gone(lambda *_: self._show_buttons()))
        self.people_table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.people_table.customContextMenuRequested.connect(self._people_menu)
        self.consent_button = button(
            tr("Consent…"),
            "verify",
            name="consent",
            tip=tr("What this person agreed to, to print"),
            on=self.show_consent,
        )
        hint = label(tr("Choose a participant to print what they agreed to, or to withdraw them."), "small")
        self.nobody = label(
            tr("Nobody has taken part yet. Simulated participants are left out, as in every study and pilot."),
            "muted", wrap=True,
        )  # fmt: skip
        self.nobody.setObjectName("nobody_took_part")
        self._somebody = holder(
            column(row(hint, None, self.consent_button, self.withdraw_button), self.people_table, gap=6)
        )
        people = column(self.nobody, self._somebody, gap=6, margins=(2, 8, 2, 2))
        people.setStretch(1, 1)
        self.tabs = tab_widget()
        for view, title in (
            (holder(people), tr("Participants")),
            (self.plots, tr("Charts")),
            (self.check, tr("Check")),
            (self.payments, tr("Payments")),
            (self.codebook, tr("Codebook")),
        ):
            self.tabs.addTab(view, title)
        return self.tabs

    def _show_facts(self, session: StoredSession, size: str) -> None:
        profile = tr("profile {name}", name=session.profile) if session.profile else tr("no profile")
        copied = tr("a copy of what lies on {server}", server=session.server) if session.server else ""
        parts = [
            session.id,
            copied,
            profile,
            str(session.folder),
            tr("{size} in this folder", size=size) if size else "",
        ]
        if kind_folder(session.kind):
            parts.append(tr("its files are in {folder}", folder=kind_folder(session.kind)))
        self.facts.setText("  ·  ".join(part for part in parts if part))

    def _read(self, facts: session_facts.SessionFacts) -> None:
        self.plots.show_facts(facts)
        self.code.setText(
            tr("Code of the log: {code}", code=facts.code) if facts.code else tr("Recorded before the chain.")
        )
        self._show_tables(self._tables_text(facts.tables))
        self.payments.show_payments(facts.payments)

    def _show_tables(self, text: str) -> None:
        self.tables.setText(text)
        self.tables.setVisible(bool(text))

    def _tables_text(self, found: Mapping[str, Any]) -> str:
        """What the check at the session's end found; what disagrees is named as it was written down."""
        if not found:
            return ""
        told = stored_jobs.table_words(bool(found.get("ok")), int(found.get("counts") or 0))
        return told if found.get("ok") else f"{told}\n{said(str(found.get('text') or ''))[:600]}"

    def _no_codebook(self, error: Exception) -> None:
        self.codebook.show_lines([], tr("The codebook is written with the first export."))

    def _show_buttons(self) -> None:
        session, free = self.session, self.job is None
        self.open_button.setEnabled(session is not None)
        for shown in (self.verify_button, self.export_button, self.backup_button, self.check.again):
            shown.setEnabled(session is not None and free)
        self.replay_button.setEnabled(session is not None)
        self.papers_button.setEnabled(session is not None)
        # What is changed in a copy alone would be another truth than the server's.
        is_own = session is not None and (not session.server or self.care.is_running(session))
        self.annotate_button.setEnabled(is_own and free)
        self.delete_button.setEnabled(session is not None and free and not self.care.is_running(session))
        self.withdraw_button.setEnabled(free and is_own and self._person() is not None)
        self._explain_copy(session is not None and not is_own)
        self.consent_button.setEnabled(self._person() is not None)
        is_open = session is not None and session.state != "ended" and not self.launcher.engine.alive
        self.resume_button.setVisible(is_open and self._can_resume())

    def _explain_copy(self, is_copy: bool) -> None:
        server = self.session.server if self.session else ""
        text = tr("This is a copy. Connect to {server} to do this there, then fetch the files again.", server=server)
        for shown in (self.annotate_button, self.withdraw_button):
            set_tip(shown, text if is_copy else "")

    def _can_resume(self) -> bool:
        entries = self.launcher.library.entries.values()
        return any(self.session and entry.experiment_id == self.session.experiment_id for entry in entries)

    def _person(self) -> object:
        rows = self.people_table.selectionModel().selectedRows()
        return rows[0].data(THING_ROLE) if rows else None

    def _people_menu(self, at: QPoint) -> None:
        if self._person() is None:
            return
        menu = QMenu(self)
        action(menu, tr("Consent…"), "verify", self.show_consent)
        action(menu, tr("Withdraw…"), "trash", self._withdraw)
        menu.popup(self.people_table.viewport().mapToGlobal(at))

    def _withdraw(self) -> None:
        person = self._person()
        if self.session and person:
            self.withdrawal.ask(self.session, person)

    def show_report(self) -> None:
        """Who finished, who did not and where, files, payments, and what comes next: to print or as PDF."""
        session = self.session
        if session is None:
            return

        def read() -> Papers:
            facts = session_facts.read_facts(session.folder, session.id)
            return report(session, facts, read_files(session), list_sessions(session.folder.parent).sessions)

        in_background(read, self._show_paper, lambda error: self.page.banner.say("stop", str(error)), asked=True)

    def show_consent(self) -> None:
        """What the chosen person agreed to, or everybody when nobody is chosen: to print or as PDF."""
        session, person = self.session, self._person()
        if session is None:
            return
        read = partial(read_consents, session.folder, session.id)
        shown = partial(self._show_consents, session, getattr(person, "id", None))
        in_background(read, shown, lambda error: self.page.banner.say("stop", str(error)), asked=True)

    def _show_consents(self, session: StoredSession, who: str | None, found: list[Consent]) -> None:
        own = [consent for consent in found if who in (None, consent.participant)]
        if own:
            self._show_paper(consent_papers(session, own))
        else:
            self.page.banner.say("info", tr("No page with a box for consent was sent in this session.") if who is None
                                 else tr("This person sent no page with a box for consent."))  # fmt: skip

    def _show_paper(self, papers: Papers) -> None:
        self.paper = show_paper(papers, self.page)

    def _show_payments(self, make: Callable[[StoredSession, list[Payment]], Papers]) -> None:
        session = self.session
        if session is None:
            return
        if not self.payments.model.rows:
            self.page.banner.say("info", tr("Nobody of this session has earned anything, by the study's own rule."))
            return
        self._show_paper(make(session, list(self.payments.model.rows)))

    def _ask_for_bonus_file(self) -> None:
        choose_save_file(self, tr("Save the bonus file"), "bonus.csv", "CSV (*.csv)", self.write_bonus_file)

    def write_bonus_file(self, file: Path) -> None:
        """An id and an amount a line, as Prolific and others take it."""
        payments = list(self.payments.model.rows)
        try:
            file.write_text(bonus_lines(payments), encoding="utf-8", newline="")
        except OSError as error:
            self.page.banner.say("stop", tr("The table could not be saved: {why}", why=error.strerror or error))
            return
        self.page.banner.say("go", tr("Saved: {file}", file=file))

    def _annotate(self) -> None:
        if self.session:
            self.care.annotate(self.session)

    def _delete(self) -> None:
        if self.session:
            self.care.delete(self.session)

    def _verify_here(self) -> None:
        self.tabs.setCurrentIndex(CHECK_TAB)
        self.verify()

    def _verified(self, session: str, found: Ended) -> None:
        if found.last.get("event") == "verified":
            self._checks[session] = found
            if self.session and self.session.id == session:
                self.check.show_outcome(found)
        self.page.banner.say(found.tone, found.text)

    def _exported(self, found: Ended) -> None:
        folder = found.last.get("folder") or (self.session.folder if self.session else "")
        actions = [(tr("Open folder"), partial(show_folder, Path(str(folder))))] if found.tone == "go" else []
        self.page.banner.say(found.tone, found.text, *actions)
        self.changed.emit()

    def _backed_up(self, found: Ended) -> None:
        path = found.last.get("path")
        actions = [(tr("Open folder"), partial(show_folder, Path(str(path)).parent))] if path else []
        self.page.banner.say(found.tone, found.text, *actions)

    def _replay_opened(self, url: str, opened: bool) -> None:
        tell_address(self.page.banner, tr("The recordings are open in your browser."), url, opened=opened)

    def _replay_refused(self, code: str, text: str) -> None:
        actions = [(tr("Export now"), partial(self.run_export, "csv"))] if code == "no_replays" else []
        self.page.banner.say("stop", text, *actions)

    def _resume(self) -> None:
        if self.session:
            self.launcher.resume_stored(self.session.experiment_id, self.session.id)

    def _open(self) -> None:
        if self.session:
            show_folder(self.session.folder)
