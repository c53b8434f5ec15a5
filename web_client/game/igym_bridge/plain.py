"""Values of the env as plain Python ones: what a row holds and what JSON and msgpack can carry."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any

import numpy as np

_PLAIN = (int, float, bool, str, type(None))
_LONGEST_LIST = 64


def plain(value: Any) -> Any:
    """One value without numpy: ints stay ints, NaN and infinities stay what they are; arrays become lists."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.item() if value.ndim == 0 else [plain(item) for item in value.tolist()]
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=repr)
    return _plain_other(value)


def _plain_other(value: Any) -> Any:
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    text = repr(value)
    # An address differs from browser to browser and means nothing afterwards.
    return type(value).__qualname__ if " at 0x" in text else text


def number_count(value: Any) -> int:
    """How many numbers an observation holds."""
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, dict):
        return sum(map(number_count, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(number_count, value))
    return 1


class Flattener:
    """Nested values → flat columns. Column names of a shape seen before are not built again."""

    def __init__(self, prefix: str, longest: int = _LONGEST_LIST) -> None:
        self._prefix = prefix
        self._longest = longest
        self._names: dict[tuple[str, int], list[str]] = {}

    def into(self, row: dict[str, Any], value: Any) -> None:
        """Add `value`'s parts to `row`, named `<prefix>.<key>…`."""
        if type(value) is np.ndarray and value.size <= self._longest and value.dtype.kind in "fiub":
            row.update(zip(self._numbered(self._prefix, value.size), value.ravel().tolist(), strict=True))
        elif isinstance(value, dict):
            for key, item in value.items():
                self._put(row, f"{self._prefix}.{key}", item)
        elif isinstance(value, list | tuple | np.ndarray) and np.size(value) > 0:
            self._put(row, self._prefix, value)
        elif value is not None:
            row[f"{self._prefix}.0"] = plain(value)

    def _put(self, row: dict[str, Any], name: str, value: Any) -> None:
        if type(value) in _PLAIN:
            row[name] = value
        elif isinstance(value, dict):
            for key, item in value.items():
                self._put(row, f"{name}.{key}", item)
        elif isinstance(value, np.ndarray) and value.ndim > 0:
            if value.size <= self._longest:
                row.update(zip(self._numbered(name, value.size), map(plain, value.ravel().tolist()), strict=True))
        elif isinstance(value, list | tuple):
            for key, item in self._items(name, value):
                self._put(row, key, item)
        else:
            row[name] = plain(value)

    def _items(self, name: str, values: list[Any] | tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
        return zip(self._numbered(name, len(values)), values, strict=True) if len(values) <= self._longest else iter(())

    def _numbered(self, name: str, count: int) -> list[str]:
        names = self._names.get((name, count))
        if names is None:
            names = self._names[(name, count)] = [f"{name}.{index}" for index in range(count)]
        return names
