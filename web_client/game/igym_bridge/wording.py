"""What a container says in a sum: its names and plain values as bytes. The things it holds are read after it.

Plain values are written by `marshal` in a version that writes equal values alike on every computer: a number is the
bytes of its value, and nothing stands for what was told before.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from math import isnan
from typing import Any

import numpy as np

from .layout import picker
from .reading import ATOM, TOKENS, atomic_token, in_order, name_token, way_of

Words = tuple[bytes, list[Any]]
"""What a container says, and the things that are read next."""
Tell = Callable[[list[Any]], Words]
"""What a container holds → its words."""
BETWEEN = "\x1f"
_FORM = 2
_RAW: set[type] = {int, float, bool, str, bytes, type(None)}
"""Types whose values are written as they are."""
_TOKENS: dict[type, Callable[[Any], str]] = {
    np.float64: lambda value: "nan64" if isnan(value) else "f64" + value.hex(),
    np.float32: lambda value: "nan32" if isnan(value) else "f32" + float(value).hex(),
}
"""Types whose values are written as a text of ours."""
_THING, _SILENT, _OURS, _PLAIN, _NAN = ">", "-", "t", ".", "n"
"""How each value is told: read next, not at all (it only shows the state), as a text of ours, as it is, or as any NaN.
Which bits a NaN has differs between computers."""
_WITH_WORDS = {_OURS, _PLAIN}
_exact = str.__str__


def tell_mapping(held: list[Any]) -> Words:
    return _told_of(f"{{{len(held) // 2}", in_order(_content(held)))


def tell_attributes(held: list[Any]) -> Words:
    return _told_of("", in_order(_content(held)))


def tell_names(held: list[Any]) -> Words:
    return _told_of(f"{{{len(held) // 2}", _content(held).items())


def tell_items(held: list[Any]) -> Words:
    kinds = set(map(type, held))
    # Whether a NaN may be among them is asked for many floats at once, and otherwise one by one below.
    if kinds <= _RAW and (float not in kinds or (len(kinds) == 1 and not isnan(sum(held)))):
        return _text(f"[{len(held)}", (), _PLAIN * len(held), tuple(held)), []
    return _told_of(f"[{len(held)}", (("", one) for one in held))


def tell_bare(held: list[Any]) -> Words:
    return _told_of("", (("", one) for one in held))


def _content(held: list[Any]) -> dict[Any, Any]:
    """A dict from its names and then its values."""
    half = len(held) // 2
    return dict(zip(held[:half], held[half:], strict=True))


def _told_of(head: str, items: Iterable[tuple[Any, Any]]) -> Words:
    names: list[str] = []
    marks: list[str] = []
    words: list[Any] = []
    things: list[Any] = []
    for name, value in items:
        names.append(name_token(name))
        mark, word = _word_of(value)
        marks.append(mark)
        if mark is _THING:
            things.append(value)
        elif mark in _WITH_WORDS:
            words.append(word)
    return _text(head, tuple(names) if any(names) else (), "".join(marks), tuple(words)), things


def _word_of(value: Any) -> tuple[str, Any]:
    kind = type(value)
    if kind in _RAW:
        return (_NAN, None) if kind is float and isnan(value) else (_PLAIN, value)
    if not way_of(kind):
        return _SILENT, None
    token = _text_of(value)
    return (_THING, None) if token is None else (_OURS, token)


def _text(head: str, names: tuple[str, ...], marks: str, words: tuple[Any, ...]) -> bytes:
    start = _known_start if len(marks) <= _MOST_KNOWN else _start
    return start(head, names, marks) + marshal.dumps(words, _FORM)


def _start(head: str, names: tuple[str, ...], marks: str) -> bytes:
    """Stands for them in each sum."""
    return blake2b(marshal.dumps((head, marks, names), _FORM), digest_size=12).digest()


_MOST_KNOWN = 64
"""Values of a container whose start is remembered: one that grows has another at each length, and a long one is
made in less time than what follows it."""
_known_start = lru_cache(2048)(_start)


def _text_of(value: Any) -> str | None:
    """For what never changes, tuples of such things included."""
    token = _TOKENS.get(type(value)) or _PLAIN_TOKENS.get(type(value))
    if token is not None:
        return token(value)
    if type(value) is tuple:
        parts = [part for item in value if (part := _text_of(item)) is not None]
        return BETWEEN.join([f"[{len(value)}", *parts]) if len(parts) == len(value) else None
    return _exact(atomic_token(value)) if way_of(type(value)) == ATOM else None


_PLAIN_TOKENS: dict[type, Callable[[Any], str]] = {**TOKENS, float: float.hex}
"""For plain values within tuples."""


class Form:
    """Tells what attributes or a dict hold, for these names and these kinds of values."""

    __slots__ = ("_floats", "_kinds", "_plain", "_start", "_things", "_tokens", "_values")

    def __init__(self, tell: Tell, names: tuple[Any, ...], kinds: tuple[type, ...]) -> None:
        """`tell` would find plain values and things only."""
        half = len(names)
        order = [place for _, place in in_order(dict(zip(names, range(half), strict=True)))]
        marks = {place: _mark_of(kinds[place]) for place in order}
        said = [place for place in order if marks[place] in _WITH_WORDS]
        self._kinds = [kinds[place] for place in order]
        # What is held are the names, then the values.
        self._values = picker([half + place for place in order])
        self._plain = picker([half + place for place in said])
        self._floats = picker([half + place for place in order if kinds[place] is float])
        self._things = picker([half + place for place in order if marks[place] is _THING])
        tokens = [_TOKENS.get(kinds[place]) for place in said]
        self._tokens = tokens if any(tokens) else None
        """None where all is written as it is."""
        head = f"{{{half}" if tell is tell_mapping else ""
        told = tuple(name_token(names[place]) for place in order)
        self._start = _start(head, told if any(told) else (), "".join(marks.values()))

    def __call__(self, held: list[Any]) -> Words | None:
        """As `Tell`, where the names are these; None where values are of another kind, or a NaN may be among them."""
        if list(map(type, self._values(held))) != self._kinds or isnan(sum(self._floats(held))):
            return None
        words = self._plain(held)
        if self._tokens is not None:
            tokens = zip(self._tokens, words, strict=True)
            words = tuple([one if token is None else token(one) for token, one in tokens])
        return self._start + marshal.dumps(words, _FORM), list(self._things(held))


def _mark_of(kind: type) -> str:
    if kind in _RAW or kind in _TOKENS:
        return _PLAIN if kind in _RAW else _OURS
    return _THING if way_of(kind) else _SILENT


class Forms:
    """The forms of one game's objects: those with the same attributes share one."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Form | None] = {}
        self._places = 0
        """How many names the known ones have together."""

    def of(self, held: list[Any], tell: Tell) -> Form | None:
        """None where each value has to be looked at each time."""
        half = len(held) // 2
        names = held[:half]
        if tell not in (tell_attributes, tell_mapping) or not _NAMES.issuperset(map(type, names)):
            return None
        key = tell, *names, *map(type, held[half:])
        if key not in self._known:
            if len(self._known) >= _MOST_FORMS or self._places + half > _MOST_PLACES:
                self._known.clear()
                self._places = 0
            self._places += half
            self._known[key] = _made(tell, tuple(names), key[half + 1 :])
        return self._known[key]


def _made(tell: Tell, names: tuple[Any, ...], kinds: tuple[type, ...]) -> Form | None:
    is_known = all(kind in _RAW or kind in _TOKENS or _is_thing(kind) for kind in kinds)
    return Form(tell, names, kinds) if is_known else None


_MOST_FORMS, _MOST_PLACES = 1024, 32_768
"""A dict that grows has a form for each of its lengths."""
_NAMES = {str, int}


def _is_thing(kind: type) -> bool:
    return kind is not tuple and way_of(kind) != ATOM
