"""Names with numbers stand in one order everywhere: in the table of people and in the map of seats."""

from __future__ import annotations

import random

from igym_desktop.flow.natural import natural
from igym_desktop.flow.seat_map import SeatMap
from igym_desktop.models.participants_columns import columns

ORDER = [
    "", "2", "10", "PC", "PC1", "PC2", "PC2a", "PC2b", "PC10", "PC123456789012", "PC 3", "PC-1", "PC-2", "PC-10",
    "PC-10-2", "PC-10-11", "PC_1", "seat",
]  # fmt: skip


def test_numbers_count_as_numbers_also_next_to_punctuation() -> None:
    assert sorted(random.Random(1).sample(ORDER, len(ORDER)), key=natural) == ORDER


def test_names_that_are_alike_but_for_their_case_or_zeros_keep_one_order() -> None:
    alike, turned = ["PC1", "pc1", "PC01", "Pc1"], ["Pc1", "PC01", "pc1", "PC1"]
    assert sorted(alike, key=natural) == sorted(turned, key=natural)


def test_other_scripts_are_no_stumbling_block() -> None:
    assert sorted(["x²", "x٣", "x10", "x"], key=natural) == ["x", "x٣", "x10", "x²"]


def test_the_table_and_the_map_agree() -> None:
    seats = [f"PC{mark}{number}" for mark in ("", "-", " ", "_") for number in (1, 2, 10)]
    plan = SeatMap(rows=1, columns=len(seats))
    plan.take_in(random.Random(2).sample(seats, len(seats)))
    on_the_map = sorted(plan.places, key=lambda seat: plan.places[seat])
    seat = next(column for column in columns() if column.key == "seat")
    in_the_table = sorted(seats, key=lambda name: seat.cell({"seat": name}).sort)
    assert on_the_map == in_the_table
