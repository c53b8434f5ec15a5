"""The data of the researcher's modules and classes, without a look at every name each time."""

from __future__ import annotations

import gc
import types
from collections.abc import Iterable, Mapping
from itertools import chain
from operator import is_
from typing import Any, NamedTuple

from .layout import Picker, picker
from .memory import Tables
from .reach import class_data, is_code, module_data
from .takers import MISSING, Entries, Stack, push

Namespace = types.ModuleType | type
Contents = list[tuple[Any, ...]]


class Holding(NamedTuple):
    """What a module or class holds: the names of its data. All other values are code."""

    target: Namespace
    names: tuple[str, ...]
    """Sorted: in which order names were bound may differ between browsers."""
    read: Picker
    """Reads the data off the namespace."""
    code_names: tuple[str, ...]
    code_of: Picker
    """Reads the code off the namespace."""
    code: tuple[Any, ...]
    count: int


Reading = tuple[list[Holding], Contents]
"""Contents say something only beside the names that they were read by."""


class Namespaces:
    """Remembers which names hold data: while the code is the same, so are the names.

    A namespace whose table in memory is as it was is not read again.
    """

    def __init__(self, targets: list[Namespace]) -> None:
        self.holding = list(map(_learnt, targets))
        """One for each of `targets`; a list once made stays as it is."""
        self._tables = Tables(list(map(_dict_of, targets)))
        self._told: list[bytes] | None = None
        self._now: Contents = [()] * len(targets)
        self._keys: list[list[str]] = [[]] * len(targets)
        """Kept, as the values are: no other objects can then lie where these do, and be taken for them."""
        self._followed: Reading | None = None

    def take(self, entries: Entries, stack: Stack) -> None:
        """Remember the data; put on the stack what may not have been there when `follow` was called."""
        if not self.holding:
            return
        contents, holding = self.contents(), self.holding
        followed_holding, followed = self._followed or (None, [])
        if contents is not followed:
            if followed_holding is holding and _same(contents, followed):
                contents = followed
            else:
                push(stack, chain.from_iterable(contents))
        entries.append((_put, self, (holding, contents)))

    def follow(self, stack: Stack) -> None:
        """Put all data on the stack."""
        contents = self.contents()
        self._followed = self.holding, contents
        push(stack, chain.from_iterable(contents))

    def contents(self) -> Contents:
        """The data of each of `holding`; the very list of the last time while nothing was bound anew."""
        told = self._tables.told()
        if told is None or told is not self._told:
            self._read_again(told)
        return self._now

    def put(self, saved: Reading) -> None:
        holding, contents = saved
        now = self.contents()
        if holding is not self.holding:
            self._put_slowly(holding, contents)
        elif now is not contents and not _same(now, contents):
            for one, values in zip(holding, contents, strict=True):
                _write(one.target, one.names, values)

    def _read_again(self, told: list[bytes] | None) -> None:
        before, now = self._told, self._now.copy()
        for place, one in enumerate(self.holding):
            if told is None or before is None or told[place] != before[place]:
                now[place] = self._read(place, one)
        self._told, self._now = told, now

    def _read(self, place: int, one: Holding) -> tuple[Any, ...]:
        space = vars(one.target)
        self._keys[place] = list(space)
        data = _data_of(one, space)
        if data is None:
            one = _learnt(one.target)
            self.holding = [*self.holding[:place], one, *self.holding[place + 1 :]]
            data = one.read(space)
        return data

    def _put_slowly(self, holding: list[Holding], contents: Contents) -> None:
        """Names came or went since, or stand for other code: those that were not there go again."""
        for one, values in zip(holding, contents, strict=True):
            target = one.target
            unbind_all_but(target, one.names, one.code_names)
            _write(target, one.names, values)
            _write_code(one)


def _put(target: Namespaces, content: Any) -> None:
    target.put(content)


def data_of(target: Namespace) -> dict[str, Any]:
    return module_data(target) if isinstance(target, types.ModuleType) else class_data(target)


def _dict_of(target: Namespace) -> dict[str, Any]:
    """What a class shows of its own is only a view of it."""
    space: Any = vars(target)
    return space if isinstance(target, types.ModuleType) else gc.get_referents(space)[0]  # type: ignore[no-any-return]


def _data_of(one: Holding, space: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """None where other names may hold data now."""
    if len(space) != one.count:
        return None
    try:
        code, data = one.code_of(space), one.read(space)
    except KeyError:
        return None
    if not all(map(is_, code, one.code)):
        return None
    return None if any(map(is_code, map(type, data))) else data


def _learnt(target: Namespace) -> Holding:
    data, space = data_of(target), vars(target)
    names, code_names = tuple(sorted(data)), tuple(name for name in space if name not in data)
    code_of = picker(code_names)
    return Holding(target, names, picker(names), code_names, code_of, code_of(space), len(space))


def _same(one: Contents, other: Contents) -> bool:
    """Whether two readings by one `holding` gave the very same objects."""
    return all(map(is_, chain.from_iterable(one), chain.from_iterable(other)))


def bound_by_games(space: Mapping[str, Any]) -> set[str]:
    """Without what Python binds by itself, modules that were imported late among it: they are imported only once."""
    return {name for name, value in space.items() if _is_games(name) and not isinstance(value, types.ModuleType)}


def unbind_all_but(target: Namespace, *kept: Iterable[str]) -> None:
    """What games have bound beside these names goes."""
    for name in bound_by_games(vars(target)).difference(*kept):
        type.__delattr__(target, name) if isinstance(target, type) else delattr(target, name)


def _is_games(name: str) -> bool:
    return not name.startswith(("__", "_abc_"))


def _write_code(one: Holding) -> None:
    space = vars(one.target)
    for name, code in zip(one.code_names, one.code, strict=True):
        if _is_games(name) and space.get(name, MISSING) is not code:
            _write(one.target, (name,), (code,))


def _write(target: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
    space = vars(target)
    if not isinstance(target, type):
        space.update(zip(names, values, strict=True))
        return
    # Writing to a class makes Python forget what it knows about it.
    for name, value in zip(names, values, strict=True):
        if space.get(name, MISSING) is not value:
            type.__setattr__(target, name, value)
