"""Reads a game's state value by value, in an order that is the same in every browser, and names each."""

from __future__ import annotations

import hashlib
import math
import random
import re
import struct
import sys
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from .generators import Watch, watch_of
from .reach import is_space, never_changes, only_shows, slot_names, spaces_in

_TEXT = {str}
_AT = " at 0x"
_ADDRESS = re.compile(_AT + "[0-9a-fA-F]+")
"""Where an object lies, as Python shows it: another place in each browser."""
_LIKE_ANOTHER = re.compile(r"[-(\d'\"]|b['\"]|(?:None|True|False|nan|inf)\Z").match
"""Texts that may be written as names of another kind are, or as a text in quotes is."""


class Reader:
    """`found`: path of each value (e.g. `env.ball.x`) → its token."""

    def __init__(self, skip: set[int]) -> None:
        """`skip`: ids of things that are no part of the state."""
        self.found: dict[str, str] = {}
        self._skip = skip
        self._seen: dict[int, int] = {}

    def read(self, path: str, thing: Any) -> None:
        kind = type(thing)
        token = TOKENS.get(kind)
        if token is not None:
            self._put(path, token(thing))
            return
        way = way_of(kind)
        if not way or id(thing) in self._skip:
            return
        if way == ATOM:
            self._put(path, atomic_token(thing))
        elif kind is tuple:
            # Two equal tuples are as good as one.
            self._items(path, thing)
        elif id(thing) in self._seen:
            self._met_again(path, thing)
        else:
            self._seen[id(thing)] = len(self._seen)
            getattr(self, way)(path, thing)

    def _met_again(self, path: str, thing: Any) -> None:
        self._put(path, f"@{self._seen[id(thing)]}")

    def names(self, path: str, owner: Any, names: Sequence[str], values: Sequence[Any]) -> None:
        """What a module or class holds under `names`."""
        self._mapping(path, dict(zip(names, values, strict=True)))

    def _put(self, path: str, token: str) -> None:
        self.found[path] = token

    def _object(self, path: str, thing: Any) -> None:
        self._put(path, "<" + type(thing).__qualname__)
        self._attributes(path, thing)

    def _dict(self, path: str, thing: dict[Any, Any]) -> None:
        self._mapping(path, thing)
        if type(thing) is not dict:
            self._attributes(path, thing)

    def _set(self, path: str, thing: set[Any]) -> None:
        self._put(path, set_token(thing))

    def _bytearray(self, path: str, thing: bytearray) -> None:
        self._put(path, thing.hex())

    def _method(self, path: str, thing: types.MethodType) -> None:
        self.read(path + ".__self__", thing.__self__)

    def _function(self, path: str, thing: types.FunctionType) -> None:
        for cell in cells_of(thing):
            self.read(path + ".closure", cell)

    def _generator(self, path: str, thing: Any) -> None:
        self._put(path, random_token(thing))

    def _space(self, path: str, space: Any) -> None:
        for key, child in spaces_in(space):
            self.read(f"{path}.{key}", child)
        self.read(path + ".np_random", space.__dict__.get("_np_random"))

    def _mapping(self, path: str, thing: dict[Any, Any]) -> None:
        self._put(path, "{" + str(len(thing)))
        for place, (name, value) in enumerate(in_order(thing)):
            told = name_token(name)
            # Several names may be told alike without their addresses.
            is_known = isinstance(name, str) or told == str(name)
            self.read(f"{path}.{told}" if is_known else f"{path}.{told}#{place}", value)

    def _sequence(self, path: str, thing: Any) -> None:
        self._items(path, thing)
        if type(thing) not in (list, tuple, deque):
            self._attributes(path, thing)

    def _items(self, path: str, thing: Sequence[Any]) -> None:
        self._put(path, "[" + str(len(thing)))
        for index, item in enumerate(thing):
            self.read(f"{path}[{index}]", item)

    def _array(self, path: str, array: np.ndarray[Any, Any]) -> None:
        if array.dtype.hasobject:
            self._items(path, objects_in(array))
            return
        if is_masked(array):
            if mask := mask_token(array):
                self._put(path + ".mask", mask)
            array = np.ma.getdata(array)
        if array.size <= 64:
            for index, item in enumerate(array.ravel().tolist()):
                self._put(f"{path}[{index}]", repr(item))
        self._put(path, array_token(array))

    def _attributes(self, path: str, thing: Any) -> None:
        for name, value in in_order(getattr(thing, "__dict__", {})):
            self.read(f"{path}.{name}", value)
        self._slots(path, thing)

    def _slots(self, path: str, thing: Any) -> None:
        for name in slot_names(type(thing)):
            if hasattr(thing, name):
                self.read(f"{path}.{name}", getattr(thing, name))


ATOM = "atom"
_WAYS: list[tuple[Any, str]] = [
    (np.ndarray, "_array"),
    (dict, "_dict"),
    ((list, tuple, deque), "_sequence"),
    ((set, frozenset), "_set"),
    (bytearray, "_bytearray"),
    (types.MethodType, "_method"),
    (types.FunctionType, "_function"),
    ((random.Random, np.random.Generator, np.random.BitGenerator, np.random.RandomState), "_generator"),
]


