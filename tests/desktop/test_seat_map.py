"""The seat map: seats find a place, keep it, and lead to the person who sits there."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from igym_desktop.flow.seat_map import SeatMap, occupants
from igym_desktop.flow.settings import SettingsFile
from igym_desktop.flow.words import ENDED
from tests.waiting import until

from .test_main_window import open_app, started, stopped, study

__all__ = ["open_app", "study"]


def test_new_seats_take_the_first_free_cells_in_the_order_of_their_names() -> None:
    room = SeatMap(2, 3)
    assert room.take_in(["PC10", "PC2", "PC1"])
    assert room.places == {"PC1": (0, 0), "PC2": (0, 1), "PC10": (0, 2)}
    assert not room.take_in(["PC2"])


def test_moving_onto_a_seat_changes_places() -> None:
    room = SeatMap(2, 2, {"A": (0, 0), "B": (1, 1)})
    assert room.move("A", (1, 1))
    assert room.places == {"A": (1, 1), "B": (0, 0)}
    assert not room.move("A", (2, 0))
    assert room.move("A", (1, 0))
    assert room.seat_at((1, 1)) is None


@given(
    st.lists(st.sampled_from([f"PC{n}" for n in range(30)]), max_size=30),
    st.lists(st.tuples(st.integers(-3, 60), st.integers(-3, 60)), max_size=5),
)
def test_no_seat_is_lost_and_no_cell_used_twice(seats: list[str], sizes: list[tuple[int, int]]) -> None:
    room = SeatMap(1, 2)
    room.take_in(seats)
    for rows, columns in sizes:
        room.resize(rows, columns)
    assert set(room.places) == set(seats)
    assert len(set(room.places.values())) == len(room.places)
    assert all(room.holds(cell) for cell in room.places.values())
    assert SeatMap.from_json(room.to_json()).places == room.places


def test_a_damaged_note_costs_only_what_is_damaged() -> None:
    stored = {"rows": "x", "columns": 3, "places": {"A": [0, 0], "B": [0, 0], "C": [9, 9], "D": "no"}}
    assert SeatMap.from_json(stored).places == {"A": (0, 0)}


def test_who_goes_on_counts_before_who_has_finished() -> None:
    rows = [
        {"id": "1", "seat": "PC01", "state": "playing"},
        {"id": "2", "seat": "PC01", "state": "finished"},
        {"id": "3", "seat": "PC02", "state": "finished"},
        {"id": "4", "seat": "PC02", "state": "excluded"},
        {"id": "5", "seat": None, "state": "playing"},
    ]
    assert {seat: row["id"] for seat, row in occupants(rows, ENDED).items()} == {"PC01": "1", "PC02": "4"}


def test_seats_show_state_and_alert_in_words_and_open_their_person(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    folder = study("mountain_car", title="Mountain Car")

    async def scenario() -> None:
        behave(participants=10)
        app = open_app(folder)
        page = await started(app, folder)
        await until(lambda: app.launcher.engine.mirror.participants, "participants")
        page.tabs.setCurrentWidget(page.seats)
        tiles = page.seats.tiles
        assert set(tiles) == {f"PC{n:02d}" for n in range(1, 11)}
        assert tiles["PC01"].accessibleName().startswith("PC01, Playing")
        paused = next(row for row in app.launcher.engine.mirror.participants.values() if row["state"] == "paused")
        said = tiles[paused["seat"]].accessibleName()
        assert "Paused" in said
        assert not tiles[paused["seat"]]._alert_icon.isHidden()
        assert "Needs attention" in said
        # The keyboard walks, moves, and opens.
        tiles["PC01"].setFocus()
        QTest.keyClick(tiles["PC01"], Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        assert page.seats.map.places["PC01"] == (0, 1)
        assert page.seats.map.places["PC02"] == (0, 0)
        QTest.keyClick(page.seats.tiles["PC01"], Qt.Key.Key_Left)
        assert page.seats.focusWidget() is page.seats.tiles["PC02"]
        QTest.keyClick(page.seats.tiles["PC02"], Qt.Key.Key_Return)
        assert page.tabs.currentWidget() is page.people
        assert page.people.selected()[0]["seat"] == "PC02"
        # What was arranged is there at the next start.
        page.seats.rows_field.setText("6")
        page.seats.rows_field.editingFinished.emit()
        kept = SettingsFile(app.launcher.paths.config / "settings.json").value.seat_map
        assert (kept["rows"], kept["places"]["PC01"]) == (6, [0, 1])
        await stopped(app)

    play(scenario())


def test_a_big_lab_appears_bit_by_bit_and_whole(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=40)
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        await until(lambda: len(app.launcher.engine.mirror.participants) == 40, "participants")
        page.tabs.setCurrentWidget(page.seats)
        assert 0 < len(page.seats.tiles) < 40
        await until(lambda: len(page.seats.tiles) == 40, "all seats")
        assert page.seats.tiles["PC40"].accessibleName().startswith("PC40, Dropped out")
        page.seats.put("PC40", (0, 0))
        assert len(page.seats.tiles) == 40 and page.seats.map.seat_at((0, 0)) == "PC40"
        await stopped(app)

    play(scenario())
