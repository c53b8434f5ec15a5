"""The live table of participants with search, filters, columns, actions and a drawer for one person."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QButtonGroup, QMenu, QSplitter, QWidget

from igym_desktop.alive import unless_gone
from igym_desktop.flow.view import Difference
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.models.participants import HISTORY_ROLE, ROW_ROLE, ParticipantsModel
from igym_desktop.models.participants_filter import FILTERS
from igym_desktop.pages.session_actions import SessionActions
from igym_desktop.pages.session_details import DetailsDrawer
from igym_desktop.widgets.basics import button, column, holder, icon_button, label, menu_button, panel, row
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.folders import choose_save_file
from igym_desktop.widgets.search_line import SearchLine
from igym_desktop.widgets.table import SparklineDelegate, plain_table, safe_cell

NARROW = 720


class PeoplePanel(QWidget):
    """Table on the left, details of the selected person on the right."""

    def __init__(self, launcher: Launcher, actions: SessionActions) -> None:
        super().__init__()
        self.launcher = launcher
        self.actions_of_session = actions
        self.model = ParticipantsModel(launcher.engine.mirror, self)
        self.table = plain_table("participants", tr("Participants"), steady=True)
        self._set_up_table()
        self.search = SearchLine(tr("Search participants"), 190)
        self.search.textChanged.connect(self.model.search)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        self.nobody = label(tr("Nobody has joined yet. Share the link above."), "muted")
        self.nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.details = DetailsDrawer(launcher, actions)
        self.details.hide()
        self.details.closed.connect(self._details_closed)
        splitter = QSplitter()
        self._table_panel = panel(column(self.table, self.nobody, gap=0), margin=1)
        splitter.addWidget(self._table_panel)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(12)
        splitter.setSizes([900, 440])
        self.setLayout(column(self._toolbar(), splitter, gap=10, margins=(0, 10, 0, 0)))
        self.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self._show_nobody()

    def apply(self, difference: Difference) -> None:
        """The mirror changed."""
        self.model.apply(difference)
        if self._has_seats() and not self._with_seats:
            self._show_columns()
            self._share_width()
        self._show_nobody()
        if self.details.participant:
            self.details.refresh()

    def second(self) -> None:
        """Keeps waiting times going."""
        self.model.refresh_waiting()

    def selected(self) -> list[Mapping[str, Any]]:
        """The chosen participants' rows."""
        return [index.data(ROW_ROLE) for index in self.table.selectionModel().selectedRows()]

    def select(self, participant: str) -> None:
        """Chooses one participant, as if clicked."""
        index = self.model.index(self.model.row_of(participant), 0)
        mode = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(index, mode)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._share_width()
        super().resizeEvent(event)

    def _share_width(self) -> None:
        """In a narrow window the details take the table's place until they are closed."""
        self._table_panel.setVisible(self.width() >= NARROW or self.details.isHidden())
        chosen = self._chosen_columns()
        self.table.let_go([] if self.details.isHidden() else chosen[:0:-1])  # the details say what stands in them

    def use_filter(self, name: str) -> None:
        """One of the named filters."""
        self.model.use(name)
        self.filters[name].setChecked(True)

    def _set_up_table(self) -> None:
        self.table.setModel(self.model)
        self.table.sortByColumn(self.model.column_index("joined"), Qt.SortOrder.AscendingOrder)
        self.table.setItemDelegateForColumn(self.model.column_index("rtt"), SparklineDelegate(HISTORY_ROLE, self.table))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._context_menu)
        self.table.selectionModel().selectionChanged.connect(unless_gone(lambda *_: self._selection_changed()))
        self.table.horizontalHeader().setStretchLastSection(True)
        room = self.table.width_of
        self.table.want_widths([max(shown.width, *map(room, shown.says), 0) for shown in self.model.columns])
        self._show_columns()

    def _show_columns(self) -> None:
        """Those somebody chose; else the usual ones, seats among them in a lab that has some."""
        self._with_seats = self._has_seats()
        chosen = set(self._chosen_columns())
        for index in range(len(self.model.columns)):
            self.table.setColumnHidden(index, index not in chosen)
        self.table.share_width()

    def _chosen_columns(self) -> list[int]:
        chosen, columns = self.launcher.settings.shown_columns, list(enumerate(self.model.columns))
        usual = {index: shown.shown or (shown.key == "seat" and self._with_seats) for index, shown in columns}
        return [index for index, shown in columns if chosen.get(shown.key, usual[index])]

    def _has_seats(self) -> bool:
        people = self.launcher.engine.mirror.participants.values()
        return bool(self.launcher.settings.seat_map) or any(person.get("seat") for person in people)

    def _toolbar(self) -> Any:
        group = QButtonGroup(self)
        self.filters = {}
        words = {
            "all": tr("All"),
            "active": tr("Active"),
            "waiting": tr("Waiting"),
            "playing": tr("Playing"),
            "attention": tr("Needs attention"),
            "ended": tr("Ended"),
        }
        for name in FILTERS:
            chip = button(words[name], kind="chip", name=f"filter_{name}", on=partial(self.model.use, name))
            chip.setCheckable(True)
            group.addButton(chip)
            self.filters[name] = chip
        self.filters["all"].setChecked(True)
        self.act_menu = QMenu(self)
        self.act = menu_button(tr("Actions"), "", self.act_menu)
        self.act.setEnabled(False)
        self.act_menu.aboutToShow.connect(lambda: self.actions_of_session.menu_for(self.selected(), self.act_menu))
        columns_menu = QMenu(self)
        columns_menu.aboutToShow.connect(partial(self._fill_columns_menu, columns_menu))
        columns = icon_button("columns", tr("Choose columns"))
        columns.setPopupMode(columns.ToolButtonPopupMode.InstantPopup)
        columns.setMenu(columns_menu)
        save = icon_button("download", tr("Save this table"), self._ask_to_save, "save_table")
        right = row(self.act, columns, save, gap=4)
        bar = row(holder(FlowLayout(self.search, *self.filters.values())), right, gap=10)
        bar.setStretch(0, 1)
        bar.setAlignment(right, Qt.AlignmentFlag.AlignTop)
        return bar

    def _fill_columns_menu(self, menu: QMenu) -> None:
        menu.clear()
        chosen = self._chosen_columns()
        for index, shown in enumerate(self.model.columns):
            entry = menu.addAction(shown.title)
            entry.setCheckable(True)
            entry.setChecked(index in chosen)
            entry.toggled.connect(partial(self._choose_column, index))

    def _choose_column(self, index: int, on: bool) -> None:
        """Kept for the next sessions."""
        chosen = {**self.launcher.settings.shown_columns, self.model.columns[index].key: on}
        self.launcher.remember(shown_columns=chosen)
        self.table.let_go([])
        self._show_columns()
        self._share_width()

    def _context_menu(self, at: QPoint) -> None:
        if self.selected():
            self.actions_of_session.menu_for(self.selected(), self.act_menu)
            self.act_menu.popup(self.table.viewport().mapToGlobal(at))

    def _details_closed(self) -> None:
        self._share_width()
        self.table.clearSelection()

    def _selection_changed(self) -> None:
        rows = self.selected()
        self.act.setEnabled(bool(rows))
        if len(rows) == 1:
            self.details.show_participant(str(rows[0]["id"]))
        else:
            self.details.show_participant("")
        self._share_width()

    def _show_nobody(self) -> None:
        empty = self.model.rowCount() == 0
        self.nobody.setVisible(empty)
        self.table.setVisible(not empty)

    def _ask_to_save(self) -> None:
        choose_save_file(self, tr("Save this table"), "participants.csv", "CSV (*.csv)", self._save)

    def _save(self, path: Path) -> None:
        try:
            self.save_table(path)
        except OSError as error:
            text = tr("The table could not be saved: {why}", why=error.strerror or error)
            self.actions_of_session.page.banner.say("stop", text)

    def save_table(self, path: Path) -> None:
        """Writes the rows and columns as shown."""
        header = self.table.horizontalHeader()
        order = [header.logicalIndex(visual) for visual in range(header.count())]
        chosen = self._chosen_columns()
        shown = [index for index in order if index in chosen]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([self.model.columns[index].title for index in shown])
            for line in range(self.model.rowCount()):
                writer.writerow([safe_cell(str(self.model.index(line, index).data() or "")) for index in shown])
