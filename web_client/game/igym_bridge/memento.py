"""Exact, in-place snapshots of plain Python objects.

A memento remembers every mutable object that is reachable from its roots together with a shallow copy of its content.
Restoring writes the contents back into the same objects, so aliases, closures and references held elsewhere stay true,
which a deep copy cannot promise.

Most objects of a game live long and go on holding the same others. Such steady objects are listed once; each save then
copies their contents in a few sweeps and makes sure that they hold what they held. Whatever was seen to change what it
holds is followed anew each time, with everything below it that is not steady.
"""

from __future__ import annotations

import builtins
import types
from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain, compress, repeat
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from .generators import Watch, watch_of
from .namespaces import Namespaces
from .reach import never_changes, slot_names
from .takers import (
    Entries,
    Stack,
    Taker,
    take_array,
    take_dict,
    take_function,
    take_generator,
    take_list,
    take_method,
    take_nothing,
    take_object,
    take_random,
    take_space,
    take_tuple,
    taker_for,
)

_attributes_of: Callable[[Any], dict[str, Any]] = attrgetter("__dict__")
_generator_of: Callable[[Any], Any] = attrgetter("_np_random")
_ALL = slice(None)
_FIRST_LOOK, _LONGEST_LOOK = 8, 128
"""Saves until the objects are listed anew: doubled each time."""


class _Follows(dict[type, bool]):
    """Type → whether its objects have to be followed."""

    def __missing__(self, kind: type) -> bool:
        found = self[kind] = not never_changes(kind)
        return found


_follows = _Follows()


class Steady(NamedTuple):
    """Objects that every save visits. Never changed, only replaced: mementos hold the one they were taken with."""

    objects: list[Any]
    dicts: list[dict[Any, Any]]
    lists: list[list[Any]]
    spaces: list[Any]
    """Of a space only its generator changes."""
    arrays: list[np.ndarray[Any, Any]]
    watches: list[Watch]
    loose: list[tuple[Taker, Any]]
    """Followed anew each time."""
    ids: set[int]
    kept: list[Any]
    """Everything whose id is in `ids`."""


class Memento(NamedTuple):
    steady: Steady
    attributes: list[dict[str, Any]]
    dicts: list[dict[Any, Any]]
    lists: list[list[Any]]
    generators: list[Any]
    arrays: list[np.ndarray[Any, Any]]
    words: list[Any]
    entries: Entries


class MementoTaker:
    """Takes mementos of `roots`: objects, and the modules and classes of the researcher's own files."""

    def __init__(self, roots: Iterable[Any], skip: Iterable[Any] = ()) -> None:
        everything = list(roots)
        self._namespaces = Namespaces([root for root in everything if isinstance(root, types.ModuleType | type)])
        self._roots = [root for root in everything if not isinstance(root, types.ModuleType | type)]
        # Python puts its builtins into every dict that code is run in; cleared, nothing could be written back.
        self._skip = [*skip, vars(builtins)]
        self._takers: dict[type, Taker] = {}
        self.renew()

    def renew(self) -> None:
        """Everything may be different: list the objects anew at the next save."""
        self._steady: Steady | None = None
        self._restless: dict[int, Any] = {}
        self._holdings: list[list[int]] = []
        self._held: list[int] = []
        self._until_look = self._look = _FIRST_LOOK

    def take(self) -> Memento:
        self._until_look -= 1
        if self._until_look <= 0:
            self._until_look = self._look = min(2 * self._look, _LONGEST_LOOK)
            self._steady = None
        while True:
            steady = self._steady or self._listed()
            attributes = list(map(dict.copy, map(_attributes_of, steady.objects)))
            dicts = list(map(dict.copy, steady.dicts))
            lists = list(map(list.copy, steady.lists))
            generators = list(map(_generator_of, steady.spaces))
            if list(map(id, _held(attributes, dicts, lists, generators))) == self._held:
                break
            self._loosen(steady, (attributes, dicts, lists, [[one] for one in generators]))
        arrays = list(map(np.ndarray.copy, steady.arrays))
        words = [watch.take() for watch in steady.watches]
        return Memento(steady, attributes, dicts, lists, generators, arrays, words, self._loose_entries(steady))

    def _loose_entries(self, steady: Steady) -> Entries:
        entries: Entries = []
        stack: Stack = []
        self._namespaces.take(entries, stack)
        for taker, thing in steady.loose:
            taker(thing, entries, stack)
        seen: set[int] = set()
        known, takers = steady.ids, self._takers
        while stack:
            thing = stack.pop()
            key = id(thing)
            if key in known or key in seen:
                continue
            seen.add(key)
            taker = takers.get(type(thing)) or self._taker(thing)
            taker(thing, entries, stack)
        return entries

    def _taker(self, thing: Any) -> Taker:
        found = self._takers.get(type(thing))
        if found is None:
            found = self._takers[type(thing)] = taker_for(thing)
        return found

    def _listed(self) -> Steady:
        """Go through everything and sort it by how it is visited."""
        ids = {id(thing) for thing in self._skip}
        steady = Steady([], [], [], [], [], [], [], ids, list(self._skip))
        restless, self._restless = self._restless, {}
        stack: Stack = list(self._roots)
        self._namespaces.take([], stack)
        while stack:
            thing = stack.pop()
            if id(thing) in ids:
                continue
            ids.add(id(thing))
            steady.kept.append(thing)
            taker = self._taker(thing)
            taker(thing, [], stack)
            if id(thing) in restless:
                self._restless[id(thing)] = thing
                steady.loose.append((taker, thing))
            else:
                _sort(steady, taker, thing)
        self._steady = steady
        owned = [[generator] for generator in map(_generator_of, steady.spaces)]
        contents = (map(_attributes_of, steady.objects), steady.dicts, steady.lists, owned)
        self._holdings = [_ids_held(content) for group in contents for content in group]
        self._held = list(chain.from_iterable(self._holdings))
        return steady

    def _loosen(self, steady: Steady, contents: tuple[list[Any], ...]) -> None:
        """Whoever no longer holds what it held is followed anew from now on."""
        known = iter(self._holdings)
        still: list[list[int]] = []
        kept: list[list[Any]] = []
        loose = list(steady.loose)
        groups = (steady.objects, steady.dicts, steady.lists, steady.spaces)
        for things, copies in zip(groups, contents, strict=True):
            kept.append([])
            for thing, copy in zip(things, copies, strict=True):
                ids = next(known)
                if _ids_held(copy) == ids:
                    kept[-1].append(thing)
                    still.append(ids)
                else:
                    self._restless[id(thing)] = thing
                    loose.append((self._taker(thing), thing))
        self._steady = steady._replace(objects=kept[0], dicts=kept[1], lists=kept[2], spaces=kept[3], loose=loose)
        self._holdings = still
        self._held = list(chain.from_iterable(still))


