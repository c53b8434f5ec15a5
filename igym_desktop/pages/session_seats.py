"""The session as the lab sees it: seats in their rows and columns, each with its participant's state."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QMenu, QSizePolicy, QWidget

from igym_desktop.flow.lab_check import last_check
from igym_desktop.flow.seat_map import MOST, Cell, SeatMap, occupants
from igym_desktop.flow.words import ENDED, connection_words, is_gone, state_words
from igym_desktop.i18n import plural, said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.models.participants_filter import needs_attention
from igym_desktop.widgets.basics import Card, IconLabel, action, clear, column, label, restyle, row, scroll
from igym_desktop.widgets.number import NumberLine
from igym_desktop.widgets.plain import set_tip

MIME = "application/x-igym-seat"
TILES_AT_ONCE = 12
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class SeatsPanel(QWidget):
    """Click or Enter opens a seat's participant; dragging, or Ctrl and an arrow key, moves a seat."""

    participant_chosen = Signal(str)

    def __init__(self, launcher: Launcher) -> None:
        super().__init__()
        self.launcher = launcher
        self.map = SeatMap.from_json(launcher.settings.seat_map)
        self.tiles: dict[str, SeatTile] = {}
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._drawn: object = None
        self._undrawn: list[tuple[Cell, str | None]] = []
        self._next_tiles = QTimer(self, singleShot=True, interval=0)
        self._next_tiles.timeout.connect(lambda: self._draw_some(TILES_AT_ONCE))
        self.rows_field = self._size_field(tr("Rows"), self.map.rows)
        self.columns_field = self._size_field(tr("Columns"), self.map.columns)
        hint = label(
            tr("Drag a seat to where it stands in the lab, or use Ctrl and the arrow keys."), "muted", wrap=True
        )
        bar = row(label(tr("Rows")), self.rows_field, 6, label(tr("Columns")), self.columns_field, 14, hint, gap=8)
        bar.setStretch(bar.count() - 1, 1)
        self.nothing = label(
            tr(
                "No seat is known yet. Open the join link with /seat/ and the name of the seat at its end on each "
                "computer, for example /seat/PC07, or run the lab check."
            ),
            "muted",
            wrap=True,
        )
        self._grid = QGridLayout()
        self._grid.setSpacing(10)
        body = QWidget()
        body.setLayout(column(self.nothing, self._grid, None, margins=(0, 2, 6, 8)))
        area = scroll(body)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setLayout(column(bar, area, gap=12, margins=(0, 12, 0, 0)))

    def start(self) -> None:
        """A session began: seats of the lab check are known before anybody sits there."""
        plan = self.launcher.engine.plan
        checked = last_check(plan.data_folder) if plan and self.launcher.engine.server is None else None
        if checked and self.map.take_in(str(seat.get("seat") or "") for seat in checked["seats"]):
            self._keep()

    def refresh(self) -> None:
        """The mirror changed."""
        self._rows = occupants(self.launcher.engine.mirror.participants.values(), ENDED)
        if self.map.take_in(self._rows):
            self._keep()
        if self._drawn != self.map.to_json():
            self._draw()
        for seat, tile in self.tiles.items():
            tile.show_participant(self._rows.get(seat))

    def put(self, seat: str, to: Cell) -> None:
        """Puts a seat into another cell and keeps it there."""
        if self.map.move(seat, to):
            self._keep()
            self._draw()
            self._draw_rest()
            self.refresh()
            self.tiles[seat].setFocus()

    def _size_field(self, name: str, value: int) -> NumberLine:
        field = NumberLine(1, MOST, value)
        field.setAccessibleName(name)
        field.setFixedWidth(64)
        field.editingFinished.connect(self._resize)
        return field

    def _resize(self) -> None:
        rows, columns = self.rows_field.value(), self.columns_field.value()
        if (rows, columns) == (self.map.rows, self.map.columns):
            return
        self.map.resize(rows, columns)
        self._keep()
        self._draw()
        self.refresh()

    def _keep(self) -> None:
        self.launcher.remember(seat_map=self.map.to_json())
        self.rows_field.setText(str(self.map.rows))

    def _draw(self) -> None:
        self._drawn = self.map.to_json()
        clear(self._grid)
        self.tiles = {}
        self.nothing.setVisible(not self.map.places)
        seats = {cell: seat for seat, cell in self.map.places.items()}
        rows, columns = (self.map.rows if seats else 0), self.map.columns
        self._undrawn = [((y, x), seats.get((y, x))) for y in reversed(range(rows)) for x in reversed(range(columns))]
        self._draw_some(TILES_AT_ONCE)

    def _draw_rest(self) -> None:
        self._draw_some(len(self._undrawn))

    def _draw_some(self, tiles: int) -> None:
        """A big lab appears bit by bit: drawn in one go, hundreds of tiles would stop the window for a while."""
        enough = len(self.tiles) + tiles
        while self._undrawn and len(self.tiles) < enough:
            (y, x), seat = self._undrawn.pop()
            made = self._cell((y, x), seat)
            self._grid.addWidget(made, y, x)
            made.show()  # at once: a hidden tile could not take the focus
            self._grid.setColumnStretch(x, 1)
            if seat is not None:
                self.tiles[seat].show_participant(self._rows.get(seat))
        if self._undrawn:
            self._next_tiles.start()

    def _cell(self, cell: Cell, seat: str | None) -> QWidget:
        if seat is None:
            return EmptyCell(partial(self._dropped, cell))
        tile = SeatTile(seat, partial(self._dropped, cell))
        tile.opened.connect(partial(self._open, seat))
        tile.clicked.connect(partial(self._open, seat))
        tile.pushed.connect(lambda dy, dx, cell=cell, seat=seat: self.put(seat, (cell[0] + dy, cell[1] + dx)))
        tile.walked.connect(lambda dy, dx, cell=cell: self._walk(cell, dy, dx))
        tile.forgotten.connect(partial(self._forget, seat))
        self.tiles[seat] = tile
        return tile

    def _walk(self, cell: Cell, dy: int, dx: int) -> None:
        y, x = cell[0] + dy, cell[1] + dx
        while self.map.holds((y, x)):
            seat = self.map.seat_at((y, x))
            if seat in self.tiles:
                self.tiles[seat].setFocus(Qt.FocusReason.TabFocusReason)
                return
            y, x = y + dy, x + dx

    def _open(self, seat: str) -> None:
        person = self._rows.get(seat)
        if person is not None:
            self.participant_chosen.emit(str(person["id"]))

    def _forget(self, seat: str) -> None:
        if seat not in self._rows:
            self.map.forget(seat)
            self._keep()
            self.refresh()

    def _dropped(self, cell: Cell, seat: str) -> None:
        self.put(seat, cell)


