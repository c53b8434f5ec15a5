"""Where the lab's seats stand: rows and columns, each seat in a cell, new seats in the first free one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from igym_desktop.flow.natural import natural

MOST = 40
"""Rows and columns at most."""
Cell = tuple[int, int]


@dataclass
class SeatMap:
    """`places`: seat → (row, column), each cell used once."""

    rows: int = 4
    columns: int = 6
    places: dict[str, Cell] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SeatMap:
        """Whatever cannot be read is left out."""
        result = cls(_size(stored.get("rows"), 4), _size(stored.get("columns"), 6))
        places = stored.get("places")
        for seat, cell in places.items() if isinstance(places, Mapping) else ():
            if isinstance(cell, (list, tuple)) and len(cell) == 2 and all(isinstance(n, int) for n in cell):
                place = (int(cell[0]), int(cell[1]))
                if result.holds(place) and place not in result.places.values():
                    result.places[str(seat)] = place
        return result

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "columns": self.columns,
            "places": {s: list(cell) for s, cell in self.places.items()},
        }

    def holds(self, cell: Cell) -> bool:
        """Whether the room has this cell."""
        return 0 <= cell[0] < self.rows and 0 <= cell[1] < self.columns

    def seat_at(self, cell: Cell) -> str | None:
        return next((seat for seat, place in self.places.items() if place == cell), None)

    def take_in(self, seats: Iterable[str]) -> bool:
        """Gives seats without a place the first free cells, in the order of their names; True when anything changed."""
        fresh = sorted({seat for seat in seats if seat and seat not in self.places}, key=natural)
        for seat in fresh:
            self.places[seat] = self._free_cell()
        return bool(fresh)

    def move(self, seat: str, to: Cell) -> bool:
        """To another cell; who stands there changes places with it. False outside the room."""
        if not self.holds(to) or seat not in self.places or self.places[seat] == to:
            return False
        other = self.seat_at(to)
        if other is not None:
            self.places[other] = self.places[seat]
        self.places[seat] = to
        return True

    def resize(self, rows: int, columns: int) -> None:
        """Seats that fall outside go to the first free cells; the room grows when there are none."""
        self.rows, self.columns = _size(rows, self.rows), _size(columns, self.columns)
        outside = [seat for seat, cell in self.places.items() if not self.holds(cell)]
        for seat in outside:
            del self.places[seat]
        self.take_in(outside)

    def forget(self, seat: str) -> None:
        """The seat is no part of the lab any more."""
        self.places.pop(seat, None)

    def _free_cell(self) -> Cell:
        taken = set(self.places.values())
        while True:
            for row in range(self.rows):
                for column in range(self.columns):
                    if (row, column) not in taken:
                        return row, column
            self.rows += 1


def occupants(participants: Iterable[Mapping[str, Any]], ended: frozenset[str]) -> dict[str, Mapping[str, Any]]:
    """Seat → the participant who sits there now: the newest who goes on, else the newest at all."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in participants:
        seat = str(row.get("seat") or "")
        known = found.get(seat)
        if seat and (known is None or row.get("state") not in ended or known.get("state") in ended):
            found[seat] = row
    return found


def _size(value: object, usual: int) -> int:
    return min(MOST, max(1, value)) if isinstance(value, int) else usual
