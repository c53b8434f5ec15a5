"""Exact, in-place snapshots of plain Python objects.

A memento remembers every mutable object that is reachable from its roots together with a shallow copy of its content.
Restoring writes the contents back into the same objects, so aliases, closures and references held elsewhere stay true,
which a deep copy cannot promise.

Most objects of a game live long and go on holding the same others. Such steady objects are listed once; each save then
copies their contents in a few sweeps and makes sure, by the layout, that they hold what they held. Where something else
was seen, what stands in that place is followed anew each time, with everything below it that is not steady.
"""

from __future__ import annotations

import builtins
import types
from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain, repeat
from operator import attrgetter, is_
from typing import Any, NamedTuple

import numpy as np

from .generators import Watch, watch_of
from .layout import Layout, moved
from .namespaces import Namespaces
from .reach import slot_names
from .takers import (
    Entries,
    Stack,
    Taker,
    push,
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
_FIRST_PATIENCE, _MOST_PATIENCE = 4, 64
"""The objects are listed anew when the walks since then have been so many times as long; doubled each time."""


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
    owned: list[dict[str, Any]]
    """The attributes of `objects`."""
    views: list[Any]
    """What `owned`, `dicts` and `lists` hold at any time."""


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
        self._loosened: dict[int, Any] = {}
        """Containers that grow and shrink."""
        self._restless: dict[int, tuple[Any, set[int]]] = {}
        """id of a steady container → the container, and the places in it where something else was seen."""
        self.renew()

    def renew(self) -> None:
        """Everything may be different: list the objects anew at the next save.

        What lives on will move as it did.
        """
        self._steady: Steady | None = None
        self._layout = Layout([])
        self._contents: list[list[Any]] = []
        self._patience = _FIRST_PATIENCE
        self._walked = 0

    def take(self) -> Memento:
        if self._steady is not None and self._walked > self._patience * len(self._steady.ids):
            self._patience = min(2 * self._patience, _MOST_PATIENCE)
            self._steady = None
        while True:
            steady = self._steady or self._listed()
            owned, generators = list(map(_attributes_of, steady.objects)), list(map(_generator_of, steady.spaces))
            values = [*chain.from_iterable(steady.views), *generators]
            if self._layout.holds(values) and all(map(is_, owned, steady.owned)):
                break
            self._loosen(steady, owned)
        stack: Stack = []
        push(stack, self._layout.restless(values))
        entries = self._walk(steady, stack)
        attributes, dicts = list(map(dict.copy, owned)), list(map(dict.copy, steady.dicts))
        lists, arrays = list(map(list.copy, steady.lists)), list(map(np.ndarray.copy, steady.arrays))
        words = [watch.take() for watch in steady.watches]
        # Made as a tuple is, which takes a quarter of the time.
        return tuple.__new__(Memento, (steady, attributes, dicts, lists, generators, arrays, words, entries))

    def _walk(self, steady: Steady, stack: Stack) -> Entries:
        """Follow `stack`, and whatever else is followed anew each time."""
        entries: Entries = []
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
        self._walked += len(seen)
        return entries

    def _taker(self, thing: Any) -> Taker:
        found = self._takers.get(type(thing))
        if found is None:
            found = self._takers[type(thing)] = taker_for(thing)
        return found

    def _listed(self) -> Steady:
        """Go through everything and sort it by how it is visited."""
        ids = {id(thing) for thing in self._skip}
        steady = Steady([], [], [], [], [], [], [], ids, list(self._skip), [], [])
        stack: Stack = list(self._roots)
        self._namespaces.follow(stack)
        while stack:
            thing = stack.pop()
            if id(thing) in ids:
                continue
            ids.add(id(thing))
            steady.kept.append(thing)
            taker = self._taker(thing)
            taker(thing, [], stack)
            if id(thing) in self._loosened:
                steady.loose.append((taker, thing))
            else:
                _sort(steady, taker, thing)
        # An id says something only while its object is held.
        self._loosened = {key: thing for key, thing in self._loosened.items() if key in ids}
        self._restless = {key: found for key, found in self._restless.items() if key in ids}
        self._walked = 0
        return self._laid_out(steady)

    def _laid_out(self, steady: Steady) -> Steady:
        """`steady` with what its objects hold now, which they are to go on holding."""
        owned = list(map(_attributes_of, steady.objects))
        views = [*(content.values() for content in (*owned, *steady.dicts)), *steady.lists]
        self._steady = steady._replace(owned=owned, views=views)
        self._contents = _contents(steady, owned)
        places: set[int] = set()
        start = 0
        for thing, content in zip(_holders(steady), self._contents, strict=True):
            _, restless = self._restless.get(id(thing), (None, ()))
            places.update(start + place for place in restless if place < len(content))
            start += len(content)
        self._layout = Layout(list(chain.from_iterable(self._contents)), places)
        return self._steady

    def _loosen(self, steady: Steady, owned: list[dict[str, Any]]) -> None:
        """Find who no longer holds what it held: what stands in that place is followed anew from now on."""
        loosened = [one for one, old, new in zip(steady.objects, steady.owned, owned, strict=True) if old is not new]
        for thing, before, now in zip(_holders(steady), self._contents, _contents(steady, owned), strict=True):
            if len(before) != len(now):
                loosened.append(thing)
            elif places := moved(before, now):
                self._restless.setdefault(id(thing), (thing, set()))[1].update(places)
        self._loosened.update((id(thing), thing) for thing in loosened)
        loose = [*steady.loose, *((self._taker(thing), thing) for thing in loosened)]
        kept: list[list[Any]] = [
            [thing for thing in things if id(thing) not in self._loosened]
            for things in (steady.objects, steady.dicts, steady.lists)
        ]
        self._laid_out(steady._replace(objects=kept[0], dicts=kept[1], lists=kept[2], loose=loose))


def restore(memento: Memento) -> None:
    """Write every remembered content back."""
    steady, attributes, dicts, lists, generators, arrays, words, entries = memento
    owned = list(map(_attributes_of, steady.objects))
    _each(map(dict.clear, owned))
    _each(map(dict.update, owned, attributes))
    _each(map(dict.clear, steady.dicts))
    _each(map(dict.update, steady.dicts, dicts))
    _each(map(list.__setitem__, steady.lists, repeat(_ALL), lists))
    if not all(map(is_, map(_generator_of, steady.spaces), generators)):
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
    if taker is take_object and hasattr(thing, "__dict__") and not slot_names(type(thing)):
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


def _holders(steady: Steady) -> list[Any]:
    """Whose contents `_contents` tells, in the same order."""
    return [*steady.objects, *steady.dicts, *steady.lists, *steady.spaces]


def _contents(steady: Steady, owned: list[dict[str, Any]]) -> list[list[Any]]:
    """What each steady container holds, where `owned` are the attributes of the objects."""
    dicts = [list(content.values()) for content in (*owned, *steady.dicts)]
    return [*dicts, *map(list, steady.lists), *([generator] for generator in map(_generator_of, steady.spaces))]
