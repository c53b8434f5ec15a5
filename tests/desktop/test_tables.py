"""Tables take the width there is, and are whole in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QApplication, QWidget

from igym_desktop import theme
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.i18n import available_languages, use_language
from igym_desktop.models.sessions import ThingsModel, session_columns
from igym_desktop.pages.data_tables import sorted_table
from igym_desktop.widgets.table import WideTable

WIDTH = 1090
"""What the list of sessions has in a window of 1366 px."""


@pytest.fixture(params=available_languages())
def table(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[WideTable]:
    """The list of sessions as the Data page shows it, without its empty columns."""
    use_language(request.param)
    before = qapp.styleSheet(), qapp.font()
    qapp.setFont(theme.base_font())
    theme.apply_theme(qapp, dark=False)
    session = StoredSession(
        Path("/data/duel"), "s-1", "trust", "Trust between partners", 1e9, 1e9 + 4000, "ended", matches=12,
        size_bytes=35_000_000, kind="rehearsal", name="Monday, second group", parity={"identical": 12},
    )  # fmt: skip
    holder = QWidget()
    model = ThingsModel(session_columns(), holder)
    proxy, shown = sorted_table("sessions", "Sessions", model, holder)
    model.show_things([session])
    for index, column in enumerate(model.columns):
        shown.setColumnHidden(index, not column.text(session))
    shown.resize(WIDTH, 120)
    shown.show()
    qapp.processEvents()
    assert isinstance(proxy, QSortFilterProxyModel)
    yield shown
    shown.close()
    qapp.setStyleSheet(before[0])
    qapp.setFont(before[1])
    use_language("en")


def whole(table: WideTable) -> bool:
    head = table.horizontalHeader()
    shown = [index for index in range(head.count()) if not table.isColumnHidden(index)]
    return all(table.columnWidth(index) >= head.sectionSizeHint(index) for index in shown)


def test_the_sessions_fit_a_small_screen_without_scrolling(table: WideTable) -> None:
    assert table.horizontalScrollBar().maximum() == 0 and whole(table)


def test_a_column_has_room_for_the_arrow_when_it_sorts(table: WideTable, qapp: Any) -> None:
    before = table.horizontalHeader().sectionSizeHint(6)
    table.sortByColumn(6, Qt.SortOrder.AscendingOrder)
    qapp.processEvents()
    qapp.processEvents()
    assert table.horizontalHeader().sectionSizeHint(6) > before and whole(table)
    assert table.horizontalScrollBar().maximum() == 0


def test_beside_something_that_says_the_rest_what_has_no_room_is_left_out(table: WideTable, qapp: Any) -> None:
    def shown() -> list[int]:
        qapp.processEvents()
        return [index for index in range(table.horizontalHeader().count()) if not table.isColumnHidden(index)]

    usual = shown()
    table.let_go(usual[:0:-1])
    table.resize(WIDTH // 2, 120)
    fewer = shown()
    assert usual[: len(fewer)] == fewer and 1 < len(fewer) < len(usual), "from the right, and no more than has to go"
    assert table.horizontalScrollBar().maximum() == 0 and whole(table)
    table.resize(WIDTH, 120)
    assert shown() == usual, "they come back with the room for them"
    table.resize(WIDTH // 2, 120)
    table.let_go([])
    assert shown() == usual, "who is asked for all scrolls to them"


def test_columns_that_gain_nothing_by_width_leave_it_to_the_others(table: WideTable, qapp: Any) -> None:
    head = table.horizontalHeader()
    shown = [index for index in range(head.count()) if not table.isColumnHidden(index)]
    wanted = [300 for _ in range(head.count())]
    table.want_widths(wanted, stay=shown[:-1])
    table.resize(WIDTH * 4, 120)
    qapp.processEvents()
    assert [table.columnWidth(index) for index in shown[:-1]] == [300 for _ in shown[:-1]]
    assert table.columnWidth(shown[-1]) == table.viewport().width() - 300 * len(shown[:-1])
