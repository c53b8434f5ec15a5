"""Stata files (.dta, release 118: Stata 14 and newer). For the reasons of `spss` they are written here."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from igym.host.export.foreign import STATA_RESERVED, cut, english_date, legal_names
from igym.host.export.variables import Variable

LONGEST_NAME = 32
LONGEST_TEXT = 2045
"""Bytes of a text within its row; longer ones lie behind the rows."""
_STRL, _DOUBLE = 32768, 65526
_MISSING = bytes.fromhex("000000000000e07f")
_EPOCH = datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC)
_FORMATS = {"moment": "%tc", "day": "%td", "number": "%10.0g"}


@dataclass(frozen=True)
class _Column:
    variable: Variable
    name: str
    type: int
    """Bytes of a text, or one of Stata's codes."""
    labels: dict[int, str]


def write_dta(
    stream: IO[bytes], variables: Sequence[Variable], title: str, at: float, check: Callable[[int], None]
) -> list[str]:
    """Write one table; returns the variables' names. `at` (unix s) is the file's date; `check(rows)` may raise."""
    columns = list(_columns(variables))
    rows = len(variables[0].values) if variables else 0
    places = [0]
    long: list[bytes] = []

    def put(data: bytes) -> None:
        places.append(stream.tell())
        stream.write(data)

    start = b"<stata_dta>" + _tag("header", _header(len(columns), rows, title, at))
    stream.write(start)
    put(_tag("map", b"\0" * 112))
    for tag, data in _descriptions(columns):
        put(_tag(tag, data))
    put(b"<data>")
    for row in range(rows):
        stream.write(b"".join(_cell(column, number, row, long) for number, column in enumerate(columns, start=1)))
        check(1)
    stream.write(b"</data>")
    put(_tag("strls", b"".join(long)))
    put(_tag("value_labels", b"".join(map(_value_labels, columns))))
    put(b"</stata_dta>")
    places.append(stream.tell())
    stream.seek(len(start) + len("<map>"))
    stream.write(struct.pack("<14Q", *places))
    stream.seek(0, 2)
    return [column.name for column in columns]


def _columns(variables: Sequence[Variable]) -> Iterator[_Column]:
    names = legal_names((v.column for v in variables), LONGEST_NAME, dots=False, reserved=STATA_RESERVED)
    for variable, name in zip(variables, names, strict=True):
        kind = _DOUBLE
        if variable.kind == "text":
            longest = max((len(_text(text)) for text in variable.values if text is not None), default=1) or 1
            kind = longest if longest <= LONGEST_TEXT else _STRL
        labels = {int(code): text or str(code) for code, text in variable.labels.items() if float(code).is_integer()}
        yield _Column(variable, name, kind, labels)


def _text(text: str) -> bytes:
    """A null would end it."""
    return cut(text.replace("\0", " "), 2_000_000_000)


def _tag(name: str, data: bytes) -> bytes:
    return f"<{name}>".encode() + data + f"</{name}>".encode()


def _header(columns: int, rows: int, title: str, at: float) -> bytes:
    day, month, year, time = english_date(at)
    date = f"{day} {month} {year} {time[:5]}".encode()
    label = cut(title, 80)
    return b"".join([
        _tag("release", b"118"), _tag("byteorder", b"LSF"), _tag("K", struct.pack("<H", columns)),
        _tag("N", struct.pack("<Q", rows)), _tag("label", struct.pack("<H", len(label)) + label),
        _tag("timestamp", bytes([len(date)]) + date),
    ])  # fmt: skip


def _descriptions(columns: Sequence[_Column]) -> Iterator[tuple[str, bytes]]:
    yield "variable_types", struct.pack(f"<{len(columns)}H", *(column.type for column in columns))
    yield "varnames", b"".join(column.name.encode().ljust(129, b"\0") for column in columns)
    yield "sortlist", b"\0" * 2 * (len(columns) + 1)
    yield "formats", b"".join(_format(column).encode().ljust(57, b"\0") for column in columns)
    yield (
        "value_label_names",
        b"".join((column.name.encode() if column.labels else b"").ljust(129, b"\0") for column in columns),
    )
    yield "variable_labels", b"".join(_label(column.variable.label).ljust(321, b"\0") for column in columns)
    yield "characteristics", b""


def _format(column: _Column) -> str:
    if column.variable.kind != "text":
        return _FORMATS[column.variable.kind]
    return "%9s" if column.type == _STRL else f"%{min(column.type, 40)}s"


def _label(text: str) -> bytes:
    """80 characters, however many bytes they take."""
    return cut(text[:80], 320)


def _cell(column: _Column, number: int, row: int, long: list[bytes]) -> bytes:
    value = column.variable.values[row]
    if column.variable.kind != "text":
        return _MISSING if value is None else struct.pack("<d", _number(value))
    text = _text(value or "")
    if column.type != _STRL:
        return text.ljust(column.type, b"\0")
    if not text:
        return b"\0" * 8
    long.append(b"GSO" + struct.pack("<IQBI", number, row + 1, 130, len(text) + 1) + text + b"\0")
    return struct.pack("<H", number) + struct.pack("<Q", row + 1)[:6]


def _number(value: Any) -> float:
    """Moments are milliseconds, days are days since 1960."""
    if isinstance(value, datetime.datetime):
        return round((value - _EPOCH) / datetime.timedelta(milliseconds=1))
    if isinstance(value, datetime.date):
        return (value - _EPOCH.date()).days
    return float(value)


def _value_labels(column: _Column) -> bytes:
    if not column.labels:
        return b""
    texts = [cut(text, 32_000) + b"\0" for text in column.labels.values()]
    offsets = [sum(map(len, texts[:place])) for place in range(len(texts))]
    size = sum(map(len, texts))
    table = struct.pack(f"<ii{len(texts)}i{len(texts)}i", len(texts), size, *offsets, *column.labels) + b"".join(texts)
    return _tag("lbl", struct.pack("<i", len(table)) + column.name.encode().ljust(129, b"\0") + b"\0" * 3 + table)