class _Target(QFrame):
    """A cell that takes a dragged seat."""

    def __init__(self, dropped: Any) -> None:
        super().__init__()
        self._dropped = dropped
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dropped(bytes(event.mimeData().data(MIME).data()).decode())
        event.acceptProposedAction()


class EmptyCell(_Target):
    """A place where no seat stands."""

    def __init__(self, dropped: Any) -> None:
        super().__init__(dropped)
        self.setProperty("role", "emptyCell")
        self.setMinimumSize(118, 84)


class SeatTile(Card):
    """Seat name, state as icon and word, and a mark when it needs attention."""

    clicked = Signal()
    pushed = Signal(int, int)
    walked = Signal(int, int)
    forgotten = Signal()

    def __init__(self, seat: str, dropped: Any) -> None:
        self._icon = IconLabel("session", "off", 16)
        self._word = label("", "small")
        self._who = label("", "small")
        self._alert_icon = IconLabel("warning", "warn", 14)
        self._alert = label("", "small")
        name = label(seat, "strong")
        for text in (name, self._word, self._who, self._alert):
            text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = row(name, self._alert_icon, gap=4)
        head.setStretch(0, 1)
        state = row(self._icon, self._word, gap=6)
        state.setStretch(1, 1)
        super().__init__(column(head, state, self._who, self._alert, gap=2, margins=(10, 8, 8, 8)))
        self.seat = seat
        self._dropped = dropped
        self._shown: object = self
        self._pressed_at: QPoint | None = None
        self.setAcceptDrops(True)
        self.setMinimumSize(118, 84)
        self.setObjectName(f"seat_{seat}")

    def show_participant(self, person: Mapping[str, Any] | None) -> None:
        """Who sits here, None for nobody."""
        facts = (
            None
            if person is None
            else tuple(person.get(key) for key in ("id", "label", "state", "connection", "warnings", "reason"))
        )
        if facts == self._shown:
            return
        self._shown = facts
        words = state_words(str(person.get("state", ""))) if person else None
        if person and is_gone(person):
            words = connection_words("lost")
        self._icon.show_icon(words.icon if words else "session", words.tone if words else "off")
        self._word.setText(words.text if words else tr("Free"))
        who = str(person.get("label") or person.get("id") or "") if person else ""
        self._who.setText(who if who != self.seat else "")
        alert = alert_text(person) if person else ""
        self._alert.setText(alert)
        self._alert_icon.setVisible(bool(alert))
        tone = "warn" if alert else ""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)
        texts = [self.seat, self._word.text(), self._who.text(), alert]
        self.setAccessibleName(", ".join(filter(None, texts)))
        set_tip(self, "\n".join(filter(None, texts)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _MOVES.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.pushed.emit(*step)
        else:
            self.walked.emit(*step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = None
            self.clicked.emit()
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start = self._pressed_at
        if start is None or (event.position().toPoint() - start).manhattanLength() < QApplication.startDragDistance():
            return
        self._pressed_at = None
        mime = QMimeData()
        mime.setData(MIME, self.seat.encode())
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(self.grab())
        drag.setHotSpot(start)
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._dropped(bytes(event.mimeData().data(MIME).data()).decode())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        menu.popup(event.globalPos())

    def fill_menu(self, menu: QMenu) -> None:
        """What can be done with a seat."""
        action(menu, tr("Show participant"), "user", self.clicked.emit).setEnabled(self._shown is not None)
        action(menu, tr("Remove this seat"), "trash", self.forgotten.emit).setEnabled(self._shown is None)


def alert_text(person: Mapping[str, Any]) -> str:
    """Why this participant needs attention, "" when nothing does."""
    if not needs_attention(person):
        return ""
    if person.get("connection") == "lost":
        return tr("Connection lost")
    if person.get("connection") == "away":
        return tr("Away")
    warnings = int(person.get("warnings") or 0)
    if warnings:
        return plural(warnings, "{n} warning", "{n} warnings")
    return said(str(person.get("reason") or "")) or tr("Needs attention")