def restore(memento: Memento) -> None:
    """Write every remembered content back."""
    steady, attributes, dicts, lists, generators, arrays, words, entries = memento
    owned = list(map(_attributes_of, steady.objects))
    _each(map(dict.clear, owned))
    _each(map(dict.update, owned, attributes))
    _each(map(dict.clear, steady.dicts))
    _each(map(dict.update, steady.dicts, dicts))
    _each(map(list.__setitem__, steady.lists, repeat(_ALL), lists))
    _each(map(setattr, steady.spaces, repeat("_np_random"), generators))
    for array, content in zip(steady.arrays, arrays, strict=True):
        array[...] = content
    for watch, content in zip(steady.watches, words, strict=True):
        watch.put(content)
    for put, target, content in entries:
        put(target, content)


def _each(calls: Iterable[Any]) -> None:
    deque(calls, 0)


def _sort(steady: Steady, taker: Taker, thing: Any) -> None:
    """By how it is visited from now on. What can never hold anything else needs no visit."""
    if taker is take_object and hasattr(thing, "__dict__") and not _is_special(type(thing)):
        steady.objects.append(thing)
    elif taker is take_dict:
        steady.dicts.append(thing)
    elif taker is take_list:
        steady.lists.append(thing)
    elif taker is take_array and thing.flags.writeable and not thing.dtype.hasobject:
        steady.arrays.append(thing)
    elif taker is take_space and "_np_random" in vars(thing):
        steady.spaces.append(thing)
    elif taker is take_random:
        steady.watches.append(watch_of(thing))
    elif taker is take_generator:
        steady.watches.append(watch_of(thing.bit_generator))
    elif taker not in _UNCHANGING and not (taker is take_function and not thing.__closure__):
        steady.loose.append((taker, thing))


_UNCHANGING = {take_nothing, take_tuple, take_method}


def _is_special(kind: type) -> bool:
    return bool(slot_names(kind) or getattr(kind, "igym_render_only", ()))


def _held(
    attributes: list[dict[str, Any]], dicts: list[dict[Any, Any]], lists: list[list[Any]], generators: list[Any]
) -> Iterable[Any]:
    """What the steady objects hold that has to be followed, in order."""
    contents = [*map(dict.values, attributes), *map(dict.values, dicts), *lists, generators]
    values = list(chain.from_iterable(contents))
    return compress(values, map(_follows.__getitem__, map(type, values)))


def _ids_held(content: Any) -> list[int]:
    values = content.values() if isinstance(content, dict) else content
    return [id(value) for value in values if _follows[type(value)]]
