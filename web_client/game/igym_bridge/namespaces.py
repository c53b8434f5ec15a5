"""The data of the researcher's modules and classes, without a look at every name each time."""

from __future__ import annotations

import types
from itertools import chain
from operator import itemgetter
from typing import Any

from .reach import class_data, module_data
from .takers import MISSING, Entries, Stack, push

Namespace = types.ModuleType | type
Contents = list[dict[str, Any]]


class _Any:
    """Equal to everything: stands where data stands, which changes."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True


_ANY = _Any()


class Namespaces:
    """Remembers which names hold data. All other values are code: while those are the same ones, so are the names."""

    def __init__(self, targets: list[Namespace]) -> None:
        self._spaces = [vars(target) for target in targets]
        self._targets = targets
        self._pattern: list[Any] = []
        self._holding: list[tuple[Any, tuple[str, ...], Any]] = []

    def take(self, entries: Entries, stack: Stack) -> None:
        if not self._targets:
            return
        if not self._as_known():
            self._learn()
        try:
            found = [(space, _values(space, names, get)) for space, names, get in self._holding]
        except KeyError:
            self._learn()
            found = [(space, _values(space, names, get)) for space, names, get in self._holding]
        for _, values in found:
            push(stack, values)
        contents = [values for _, values in found]
        entries.append((_put, self, (self._pattern, self._holding, contents)))

    def data(self) -> dict[int, dict[str, Any]]:
        """id of a module or class → its data by name; nothing for one that has none."""
        if not self._as_known():
            self._learn()
        return {
            id(target): {name: vars(target)[name] for name in names if name in vars(target)}
            for target, names, _ in self._holding
        }

    def put(self, saved: tuple[list[Any], list[tuple[Any, tuple[str, ...], Any]], list[tuple[Any, ...]]]) -> None:
        pattern, holding, contents = saved
        if pattern is not self._pattern or not self._as_known():
            self._put_slowly(holding, contents)
            return
        for (target, names, _), values in zip(holding, contents, strict=True):
            _write(target, names, values)

    def _as_known(self) -> bool:
        # The pattern stands on the left, so that it is never the data that is asked whether it is equal.
        return self._pattern == list(chain.from_iterable([space.values() for space in self._spaces]))

    def _learn(self) -> None:
        pattern: list[Any] = []
        self._holding = []
        for target, space in zip(self._targets, self._spaces, strict=True):
            names = tuple(_data(target))
            pattern += [_ANY if name in names else value for name, value in space.items()]
            if names:
                self._holding.append((target, names, itemgetter(*names)))
        self._pattern = pattern

    def _put_slowly(self, holding: list[tuple[Any, tuple[str, ...], Any]], contents: list[tuple[Any, ...]]) -> None:
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


def _values(target: Any, names: tuple[str, ...], get: Any) -> tuple[Any, ...]:
    found = get(vars(target))
    return found if len(names) > 1 else (found,)


def _write(target: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
    space = vars(target)
    if not isinstance(target, type):
        space.update(zip(names, values, strict=True))
        return
    # Writing to a class makes Python forget what it knows about it.
    for name, value in zip(names, values, strict=True):
        if space.get(name, MISSING) is not value:
            type.__setattr__(target, name, value)
