"""msgpack, written: the few types a batch of rows holds. NaN and infinities are kept."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_DOUBLE, _LONG = struct.Struct(">Bd"), struct.Struct(">BI")


def pack(value: Any) -> bytes:
    """Encode None, bool, int, float, str, bytes, list and dict."""
    out: list[bytes] = []
    _put(out, value)
    return b"".join(out)


def _put(out: list[bytes], value: Any) -> None:
    write = _WRITERS.get(type(value))
    if write is None:
        raise TypeError(f"a row cannot hold a {type(value).__name__}")
    write(out, value)


def _integer(out: list[bytes], value: int) -> None:
    if 0 <= value < 128:
        out.append(bytes((value,)))
    elif -(2**31) <= value < 2**31:
        out.append(struct.pack(">Bi", 0xD2, value))
    elif -(2**63) <= value < 2**63:
        out.append(struct.pack(">Bq", 0xD3, value))
    elif 0 < value < 2**64:
        out.append(struct.pack(">BQ", 0xCF, value))
    else:
        # Beyond 64 bits msgpack has no integer; the digits are kept.
        out.append(_long(0xDB, str(value).encode()))


def _text(value: str) -> bytes:
    data = value.encode("utf-8", "replace")
    return bytes((0xA0 | len(data),)) + data if len(data) < 32 else _long(0xDB, data)


def _long(mark: int, data: bytes) -> bytes:
    return _LONG.pack(mark, len(data)) + data


_name = lru_cache(1024)(_text)
"""Columns have the same names in each batch."""


def _head(short: int, long: int, count: int) -> bytes:
    return bytes((short | count,)) if count < 16 else _LONG.pack(long, count)


def _list(out: list[bytes], values: list[Any]) -> None:
    out.append(_head(0x90, 0xDD, len(values)))
    kinds = set(map(type, values))
    together = _TOGETHER.get(kinds.pop()) if len(kinds) == 1 else None
    data = None if together is None else together(values)
    if data is not None:
        out.append(data)
        return
    for value in values:
        _put(out, value)


def _map(out: list[bytes], values: dict[Any, Any]) -> None:
    out.append(_head(0x80, 0xDF, len(values)))
    for key, value in values.items():
        out.append(_name(str(key)))
        _put(out, value)


_WRITERS: dict[type, Callable[[list[bytes], Any], None]] = {
    float: lambda out, value: out.append(_DOUBLE.pack(0xCB, value)),
    type(None): lambda out, _: out.append(b"\xc0"),
    bool: lambda out, value: out.append(b"\xc3" if value else b"\xc2"),
    int: _integer,
    str: lambda out, value: out.append(_text(value)),
    list: _list,
    dict: _map,
    bytes: lambda out, value: out.append(_long(0xC6, value)),
}


def _floats(values: list[float]) -> bytes:
    count = len(values)
    marked: list[Any] = [0xCB] * (2 * count)
    marked[1::2] = values
    return _doubles(count).pack(*marked)


@lru_cache(64)
def _doubles(count: int) -> struct.Struct:
    """Numbers, a mark before each."""
    return struct.Struct(">" + "Bd" * count)


def _small_integers(values: list[int]) -> bytes | None:
    return bytes(values) if min(values) >= 0 and max(values) < 128 else None


# A column of a batch holds one kind of value as a rule: then all of them are written at once.
_TOGETHER: dict[type, Callable[[list[Any]], bytes | None]] = {
    float: _floats,
    int: _small_integers,
    bool: lambda values: bytes(values).translate(_FLAGS),
    type(None): lambda values: b"\xc0" * len(values),
}
_FLAGS = bytes([0xC2, 0xC3]) + bytes(254)
