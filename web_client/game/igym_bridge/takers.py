"""How the content of one object is remembered and written back, for each kind of object."""

from __future__ import annotations

import random
import types
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .generators import watch_of
from .reach import ATOMIC, is_atomic, is_render_only, is_space, slot_names, spaces_in

MISSING = object()
Entry = tuple[Callable[[Any, Any], None], Any, Any]
Entries = list[Entry]
Stack = list[Any]
Taker = Callable[[Any, Entries, Stack], None]


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


def _put_watched(target: Any, content: Any) -> None:
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


def taker_for(thing: Any) -> Taker:
    """How things of this kind are taken."""
    if is_render_only(thing):
        return _take_sheet if hasattr(thing, "kept_state") else take_nothing
    if is_atomic(thing):
        return take_nothing
    if is_space(type(thing)):
        return take_space
    for kind, taker in _TAKERS:
        if isinstance(thing, kind):
            has_own = type(thing) is not kind and (hasattr(thing, "__dict__") or bool(slot_names(type(thing))))
            return _with_attributes(taker) if has_own and taker not in _FINAL else taker
    return take_object


def push(stack: Stack, values: Iterable[Any]) -> None:
    for value in values:
        if type(value) not in ATOMIC:
            stack.append(value)


def take_nothing(_thing: Any, _entries: Entries, _stack: Stack) -> None:
    return


def _take_sheet(thing: Any, entries: Entries, _stack: Stack) -> None:
    """What an env drew to stay belongs to the moment it was drawn in; what the browser shows does not."""
    entries.append((_put_sheet, thing, thing.kept_state()))


def _put_sheet(target: Any, content: Any) -> None:
    target.restore_kept(content)


def take_list(thing: Any, entries: Entries, stack: Stack) -> None:
    entries.append((_put_list, thing, list(thing)))
    push(stack, thing)


def take_tuple(thing: Any, _entries: Entries, stack: Stack) -> None:
    push(stack, thing)


def take_dict(thing: Any, entries: Entries, stack: Stack) -> None:
    entries.append((_put_dict, thing, dict(thing)))
    push(stack, thing.values())


def _take_set(thing: Any, entries: Entries, stack: Stack) -> None:
    entries.append((_put_dict, thing, list(thing)))
    push(stack, thing)


def _take_deque(thing: Any, entries: Entries, stack: Stack) -> None:
    entries.append((_put_deque, thing, list(thing)))
    push(stack, thing)


def _take_bytearray(thing: Any, entries: Entries, _stack: Stack) -> None:
    entries.append((_put_list, thing, bytes(thing)))


def take_array(thing: Any, entries: Entries, stack: Stack) -> None:
    if thing.flags.writeable:
        entries.append((_put_array, thing, thing.copy()))
    if thing.dtype.hasobject:
        push(stack, thing.ravel().tolist())


def take_random(thing: Any, entries: Entries, _stack: Stack) -> None:
    watch = watch_of(thing)
    entries.append((_put_watched, watch, watch.take()))


def take_generator(thing: Any, entries: Entries, _stack: Stack) -> None:
    watch = watch_of(thing.bit_generator)
    entries.append((_put_watched, watch, watch.take()))


def take_method(thing: Any, _entries: Entries, stack: Stack) -> None:
    stack.append(thing.__self__)


def take_function(thing: Any, entries: Entries, stack: Stack) -> None:
    for cell in thing.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:
            continue
        entries.append((_put_cell, cell, content))
        push(stack, (content,))


def take_space(thing: Any, entries: Entries, stack: Stack) -> None:
    """Of a space only its generator changes, and those of the spaces it is made of."""
    generator = thing.__dict__.get("_np_random")
    entries.append((_put_generator, thing, generator))
    stack.extend(child for _, child in spaces_in(thing))
    push(stack, (generator,))


def _put_generator(target: Any, content: Any) -> None:
    target._np_random = content


def take_object(thing: Any, entries: Entries, stack: Stack) -> None:
    attributes = getattr(thing, "__dict__", None)
    if attributes is not None:
        content = dict(attributes)
        entries.append((_put_attributes, thing, content))
        push(stack, content.values())
    names = slot_names(type(thing))
    if names:
        slots = [(name, getattr(thing, name, MISSING)) for name in names]
        entries.append((_put_slots, thing, slots))
        push(stack, (value for _, value in slots if value is not MISSING))


def _with_attributes(taker: Taker) -> Taker:
    """For subclasses of built-in containers that carry attributes of their own."""

    def take(thing: Any, entries: Entries, stack: Stack) -> None:
        taker(thing, entries, stack)
        take_object(thing, entries, stack)

    return take


_TAKERS: list[tuple[type, Taker]] = [
    (list, take_list),
    (tuple, take_tuple),
    (frozenset, take_tuple),
    (dict, take_dict),
    (set, _take_set),
    (deque, _take_deque),
    (bytearray, _take_bytearray),
    (np.ndarray, take_array),
    (random.Random, take_random),
    (np.random.Generator, take_generator),
    (np.random.BitGenerator, take_random),
    (np.random.RandomState, take_random),
    (types.MethodType, take_method),
    (types.FunctionType, take_function),
]
_FINAL = {take_function, take_method, take_generator}