@lru_cache(4096)
def way_of(kind: type) -> str:
    """The method that reads things of this type; `ATOM`, or nothing for what only shows the state."""
    if only_shows(kind):
        return ""
    if never_changes(kind):
        return ATOM
    if kind is tuple:
        return "_items"
    if is_space(kind):
        return "_space"
    return next((way for kinds, way in _WAYS if issubclass(kind, kinds)), "_object")


def in_order(content: dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
    """Names with their values: sorted, or as they were put in where not all are texts."""
    return sorted(content.items(), key=_first) if _TEXT.issuperset(map(type, content)) else content.items()


def _first(item: tuple[str, Any]) -> str:
    return item[0]


def array_token(array: np.ndarray[Any, Any]) -> str:
    if array.dtype.kind in "fc" and np.isnan(array).any():
        array = np.where(np.isnan(array), np.array(np.nan, array.dtype), array)
    digest = hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=12).hexdigest()
    return f"{array.dtype.str}{array.shape}{digest}"


def objects_in(array: np.ndarray[Any, Any]) -> list[Any]:
    """Of an array that holds objects; which of them are hidden, where some are, comes last."""
    if not is_masked(array):
        return list(array.ravel().tolist())
    mask = mask_token(array)
    return [*np.ma.getdata(array).ravel().tolist(), *([mask] if mask else [])]


def is_masked(array: np.ndarray[Any, Any]) -> bool:
    """Whether some of its values may be hidden; asked without importing what knows of such arrays."""
    known = sys.modules.get("numpy.ma")
    return type(array) is not np.ndarray and known is not None and isinstance(array, known.MaskedArray)


def mask_token(array: np.ndarray[Any, Any]) -> str:
    """Which values of an array are hidden; nothing where none is, as for any other array."""
    mask = np.ma.getmaskarray(array).tobytes()
    return "masked" + hashlib.blake2b(mask, digest_size=12).hexdigest() if any(mask) else ""


def _float_token(value: Any) -> str:
    number = float(value)
    return "nan" if math.isnan(number) else repr(number)


def atomic_token(thing: Any) -> str:
    if isinstance(thing, type | types.BuiltinFunctionType):
        return getattr(thing, "__qualname__", "code")
    if isinstance(thing, str | bytes | int | float | complex | np.generic):
        return repr(thing)
    # Anything else may print its address, which differs between browsers.
    text = repr(thing)
    return type(thing).__qualname__ if " at 0x" in text else text


def set_token(things: Iterable[Any]) -> str:
    texts = [repr(item) for item in things]
    if any(_AT in text for text in texts):
        texts = [_without_address(item) for item in things]
    return "{" + ",".join(sorted(texts))


def _without_address(thing: Any) -> str:
    """As `repr`, without where an object lies, which differs between browsers. What a text says stays."""
    kind = type(thing)
    if kind is str or kind is bytes:
        return repr(thing)
    if kind is tuple:
        return "(" + ", ".join(map(_without_address, thing)) + (",)" if len(thing) == 1 else ")")
    if kind is frozenset:
        return "frozenset({" + ", ".join(sorted(map(_without_address, thing))) + "})"
    return _ADDRESS.sub("", repr(thing))


def name_token(name: Any) -> str:
    """A key of a dict as text, alike in every browser; a text that could be another key stands in quotes."""
    text = str.__str__(str(name))
    if isinstance(name, str):
        return repr(text) if _LIKE_ANOTHER(text) else text
    if _AT not in text:
        return text
    return _without_address(name) if isinstance(name, tuple | frozenset | bytes) else _ADDRESS.sub("", text)


def cells_of(function: types.FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue


def random_token(thing: Any) -> str:
    return told_of(watch_for(thing), thing)


def watch_for(thing: Any) -> Watch:
    return watch_of(thing.bit_generator if isinstance(thing, np.random.Generator) else thing)


def told_of(watch: Watch, thing: Any) -> str:
    """What is said of a generator, whose watch this is."""
    words = watch.take()
    if watch.told is not None and _same_words(words, watch.told[0]):
        return watch.told[1]
    watch.told = (words, _read_state(thing))
    return watch.told[1]


def _same_words(words: Any, others: Any) -> bool:
    """Whether a generator is surely where it was. What holds arrays is not compared."""
    if words is others:
        return True
    return isinstance(words, tuple) and not isinstance(words[-1], dict) and bool(words == others)


def _read_state(thing: Any) -> str:
    if isinstance(thing, random.Random):
        version, words, gauss = thing.getstate()
        key = struct.pack(f"<{len(words)}I", *words)
        return f"random {version} {gauss} " + hashlib.blake2b(key, digest_size=12).hexdigest()
    if isinstance(thing, np.random.Generator):
        return repr(thing.bit_generator.state)
    if isinstance(thing, np.random.BitGenerator):
        return repr(thing.state)
    state = thing.get_state(legacy=False)
    key = state["state"]["key"].tobytes()
    return f"RandomState {state['state']['pos']} {state['gauss']} " + hashlib.blake2b(key, digest_size=12).hexdigest()


TOKENS: dict[type, Callable[[Any], str]] = {
    int: repr,
    bool: repr,
    str: repr,
    bytes: repr,
    type(None): repr,
    float: _float_token,
    np.float64: lambda value: "f64" + _float_token(value),
    np.float32: lambda value: "f32" + _float_token(value),
}
