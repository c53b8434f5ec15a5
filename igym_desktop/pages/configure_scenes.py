"""The list of scenes: choose one to edit, switch it off, move it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from igym_desktop.flow.form import Item, items
from igym_desktop.flow.profile_draft import Draft
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import column, icon_button, label, row
from igym_desktop.widgets.buttons import set_item_icon
from igym_desktop.widgets.plain import set_tip

_ICONS = {
    "experiment": "experiments",
    "gym": "game",
    "end": "flag",
    "randomize_order": "refresh",
    "repeat": "refresh",
    "branch": "move",
    "block": "columns",
    "completion_code": "verify",
}
KEY = Qt.ItemDataRole.UserRole
ITEM = Qt.ItemDataRole.UserRole + 1


class SceneList(QWidget):
    """`chosen(key)` when another section is to be shown, `edited` when order or use changed."""

    chosen = Signal(str)
    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = QListWidget()
        self.list.setObjectName("scenes")
        self.list.setAccessibleName(tr("Scenes"))
        self.list.setIconSize(QSize(18, 18))
        self.list.setSpacing(1)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._current_changed)
        self.list.itemChanged.connect(self._ticked)
        self.up = icon_button("up", tr("Move up"), lambda: self._move(-1), "scene_up")
        self.down = icon_button("down", tr("Move down"), lambda: self._move(1), "scene_down")
        hint = label(tr("Untick to leave out"), "small")
        self.setLayout(column(self.list, row(hint, None, self.up, self.down, gap=2, margins=(8, 0, 4, 2)), gap=4))
        self._draft: Draft | None = None
        self._schema: Mapping[str, Any] = {}

    def show_schema(self, schema: Mapping[str, Any], draft: Draft) -> None:
        """Fills the list and chooses the experiment itself."""
        self._schema, self._draft = schema, draft
        self._fill("experiment")

    @property
    def chosen_key(self) -> str:
        """Id of the chosen scene or block; "experiment" for the whole."""
        shown = self.list.currentItem()
        return str(shown.data(KEY)) if self.list.currentRow() >= 0 else "experiment"

    def choose(self, key: str) -> None:
        """As if clicked."""
        for index in range(self.list.count()):
            if self.list.item(index).data(KEY) == key:
                self.list.setCurrentRow(index)

    def show_changes(self) -> None:
        """Marks sections that contain changes."""
        assert self._draft is not None
        changed = {path[1] if path[0] == "scenes" else "experiment" for path in self._draft.values}
        for index in range(self.list.count()):
            item = self.list.item(index)
            font = item.font()
            font.setBold(item.data(KEY) in changed)
            item.setFont(font)
            set_tip(item, tr("Contains changes") if item.data(KEY) in changed else "")

    def _fill(self, current: str) -> None:
        assert self._draft is not None
        self.list.blockSignals(True)
        self.list.clear()
        self._add("experiment", tr("Whole experiment"), "experiment", None)
        for item in self._ordered():
            self._add(item.id, "    " * item.depth + item.title, item.kind, item)
        self.list.blockSignals(False)
        self.choose(current)
        self.show_changes()

    def _ordered(self) -> list[Item]:
        assert self._draft is not None
        blocks: dict[str, list[Item]] = {}
        key = ""
        for item in items(self._schema):
            key = item.id if item.depth == 0 else key
            blocks.setdefault(key, []).append(item)
        return [item for name in self._draft.order for item in blocks.get(name, ())]

    def _add(self, key: str, title: str, kind: str, item: Item | None) -> None:
        assert self._draft is not None
        shown = QListWidgetItem(title)
        set_item_icon(shown, _ICONS.get(kind, "page"))
        shown.setData(KEY, key)
        shown.setData(ITEM, item)
        shown.setSizeHint(QSize(0, 36))
        if item is not None:
            shown.setFlags(shown.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            off = key in self._draft.disabled
            shown.setCheckState(Qt.CheckState.Unchecked if off else Qt.CheckState.Checked)
        self.list.addItem(shown)

    def _current_changed(self, current: QListWidgetItem | None) -> None:
        if current is None:
            return
        item = current.data(ITEM)
        movable = item is not None and item.depth == 0
        self.up.setEnabled(movable)
        self.down.setEnabled(movable)
        self.chosen.emit(current.data(KEY))

    def _ticked(self, shown: QListWidgetItem) -> None:
        if self._draft is None or shown.data(ITEM) is None:
            return
        on = shown.checkState() == Qt.CheckState.Checked
        if on == (shown.data(KEY) in self._draft.disabled):
            self._draft.enable(shown.data(KEY), on)
            self.edited.emit()

    def _move(self, by: int) -> None:
        chosen = [shown.data(KEY) for shown in self.list.selectedItems() if shown.data(ITEM) is not None]
        if self._draft is None or not chosen:
            return
        key = chosen[0]
        if self._draft.move(key, by):
            self._fill(key)
            self.edited.emit()
