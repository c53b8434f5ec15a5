"""The running session: join link, counts, live table, what needs attention, and what a researcher can do about it."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from igym_desktop.alive import unless_gone
from igym_desktop.flow.broken_games import now_text
from igym_desktop.flow.end_of_session import how_far, unfinished_lines
from igym_desktop.flow.profiles import profile_of
from igym_desktop.flow.start_problems import fixes_for
from igym_desktop.flow.view import Difference
from igym_desktop.flow.words import duration_text, kind_folder, kind_words
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.pages.data_session_care import AnnotateDialog, RunningNotes
from igym_desktop.pages.session_actions import SessionActions
from igym_desktop.pages.session_conditions import ConditionsPanel
from igym_desktop.pages.session_join import JoinPanel
from igym_desktop.pages.session_matches import MatchesPanel
from igym_desktop.pages.session_messages import MessagesPanel
from igym_desktop.pages.session_people import PeoplePanel
from igym_desktop.pages.session_problems import ProblemsPanel
from igym_desktop.pages.session_seats import SeatsPanel
from igym_desktop.pages.session_server import ServerBar
from igym_desktop.widgets.basics import (
    Banner,
    EmptyState,
    IconLabel,
    Page,
    button,
    column,
    label,
    panel,
    row,
    scroll,
    set_icon,
    tab_widget,
)
from igym_desktop.widgets.broken import BrokenGames
from igym_desktop.widgets.counts import CountsRow
from igym_desktop.widgets.editor import open_in_editor
from igym_desktop.widgets.folders import choose_folder
from igym_desktop.widgets.plain import set_tip
from igym_desktop.windows.connect import ConnectDialog
from igym_desktop.windows.rehearsal import RehearsalDialog

NARROW = 720
"""Of the page, in px."""


class SessionPage(Page):
    """Shows one of: nothing running, starting, running."""

    def __init__(self, launcher: Launcher) -> None:
        self.admission = button(tr("Close admission"), "door-closed", name="admission", on=self._toggle_admission)
        self.message = button(tr("Message all…"), "message", name="message_all", on=self._message_all)
        self.rehearse = button(tr("Rehearse…"), "bot", name="rehearse", on=self._rehearse)
        set_tip(self.rehearse, tr("Send simulated participants through the whole study"))
        self.end = button(tr("End session…"), "stop", kind="danger", name="end_session", on=self._ask_to_end)
        self.annotate = button(tr("Name and note…"), "edit", name="annotate_running", on=self._annotate)
        super().__init__(tr("Session"), "", self.annotate, self.rehearse, self.admission, self.message, self.end)
        self.launcher = launcher
        self._last_session = ""
        self.connecting: ConnectDialog | None = None
        self.actions_of_session = SessionActions(launcher, self)
        self.join = JoinPanel(launcher)
        self.counts = CountsRow()
        self.people = PeoplePanel(launcher, self.actions_of_session)
        self.matches = MatchesPanel(launcher, self.actions_of_session)
        self.problems = ProblemsPanel(launcher)
        self.messages = MessagesPanel(launcher)
        self.conditions = ConditionsPanel(launcher, self.actions_of_session)
        self.seats = SeatsPanel(launcher)
        self.seats.participant_chosen.connect(self._show_person)
        self.tabs = tab_widget()
        for shown, title in (
            (self.people, tr("Participants")),
            (self.matches, tr("Matches and waiting rooms")),
            (self.problems, tr("Problems")),
            (self.seats, tr("Seats")),
            (self.conditions, tr("Conditions")),
            (self.messages, tr("Messages")),
        ):
            self.tabs.addTab(shown, title)
        self._stack = QStackedWidget()
        self._running = QWidget()
        self.unkept = self._unkept_view()
        self.kind_text = label("", "strong", wrap=True)
        self.kind = self._kind_view()
        self.tried = BrokenGames()
        self.broken = Banner()
        self.broken.setObjectName("game_fails")
        self.broken.close_button.hide()
        launcher.games.tried.connect(self._show_broken)
        self._running.setLayout(
            column(
                self.tried,
                self.broken,
                self.unkept,
                self.kind,
                self.join,
                self.counts,
                self.tabs,
                gap=14,
                margins=(0, 0, 2, 0),
            )
        )
        self.tabs.setMinimumHeight(300)
        self._running.layout().setStretch(6, 1)  # type: ignore[union-attr]
        self._idle = self._idle_view()
        self._busy = self._busy_view()
        for view in (self._idle, self._busy, self._running):
            self._stack.addWidget(scroll(view) if view is self._running else view)
        self.server = ServerBar(launcher, self._running)
        self.body.addWidget(self.server)
        self.body.addWidget(self._stack, 1)
        self.tabs.currentChanged.connect(unless_gone(lambda index: self._refresh_seats()))
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._second)
        engine = launcher.engine
        engine.state_changed.connect(self.refresh)
        engine.view_changed.connect(self._view_changed)
        engine.link_changed.connect(self._link_changed)
        engine.failed.connect(self._failed)
        self._view_changed(Difference(everything=True))
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the tabs are wider than the window, arrows lead to the last ones."""
        self.tabs.setUsesScrollButtons(self.width() < NARROW)
        super().resizeEvent(event)

    def refresh(self) -> None:
        """Shows what the engine is doing now."""
        engine = self.launcher.engine
        running = engine.state == "running" and bool(engine.mirror.session)
        busy = engine.alive and not running
        self._stack.setCurrentIndex(2 if running else 1 if busy else 0)
        actions = (self.annotate, self.rehearse, self.admission, self.message, self.end)
        for action in actions:
            action.setVisible(running)
            action.setEnabled(not engine.is_lost)
        self.rehearse.setVisible(running and engine.server is None)
        self.server.refresh()
        (self._clock.start if running else self._clock.stop)()
        self.unkept.setVisible(engine.plan is not None and not engine.plan.keeps_data)
        title = engine.plan.title if engine.plan and engine.alive else tr("Session")
        self.header.title.setText(title)
        self._show_subtitle()
        if engine.alive and self.banner.property("tone") == "stop":
            self.banner.hide()
        self._show_busy()
        self._show_idle()

    def _view_changed(self, difference: Difference) -> None:
        mirror = self.launcher.engine.mirror
        self.people.apply(difference)
        self.matches.refresh()
        self.problems.refresh()
        self.conditions.refresh()
        self.messages.refresh()
        self.tabs.setTabVisible(self.tabs.indexOf(self.conditions), bool(mirror.cells))
        if difference.everything:
            self.seats.start()
        self._refresh_seats()
        self.server.refresh()
        has_ended = self.launcher.engine.server is not None and mirror.session.get("state") == "ended"
        self._name(self.end, tr("Stop the server…") if has_ended else tr("End session…"))
        self.counts.show_counts(mirror.counts, mirror.session.get("expected"))
        self.join.show_url(self.launcher.engine.join_url)
        self._note_session()
        self._show_kind()
        self._show_broken()
        self._show_admission(mirror.session.get("admission") == "closed")
        self._name_tabs()
        if difference.everything:
            self.refresh()

    def _show_admission(self, closed: bool) -> None:
        self.join.show_admission(closed)
        if self._name(self.admission, tr("Open admission") if closed else tr("Close admission")):
            set_icon(self.admission, "door-open" if closed else "door-closed")

    @staticmethod
    def _name(shown: QPushButton, text: str) -> bool:
        """Whether it is another name than before: nothing is drawn again several times a second for nothing."""
        changed = shown.accessibleName() != text
        if changed:
            shown.setText(text)
        return changed

    def _name_tabs(self) -> None:
        mirror = self.launcher.engine.mirror
        matches = sum(1 for match in mirror.matches.values() if match.get("state") != "ended")
        tabs = (
            (tr("Participants"), len(mirror.participants)),
            (tr("Matches and waiting rooms"), matches),
            (tr("Problems"), len(mirror.problems)),
            (tr("Seats"), len(self.seats.map.places)),
            (tr("Conditions"), len(mirror.cells)),
            (tr("Messages"), len(mirror.messages)),
        )
        for index, (title, count) in enumerate(tabs):
            text = f"{title}  {count}" if count else title
            if self.tabs.tabText(index) != text:
                self.tabs.setTabText(index, text)

    def _refresh_seats(self) -> None:
        """Only while it is seen: hundreds of tiles need not be kept current in the dark."""
        if self.tabs.currentWidget() is self.seats:
            self.seats.refresh()

    def _show_person(self, participant: str) -> None:
        self.people.use_filter("all")
        self.people.search.clear()
        self.tabs.setCurrentWidget(self.people)
        self.people.select(participant)

    def _second(self) -> None:
        self._show_subtitle()
        self.people.second()
        self.matches.second()

    def _show_subtitle(self) -> None:
        engine = self.launcher.engine
        started = engine.mirror.session.get("started_at")
        if engine.state != "running" or not started:
            self.header.subtitle.setText("")
            return
        since = time.strftime("%H:%M", time.localtime(started))
        text = tr("Running since {since} · {duration}", since=since, duration=duration_text(time.time() - started))
        text += f" · {engine.mirror.session['name']}" if engine.mirror.session.get("name") else ""
        profile = profile_of(engine.plan.profile) if engine.plan else ""
        text += " · " + tr("profile {name}", name=profile) if profile else ""
        self.header.subtitle.setText(text)

    def _idle_view(self) -> QWidget:
        choose = button(
            tr("Choose an experiment"),
            "experiments",
            kind="primary",
            on=partial(self.launcher.navigate.emit, "experiments"),
        )
        self.resume = button(
            tr("Resume the last session"), "refresh", name="resume_session", on=self.launcher.resume_unfinished
        )
        self.discard = button(tr("Do not resume"), kind="quiet", name="discard_session", on=self._discard)
        self.report = button(tr("Report of the last session"), "page", name="last_report", on=self._show_report)
        there = button(tr("Connect to a server…"), "link", name="connect_server", on=self.ask_for_server)
        self.idle_state = EmptyState("session", "", "", self.report, choose, self.resume, self.discard, there)
        return self.idle_state

    def ask_for_server(self) -> None:
        """A session that runs on another computer."""
        if self.connecting is not None:
            self.connecting.deleteLater()
        self.connecting = ConnectDialog(self.launcher, self.window())
        self.connecting.connected_to.connect(unless_gone(lambda server: self.banner.hide()))
        self.connecting.open()

    def _kind_view(self) -> QWidget:
        layout = row(IconLabel("info", "warn", 22), self.kind_text, gap=10)
        layout.setStretch(1, 1)
        return panel(layout, margin=14)

    def _show_kind(self) -> None:
        """That this is no study, and where its data go."""
        kind = str(self.launcher.engine.mirror.session.get("kind") or "")
        words = kind_words(kind)
        self.kind.setVisible(bool(words))
        if words:
            text = tr(
                "{kind}: the data of this session are kept apart from the study's, in {folder}. For the study, end it "
                "and start a new session.",
                kind=words, folder=kind_folder(kind),
            )  # fmt: skip
            self.kind_text.setText(text)

    def _show_broken(self) -> None:
        """A game that fails: found when it was tried at the start, or told by somebody's browser."""
        engine = self.launcher.engine
        text = now_text(engine.mirror.problems.values())
        if text and (text != self.broken.text.text() or self.broken.isHidden()):
            self.broken.say(
                "stop", text, (tr("Show the problems"), partial(self.tabs.setCurrentWidget, self.problems)),
            )  # fmt: skip
        self.broken.setVisible(bool(text))
        folder = Path(engine.plan.folder) if engine.plan and engine.alive else None
        self.tried.show_broken(folder, self.launcher.games.broken(folder) if folder and not text else ())

    def _unkept_view(self) -> QWidget:
        text = tr(
            "Nothing of this session is kept: “Save data” is off (save_data=False). Its answers and recordings are "
            "removed when it ends, or when the server stops."
        )
        self.unkept_text = label(text, "strong", wrap=True)
        layout = row(IconLabel("warning", "warn", 22), self.unkept_text, gap=10)
        layout.setStretch(1, 1)
        return panel(layout, margin=14)

    def _show_report(self) -> None:
        self.launcher.show_report(self._last_session)

    def _note_session(self) -> None:
        """Which session was seen last, for its report after the end."""
        engine = self.launcher.engine
        is_here = engine.alive and engine.server is None
        if is_here and engine.plan and engine.plan.keeps_data and engine.mirror.session.get("id"):
            self._last_session = str(engine.mirror.session["id"])

    def _show_idle(self) -> None:
        self.report.setVisible(bool(self._last_session))
        plan = None if self.launcher.engine.alive else self.launcher.engine.unfinished()
        self.resume.setVisible(plan is not None)
        self.discard.setVisible(plan is not None)
        if plan:
            self.idle_state.title.setText(tr("A session of {title} can be resumed", title=plan.title))
            self.idle_state.text.setText(
                tr(
                    "It was stopped before it ended. Everyone comes back to the page where they were; nothing that "
                    "was stored is lost."
                )
            )
            return
        self.idle_state.title.setText(tr("No session is running"))
        self.idle_state.text.setText(
            tr(
                "Start an experiment, and this page shows the link for your participants and everything that "
                "happens to them, live."
            )
        )

    def _discard(self) -> None:
        self.launcher.engine.forget_unfinished()
        self._show_idle()

    def _busy_view(self) -> QWidget:
        self._busy_icon = IconLabel("loading", "wait", 40)
        self._busy_title = label("", "heading")
        self._busy_text = label("", "muted")
        self._busy_stop = button(tr("Cancel"), on=partial(self.launcher.engine.stop, end_session=False))
        lines = [
            row(None, item, None) for item in (self._busy_icon, self._busy_title, self._busy_text, self._busy_stop)
        ]
        widget = QWidget()
        widget.setLayout(column(None, *lines, None, None, gap=10))
        return widget

    def _show_busy(self) -> None:
        plan, server = self.launcher.engine.plan, self.launcher.engine.server
        keeps = plan is None or plan.keeps_data
        words = {
            "starting": (tr("Starting the server…"), tr("This takes a few seconds."), True),
            "running": (tr("Connecting to the session…"), tr("The server is running."), True),
            "restarting": (
                tr("The server stopped and is being started again…"),
                tr("Participants wait and come back by themselves. Nothing that was stored is lost.")
                if keeps
                else tr(
                    "“Save data” is off, so nothing of the session is left: a new one begins, and everyone joins "
                    "it anew."
                ),
                True,
            ),
            "stopping": (tr("Stopping…"), tr("Everything is being written to disk."), False),
        }
        if server is not None:
            words["running"] = (tr("Connecting to {server}…", server=server.shown), "", True)
        title, text, can_stop = words.get(self.launcher.engine.state, ("", "", False))
        self._busy_title.setText(title)
        self._busy_text.setText(text)
        self._busy_stop.setVisible(can_stop)

    def _link_changed(self, connected: bool) -> None:
        if self.launcher.engine.server is not None:
            self.refresh()
        elif connected:
            if self.banner.property("tone") == "warn":
                self.banner.hide()
        elif self.launcher.engine.state == "running":
            self.banner.say(
                "warn",
                tr(
                    "The connection to the server was interrupted. What you see may be out of date; it comes back "
                    "by itself."
                ),
            )

    def _failed(self, code: str, text: str, details: dict[str, object]) -> None:
        plan = self.launcher.engine.plan
        if plan is None or self.launcher.engine.server is not None:
            self.banner.say("stop", text, (tr("Connect to a server…"), self.ask_for_server))
            self.refresh()
            return
        actions = [(fix.words, partial(self._fix, fix.kind, fix.value)) for fix in fixes_for(code, plan, details)]
        self.banner.say("stop", text, *actions, details=str(details.get("output") or "")[-1500:])
        self.refresh()

    def _fix(self, kind: str, value: str) -> None:
        if kind == "port":
            self.launcher.restart_with(port=int(value))
        elif kind == "data_folder":
            choose_folder(
                self,
                tr("Choose a folder for the data"),
                lambda folder: self.launcher.restart_with(data_root=str(folder)),
            )
        elif kind == "edit":
            file, _, line = value.rpartition("|")
            open_in_editor(self.launcher.library_path(file), int(line or 1))
        elif kind == "address":
            self.launcher.restart_with(address="")
        elif kind == "attach":
            self.launcher.engine.reattach()
        else:
            self.launcher.navigate.emit(kind)

    def _rehearse(self) -> None:
        self.rehearsal = RehearsalDialog(self.launcher, self)
        self.rehearsal.show()

    def _annotate(self) -> None:
        mirror = self.launcher.engine.mirror
        now = RunningNotes(*(str(mirror.session.get(key) or "") for key in ("name", "note", "kind")))
        has_people = any(not person.get("simulated") for person in mirror.participants.values())
        kinds = (now.kind,) if has_people or now.kind == "rehearsal" else ("study", "pilot", "test")
        send = partial(self.actions_of_session.run, "annotate")
        self.note_dialog = AnnotateDialog(now, kinds, lambda wanted: send(wanted) if wanted else None, self)
        self.note_dialog.open()

    def _toggle_admission(self) -> None:
        closed = self.launcher.engine.mirror.session.get("admission") == "closed"
        self.actions_of_session.run("open_admission" if closed else "close_admission", {})

    def _message_all(self) -> None:
        self.actions_of_session.message_all()

    def _ask_to_end(self) -> None:
        people = list(self.launcher.engine.mirror.participants.values())
        self.actions_of_session.ask_to_end(how_far(people), unfinished_lines(people))
