"""Sums up a game's state. What a container held at the last sum is not put into words again while it is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from operator import is_
from typing import Any, NamedTuple

import numpy as np

from .reading import ATOM, TOKENS, Reader, array_token, atomic_token, attributes_of, in_order, way_of

_BETWEEN = "\x1f"
# The sum needs no numbers that people can read.
_TOKENS: dict[type, Callable[[Any], str]] = {
    **TOKENS,
    float: float.hex,
    np.float64: lambda value: "f64" + value.hex(),
    np.float32: lambda value: "f32" + float(value).hex(),
}


class _Told(NamedTuple):
    """What one container says: text, thing, text, thing … text. The things are read anew each time."""

    owner: Any
    """Whose id this is kept under."""
    held: list[Any]
    """Names and values; while these are the same objects, so is the text."""
    texts: list[str]
    things: list[Any]


class Summer(Reader):
    """Reads what `Reader` reads into one digest."""

    def __init__(self, skip: set[int]) -> None:
        super().__init__(skip)
        self._texts: list[str] = []
        self._before: dict[int, _Told] = {}
        self._now: dict[int, _Told] = {}
        self._arrays_before: dict[int, tuple[Any, ...]] = {}
        self._arrays_now: dict[int, tuple[Any, ...]] = {}

    def begin(self) -> None:
        """Read anew. What was not met the last time is forgotten."""
        self._texts, self._seen = [], {}
        self._before, self._now = self._now, {}
        self._arrays_before, self._arrays_now = self._arrays_now, {}

    def digest(self) -> bytes:
        """16 bytes for what was read since `begin`."""
        data = _BETWEEN.join(self._texts).encode("utf-8", "surrogatepass")
        return blake2b(data, digest_size=16).digest()

    def names(self, path: str, owner: Any, names: Sequence[str], values: Sequence[Any]) -> None:
        held = [*names, *values]
        told = self._known(owner, held) or self._tell(owner, held, f"{{{len(names)}", zip(names, values, strict=True))
        self._say(told)

    def _put(self, path: str, token: str) -> None:
        self._texts.append(token)

    def _mapping(self, path: str, thing: dict[Any, Any]) -> None:
        held = [*thing, *thing.values()]
        self._say(self._known(thing, held) or self._tell(thing, held, f"{{{len(thing)}", in_order(thing)))

    def _attributes(self, path: str, thing: Any) -> None:
        attributes = attributes_of(thing)
        if attributes:
            owner, held = thing.__dict__, [*attributes, *attributes.values()]
            self._say(self._known(owner, held) or self._tell(owner, held, "", in_order(attributes)))
        self._slots(path, thing)

    def _items(self, path: str, thing: Sequence[Any]) -> None:
        held = list(thing)
        self._say(self._known(thing, held) or self._tell(thing, held, f"[{len(held)}", (("", one) for one in held)))

    def _space(self, path: str, space: Any) -> None:
        children = space.__dict__.get("spaces", ())
        for child in children.values() if isinstance(children, dict) else children:
            self.read(path, child)
        self.read(path, space.__dict__.get("_np_random"))

    def _array(self, path: str, array: np.ndarray[Any, Any]) -> None:
        if array.dtype.hasobject:
            super()._array(path, array)
            return
        form, content = (array.shape, array.dtype), array.tobytes()
        known = self._arrays_before.get(id(array))
        if known is None or known[1:3] != (form, content):
            known = (array, form, content, array_token(array))
        self._arrays_now[id(array)] = known
        self._texts.append(known[3])

    def _known(self, owner: Any, held: list[Any]) -> _Told | None:
        told = self._before.get(id(owner))
        if told is None or len(told.held) != len(held) or not all(map(is_, told.held, held)):
            return None
        self._now[id(owner)] = told
        return told

    def _tell(self, owner: Any, held: list[Any], head: str, items: Iterable[tuple[Any, Any]]) -> _Told:
        texts: list[str] = []
        things: list[Any] = []
        words = [head]
        for name, value in items:
            words.append(str(name))
            text = _text_of(value)
            if text is not None:
                words.append(text)
            else:
                texts.append(_BETWEEN.join(words))
                things.append(value)
                words = []
        texts.append(_BETWEEN.join(words))
        told = self._now[id(owner)] = _Told(owner, held, texts, things)
        return told

    def _say(self, told: _Told) -> None:
        add = self._texts.append
        for text, thing in zip(told.texts, told.things, strict=False):
            add(text)
            self.read("", thing)
        add(told.texts[-1])


def _text_of(value: Any) -> str | None:
    """For what never changes, tuples of such things included."""
    token = _TOKENS.get(type(value))
    if token is not None:
        return token(value)
    if type(value) is tuple:
        parts = [part for item in value if (part := _text_of(item)) is not None]
        return _BETWEEN.join([f"[{len(value)}", *parts]) if len(parts) == len(value) else None
    return atomic_token(value) if way_of(type(value)) == ATOM else None
