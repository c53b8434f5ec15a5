"""The scenes of a study in their order: choose, add, duplicate, remove, drag; put together what belongs together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from igym_desktop.alive import unless_gone
from igym_desktop.flow import study_edit as edit
from igym_desktop.flow.study_edit import Spot
from igym_desktop.flow.study_kinds import holder_kinds, kind_of, line_title
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import action, button, column, icon_button, row
from igym_desktop.widgets.buttons import set_item_icon
from igym_desktop.widgets.plain import set_tip

WHOLE = "experiment"
KEY = Qt.ItemDataRole.UserRole
SPOT = Qt.ItemDataRole.UserRole + 1


class Tree(QTreeWidget):
    """`dropped(id, from, to)` when a scene was dragged; what the lines show is filled in anew by the owner."""

    dropped = Signal(str, object, object)
    remove_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("timeline")
        self.setAccessibleName(tr("Scenes"))
        self.setHeaderHidden(True)
        self.setIndentation(16)
        self.setIconSize(QSize(18, 18))
        self.setWordWrap(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def dropEvent(self, event: QDropEvent) -> None:
        dragged = self.currentItem()
        spot = self.spot_at(self.itemAt(event.position().toPoint()), self.dropIndicatorPosition())
        # The lines are made anew from the study; the view must not move one of its own.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if dragged is not None and spot is not None and dragged.data(0, KEY) not in (None, WHOLE):
            QTimer.singleShot(0, self, partial(self.dropped.emit, dragged.data(0, KEY), dragged.data(0, SPOT), spot))

    def spot_at(self, target: QTreeWidgetItem | None, where: QAbstractItemView.DropIndicatorPosition) -> Spot | None:
        """Where something dropped on this line goes; behind everything when it is dropped on none."""
        if target is None:
            return Spot()
        if target.data(0, KEY) == WHOLE:
            return Spot(index=0)
        spot: Spot = target.data(0, SPOT)
        if target.data(0, KEY) is None:  # the line of a branch's way
            return Spot(spot.parent, spot.option)
        on = where == QAbstractItemView.DropIndicatorPosition.OnItem
        first = target.child(0)
        if on and first is not None and first.data(0, KEY) is not None:
            return Spot(str(target.data(0, KEY)))
        below = on or where == QAbstractItemView.DropIndicatorPosition.BelowItem
        return Spot(spot.parent, spot.option, spot.index + 1 if below else spot.index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)


class Timeline(QWidget):
    """`chosen(id)` when a line is; `changed(document, what, id)` when the study is to be another, `id` chosen in it."""

    chosen = Signal(str)
    changed = Signal(object, str, str)
    add_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._document: Mapping[str, Any] = {}
        self._place: Spot | None = None
        """Which of a scene's places is chosen."""
        self.tree = Tree()
        self.tree.currentItemChanged.connect(unless_gone(lambda *_: self._current_changed()))
        self.tree.dropped.connect(self._dropped)
        self.tree.remove_wanted.connect(self.remove)
        self.add = button(tr("Add a scene"), "plus", kind="primary", name="add_scene", on=self.add_wanted.emit)
        self.copy = icon_button("duplicate", tr("Duplicate"), self.duplicate, "duplicate_scene")
        self.up = icon_button("up", tr("Move up"), partial(self.step, -1), "scene_up")
        self.down = icon_button("down", tr("Move down"), partial(self.step, 1), "scene_down")
        self.drop = icon_button("trash", tr("Remove"), self.remove, "remove_scene")
        self.group = icon_button("columns", tr("Put into a block, a random order, a branch…"), name="group_scene")
        menu = QMenu(self.group)
        for kind in holder_kinds():
            action(menu, kind.title, kind.icon, partial(self.wrap, kind.kind), name=f"wrap_{kind.kind}", tip=kind.text)
        menu.addSeparator()
        self.take_apart = action(menu, tr("Take apart again"), "move", self.unwrap, name="unwrap")
        menu.setToolTipsVisible(True)
        tip = tr("It keeps its id and stands at several places, for example in each part of a random order.")
        self.once_more = action(
            menu, tr("The same scene once more"), "duplicate", self.again, name="scene_again", tip=tip
        )
        self.group.setMenu(menu)
        self.group.setPopupMode(self.group.ToolButtonPopupMode.InstantPopup)
        tools = row(self.copy, self.up, self.down, self.group, None, self.drop, gap=2, margins=(4, 0, 4, 0))
        self.setLayout(column(self.add, self.tree, tools, gap=6))

    @property
    def chosen_id(self) -> str:
        """The chosen scene; "experiment" for the whole."""
        item = self.tree.currentItem()
        return str(item.data(0, KEY) or item.data(0, SPOT).parent) if item is not None else WHOLE

    @property
    def spot_for_new(self) -> Spot:
        """Behind the chosen scene, inside a chosen holder, or before the end of the whole."""
        item = self.tree.currentItem()
        if item is not None and item.data(0, KEY) is None:
            return Spot(item.data(0, SPOT).parent, item.data(0, SPOT).option)
        known = edit.scenes(self._document)
        if self.chosen_id not in known:
            last = list(self._document.get("order") or ())
            ends = bool(last) and known.get(last[-1], {}).get("kind") == "end"
            return Spot(index=len(last) - 1 if ends else len(last))
        spot = edit.spot_of(self._document, self.chosen_id, self._place)
        return Spot(spot.parent, spot.option, spot.index + 1)

    def show_document(self, document: Mapping[str, Any], chosen: str) -> None:
        """Fills the lines and chooses one."""
        self._document = document
        self.tree.blockSignals(True)
        self.tree.clear()
        whole = QTreeWidgetItem([tr("Whole experiment")])
        set_item_icon(whole, "experiments")
        whole.setData(0, KEY, WHOLE)
        whole.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDropEnabled)
        self.tree.addTopLevelItem(whole)
        lines: dict[tuple[str, str], QTreeWidgetItem] = {("", ""): self.tree.invisibleRootItem()}
        for entry in edit.walk(document):
            parent = lines.get((entry.spot.parent, entry.spot.option)) or self.tree.invisibleRootItem()
            item = self._line(entry, parent)
            lines[(entry.id, "")] = item
            for option in edit.options_of(document, entry.id) if entry.kind == "branch" else ():
                lines[(entry.id, option)] = self._way(entry.id, option, item)
        self.tree.expandAll()
        self.tree.blockSignals(False)
        self.choose(chosen)

    def choose(self, id: str) -> None:
        """As if clicked, at the place chosen before if it stands there; the whole experiment when it is nowhere."""
        lines = [item for item in self._items() if item.data(0, KEY) == id]
        found = next((item for item in lines if item.data(0, SPOT) == self._place), None)
        found = found or next(iter(lines), self.tree.topLevelItem(0))
        if found is not None:
            self.tree.setCurrentItem(found)
        self._current_changed()

    def _items(self) -> list[QTreeWidgetItem]:
        return self.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)

    def _line(self, entry: edit.Item, parent: QTreeWidgetItem) -> QTreeWidgetItem:
        table = edit.scenes(self._document)[entry.id]
        title, places = line_title(entry.id, table), edit.spots_of(self._document, entry.id)
        if len(places) > 1:
            number = places.index(entry.spot) + 1
            title = tr("{title} ({number} of {places})", title=title, number=number, places=len(places))
        item = QTreeWidgetItem(parent, [title])
        set_item_icon(item, kind_of(entry.kind).icon)
        item.setData(0, KEY, entry.id)
        item.setData(0, SPOT, entry.spot)
        told = tr("One scene at {count} places: its options are the same at all of them.", count=len(places))
        set_tip(item, f"{kind_of(entry.kind).title} · {entry.id}" + (f"\n{told}" if len(places) > 1 else ""))
        return item

    def _way(self, branch: str, option: str, parent: QTreeWidgetItem) -> QTreeWidgetItem:
        empty = not edit.ids_at(self._document, Spot(branch, option))
        item = QTreeWidgetItem(parent, [tr("{option}: nothing", option=option) if empty else f"{option}:"])
        item.setData(0, SPOT, Spot(branch, option, 0))
        item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsDragEnabled)
        return item

    def _current_changed(self) -> None:
        item = self.tree.currentItem()
        table = edit.scenes(self._document).get(self.chosen_id)
        is_scene = table is not None and item is not None and item.data(0, KEY) is not None
        self._place = item.data(0, SPOT) if is_scene and item is not None else None
        for shown in (self.copy, self.up, self.down, self.group, self.drop):
            shown.setEnabled(is_scene)
        is_holder = bool(table) and (table or {}).get("kind") in edit.HOLDERS
        self.take_apart.setEnabled(is_holder)
        self.once_more.setEnabled(is_scene and not is_holder)
        self.chosen.emit(self.chosen_id)

    def add_scene(self, kind: str) -> None:
        """A new scene of this kind where the chosen one is."""
        known = kind_of(kind)
        document, id = edit.add(self._document, {"kind": kind, **known.begins}, known.id, self.spot_for_new)
        self.changed.emit(document, tr("Add {what}", what=known.title), id)

    def duplicate(self) -> None:
        """Another like the chosen one."""
        document, id = edit.duplicate(self._document, self.chosen_id, self._place)
        self.changed.emit(document, tr("Duplicate"), id)

    def again(self) -> None:
        """The chosen one at the next place as well."""
        document = edit.again(self._document, self.chosen_id, self._place)
        self.changed.emit(document, tr("The same scene once more"), self.chosen_id)

    def remove(self) -> None:
        """Takes the chosen one out of this place; Undo brings it back."""
        if self._place is None or self.chosen_id not in edit.scenes(self._document):
            return
        before = [item.id for item in edit.walk(self._document)]
        document = edit.remove_from(self._document, self.chosen_id, self._place)
        left = [item.id for item in edit.walk(document)]
        at = before.index(self.chosen_id)
        nearest = next((id for id in [*before[at:], *reversed(before[:at])] if id in left), WHOLE)
        self.changed.emit(document, tr("Remove"), nearest)

    def step(self, by: int) -> None:
        """One place up or down."""
        document, self._place = edit.step(self._document, self.chosen_id, by, self._place)
        self.changed.emit(document, tr("Move"), self.chosen_id)

    def wrap(self, kind: str) -> None:
        """Into a holder of this kind."""
        document, holder = edit.wrap(self._document, self.chosen_id, kind, self._place)
        self.changed.emit(document, kind_of(kind).title, holder)

    def unwrap(self) -> None:
        """A holder's scenes take its place."""
        inner = edit.inside(self._document, self.chosen_id)
        document = edit.unwrap(self._document, self.chosen_id)
        self.changed.emit(document, tr("Take apart again"), inner[0] if inner else WHOLE)

    def _dropped(self, id: str, origin: Spot, spot: Spot) -> None:
        document, self._place = edit.move(self._document, id, spot, origin)
        self.changed.emit(document, tr("Move"), id)
