"""The live table's order and selection follow what the engine tells, whichever columns it changes."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from igym_desktop.flow.view import SessionMirror
from igym_desktop.models.participants import ParticipantsModel
from igym_desktop.models.participants_filter import ParticipantsFilter

from .fake_engine import participant


class Table:
    def __init__(self, number: int) -> None:
        self.mirror = SessionMirror()
        self.rows = [{**participant(n + 1), "label": f"PC{n + 1}", "state": "playing"} for n in range(number)]
        self.model = ParticipantsModel(self.mirror)
        self.model.apply(self.mirror.snapshot({"participants": self.rows}))
        self.shown = ParticipantsFilter()
        self.shown.setSourceModel(self.model)

    def tell(self, number: int, **changes: Any) -> None:
        row = self.rows[number - 1] = {**self.rows[number - 1], **changes}
        self.model.apply(self.mirror.changes({"participants": [row]}))

    def sort(self, column: str, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.shown.sort(self.model.column_index(column), order)

    @property
    def names(self) -> list[str]:
        return [self.shown.index(row, 0).data() for row in range(self.shown.rowCount())]


@pytest.fixture
def table(qapp: QApplication) -> Table:
    return Table(4)


def test_an_order_by_something_live_follows_every_change(table: Table) -> None:
    for number, rtt in enumerate((40.0, 10.0, 30.0, 20.0), 1):
        table.tell(number, rtt_ms=rtt)
    table.sort("rtt")
    assert table.names == ["PC2", "PC4", "PC3", "PC1"]
    table.tell(1, rtt_ms=5.0)
    assert table.names == ["PC1", "PC2", "PC4", "PC3"]
    table.tell(2, rtt_ms=50.0, frame=9)
    assert table.names == ["PC1", "PC4", "PC3", "PC2"]


def test_an_order_by_something_steady_follows_its_changes_among_live_ones(table: Table) -> None:
    table.sort("who", Qt.SortOrder.DescendingOrder)
    assert table.names == ["PC4", "PC3", "PC2", "PC1"]
    table.tell(1, frame=100, rtt_ms=3.0)
    table.tell(1, frame=200, rtt_ms=4.0)
    assert table.names == ["PC4", "PC3", "PC2", "PC1"]
    table.tell(1, frame=300, label="PC10")
    assert table.names == ["PC10", "PC4", "PC3", "PC2"]
    assert table.shown.index(0, table.model.column_index("progress")).data().endswith("300")


def test_a_chosen_group_follows_states_and_warnings(table: Table) -> None:
    table.sort("who")
    table.shown.use("attention")
    assert table.names == []
    table.tell(3, warnings=1)
    assert table.names == ["PC3"]
    table.shown.use("playing")
    table.tell(2, state="finished")
    assert table.names == ["PC1", "PC3", "PC4"]
    table.shown.search("pc4")
    table.tell(1, label="Pc42")
    assert table.names == ["PC4", "Pc42"]


def test_who_leaves_and_comes_back_is_told_whole(table: Table) -> None:
    table.sort("who")
    table.model.apply(table.mirror.changes({"participants": [], "gone": [table.rows[0]["id"]]}))
    assert table.names == ["PC2", "PC3", "PC4"]
    table.tell(1, state="finished")
    assert table.names == ["PC1", "PC2", "PC3", "PC4"]
    assert table.shown.index(0, table.model.column_index("state")).data() == "Finished"
