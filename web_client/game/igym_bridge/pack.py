"""msgpack, written: the few types a batch of rows holds. NaN and infinities are kept."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any


def pack(value: Any) -> bytes:
    """Encode None, bool, int, float, str, bytes, list and dict."""
    out: list[bytes] = []
    _put(out, value)
    return b"".join(out)


def _put(out: list[bytes], value: Any) -> None:
    kind = type(value)
    if kind is float:
        out.append(struct.pack(">Bd", 0xCB, value))
    elif value is None:
        out.append(b"\xc0")
    elif kind is bool:
        out.append(b"\xc3" if value else b"\xc2")
    elif kind is int:
        out.append(_integer(value))
    elif kind is str:
        _string(out, value)
    elif kind is list:
        _list(out, value)
    elif kind is dict:
        _map(out, value)
    elif kind is bytes:
        out.append(struct.pack(">BI", 0xC6, len(value)) + value)
    else:
        raise TypeError(f"a row cannot hold a {kind.__name__}")


def _integer(value: int) -> bytes:
    if 0 <= value < 128:
        return bytes((value,))
    if -(2**31) <= value < 2**31:
        return struct.pack(">Bi", 0xD2, value)
    if -(2**63) <= value < 2**63:
        return struct.pack(">Bq", 0xD3, value)
    if value < 2**64 and value > 0:
        return struct.pack(">BQ", 0xCF, value)
    # Beyond 64 bits msgpack has no integer; the digits are kept.
    text = str(value).encode()
    return struct.pack(">BI", 0xDB, len(text)) + text


def _string(out: list[bytes], value: str) -> None:
    data = value.encode("utf-8", "replace")
    out.append(bytes((0xA0 | len(data),)) if len(data) < 32 else struct.pack(">BI", 0xDB, len(data)))
    out.append(data)


def _list(out: list[bytes], values: list[Any]) -> None:
    count = len(values)
    out.append(bytes((0x90 | count,)) if count < 16 else struct.pack(">BI", 0xDD, count))
    kinds = set(map(type, values))
    together = _TOGETHER.get(kinds.pop()) if len(kinds) == 1 else None
    data = None if together is None else together(values)
    if data is not None:
        out.append(data)
        return
    for value in values:
        _put(out, value)


def _floats(values: list[float]) -> bytes:
    return b"\xcb" + b"\xcb".join(map(_double, values))


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
_double = struct.Struct(">d").pack


def _map(out: list[bytes], values: dict[Any, Any]) -> None:
    count = len(values)
    out.append(bytes((0x80 | count,)) if count < 16 else struct.pack(">BI", 0xDF, count))
    for key, value in values.items():
        _put(out, str(key))
        _put(out, value)
