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

from .reach import class_data, is_atomic, is_render_only, is_space, module_data, slot_names

Sink = Callable[[str, str], None]


class Canon:
    """Reads `roots` (name → object, module or class) into tokens, or into one digest."""

    def __init__(self, roots: dict[str, Any], skip: Iterable[Any] = ()) -> None:
        self._roots = roots
        self._skip = {id(thing) for thing in skip}

    def digest(self) -> bytes:
        """16 bytes; equal for equal states."""
        tokens: list[str] = []
        self._read(lambda path, token: tokens.append(token), named=False)
        return hashlib.blake2b("\x1f".join(tokens).encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def checksum(self) -> int:
        """The first 4 bytes of the digest as an unsigned number."""
        return int.from_bytes(self.digest()[:4], "little")

    def table(self) -> dict[str, str]:
        """Path of each value (e.g. `env.ball.x`) → its token."""
        found: dict[str, str] = {}

        def put(path: str, token: str) -> None:
            found[path] = token

        self._read(put, named=True)
        return found

    def _read(self, sink: Sink, named: bool) -> None:
        reader = _Reader(sink, named, self._skip)
        for name, root in self._roots.items():
            if isinstance(root, types.ModuleType):
                reader.mapping(name, module_data(root))
            elif isinstance(root, type):
                reader.mapping(name, class_data(root))
            else:
                reader.read(name, root)


def differing(one: dict[str, str], other: dict[str, str], most: int = 5) -> list[str]:
    """Paths whose tokens differ, in reading order, containers' own entries last."""
    names = [name for name in one if other.get(name) != one[name]]
    names += [name for name in other if name not in one]
    return names[:most]


class _Reader:
    def __init__(self, sink: Sink, named: bool, skip: set[int]) -> None:
        self._sink = sink
        self._named = named
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
        keys: Iterable[Any] = thing
        if all(type(key) is str for key in thing):
            keys = sorted(thing)
        for key in keys:
            if not self._named:
                self._sink("", str(key))
            self.read(self._join(path, str(key)), thing[key])

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
        for name in sorted(attributes):
            if name not in hidden:
                if not self._named:
                    self._sink("", name)
                self.read(self._join(path, name), attributes[name])
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
    if isinstance(thing, random.Random):
        version, words, gauss = thing.getstate()
        key = struct.pack(f"<{len(words)}I", *words)
        return f"random {version} {gauss} " + hashlib.blake2b(key, digest_size=12).hexdigest()
    if isinstance(thing, np.random.Generator):
        return repr(thing.bit_generator.state)
    if isinstance(thing, np.random.BitGenerator):
        return repr(thing.state)
    if isinstance(thing, np.random.RandomState):
        state = thing.get_state(legacy=False)
        key = state["state"]["key"].tobytes()
        return (
            f"RandomState {state['state']['pos']} {state['gauss']} " + hashlib.blake2b(key, digest_size=12).hexdigest()
        )
    return None


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
