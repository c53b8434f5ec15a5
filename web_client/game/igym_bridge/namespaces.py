"""The data of the researcher's modules and classes, without a look at every name each time."""

from __future__ import annotations

import types
from itertools import chain
from operator import is_
from typing import Any

from .layout import picker
from .reach import class_data, module_data
from .takers import MISSING, Entries, Stack, push

Namespace = types.ModuleType | type
Holding = tuple[Any, tuple[str, ...], Any]
"""A module or class, the names of its data, and what reads their values."""
Contents = list[tuple[Any, ...]]


class Namespaces:
    """Remembers which names hold data. All other values are code: while those are the same ones, so are the names."""

    def __init__(self, targets: list[Namespace]) -> None:
        self._targets = targets
        self._views = [vars(target).values() for target in targets]
        self.holding: list[Holding] = []
        """Those that have data."""
        self._followed: Contents | None = None
        self._learn()

    def take(self, entries: Entries, stack: Stack) -> None:
        """Remember the data; put on the stack what may not have been there when `follow` was called."""
        if not self._targets:
            return
        contents = self.contents()
        if self._followed is not None and _same(contents, self._followed):
            contents = self._followed
        else:
            push(stack, chain.from_iterable(contents))
        entries.append((_put, self, (self.holding, contents)))

    def follow(self, stack: Stack) -> None:
        """Put all data on the stack."""
        contents = self._followed = self.contents()
        push(stack, chain.from_iterable(contents))

    def contents(self) -> Contents:
        """The data of each of `holding`."""
        if not self._as_known():
            self._learn()
        try:
            return self._read()
        except KeyError:
            self._learn()
            return self._read()

    def put(self, saved: tuple[list[Holding], Contents]) -> None:
        holding, contents = saved
        try:
            now = self._read() if holding is self.holding and self._as_known() else None
        except KeyError:
            now = None
        if now is None:
            self._put_slowly(holding, contents)
        elif not _same(now, contents):
            for (target, names, _), values in zip(holding, contents, strict=True):
                _write(target, names, values)

    def _as_known(self) -> bool:
        values = list(chain.from_iterable(self._views))
        return len(values) == self._count and self._code_of(values) == self._code

    def _read(self) -> Contents:
        return [get(vars(target)) for target, _, get in self.holding]

    def _learn(self) -> None:
        self.holding, self._followed = [], None
        code: list[bool] = []
        for target in self._targets:
            names = tuple(_data(target))
            code += [name not in names for name in vars(target)]
            if names:
                self.holding.append((target, names, picker(names)))
        self._count = len(code)
        self._code_of = picker([place for place, is_code in enumerate(code) if is_code])
        self._code = self._code_of(list(chain.from_iterable(self._views)))

    def _put_slowly(self, holding: list[Holding], contents: Contents) -> None:
        """Names came or went since: those that were not there go again."""
        saved = {id(target): names for target, names, _ in holding}
        for target in self._targets:
            for name in set(_data(target)).difference(saved.get(id(target), ())):
                type.__delattr__(target, name) if isinstance(target, type) else delattr(target, name)
        for (target, names, _), values in zip(holding, contents, strict=True):
            _write(target, names, values)


def _put(target: Namespaces, content: Any) -> None:
    target.put(content)


def _data(target: Namespace) -> dict[str, Any]:
    return module_data(target) if isinstance(target, types.ModuleType) else class_data(target)


def _same(one: Contents, other: Contents) -> bool:
    """Whether two readings of the same names gave the very same objects."""
    return all(map(is_, chain.from_iterable(one), chain.from_iterable(other)))


def _write(target: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
    space = vars(target)
    if not isinstance(target, type):
        space.update(zip(names, values, strict=True))
        return
    # Writing to a class makes Python forget what it knows about it.
    for name, value in zip(names, values, strict=True):
        if space.get(name, MISSING) is not value:
            type.__setattr__(target, name, value)
