"""What has been recorded: the list of sessions, and the chosen one below it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTableView, QWidget

from igym_desktop.alive import unless_gone
from igym_desktop.background import in_background
from igym_desktop.flow.sessions import Listing, StoredSession, list_sessions
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.models.sessions import THING_ROLE, ThingsModel, session_columns
from igym_desktop.pages.data_server import ServerFiles
from igym_desktop.pages.data_session import StoredSessionPanel
from igym_desktop.pages.data_tables import sorted_table
from igym_desktop.widgets.basics import EmptyState, Page, button, column, label, panel, row
from igym_desktop.widgets.folders import show_folder
from igym_desktop.widgets.search_line import SearchLine


class DataPage(Page):
    """Reads the disk when it is shown; never writes by itself."""

    def __init__(self, launcher: Launcher) -> None:
        refresh = button(tr("Refresh"), "refresh", name="refresh_data", on=self.reload)
        folder = button(tr("Open data folder"), "folder", name="open_data", on=self._open_root)
        super().__init__(tr("Data"), "", refresh, folder)
        self.launcher = launcher
        self._round = 0
        self._root: Path | None = None
        """Where what is listed, or being read, lies."""
        self._reported = self._fetched = ""
        self.sessions = ThingsModel(session_columns(), self)
        self.session_proxy, self.table = sorted_table("sessions", tr("Sessions"), self.sessions, self)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(unless_gone(lambda *_: self._selected()))
        self.session = StoredSessionPanel(launcher, self)
        self.session.changed.connect(self.reload)
        self.search = SearchLine(tr("Search sessions"), 320)
        self.search.textChanged.connect(self.session_proxy.setFilterFixedString)
        self.count = label("", "muted")
        choose = button(
            tr("Choose an experiment"), "experiments", kind="primary", on=partial(launcher.navigate.emit, "experiments")
        )
        self.nothing = EmptyState(
            "data", tr("No data yet"), tr("Every session you run appears here with its participants and files."), choose
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(self._listed_view())
        self.server = ServerFiles(launcher, self)
        self.server.fetched.connect(self.show_when_listed)
        self.body.addWidget(self.server)
        self.body.addWidget(self._stack, 1)
        launcher.settings_changed.connect(self._settings_changed)
        launcher.report_wanted.connect(self.report_on)
        launcher.engine.state_changed.connect(self._engine_state)

    @property
    def chosen(self) -> StoredSession | None:
        """The session that is shown below the list."""
        return self.session.session

    def shown(self) -> None:
        """Somebody looks: read the disk again."""
        engine = self.launcher.engine
        if engine.alive and engine.plan and not engine.plan.keeps_data:
            text = tr(
                "The session that is running is not listed: “Save data” is off (save_data=False), nothing is kept."
            )
            self.banner.say("info", text)
        elif self.banner.property("tone") == "info":
            self.banner.hide()
        self.reload()

    def reload(self) -> None:
        """Reads all sessions in the background."""
        self._round += 1
        self._root = root = self.launcher.data_root
        current_round = self._round
        self.header.subtitle.setText(str(root))
        in_background(partial(list_sessions, root), self._listed, wanted=lambda: current_round == self._round)

    def select(self, session: str) -> None:
        """Chooses one session, as if clicked."""
        index = next(i for i, thing in enumerate(self.sessions.rows) if thing.id == session)
        self.table.selectRow(self.session_proxy.mapFromSource(self.sessions.index(index, 0)).row())

    def report_on(self, session: str) -> None:
        """Chooses a session as soon as it is listed, and shows its report."""
        self._reported = session
        self.reload()

    def show_when_listed(self, session: str) -> None:
        """Chooses a session as soon as it is listed."""
        self._fetched = session
        self.reload()

    def _listed(self, listing: Listing) -> None:
        keep = self.chosen
        self.sessions.show_things(listing.sessions)
        self._hide_empty_columns()
        self._stack.setCurrentIndex(1 if listing.sessions else 0)
        counted = plural(len(listing.sessions), "{n} session", "{n} sessions")
        erased = plural(listing.erased, "{n} deleted", "{n} deleted") if listing.erased else ""
        self.count.setText(" · ".join(part for part in (counted, erased) if part))
        if listing.unreadable:
            names = ", ".join(folder.name for folder in listing.unreadable)
            self.banner.say(
                "warn",
                tr("These folders could not be read: {names}", names=names),
                details="\n".join(listing.unreadable.values()),
            )
        if listing.sessions:
            ids = [session.id for session in listing.sessions]
            self.select(keep.id if keep and keep.id in ids else ids[0])
            if self._fetched in ids:
                self.select(self._fetched)
                self._fetched = ""
            if self._reported in ids:
                self.select(self._reported)
                self._reported = ""
                self.session.show_report()

    def _hide_empty_columns(self) -> None:
        """Names, kinds, partial episodes: a column in which no session says anything takes room from the others."""
        for index, shown in enumerate(self.sessions.columns):
            self.table.setColumnHidden(index, not any(shown.text(session) for session in self.sessions.rows))
        self.table.share_width()

    def _listed_view(self) -> QWidget:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(panel(column(self.table), margin=1))
        splitter.addWidget(panel(column(self.session), margin=0))
        splitter.setSizes([180, 520])
        splitter.setHandleWidth(12)
        splitter.setChildrenCollapsible(False)
        view = QWidget()
        layout = column(row(self.search, None, self.count), splitter, gap=12)
        layout.setStretch(1, 1)
        view.setLayout(layout)
        return view

    def _selected(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        self.session.show_session(rows[0].data(THING_ROLE) if rows else None)

    def _engine_state(self, state: str) -> None:
        if self.isVisible() and state == "stopped":
            self.reload()

    def _settings_changed(self) -> None:
        if self.isVisible() and self.launcher.data_root != self._root:
            self.reload()

    def _open_root(self) -> None:
        self.launcher.data_root.mkdir(parents=True, exist_ok=True)
        show_folder(self.launcher.data_root)
