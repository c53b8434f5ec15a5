"""Matches with their members and stamps, and who waits where."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from igym_desktop import icons
from igym_desktop.alive import unless_gone
from igym_desktop.flow.view import SessionMirror
from igym_desktop.flow.words import duration_text, parity_words, state_words
from igym_desktop.i18n import plural, said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.models.rows import Index, RowsModel
from igym_desktop.pages.session_actions import SessionActions
from igym_desktop.pages.session_match_details import MatchDrawer
from igym_desktop.widgets.basics import action, clear, column, holder, label, panel, row, scroll, tone_colour
from igym_desktop.widgets.table import plain_table


class MatchesModel(RowsModel):
    """Newest match first."""

    def __init__(self, mirror: SessionMirror, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mirror = mirror
        self._titles = [
            tr("Match"),
            tr("Scene"),
            tr("State"),
            tr("Participants"),
            tr("Episode · frame"),
            tr("Data agree"),
            tr("Link"),
            tr("Ended because"),
        ]

    def refresh(self) -> None:
        """Takes the mirror's matches."""
        self.put(list(reversed(self._mirror.matches.values())), key=lambda match: match["id"])

    @property
    def titles(self) -> list[str]:
        """What stands over the columns."""
        return self._titles

    def row_at(self, row: int) -> Mapping[str, Any]:
        """The match in a row."""
        match: Mapping[str, Any] = self.rows[row]
        return match

    def data(self, index: Index, role: int = 0) -> Any:
        match = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(match)[index.column()]
        words = {2: state_words(str(match.get("state", ""))), 5: parity_words(match.get("parity"))}.get(index.column())
        if words and role == Qt.ItemDataRole.DecorationRole:
            return icons.small(words.icon, tone_colour(words.tone))
        return None

    def _texts(self, match: Mapping[str, Any]) -> list[str]:
        episode = match.get("episode")
        people = ", ".join(self._name(str(key)) for key in match.get("participants") or ())
        return [
            str(match.get("id")),
            str(match.get("scene_id") or ""),
            state_words(str(match.get("state", ""))).text,
            people,
            "" if episode is None else f"{int(episode) + 1} · {match.get('frame') or 0}",
            parity_words(match.get("parity")).text,
            {"p2p": tr("Direct"), "relay": tr("Relayed"), "turn": tr("Relayed (TURN)")}.get(
                str(match.get("transport")), ""
            ),
            said(str(match.get("reason") or "")),
        ]

    def _name(self, participant: str) -> str:
        row = self._mirror.participants.get(participant, {})
        return str(row.get("label") or participant)


class MatchesPanel(QWidget):
    """Matches left, waiting rooms right."""

    def __init__(self, launcher: Launcher, actions: SessionActions) -> None:
        super().__init__()
        self.launcher = launcher
        self.actions_of_session = actions
        self.model = MatchesModel(launcher.engine.mirror, self)
        self.table = plain_table("matches", tr("Matches"))
        self.table.setSortingEnabled(False)
        self.table.setModel(self.model)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.want_widths((110, 110, 140, 190, 120, 140, 100, 140), own_words=(1, 3, 7), may_go=(7, 6, 4))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._context_menu)
        self.table.selectionModel().selectionChanged.connect(unless_gone(lambda *_: self._selection_changed()))
        self.details = MatchDrawer(launcher, actions, self.fill_menu)
        self.details.hide()
        self.details.closed.connect(self._details_closed)
        self.no_match = label(tr("No match has been made yet."), "muted")
        self.no_match.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._rooms = column(gap=10)
        rooms = QWidget()
        rooms.setLayout(column(label(tr("Waiting rooms"), "heading"), self._rooms, None, gap=10, margins=(2, 0, 4, 0)))
        self._rooms_area = scroll(rooms)
        self._rooms_area.setFixedWidth(270)
        splitter = QSplitter()
        splitter.addWidget(panel(column(self.table, self.no_match, gap=0), margin=1))
        splitter.addWidget(self.details)
        splitter.addWidget(self._rooms_area)
        splitter.setStretchFactor(0, 1)
        splitter.setHandleWidth(12)
        self.setLayout(column(splitter, margins=(0, 10, 0, 0)))
        self._shown_rooms: list[Any] = [None]

    def refresh(self) -> None:
        """The mirror changed."""
        self.model.refresh()
        empty = self.model.rowCount() == 0
        self.no_match.setVisible(empty)
        self.table.setVisible(not empty)
        self._show_rooms()
        if self.details.match:
            self.details.refresh()
            self._keep_selection()

    def _keep_selection(self) -> None:
        """A new match above moves the rows: the one in the drawer stays chosen."""
        selection = self.table.selectionModel()
        if self.details.match and not selection.hasSelection():
            ids = [str(self.model.row_at(row)["id"]) for row in range(self.model.rowCount())]
            if self.details.match in ids:
                self.table.selectRow(ids.index(self.details.match))

    def _selection_changed(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        self.details.show_match(str(self.model.row_at(rows[0].row())["id"]) if len(rows) == 1 else "")
        self._share_width()

    def _details_closed(self) -> None:
        self.table.clearSelection()
        self._share_width()

    def _share_width(self) -> None:
        """The waiting rooms make place for the details of a match."""
        self._rooms_area.setVisible(self.details.isHidden())

    def second(self) -> None:
        """Keeps the waiting times going."""
        self._shown_rooms = [None]
        self._show_rooms()

    def _show_rooms(self) -> None:
        rooms = [room for room in self.launcher.engine.mirror.waitrooms if room.get("waiting")]
        if rooms == self._shown_rooms:
            return
        self._shown_rooms = rooms
        clear(self._rooms)
        for room in rooms:
            since = room.get("oldest_since")
            waited = duration_text(time.time() - since) if since else "0:00"
            count = plural(int(room["waiting"]), "{n} waiting", "{n} waiting")
            of = tr("of {needed} needed", needed=room.get("needed")) if room.get("needed") else ""
            texts = column(
                label(str(room.get("scene_id")), "strong"),
                row(label(count), label(of, "muted"), None, gap=5),
                label(tr("Longest wait {time}", time=waited), "small"),
                gap=3,
            )
            self._rooms.addWidget(panel(texts, margin=14))
        if not rooms:
            self._rooms.addWidget(holder(row(label(tr("Nobody is waiting."), "muted"), None)))

    def _context_menu(self, at: QPoint) -> None:
        index = self.table.indexAt(at)
        if not index.isValid():
            return
        match = self.model.row_at(index.row())
        menu = QMenu(self)
        self.fill_menu(menu, match)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def fill_menu(self, menu: QMenu, match: Mapping[str, Any]) -> None:
        """What can be done with a match: all its members together."""
        key, paused = str(match["id"]), match.get("state") == "paused"
        ended = match.get("state") == "ended"
        title = tr("Resume match") if paused else tr("Pause match")
        text = (
            tr("Play goes on for all members.")
            if paused
            else tr("Play stands still for all members until you resume it.")
        )
        watch = action(menu, tr("Watch live"), "eye", partial(self.actions_of_session.watch, key))
        watch.setEnabled(not ended)
        command = "resume_match" if paused else "pause_match"
        entry = action(
            menu,
            title,
            "play" if paused else "pause",
            partial(self.actions_of_session.match_command, command, key, title, text),
        )
        entry.setEnabled(not ended)
        stop, why = (
            tr("End match"),
            tr("The match ends for all members; what they played so far is kept and marked as partial."),
        )
        entry = action(menu, stop, "stop", partial(self.actions_of_session.match_command, "end_match", key, stop, why))
        entry.setEnabled(not ended)
