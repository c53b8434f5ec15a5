"""Exact, in-place snapshots of plain Python objects.

A memento remembers every mutable object that is reachable from its roots together with a shallow copy of its content.
Restoring writes the contents back into the same objects, so aliases, closures and references held elsewhere stay true,
which a deep copy cannot promise.
"""

from __future__ import annotations

import random
import types
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .generators import watch_of
from .reach import ATOMIC, class_data, is_atomic, is_render_only, is_space, module_data, slot_names

MISSING = object()
Entry = tuple[Callable[[Any, Any], None], Any, Any]
Entries = list[Entry]
Stack = list[Any]


def _put_list(target: Any, content: Any) -> None:
    target[:] = content


def _put_dict(target: Any, content: Any) -> None:
    target.clear()
    target.update(content)


def _put_array(target: Any, content: Any) -> None:
    target[...] = content


def _put_deque(target: Any, content: Any) -> None:
    target.clear()
    target.extend(content)


def _put_random(target: Any, content: Any) -> None:
    target.setstate(content)


def _put_bits(target: Any, content: Any) -> None:
    target.state = content


def _put_random_state(target: Any, content: Any) -> None:
    target.put(content)


def _put_attributes(target: Any, content: Any) -> None:
    attributes = target.__dict__
    attributes.clear()
    attributes.update(content)


def _put_slots(target: Any, content: Any) -> None:
    for name, value in content:
        if value is not MISSING:
            object.__setattr__(target, name, value)
        elif hasattr(target, name):
            object.__delattr__(target, name)


def _put_cell(target: Any, content: Any) -> None:
    target.cell_contents = content


def _put_module(target: Any, content: Any) -> None:
    namespace = vars(target)
    for name in [name for name in module_data(target) if name not in content]:
        del namespace[name]
    namespace.update(content)


def _put_class(target: Any, content: Any) -> None:
    current = class_data(target)
    for name in current.keys() - content.keys():
        type.__delattr__(target, name)
    for name, value in content.items():
        if current.get(name, MISSING) is not value:
            type.__setattr__(target, name, value)


class MementoTaker:
    """Takes mementos of `roots`: objects, and the modules and classes of the researcher's own files."""

    def __init__(self, roots: Iterable[Any], skip: Iterable[Any] = ()) -> None:
        self._roots = list(roots)
        self._skip = {id(thing) for thing in skip}
        self._kept_alive = list(skip)
        self._takers: dict[type, Callable[[Any, Entries, Stack], None]] = {}

    def take(self) -> Entries:
        entries: Entries = []
        seen = set(self._skip)
        stack: Stack = []
        takers = self._takers
        for root in self._roots:
            if isinstance(root, types.ModuleType):
                _take_module(root, entries, stack)
            elif isinstance(root, type):
                _take_class(root, entries, stack)
            else:
                stack.append(root)
        while stack:
            thing = stack.pop()
            key = id(thing)
            if key in seen:
                continue
            seen.add(key)
            kind = type(thing)
            taker = takers.get(kind)
            if taker is None:
                taker = takers[kind] = self._taker_for(thing)
            taker(thing, entries, stack)
        return entries

    def _taker_for(self, thing: Any) -> Callable[[Any, Entries, Stack], None]:
        if is_render_only(thing):
            return _take_sheet if hasattr(thing, "kept_state") else _take_nothing
        if is_atomic(thing):
            return _take_nothing
        if is_space(type(thing)):
            return _take_space
        for kind, taker in _TAKERS:
            if isinstance(thing, kind):
                return taker if type(thing) is kind or taker in _FINAL else _with_attributes(taker)
        return _take_object


def restore(entries: Entries) -> None:
    """Write every remembered content back."""
    for put, target, content in entries:
        put(target, content)


def _push(stack: Stack, values: Iterable[Any]) -> None:
    for value in values:
        if type(value) not in ATOMIC:
            stack.append(value)


def _take_nothing(_thing: Any, _entries: Entries, _stack: Stack) -> None:
    return


def _take_sheet(thing: Any, entries: Entries, _stack: Stack) -> None:
    """What an env drew to stay belongs to the moment it was drawn in; what the browser shows does not."""
    entries.append((_put_sheet, thing, thing.kept_state()))


def _put_sheet(target: Any, content: Any) -> None:
    target.restore_kept(content)


def _take_list(thing: Any, entries: Entries, stack: Stack) -> None:
    entries.append((_put_list, thing, list(thing)))
    _push(stack, thing)


