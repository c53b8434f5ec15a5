"""What a container says in a sum: names and plain values as texts, and between them the things that are read next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .layout import picker
from .reading import ATOM, TOKENS, atomic_token, in_order, way_of

Tell = Callable[[list[Any]], tuple[list[str | None], list[Any]]]
"""What a container holds → text, thing, text, thing … text; None is not said."""
BETWEEN = "\x1f"
_THING = "\x1e"
"""Stands for a thing where the texts of a container are put together. No plain value is told with it."""
# The sum needs no numbers that people can read.
_TOKENS: dict[type, Callable[[Any], str]] = {
    **TOKENS,
    float: float.hex,
    np.float64: lambda value: "f64" + value.hex(),
    np.float32: lambda value: "f32" + float(value).hex(),
}


def tell_mapping(held: list[Any]) -> tuple[list[str | None], list[Any]]:
    return _told_of(f"{{{len(held) // 2}", in_order(_content(held)))


def tell_attributes(held: list[Any]) -> tuple[list[str | None], list[Any]]:
    return _told_of("", in_order(_content(held)))


def tell_names(held: list[Any]) -> tuple[list[str | None], list[Any]]:
    return _told_of(f"{{{len(held) // 2}", _content(held).items())


def tell_items(held: list[Any]) -> tuple[list[str | None], list[Any]]:
    kinds = set(map(type, held))
    token = _TOKENS.get(kinds.pop()) if len(kinds) == 1 else None
    if token is not None:
        # As one by one below, where an empty name stands before each.
        return [(2 * BETWEEN).join([f"[{len(held)}", *map(token, held)])], []
    return _told_of(f"[{len(held)}", (("", one) for one in held))


def tell_bare(held: list[Any]) -> tuple[list[str | None], list[Any]]:
    """As `Reader.read` tells each; None where there is nothing to say between two things."""
    texts: list[str | None] = []
    things: list[Any] = []
    words: list[str] = []
    for one in held:
        if _is_atom(one):
            words.append(TOKENS.get(type(one), atomic_token)(one))
        else:
            texts.append(BETWEEN.join(words) if words else None)
            things.append(one)
            words = []
    return [*texts, BETWEEN.join(words) if words else None], things


def _is_atom(value: Any) -> bool:
    return type(value) in TOKENS or way_of(type(value)) == ATOM


def _content(held: list[Any]) -> dict[Any, Any]:
    """A dict from its names and then its values."""
    half = len(held) // 2
    return dict(zip(held[:half], held[half:], strict=True))


def _told_of(head: str, items: Iterable[tuple[Any, Any]]) -> tuple[list[str | None], list[Any]]:
    texts: list[str | None] = []
    things: list[Any] = []
    words = [head]
    for name, value in items:
        words.append(str(name))
        text = _text_of(value)
        if text is not None:
            words.append(text)
        else:
            texts.append(BETWEEN.join(words))
            things.append(value)
            words = []
    texts.append(BETWEEN.join(words))
    return texts, things


def _text_of(value: Any) -> str | None:
    """For what never changes, tuples of such things included."""
    token = _TOKENS.get(type(value))
    if token is not None:
        return token(value)
    if type(value) is tuple:
        parts = [part for item in value if (part := _text_of(item)) is not None]
        return BETWEEN.join([f"[{len(value)}", *parts]) if len(parts) == len(value) else None
    return atomic_token(value) if way_of(type(value)) == ATOM else None


class Form:
    """Tells what attributes or a dict hold, for these names and these kinds of values."""

    __slots__ = ("_kinds", "_plain", "_template", "_things", "_tokens", "_values")

    def __init__(self, tell: Tell, names: tuple[Any, ...], kinds: tuple[type, ...]) -> None:
        """`tell` would find plain values and things only."""
        half = len(names)
        order = [place for _, place in in_order(dict(zip(names, range(half), strict=True)))]
        plain = [place for place in order if kinds[place] in _TOKENS]
        self._kinds = [kinds[place] for place in order]
        self._tokens = [_TOKENS[kinds[place]] for place in plain]
        # What is held are the names, then the values.
        self._values = picker([half + place for place in order])
        self._plain = picker([half + place for place in plain])
        self._things = picker([half + place for place in order if kinds[place] not in _TOKENS])
        words = [f"{{{half}" if tell is tell_mapping else ""]
        for place in order:
            words += (str(names[place]).replace("%", "%%"), "%s" if kinds[place] in _TOKENS else _THING)
        text = BETWEEN.join(words)
        self._template = text.replace(_THING + BETWEEN, _THING).replace(BETWEEN + _THING, _THING)

    def __call__(self, held: list[Any]) -> tuple[list[str | None], list[Any]] | None:
        """As `Tell`, where the names are these; None where values are of another kind."""
        if list(map(type, self._values(held))) != self._kinds:
            return None
        told = [token(value) for token, value in zip(self._tokens, self._plain(held), strict=True)]
        return (self._template % tuple(told)).split(_THING), list(self._things(held))  # type: ignore[return-value]


class Forms:
    """The forms of one game's objects: those with the same attributes share one."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Form | None] = {}

    def of(self, held: list[Any], tell: Tell) -> Form | None:
        """None where each value has to be looked at each time."""
        half = len(held) // 2
        names = held[:half]
        if tell not in (tell_attributes, tell_mapping) or not _NAMES.issuperset(map(type, names)):
            return None
        key = tell, *names, *map(type, held[half:])
        if key not in self._known:
            if len(self._known) >= _MOST_FORMS:
                self._known.clear()
            self._known[key] = _made(tell, tuple(names), key[half + 1 :])
        return self._known[key]


def _made(tell: Tell, names: tuple[Any, ...], kinds: tuple[type, ...]) -> Form | None:
    is_known = all(kind in _TOKENS or _is_thing(kind) for kind in kinds)
    return Form(tell, names, kinds) if is_known and not any(_THING in str(name) for name in names) else None


_MOST_FORMS = 1024
_NAMES = {str, int}


def _is_thing(kind: type) -> bool:
    return kind is not tuple and way_of(kind) != ATOM
