"""What has been recorded: sessions, their participants, export, verification."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QProgressBar, QSplitter, QStackedWidget, QTableView, QWidget

from igym_desktop.background import in_background
from igym_desktop.flow.export_plan import formats
from igym_desktop.flow.sessions import Listing, StoredSession, Verification, folder_size, list_sessions, verify
from igym_desktop.flow.words import size_text, state_words
from igym_desktop.i18n import plural, tr
from igym_desktop.icons import icon
from igym_desktop.launcher import Launcher
from igym_desktop.models.sessions import SORT_ROLE, THING_ROLE, ThingsModel, person_columns, session_columns
from igym_desktop.session_export import SessionExport
from igym_desktop.theme import current
from igym_desktop.widgets.bars import Bars
from igym_desktop.widgets.basics import EmptyState, Page, action, button, column, holder, label, menu_button, panel, row
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.folders import show_folder
from igym_desktop.widgets.table import plain_table


class DataPage(Page):
    """Sessions above, the chosen one below."""

    def __init__(self, launcher: Launcher) -> None:
        refresh = button(tr("Refresh"), "refresh", name="refresh_data", on=self.reload)
        folder = button(tr("Open data folder"), "folder", name="open_data", on=self._open_root)
        super().__init__(tr("Data"), "", refresh, folder)
        self.launcher = launcher
        self.chosen: StoredSession | None = None
        self._round = 0
        self.export: SessionExport | None = None
        self.sessions = ThingsModel(session_columns(), self)
        self.people = ThingsModel(person_columns(), self)
        self.session_proxy, self.table = self._table("sessions", tr("Sessions"), self.sessions)
        self.people_proxy, self.people_table = self._table("stored_people", tr("Participants"), self.people)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search sessions"))
        self.search.setAccessibleName(tr("Search sessions"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", current().muted), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setFixedWidth(320)
        self.search.textChanged.connect(self._search)
        self.count = label("", "muted")
        choose = button(
            tr("Choose an experiment"), "experiments", kind="primary", on=partial(launcher.navigate.emit, "experiments")
        )
        self.nothing = EmptyState(
            "data", tr("No data yet"), tr("Every session you run appears here with its participants and files."), choose
        )
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(panel(column(self.table), margin=1))
        splitter.addWidget(self._details())
        splitter.setSizes([220, 460])
        splitter.setHandleWidth(12)
        splitter.setChildrenCollapsible(False)
        listed = QWidget()
        listed.setLayout(column(row(self.search, None, self.count), splitter, gap=12))
        listed.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self._stack = QStackedWidget()
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(listed)
        self.body.addWidget(self._stack, 1)
        launcher.settings_changed.connect(self.reload)
        launcher.engine.state_changed.connect(
            lambda state: self.reload() if self.isVisible() and state == "stopped" else None
        )

    def shown(self) -> None:
        """Somebody looks: read the disk again."""
        self.reload()

    def reload(self) -> None:
        """Reads all sessions in the background."""
        self._round += 1
        root, current_round = self.launcher.data_root, self._round
        self.header.subtitle.setText(str(root))
        in_background(partial(list_sessions, root), lambda listing: self._listed(current_round, listing))

    def _listed(self, current_round: int, listing: Listing) -> None:
        if current_round != self._round:
            return
        keep = self.chosen
        self.sessions.show_things(listing.sessions)
        self._stack.setCurrentIndex(1 if listing.sessions else 0)
        self.count.setText(plural(len(listing.sessions), "{count} session", "{count} sessions"))
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

    def select(self, session: str) -> None:
        """Chooses one session, as if clicked."""
        index = next(i for i, thing in enumerate(self.sessions.things) if thing.id == session)
        self.table.selectRow(self.session_proxy.mapFromSource(self.sessions.index(index, 0)).row())

    def run_export(self, name: str) -> None:
        """Writes the chosen session in one format."""
        if self.chosen is None or self.export is not None:
            return
        self.export = SessionExport(self.launcher, self.chosen, name, self)
        self.export.progress.connect(self._export_progress)
        self.export.finished.connect(self._export_finished)
        self.progress_text.setText(tr("Exporting…"))
        self.progress.setRange(0, 0)
        self._progress_line.show()
        self.export.start()
        self._show_buttons()

    def _export_progress(self, done: int, total: int, what: str) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress_text.setText(tr("{done} of {total}: {what}", done=done, total=total, what=what))

    def _export_finished(self, ok: bool, text: str, folder: str) -> None:
        self.export = None
        self._progress_line.hide()
        actions = [(tr("Open folder"), partial(show_folder, Path(folder)))] if folder else []
        self.banner.say("go" if ok else "stop", text, *actions)
        self._show_buttons()

    def _details(self) -> QWidget:
        self.title = label("", "heading")
        self.facts = label("", "muted", wrap=True, selectable=True)
        self.open_button = button(tr("Open folder"), "folder", name="open_session", on=self._open_session)
        menu = QMenu(self)
        for name, words in formats():
            action(menu, words, "export", partial(self.run_export, name), name=f"export_{name}")
        self.export_button = menu_button(tr("Export"), "export", menu)
        self.export_button.setObjectName("export")
        self.verify_button = button(tr("Verify files"), "verify", name="verify", on=self._verify)
        self.resume_button = button(tr("Resume session"), "play", name="resume_stored", on=self._resume)
        self.outcome = Bars()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress_text = label("", "muted")
        cancel = button(tr("Cancel"), on=lambda: self.export.cancel() if self.export else None)
        self._progress_line = QWidget()
        self._progress_line.setLayout(row(self.progress, self.progress_text, cancel, gap=12))
        buttons = FlowLayout(self.resume_button, self.verify_button, self.open_button, self.export_button, gap=8)
        head = column(self.title, self.facts, holder(buttons), gap=5)
        inner = column(head, self._progress_line, self.outcome, self.people_table, gap=10, margins=(16, 14, 16, 8))
        inner.setStretch(3, 1)
        shown = QWidget()
        shown.setLayout(inner)
        self._progress_line.hide()
        return panel(column(shown), margin=0)

    def _table(self, name: str, title: str, model: ThingsModel) -> tuple[QSortFilterProxyModel, QTableView]:
        proxy = QSortFilterProxyModel(self)
        proxy.setSourceModel(model)
        proxy.setSortRole(SORT_ROLE)
        proxy.setFilterKeyColumn(-1)
        proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        table = plain_table(name, title)
        table.setModel(proxy)
        for index, shown in enumerate(model.columns):
            table.setColumnWidth(index, shown.width)
        table.horizontalHeader().setStretchLastSection(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        return proxy, table

    def _search(self, text: str) -> None:
        self.session_proxy.setFilterFixedString(text)

    def _selected(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        self.chosen = rows[0].data(THING_ROLE) if rows else None
        session = self.chosen
        self._show_buttons()
        if session is None:
            return
        self.title.setText(session.title)
        self._show_facts(session, "")
        self.people.show_things(session.people)
        self.outcome.show_values(
            [
                (state_words(name).text, count, state_words(name).tone)
                for name, count in session.outcomes().most_common()
            ]
        )
        in_background(partial(folder_size, session.folder), lambda size: self._show_facts(session, size_text(size)))

    def _show_facts(self, session: StoredSession, size: str) -> None:
        if session is self.chosen:
            parts = [session.id, str(session.folder), tr("{size} in this folder", size=size) if size else ""]
            self.facts.setText("  ·  ".join(part for part in parts if part))

    def _show_buttons(self) -> None:
        session = self.chosen
        for shown in (self.open_button, self.verify_button):
            shown.setEnabled(session is not None)
        self.export_button.setEnabled(session is not None and self.export is None)
        is_open = session is not None and session.state != "ended" and not self.launcher.engine.alive
        self.resume_button.setVisible(is_open and self._entry_for(session) is not None)

    def _entry_for(self, session: StoredSession | None) -> object:
        found = [
            entry
            for entry in self.launcher.library.entries.values()
            if session and entry.experiment_id == session.experiment_id
        ]
        return found[0] if found else None

    def _resume(self) -> None:
        if self.chosen:
            self.launcher.resume_stored(self.chosen.experiment_id, self.chosen.id)

    def _verify(self) -> None:
        if self.chosen is None:
            return
        self.verify_button.setEnabled(False)
        self.verify_button.setText(tr("Verifying…"))
        in_background(
            partial(verify, self.chosen.folder),
            self._verified,
            lambda error: self._verified(Verification(False, str(error))),
        )

    def _verified(self, found: Verification) -> None:
        self.verify_button.setText(tr("Verify files"))
        self.verify_button.setEnabled(True)
        self.banner.say("go" if found.ok else "stop", found.text)

    def _open_session(self) -> None:
        if self.chosen:
            show_folder(self.chosen.folder)

    def _open_root(self) -> None:
        self.launcher.data_root.mkdir(parents=True, exist_ok=True)
        show_folder(self.launcher.data_root)