def _take_tuple(thing: Any, _entries: Entries, stack: Stack) -> None:
    _push(stack, thing)


def _take_dict(thing: Any, entries: Entries, stack: Stack) -> None:
    entries.append((_put_dict, thing, dict(thing)))
    _push(stack, thing.values())


def _take_set(thing: Any, entries: Entries, stack: Stack) -> None:
    entries.append((_put_dict, thing, list(thing)))
    _push(stack, thing)


def _take_deque(thing: Any, entries: Entries, stack: Stack) -> None:
    entries.append((_put_deque, thing, list(thing)))
    _push(stack, thing)


def _take_bytearray(thing: Any, entries: Entries, _stack: Stack) -> None:
    entries.append((_put_list, thing, bytes(thing)))


def _take_array(thing: Any, entries: Entries, stack: Stack) -> None:
    if thing.flags.writeable:
        entries.append((_put_array, thing, thing.copy()))
    if thing.dtype.hasobject:
        _push(stack, thing.ravel().tolist())


def _take_random(thing: Any, entries: Entries, _stack: Stack) -> None:
    entries.append((_put_random, thing, thing.getstate()))


def _take_generator(thing: Any, entries: Entries, _stack: Stack) -> None:
    bits = thing.bit_generator
    entries.append((_put_bits, bits, bits.state))


def _take_bits(thing: Any, entries: Entries, _stack: Stack) -> None:
    entries.append((_put_bits, thing, thing.state))


def _take_random_state(thing: Any, entries: Entries, _stack: Stack) -> None:
    watch = watch_of(thing)
    entries.append((_put_random_state, watch, watch.take()))


def _take_method(thing: Any, _entries: Entries, stack: Stack) -> None:
    stack.append(thing.__self__)


def _take_function(thing: Any, entries: Entries, stack: Stack) -> None:
    for cell in thing.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:
            continue
        entries.append((_put_cell, cell, content))
        _push(stack, (content,))


def _take_module(thing: Any, entries: Entries, stack: Stack) -> None:
    content = module_data(thing)
    entries.append((_put_module, thing, content))
    _push(stack, content.values())


def _take_class(thing: Any, entries: Entries, stack: Stack) -> None:
    content = class_data(thing)
    entries.append((_put_class, thing, content))
    _push(stack, content.values())


def _take_space(thing: Any, entries: Entries, stack: Stack) -> None:
    """Of a space only its generator changes."""
    generator = thing.__dict__.get("_np_random")
    entries.append((_put_generator, thing, generator))
    children = thing.__dict__.get("spaces", ())
    stack.extend(children.values() if isinstance(children, dict) else children)
    _push(stack, (generator,))


def _put_generator(target: Any, content: Any) -> None:
    target._np_random = content


def _take_object(thing: Any, entries: Entries, stack: Stack) -> None:
    attributes = getattr(thing, "__dict__", None)
    if attributes is not None:
        content = dict(attributes)
        entries.append((_put_attributes, thing, content))
        hidden = getattr(type(thing), "igym_render_only", ())
        _push(stack, (value for name, value in content.items() if name not in hidden) if hidden else content.values())
    names = slot_names(type(thing))
    if names:
        slots = [(name, getattr(thing, name, MISSING)) for name in names]
        entries.append((_put_slots, thing, slots))
        _push(stack, (value for _, value in slots if value is not MISSING))


def _with_attributes(taker: Callable[[Any, Entries, Stack], None]) -> Callable[[Any, Entries, Stack], None]:
    """For subclasses of built-in containers, which may carry attributes of their own."""

    def take(thing: Any, entries: Entries, stack: Stack) -> None:
        taker(thing, entries, stack)
        if hasattr(thing, "__dict__") or slot_names(type(thing)):
            _take_object(thing, entries, stack)

    return take


_TAKERS: list[tuple[type, Callable[[Any, Entries, Stack], None]]] = [
    (list, _take_list),
    (tuple, _take_tuple),
    (frozenset, _take_tuple),
    (dict, _take_dict),
    (set, _take_set),
    (deque, _take_deque),
    (bytearray, _take_bytearray),
    (np.ndarray, _take_array),
    (random.Random, _take_random),
    (np.random.Generator, _take_generator),
    (np.random.BitGenerator, _take_bits),
    (np.random.RandomState, _take_random_state),
    (types.MethodType, _take_method),
    (types.FunctionType, _take_function),
]
_FINAL = {_take_function, _take_method, _take_generator, _take_bits, _take_random_state}
