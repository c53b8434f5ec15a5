"""The live table's order and selection follow what the engine tells, whichever columns it changes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QTableView

from igym_desktop.flow.view import SessionMirror
from igym_desktop.flow.words import connection_words
from igym_desktop.models.participants import ParticipantsModel

from .fake_engine import participant


class Table:
    def __init__(self, number: int) -> None:
        self.mirror = SessionMirror()
        self.rows = [{**participant(n + 1), "label": f"PC{n + 1}", "state": "playing"} for n in range(number)]
        self.model = ParticipantsModel(self.mirror)
        self.model.apply(self.mirror.snapshot({"participants": self.rows}))

    def tell(self, number: int, **changes: Any) -> None:
        row = self.rows[number - 1] = {**self.rows[number - 1], **changes}
        self.model.apply(self.mirror.changes({"participants": [row]}))

    def sort(self, column: str, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.model.sort(self.model.column_index(column), order)

    @property
    def names(self) -> list[str]:
        return [self.model.index(row, 0).data() for row in range(self.model.rowCount())]


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
    assert table.model.index(0, table.model.column_index("progress")).data().endswith("300")


def test_a_chosen_group_follows_states_and_warnings(table: Table) -> None:
    table.sort("who")
    table.model.use("attention")
    assert table.names == []
    table.tell(3, warnings=1)
    assert table.names == ["PC3"]
    table.model.use("playing")
    table.tell(2, state="finished")
    assert table.names == ["PC1", "PC3", "PC4"]
    table.model.search("pc4")
    table.tell(1, label="Pc42")
    assert table.names == ["PC4", "Pc42"]


def test_chosen_people_stay_chosen_whatever_moves_around_them(table: Table) -> None:
    seen = QTableView()
    seen.setModel(table.model)
    table.sort("who")
    seen.selectRow(2)
    chosen = seen.selectionModel()
    table.sort("who", Qt.SortOrder.DescendingOrder)
    assert [index.row() for index in chosen.selectedRows()] == [1]
    table.model.apply(
        table.mirror.changes(
            {"participants": [{**table.rows[0], "id": f"ZZ{n}", "label": f"ZZ{n}"} for n in range(3)], "gone": ["P004"]}
        )
    )
    assert table.names == ["ZZ2", "ZZ1", "ZZ0", "PC3", "PC2", "PC1"]
    assert [table.names[index.row()] for index in chosen.selectedRows()] == ["PC3"]
    table.model.search("zz")
    assert table.names == ["ZZ2", "ZZ1", "ZZ0"] and not chosen.hasSelection()


def test_what_a_view_hears_leads_to_what_the_model_says(table: Table) -> None:
    """A second model that only listens to the signals ends up with the same rows."""
    copy = QSortFilterProxyModel()
    copy.setSourceModel(table.model)
    checked = QAbstractItemModelTester(table.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rng = random.Random(5)
    table.sort("rtt")
    for turn in range(60):
        rows = [
            {**rng.choice(table.rows), "id": f"P{n:03d}", "label": f"PC{n}", "rtt_ms": rng.uniform(1, 50)}
            for n in rng.sample(range(1, 30), 6)
        ]
        gone = [f"P{n:03d}" for n in rng.sample(range(1, 30), 4)]
        table.model.apply(table.mirror.changes({"participants": rows, "gone": gone}))
        if turn % 7 == 0:
            table.model.search(rng.choice(("", "pc1", "2", "nobody")))
        names = [copy.index(row, 0).data() for row in range(copy.rowCount())]
        assert names == table.names
    assert checked.model() is table.model


def test_a_search_finds_words_and_leaves_figures_alone(table: Table) -> None:
    table.sort("who")
    table.tell(2, rtt_ms=777.0, frame=777, browser="Firefox 777")
    table.tell(3, rtt_ms=777.0, frame=777)
    table.model.search("777")
    assert table.names == ["PC2"]
    table.tell(2, browser="Chromium", connection="lost")
    assert table.names == []
    table.model.search(connection_words("lost").text.upper())
    assert table.names == ["PC2"]


def test_who_leaves_and_comes_back_is_told_whole(table: Table) -> None:
    table.sort("who")
    table.model.apply(table.mirror.changes({"participants": [], "gone": [table.rows[0]["id"]]}))
    assert table.names == ["PC2", "PC3", "PC4"]
    table.tell(1, state="finished")
    assert table.names == ["PC1", "PC2", "PC3", "PC4"]
    assert table.model.index(0, table.model.column_index("state")).data() == "Finished"
