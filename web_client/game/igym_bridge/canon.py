"""A canonical reading of a game's state: equal states give equal bytes in every browser, and differences have names."""

from __future__ import annotations

import hashlib
import math
import random
import struct
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from .generators import watch_of
from .namespaces import Namespaces
from .reach import is_atomic, is_render_only, is_space, slot_names

Sink = Callable[[str, str], None]
_TEXT = {str}


class Canon:
    """Reads `roots` (name → object, module or class) into tokens, or into one digest."""

    def __init__(self, roots: dict[str, Any], skip: Iterable[Any] = ()) -> None:
        self._roots = roots
        self._skip = {id(thing) for thing in skip}
        self._namespaces = Namespaces([root for root in roots.values() if isinstance(root, types.ModuleType | type)])

    def digest(self) -> bytes:
        """16 bytes; equal for equal states."""
        tokens: list[str] = []
        add = tokens.append
        self._read(lambda path, token: add(token), add)
        return hashlib.blake2b("\x1f".join(tokens).encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def checksum(self) -> int:
        """The first 4 bytes of the digest as an unsigned number."""
        return int.from_bytes(self.digest()[:4], "little")

    def table(self) -> dict[str, str]:
        """Path of each value (e.g. `env.ball.x`) → its token."""
        found: dict[str, str] = {}

        def put(path: str, token: str) -> None:
            found[path] = token

        self._read(put)
        return found

    def _read(self, sink: Sink, add: Callable[[str], None] | None = None) -> None:
        reader = _Reader(sink, add, self._skip)
        data = self._namespaces.data()
        for name, root in self._roots.items():
            if isinstance(root, types.ModuleType | type):
                reader.mapping(name, data.get(id(root), {}))
            else:
                reader.read(name, root)


def differing(one: dict[str, str], other: dict[str, str], most: int = 5) -> list[str]:
    """Paths whose tokens differ, in reading order, containers' own entries last."""
    names = [name for name in one if other.get(name) != one[name]]
    names += [name for name in other if name not in one]
    return names[:most]


class _Reader:
    def __init__(self, sink: Sink, add: Callable[[str], None] | None, skip: set[int]) -> None:
        """`add`, where paths do not matter, takes tokens alone: most of the time goes into passing them on."""
        self._sink = sink
        self._add = add
        self._named = add is None
        self._skip = skip
        self._seen: dict[int, int] = {}

    def read(self, path: str, thing: Any) -> None:
        kind = type(thing)
        token = _TOKENS.get(kind)
        if token is not None:
            self._sink(path, token(thing))
        elif id(thing) in self._skip or is_render_only(thing):
            return
        elif is_atomic(thing):
            self._sink(path, _atomic_token(thing))
        elif id(thing) in self._seen:
            self._sink(path, f"@{self._seen[id(thing)]}")
        else:
            self._seen[id(thing)] = len(self._seen)
            self._follow(path, thing)

    def _follow(self, path: str, thing: Any) -> None:
        if isinstance(thing, np.ndarray):
            self._array(path, thing)
        elif isinstance(thing, dict):
            self.mapping(path, thing)
            self._attributes(path, thing)
        elif isinstance(thing, list | tuple | deque):
            self._sequence(path, thing)
        elif isinstance(thing, set | frozenset):
            self._sink(path, "{" + ",".join(sorted(repr(item) for item in thing)))
        elif not self._special(path, thing):
            self._sink(path, "<" + type(thing).__qualname__)
            self._attributes(path, thing)

    def _special(self, path: str, thing: Any) -> bool:
        if isinstance(thing, bytearray):
            self._sink(path, thing.hex())
        elif isinstance(thing, types.MethodType):
            self.read(self._join(path, "__self__"), thing.__self__)
        elif isinstance(thing, types.FunctionType):
            for cell in _contents(thing):
                self.read(self._join(path, "closure"), cell)
        elif is_space(type(thing)):
            self._space(path, thing)
        else:
            state = _random_state(thing)
            if state is None:
                return False
            self._sink(path, state)
        return True

    def _space(self, path: str, space: Any) -> None:
        children = space.__dict__.get("spaces", ())
        named = children.items() if isinstance(children, dict) else enumerate(children)
        for key, child in named:
            self.read(self._join(path, str(key)), child)
        self.read(self._join(path, "np_random"), space.__dict__.get("_np_random"))

    def mapping(self, path: str, thing: dict[Any, Any]) -> None:
        self._sink(path, "{" + str(len(thing)))
        if _TEXT.issuperset(map(type, thing)):
            names = sorted(thing)
            self._entries(path, names, map(thing.__getitem__, names))
        else:
            self._entries(path, map(str, thing), thing.values())

    def _entries(self, path: str, names: Iterable[str], values: Iterable[Any]) -> None:
        add = self._add
        for name, value in zip(names, values, strict=True):
            if add is None:
                self.read(f"{path}.{name}", value)
                continue
            add(name)
            token = _TOKENS.get(type(value))
            if token is None:
                self.read("", value)
            else:
                add(token(value))

    def _sequence(self, path: str, thing: Any) -> None:
        self._sink(path, "[" + str(len(thing)))
        for index, item in enumerate(thing):
            self.read(f"{path}[{index}]" if self._named else "", item)
        if type(thing) not in (list, tuple, deque):
            self._attributes(path, thing)

    def _array(self, path: str, array: np.ndarray[Any, Any]) -> None:
        if array.dtype.hasobject:
            self._sequence(path, array.ravel().tolist())
            return
        if array.dtype.kind in "fc" and np.isnan(array).any():
            array = np.where(np.isnan(array), np.array(np.nan, array.dtype), array)
        if self._named and array.size <= 64:
            for index, item in enumerate(array.ravel().tolist()):
                self._sink(f"{path}[{index}]", repr(item))
        digest = hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=12).hexdigest()
        self._sink(path, f"{array.dtype.str}{array.shape}{digest}")

    def _attributes(self, path: str, thing: Any) -> None:
        hidden = getattr(type(thing), "igym_render_only", ())
        attributes = getattr(thing, "__dict__", None) or {}
        names = sorted(attributes.keys() - hidden if hidden else attributes)
        self._entries(path, names, map(attributes.__getitem__, names))
        for name in slot_names(type(thing)):
            if hasattr(thing, name):
                self.read(self._join(path, name), getattr(thing, name))

    def _join(self, path: str, name: str) -> str:
        return f"{path}.{name}" if self._named else ""


def _float_token(value: Any) -> str:
    number = float(value)
    return "nan" if math.isnan(number) else repr(number)


def _atomic_token(thing: Any) -> str:
    if isinstance(thing, type | types.BuiltinFunctionType):
        return getattr(thing, "__qualname__", "code")
    if isinstance(thing, str | bytes | int | float | complex | np.generic):
        return repr(thing)
    # Anything else may print its address, which differs between browsers.
    text = repr(thing)
    return type(thing).__qualname__ if " at 0x" in text else text


def _contents(function: types.FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue


def _random_state(thing: Any) -> str | None:
    if not isinstance(thing, _GENERATORS):
        return None
    watch = watch_of(thing.bit_generator if isinstance(thing, np.random.Generator) else thing)
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


_GENERATORS = (random.Random, np.random.Generator, np.random.BitGenerator, np.random.RandomState)


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


_TOKENS: dict[type, Callable[[Any], str]] = {
    int: repr,
    bool: repr,
    str: repr,
    bytes: repr,
    type(None): repr,
    float: _float_token,
    np.float64: lambda value: "f64" + _float_token(value),
    np.float32: lambda value: "f32" + _float_token(value),
}
