"""SPSS system files (.sav), which Stata, R (haven), jamovi, JASP and PSPP read as well.

Written here rather than by a library: the one there is (pyreadstat) takes 8 MB of compiled code, which the stand-alone
app has no room for. Tests read each file with it.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import IO, Any

from igym.host.export.files import utf8
from igym.host.export.foreign import RESERVED, cut, english_date, legal_names
from igym.host.export.variables import Variable

LONGEST_NAME = 64
LONGEST_TEXT = 32_767
"""Bytes of one text; what is longer is cut."""
LONGEST_LABEL, LONGEST_VALUE_LABEL = 255, 120
MISSING = -1.7976931348623157e308
_LOWEST = -1.7976931348623155e308
_PIECE, _EFFECTIVE = 255, 252
"""A text of more than 255 bytes lies in several pieces; each but the last counts as 252 in its width."""
_EPOCH = datetime.datetime(1582, 10, 14, tzinfo=datetime.UTC)
_A, _F, _DATETIME, _SDATE = 1, 5, 22, 39
_NOMINAL, _SCALE = 1, 3
_RIGHT, _LEFT = 1, 0


@dataclass(frozen=True)
class _Column:
    """A variable as it lies in the file; `width` in bytes, 0 for numbers; `first` is its place in the dictionary."""

    variable: Variable
    name: str
    short: str
    width: int
    first: int

    @property
    def pieces(self) -> list[int]:
        """The width of each variable that it lies in."""
        if self.width <= _PIECE:
            return [self.width]
        number = -(-self.width // _EFFECTIVE)
        return [_PIECE] * (number - 1) + [self.width - (number - 1) * _EFFECTIVE]

    @property
    def eights(self) -> int:
        """Its length in a case, in units of 8 bytes."""
        return sum(max(1, -(-width // 8)) for width in self.pieces)


def write_sav(
    stream: IO[bytes], variables: Sequence[Variable], title: str, at: float, check: Callable[[int], None]
) -> list[str]:
    """Write one table; returns the variables' names. `at` (unix s) is the file's date; `check(rows)` may raise."""
    columns = list(_columns(variables))
    rows = len(variables[0].values) if variables else 0
    stream.write(_header(sum(column.eights for column in columns), rows, title, at))
    for column in columns:
        stream.write(_dictionary(column))
    for column in columns:
        stream.write(_value_labels(column))
    stream.write(_information(columns))
    stream.write(struct.pack("<ii", 999, 0))
    for row in range(rows):
        stream.write(b"".join(_cell(column, column.variable.values[row]) for column in columns))
        check(1)
    return [column.name for column in columns]


def _columns(variables: Sequence[Variable]) -> Iterator[_Column]:
    names = legal_names((v.column for v in variables), LONGEST_NAME, dots=True, reserved=RESERVED)
    first, numbers = 1, count(1)
    for variable, name in zip(variables, names, strict=True):
        width = 0
        if variable.kind == "text":
            width = min(
                max((len(utf8(text)) for text in variable.values if text is not None), default=1) or 1, LONGEST_TEXT
            )
        column = _Column(variable, name, f"V{next(numbers)}", width, first)
        # Each further piece is a variable with a short name of its own.
        for _ in column.pieces[1:]:
            next(numbers)
        first += column.eights
        yield column


def _header(case: int, rows: int, title: str, at: float) -> bytes:
    day, month, year, time = english_date(at)
    return struct.pack(
        "<4s60siiiiid9s8s64s3x", b"$FL2", _padded(b"@(#) SPSS DATA FILE Interactive Gym Desktop", 60), 2, case, 0, 0,
        rows, 100.0, f"{day} {month} {year[2:]}".encode(), time.encode(), _padded(cut(title, 64), 64),
    )  # fmt: skip


def _dictionary(column: _Column) -> bytes:
    """The records of one variable: each piece, and for each further 8 bytes of a text one that only holds the place."""
    found = []
    label = cut(column.variable.label, LONGEST_LABEL)
    number = int(column.short[1:])
    for piece, width in enumerate(column.pieces):
        shape = _format(column.variable, width)
        said = label if piece == 0 else b""
        found.append(
            struct.pack("<iiiiii", 2, width, bool(said), 0, shape, shape) + f"V{number + piece}".encode().ljust(8)
        )
        if said:
            found.append(struct.pack("<i", len(said)) + said.ljust(-(-len(said) // 4) * 4))
        found += [struct.pack("<iiiiii", 2, -1, 0, 0, 0, 0) + b" " * 8] * (max(1, -(-width // 8)) - 1)
    return b"".join(found)


def _format(variable: Variable, width: int) -> int:
    kind, shown, decimals = _F, 8, 0 if variable.whole else 2
    if variable.kind == "text":
        kind, shown, decimals = _A, width, 0
    elif variable.kind == "moment":
        kind, shown, decimals = _DATETIME, 23, 2
    elif variable.kind == "day":
        kind, shown, decimals = _SDATE, 10, 0
    elif not variable.whole and any(v is not None and abs(v) >= 1e5 for v in variable.values):
        shown, decimals = 17, 3
    return kind << 16 | shown << 8 | decimals


def _value_labels(column: _Column) -> bytes:
    labels = column.variable.labels
    if not labels:
        return b""
    found = [struct.pack("<ii", 3, len(labels))]
    for value, text in labels.items():
        said = cut(text or str(value), LONGEST_VALUE_LABEL)
        found.append(struct.pack("<dB", value, len(said)) + said.ljust(-(-(len(said) + 1) // 8) * 8 - 1))
    return b"".join(found) + struct.pack("<iii", 4, 1, column.first)


def _information(columns: Sequence[_Column]) -> bytes:
    display = [
        number
        for column in columns
        for width in column.pieces
        for number in (
            _NOMINAL if width or column.variable.labels else _SCALE,
            min(max(width, 8), 40),
            _LEFT if width else _RIGHT,
        )
    ]
    long = "\t".join(f"{column.short}={column.name}" for column in columns).encode()
    wide = [f"{column.short}={column.width:05}".encode() + b"\0\t" for column in columns if column.width > _PIECE]
    parts = [
        _extension(3, 4, struct.pack("<8i", 20, 0, 0, -1, 1, 1, 2, 65001)),
        _extension(4, 8, struct.pack("<3d", MISSING, -MISSING, _LOWEST)),
        _extension(11, 4, struct.pack(f"<{len(display)}i", *display)),
        _extension(13, 1, long),
        *([_extension(14, 1, b"".join(wide))] if wide else []),
        _extension(20, 1, b"UTF-8"),
    ]
    return b"".join(parts)


def _extension(kind: int, size: int, data: bytes) -> bytes:
    return struct.pack("<iiii", 7, kind, size, len(data) // size) + data


def _cell(column: _Column, value: Any) -> bytes:
    if not column.width:
        return struct.pack("<d", MISSING if value is None else _number(value))
    text = cut(value or "", column.width)
    found = b""
    for place, width in enumerate(column.pieces):
        last = place == len(column.pieces) - 1
        piece = text[place * _PIECE :] if last else text[place * _PIECE : (place + 1) * _PIECE]
        found += piece.ljust(-(-width // 8) * 8)
    return found


def _number(value: Any) -> float:
    """Moments and days are seconds since the first day of the Gregorian calendar."""
    if isinstance(value, datetime.datetime):
        return (value - _EPOCH).total_seconds()
    if isinstance(value, datetime.date):
        return (datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.UTC) - _EPOCH).total_seconds()
    return float(value)


def _padded(text: bytes, width: int) -> bytes:
    return text.ljust(width)
