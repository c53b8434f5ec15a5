"""Sums up a game's state. What a container held at the last sum is not put into words again while it is the same."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from math import isnan
from operator import is_
from typing import Any, NamedTuple

import numpy as np

from .plan import Part, Plan
from .reach import slot_names, spaces_in
from .reading import Reader, array_token, cells_of, is_masked, mask_token, objects_in, set_token, told_of, watch_for
from .wording import BETWEEN, Forms, Tell, tell_attributes, tell_bare, tell_items, tell_mapping, tell_names

_MOST_SPELLED = 32
_BETWEEN = BETWEEN.encode()


class _ArrayText:
    """Tells an array, and remembers what it told of this content."""

    __slots__ = ("data", "dtype", "head", "is_small", "shape", "token")

    def __init__(self) -> None:
        self.dtype: np.dtype[Any] | None = None
        self.shape: tuple[int, ...] = ()
        self.data = b""
        self.head = self.token = ""
        self.is_small = False

    def __call__(self, array: np.ndarray[Any, Any]) -> str:
        data = array.tobytes()
        if array.dtype is not self.dtype or array.shape != self.shape:
            self.dtype, self.shape = array.dtype, array.shape
            self.head = f"{array.dtype.str}{array.shape}"
            self.is_small = array.size <= _MOST_SPELLED and array.dtype.kind == "f" and array.itemsize <= 8
        elif data == self.data:
            return self.token
        self.data = data
        self.token = f"{self.head}{_spelled(array, data)}" if self.is_small else array_token(array)
        return self.token


class _MaskedText:
    """Tells an array of which something may be hidden: all of it, and what is."""

    __slots__ = ("_all",)

    def __init__(self) -> None:
        self._all = _ArrayText()

    def __call__(self, array: np.ndarray[Any, Any]) -> str:
        return self._all(np.ma.getdata(array)) + mask_token(array)


def _spelled(array: np.ndarray[Any, Any], data: bytes) -> str:
    """A few numbers are told sooner than hashed. Every NaN is told alike: where one may be, number by number."""
    # From the bytes: a matrix has no flat list.
    numbers = np.frombuffer(data, array.dtype).tolist()
    return data.hex() if not isnan(sum(numbers)) else ",".join(map(float.hex, numbers))


class _Within:
    """Of a space: those it is made of, and its generator. They are looked for when it holds other objects."""

    __slots__ = ("found", "held", "space")

    def __init__(self, space: Any) -> None:
        self.space = space
        self.held: list[Any] = []
        self.found = _in_space(space)

    def __call__(self) -> list[Any]:
        attributes = self.space.__dict__
        listed = attributes.get("spaces", ())
        held = [*attributes, *attributes.values(), *listed, *(listed.values() if isinstance(listed, dict) else ())]
        if len(held) != len(self.held) or not all(map(is_, held, self.held)):
            self.held, self.found = held, _in_space(self.space)
        return self.found


class _Told(NamedTuple):
    """What one container says. The things in it are read anew each time."""

    owner: Any
    """Whose id this is kept under."""
    held: list[Any]
    """Names and values; while these are the same objects, so is the text."""
    text: bytes
    things: list[Any]


class Summer(Reader):
    """Reads what `Reader` reads into one digest."""

    def __init__(self, skip: set[int]) -> None:
        super().__init__(skip)
        self._forms = Forms()
        self._plan = Plan(self._forms)
        self._before: dict[tuple[int, Tell], _Told] = {}
        self._now: dict[tuple[int, Tell], _Told] = {}
        self.namespaces: dict[int, tuple[Any, Sequence[str], Sequence[Any]]] = {}
        """id of a module or class → it, the names of its data, their values."""

    def begin(self) -> None:
        """Read anew. What was not met the last time is forgotten."""
        self._plan = Plan(self._forms)
        self._seen = self._plan.seen
        self._before, self._now = self._now, {}

    def close(self) -> None:
        """All has been read."""
        self._plan.close()

    def again(self, rebound: bool) -> bool:
        """Read as the last time; False where that cannot be done. `rebound` as for `Plan.again`."""
        return bool(self._plan.texts) and self._plan.again(rebound)

    def digest(self) -> bytes:
        """16 bytes for what was read."""
        found = blake2b(_BETWEEN.join(self._plan.texts), digest_size=16)
        found.update(_encoded(BETWEEN.join(self._plan.of_leaves)))
        return found.digest()

    def names(self, path: str, owner: Any, names: Sequence[str], values: Sequence[Any]) -> None:
        fetch = partial(self._in_namespace, owner)
        self._plan.bound(self._say(owner, fetch(), tell_names), fetch)

    def _put(self, path: str, token: str) -> None:
        self._plan.add(_encoded(token))

    def _met_again(self, path: str, thing: Any) -> None:
        self._plan.shared.add(id(thing))
        super()._met_again(path, thing)

    def _mapping(self, path: str, thing: dict[Any, Any]) -> None:
        part = self._say(thing, [*thing, *thing.values()], tell_mapping)
        self._plan.sweep(part, thing, (thing.keys(), thing.values()))

    def _attributes(self, path: str, thing: Any) -> None:
        owner = getattr(thing, "__dict__", None)
        if owner is not None:
            self._plan.object(thing, owner)
        if owner:
            part = self._say(owner, [*owner, *owner.values()], tell_attributes)
            self._plan.sweep(part, owner, (owner.keys(), owner.values()))
        self._slots(path, thing)

    def _slots(self, path: str, thing: Any) -> None:
        names = slot_names(type(thing))
        if names:
            self._fetched(thing, partial(_in_slots, thing, names), tell_bare)

    def _function(self, path: str, thing: types.FunctionType) -> None:
        self._fetched(thing, partial(_in_cells, thing), tell_bare)

    def _items(self, path: str, thing: Sequence[Any]) -> None:
        part = self._say(thing, list(thing), tell_items)
        if type(thing) is not tuple:
            self._plan.sweep(part, thing, (thing,))

    def _space(self, path: str, space: Any) -> None:
        fetch = _Within(space)
        part = self._say(space, fetch(), tell_bare)
        if "_np_random" in space.__dict__ and not spaces_in(space):
            self._plan.space(part, fetch, space)
        else:
            self._plan.fetch(part, fetch)

    def _array(self, path: str, array: np.ndarray[Any, Any]) -> None:
        if array.dtype.hasobject:
            self._fetched(array, partial(objects_in, array), tell_items)
        else:
            tell = _MaskedText() if is_masked(array) else _ArrayText()
            self._plan.leaf(tell, array)

    def _generator(self, path: str, thing: Any) -> None:
        self._plan.leaf(partial(told_of, watch_for(thing)), thing)

    def _set(self, path: str, thing: set[Any]) -> None:
        self._plan.leaf(set_token, thing)

    def _bytearray(self, path: str, thing: bytearray) -> None:
        self._plan.leaf(bytearray.hex, thing)

    def _in_namespace(self, owner: Any) -> list[Any]:
        _, names, values = self.namespaces.get(id(owner), (owner, (), ()))
        return [*names, *values]

    def _fetched(self, owner: Any, fetch: Callable[[], list[Any]], tell: Tell) -> None:
        self._plan.fetch(self._say(owner, fetch(), tell), fetch)

    def _say(self, owner: Any, held: list[Any], tell: Tell) -> Part:
        told = self._told(owner, held, tell)
        part = Part(told.held, told.things, tell)
        part.place = self._plan.add(told.text)
        for thing in told.things:
            self.read("", thing)
        return part

    def _told(self, owner: Any, held: list[Any], tell: Tell) -> _Told:
        key = id(owner), tell
        told = self._before.get(key)
        if told is None or len(told.held) != len(held) or not all(map(is_, told.held, held)):
            told = _Told(owner, held, *tell(held))
        self._now[key] = told
        return told


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _in_slots(thing: Any, names: tuple[str, ...]) -> list[Any]:
    return [getattr(thing, name, _MISSING) for name in names]


def _in_cells(function: types.FunctionType) -> list[Any]:
    return list(cells_of(function))


def _in_space(space: Any) -> list[Any]:
    return [*(child for _, child in spaces_in(space)), space.__dict__.get("_np_random")]


class _Missing:
    """Stands in a slot that has no value."""

    render_only = True


_MISSING = _Missing()
