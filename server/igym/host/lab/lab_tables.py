"""A lab check as tables a person can read: seats by measurements, the ways between seats, and what the columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from igym.host.export.files import write_csv
from igym.host.lab.lab_file import LAB_FOLDER

Row = Mapping[str, Any]
SEATS, WAYS, CODEBOOK = "seats.csv", "ways.csv", "codebook.csv"

_SEAT_COLUMNS = (
    ("seat", "string", "", "name of the seat"),
    ("verdict", "string", "", "go, warning or stop; open while it is being measured"),
    ("findings", "string", "", "codes of what was found, separated by spaces; empty when nothing was"),
    ("here", "boolean", "", "whether the seat's page was open when this was written"),
    ("address", "string", "", "network address of the seat's computer"),
    ("browser", "string", "", "browser and system"),
    ("user_agent", "string", "", "what the browser calls itself"),
    ("screen_width", "integer", "CSS pixels", "width of the screen"),
    ("screen_height", "integer", "CSS pixels", "height of the screen"),
    ("pixel_ratio", "number", "", "screen pixels for one CSS pixel, along each edge"),
    ("hardware_threads", "integer", "", "processor threads the browser reports"),
    ("refresh_hz", "number", "Hz", "pictures the screen shows each second"),
    ("load_ms", "number", "ms", "time to load Python, packages and the game"),
    ("step_ms", "number", "ms", "time of one step of the game"),
    ("rtt_ms", "number", "ms", "median round trip to the host"),
    ("pairs_done", "integer", "", "other seats to which the way was measured"),
    ("pairs", "integer", "", "other seats to which it is to be measured"),
)
_WAY_COLUMNS = (
    ("seat", "string", "", "one of the two seats; each way stands here once from each side"),
    ("other", "string", "", "the seat at its other end"),
    ("transport", "string", "", "p2p: direct; turn or relay: through the host; none: no way was found"),
    ("rtt_ms", "number", "ms", "median round trip between the two; empty without a way"),
)


def write_lab_tables(folder: Path, table: Row) -> list[Path]:
    """Write `seats.csv`, `ways.csv` and `codebook.csv` to `folder/lab_check` and give their paths. Raises `OSError`."""
    into = folder / LAB_FOLDER
    into.mkdir(parents=True, exist_ok=True)
    write_csv(into / SEATS, [name for name, *_ in _SEAT_COLUMNS], [_seat(seat) for seat in table.get("seats") or ()])
    write_csv(into / WAYS, [name for name, *_ in _WAY_COLUMNS], list(_ways(table)))
    write_csv(into / CODEBOOK, ["file", "column", "type", "unit", "meaning"], list(_codebook()))
    return [into / SEATS, into / WAYS, into / CODEBOOK]


def _seat(seat: Row) -> list[Any]:
    codes = " ".join(str(finding.get("code")) for finding in seat.get("findings") or ())
    return [codes if name == "findings" else seat.get(name) for name, *_ in _SEAT_COLUMNS]


def _ways(table: Row) -> Iterator[list[Any]]:
    """N × N in long form, in the order of the seats."""
    known = {}
    for pair in table.get("pairs") or ():
        known[pair["a"], pair["b"]] = known[pair["b"], pair["a"]] = pair
    names = [seat["seat"] for seat in table.get("seats") or ()]
    for one in names:
        for other in names:
            if pair := known.get((one, other)):
                yield [one, other, pair.get("transport") or "none", pair.get("rtt_ms")]


def _codebook() -> Iterator[tuple[str, ...]]:
    for file, columns in ((SEATS, _SEAT_COLUMNS), (WAYS, _WAY_COLUMNS)):
        for column in columns:
            yield (file, *column)
