"""One experiment as a card."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QBoxLayout, QMenu, QToolButton, QWidget

from igym_desktop.flow.library import Entry
from igym_desktop.i18n import plural, said, tr
from igym_desktop.widgets.basics import (
    Card,
    IconLabel,
    action,
    button,
    chip,
    column,
    holder,
    icon_button,
    label,
    row,
    set_tone,
)
from igym_desktop.widgets.elided import ElidedText
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.plain import set_tip
from igym_desktop.widgets.thumbnail import Thumbnail

PICTURE_HEIGHT = 152
LISTED_HEIGHT, LISTED_PICTURE = 78, 136
STRONG = 100
"""A stretch beside which all others are nothing."""
LINES, LISTED_LINES, LEAST_LINES = 7, 4, 3
"""Of the description: a study's own may be long, and is whole in the tip."""
MOST = 16_777_215
"""Qt's word for "as wide as you like"."""


class ExperimentCard(Card):
    """Thumbnail, title, description, facts and actions; or the error that keeps it from running."""

    start_wanted = Signal()
    setup_wanted = Signal()
    session_wanted = Signal()
    retry_wanted = Signal()
    editor_wanted = Signal()
    duplicate_wanted = Signal()
    folder_wanted = Signal()
    links_wanted = Signal()
    package_wanted = Signal()
    removal_wanted = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.setObjectName(f"card_{folder.name}")
        self._removals: list[QAction] = []
        self.picture = Thumbnail()
        self.title = label("", "heading", wrap=True)
        self.description = ElidedText(LINES)
        self.players, self.minutes, self.state = chip(""), chip(""), chip("")
        self.start = button(tr("Start"), "play", kind="primary", name=f"start_{folder.name}", on=self._primary)
        self.setup = button(tr("Set up"), name=f"setup_{folder.name}", on=self.setup_wanted.emit)
        self.menu_button = self._menu_button()
        self._fine = self._fine_body()
        self._broken = self._broken_body()
        self._line = column(self.picture, self._fine, self._broken, gap=0, margins=(1, 1, 1, 0))
        self.setLayout(self._line)
        self.show_as(listed=False)
        self.opened.connect(self._primary)
        self._running = self._is_broken = False

    def show_as(self, *, listed: bool) -> None:
        """A card with its picture above, or one line of a list with a small picture before it."""
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        # Whoever is higher than its neighbour in the list has room above and below its small picture.
        self.picture.setFixedHeight(LISTED_HEIGHT if listed else PICTURE_HEIGHT)
        self.picture.setMinimumWidth(LISTED_PICTURE if listed else 0)
        self.picture.setMaximumWidth(LISTED_PICTURE if listed else MOST)
        self._line.setContentsMargins(*((12, 0, 0, 0) if listed else (1, 1, 1, 0)))
        self.picture.show_rounded(whole=listed)
        for part, words in ((self._fine, self._words), (self._broken, self._error)):
            layout = part.layout()
            assert isinstance(layout, QBoxLayout)
            layout.setDirection(beside if listed else below)
            layout.setStretchFactor(words, STRONG if listed else 0)
        self._line.setDirection(beside if listed else below)
        self.description.show_lines(LISTED_LINES if listed else LINES, 1 if listed else LEAST_LINES)
        self.error_text.show_lines(LISTED_LINES if listed else LINES)
        centred = Qt.AlignmentFlag.AlignVCenter if listed else Qt.AlignmentFlag(0)
        self._fine.layout().setAlignment(self._facts, centred)  # type: ignore[union-attr]
        self._line.invalidate()

    def show_entry(self, entry: Entry, *, busy: bool, running: bool, picture: Path) -> None:
        """Shows what is known of the experiment now."""
        self._running, self._is_broken = running, entry.status == "broken"
        self.picture.show_entry(
            entry.folder, entry.experiment_id or entry.folder.name, broken=self._is_broken, picture=picture
        )
        self.title.setText(entry.title)
        self.broken_title.setText(entry.title)
        self.setAccessibleName(entry.title)
        self.setAccessibleDescription(entry.description or said(str(entry.error.get("text", ""))))
        self.description.set_text(entry.description or (tr("Reading…") if entry.status == "reading" else ""))
        self._show_facts(entry)
        self._fine.setVisible(not self._is_broken)
        self._broken.setVisible(self._is_broken)
        self.start.setText(tr("Show session") if running else tr("Start"))
        self._name_buttons(entry.title)
        self.start.setEnabled(entry.status == "ready" and (running or not busy))
        set_tip(self.start, tr("Another session is running. Stop it first.") if busy and not running else "")
        self.setup.setEnabled(entry.status == "ready")
        for removal in self._removals:
            removal.setVisible(entry.source == "own")
        if self._is_broken:
            self._show_error(entry)

    def _name_buttons(self, title: str) -> None:
        """For screen readers: which of many cards a button belongs to."""
        for shown in (self.start, self.setup, *self.findChildren(QToolButton), *self._others):
            words = shown.text().strip() or tr("More actions")
            shown.setAccessibleName(f"{words}: {title}")

    def _primary(self) -> None:
        if self._is_broken:
            self.editor_wanted.emit()
        elif self._running:
            self.session_wanted.emit()
        elif self.start.isEnabled():
            self.start_wanted.emit()

    def _show_facts(self, entry: Entry) -> None:
        scenes = entry.info.get("scenes")
        words = plural(len(scenes), "{n} scene", "{n} scenes") if isinstance(scenes, list) and scenes else ""
        for shown, text in (
            (self.players, entry.players_text),
            (self.minutes, entry.minutes_text),
            (self.state, words),
        ):
            shown.setText(text)
            shown.setVisible(bool(text))
        if self._running:
            self.state.setText(tr("Running"))
        set_tone(self.state, "go" if self._running else "")

    def _show_error(self, entry: Entry) -> None:
        file, line = entry.error_place
        self.error_text.set_text(said(str(entry.error.get("text", ""))))
        place = ""
        if file:
            shown = file.relative_to(entry.folder) if file.is_relative_to(entry.folder) else file
            place = tr("{file}, line {line}", file=shown, line=line) if line else str(shown)
        self.error_place.setText(place)
        set_tip(self.error_place, str(file or ""))
        set_tip(self, said(str(entry.error.get("text", ""))))

    def _fine_body(self) -> QWidget:
        self._words = column(self.title, self.description, gap=4)
        self._facts = holder(FlowLayout(self.players, self.minutes, self.state, gap=6))
        actions = row(self.start, self.setup, None, self.menu_button, gap=8)
        return holder(column(self._words, None, self._facts, actions, gap=10, margins=(16, 12, 12, 13)))

    def _broken_body(self) -> QWidget:
        self.broken_title = label("", "heading", wrap=True)
        self.error_text = ElidedText(LINES)
        self.error_place = label("", "mono", wrap=True, selectable=True)
        mark = row(IconLabel("error", "stop", 16), label(tr("Cannot be loaded"), "error"), None, gap=6)
        edit = button(tr("Open in editor"), "edit", on=self.editor_wanted.emit)
        again = button(tr("Try again"), "refresh", kind="quiet", on=self.retry_wanted.emit)
        self._others = (edit, again)
        self._error = column(self.broken_title, mark, self.error_text, self.error_place, gap=5)
        actions = FlowLayout(edit, again, self._menu_button(), gap=6)
        return holder(column(self._error, None, actions, gap=8, margins=(16, 10, 12, 13)))

    def _menu_button(self) -> QToolButton:
        menu = QMenu(self)
        action(menu, tr("New study from this…"), "duplicate", self.duplicate_wanted.emit)
        action(menu, tr("Save as study package…"), "save", self.package_wanted.emit)
        action(menu, tr("Personal links…"), "link", self.links_wanted.emit, name=f"links_{self.folder.name}")
        action(menu, tr("Open folder"), "folder", self.folder_wanted.emit)
        action(menu, tr("Read again"), "refresh", self.retry_wanted.emit)
        menu.addSeparator()
        self._removals.append(action(menu, tr("Take off this list"), "close", self.removal_wanted.emit))
        more = icon_button("more", tr("More actions"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setMenu(menu)
        return more
