"""How a state was read for a sum, so that the next sum reads only what may have changed since.

From one sum to the next most objects hold the same others, and plain values have changed here and there. So everything
that containers held is compared in one sweep, by identity, and only those that hold something else are put into words
again. Where the objects themselves are others, so that the order of reading could be another, all is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, compress
from operator import attrgetter, is_, is_not
from typing import Any

import numpy as np

from .reading import way_of
from .wording import Form, Forms, Tell, Words

Fetch = Callable[[], list[Any]]
_attributes_of: Callable[[Any], dict[str, Any]] = attrgetter("__dict__")
_generator_of: Callable[[Any], Any] = attrgetter("_np_random")


LEAF = b"*"


class Part:
    """What one container says, and where its text stands."""

    __slots__ = ("end", "form", "held", "names", "place", "start", "tell", "things", "views")

    def __init__(self, held: list[Any], things: list[Any], tell: Tell) -> None:
        self.held = held
        """Names and values; while these are the same objects, so is the text."""
        self.things = things
        self.tell = tell
        self.place = 0
        self.start = self.end = self.views = 0
        self.form: Form | None = None
        self.names: list[Any] = []

    def told(self, held: list[Any], forms: Forms) -> Words:
        """What it says now that it holds this."""
        # By identity: 1, True and 1.0 are equal names and told otherwise.
        is_alike = len(held) == 2 * len(self.names) and all(map(is_, held, self.names))
        told = self.form(held) if self.form is not None and is_alike else None
        if told is None:
            self.names, self.form = held[: len(held) // 2], forms.of(held, self.tell)
            told = self.form(held) if self.form is not None else None
        return told or self.tell(held)


class Leaf:
    """Something without parts whose text is made anew each time."""

    __slots__ = ("text", "thing")

    def __init__(self, text: Callable[[Any], str], thing: Any) -> None:
        self.text, self.thing = text, thing


class Plan:
    """Records a reading (`texts`, one after the other) and repeats it."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self.texts: list[bytes] = []
        self.of_leaves: list[str] = []
        """What is said where `LEAF` stands in `texts`."""
        self.seen: dict[int, int] = {}
        """id of each thing that was read → its number."""
        self.shared: set[int] = set()
        """ids of things that were met more than once."""
        self._swept: list[Part] = []
        self._views: list[Iterable[Any]] = []
        self._fetched: list[tuple[Part, Fetch]] = []
        self._bound: list[tuple[Part, Fetch]] = []
        """What modules and classes hold."""
        self._spaces: list[Any] = []
        self._of_spaces: list[tuple[Part, Fetch]] = []
        self._by_id: dict[int, Part | Leaf] = {}
        self._leaves: list[Leaf] = []
        self._objects: list[Any] = []
        self._owned: list[dict[str, Any]] = []
        self._bare: list[dict[str, Any]] = []

    def add(self, text: bytes) -> int:
        """Its place."""
        self.texts.append(text)
        return len(self.texts) - 1

    def sweep(self, part: Part, thing: Any, views: tuple[Any, ...]) -> None:
        """`part` is what the dict, list or deque `thing` holds, which `views` show at any time."""
        part.views = len(self._views)
        self._views += views
        self._swept.append(part)
        self._by_id[id(thing)] = part

    def fetch(self, part: Part, fetch: Fetch) -> None:
        """`part` is asked for each time."""
        self._fetched.append((part, fetch))

    def bound(self, part: Part, fetch: Fetch) -> None:
        """`part` is asked for when a name of a module or class was bound anew."""
        self._bound.append((part, fetch))

    def space(self, part: Part, fetch: Fetch, space: Any) -> None:
        """`part` is asked for when `space`, which has no others in it, has another generator."""
        self._spaces.append(space)
        self._of_spaces.append((part, fetch))

    def leaf(self, text: Callable[[Any], str], thing: Any) -> None:
        leaf = self._by_id[id(thing)] = Leaf(text, thing)
        self._leaves.append(leaf)
        self.of_leaves.append(text(thing))
        self.texts.append(LEAF)

    def object(self, thing: Any, attributes: dict[str, Any]) -> None:
        """An object of this type has these attributes, which are a part of their own unless there are none."""
        self._objects.append(thing)
        self._owned.append(attributes)
        if not attributes:
            self._bare.append(attributes)

    def close(self) -> None:
        """All has been read."""
        self._lengths = list(map(len, self._views))  # type: ignore[arg-type]
        self._kinds = list(map(type, self._objects))
        self._generators = list(map(_generator_of, self._spaces))
        self._values: list[Any] = []
        self._part_at: list[Part] = []
        for part in self._swept:
            part.start, part.end = len(self._values), len(self._values) + len(part.held)
            self._values += part.held
            self._part_at += [part] * len(part.held)

    def again(self, rebound: bool) -> bool:
        """Whether `texts` are those of the state as it is now; if not, all has to be read anew.

        `rebound`: a name of a module or class may have been bound anew.
        """
        owned = map(_attributes_of, self._objects)
        if any(self._bare) or not all(map(is_, owned, self._owned)) or list(map(type, self._objects)) != self._kinds:
            return False
        if list(map(len, self._views)) != self._lengths:  # type: ignore[arg-type]
            return False
        before, self._values = self._values, [*chain.from_iterable(self._views)]
        changed = compress(self._part_at, map(is_not, self._values, before))
        for part in dict.fromkeys(changed):
            # Read off only now: a part that was renewed before may have brought another container.
            if not self._renew(part, self._values[part.start : part.end]):
                return False
        generators = list(map(_generator_of, self._spaces))
        of_spaces = () if all(map(is_, generators, self._generators)) else self._of_spaces
        self._generators = generators
        for part, fetch in chain(self._fetched, self._bound if rebound else (), of_spaces):
            held = fetch()
            if (len(held) != len(part.held) or not all(map(is_, held, part.held))) and not self._renew(part, held):
                return False
        self.of_leaves = [leaf.text(leaf.thing) for leaf in self._leaves]
        return True

    def _renew(self, part: Part, held: list[Any]) -> bool:
        text, things = part.told(held, self._forms)
        if len(things) != len(part.things):
            return False
        for old, new in compress(zip(part.things, things, strict=True), map(is_not, part.things, things)):
            if not self._exchanged(old, new):
                return False
        part.held, part.things = held, things
        self.texts[part.place] = text
        return True

    def _exchanged(self, old: Any, new: Any) -> bool:
        """Whether `new` is read where `old` was, and nothing else is read differently."""
        kind = type(old)
        if kind is not type(new):
            return False
        if not way_of(kind):
            return True
        if id(old) in self.shared or id(new) in self.seen or kind not in _LIKE_EACH_OTHER:
            return False
        known = self._by_id.pop(id(old), None)
        self.seen[id(new)] = self.seen.pop(id(old), -1)
        if known is None or isinstance(known, Leaf) is not (kind is np.ndarray):
            return False
        self._by_id[id(new)] = known
        if isinstance(known, Leaf):
            known.thing = new
            return not new.dtype.hasobject
        views = _views_of(new)
        self._views[known.views : known.views + len(views)] = views
        held = [*chain.from_iterable(views)]
        if len(held) != len(known.held):
            return False
        self._values[known.start : known.end] = held
        return self._renew(known, held)


_LIKE_EACH_OTHER = {dict, list, np.ndarray}
"""Types whose objects hold what they show and nothing else."""


def _views_of(thing: Any) -> tuple[Any, ...]:
    return (thing.keys(), thing.values()) if isinstance(thing, dict) else (thing,)
