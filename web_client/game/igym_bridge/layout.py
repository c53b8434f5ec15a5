"""What the steady containers of a game hold: the same objects, and plain values of the same types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from operator import is_, itemgetter
from typing import Any

from .reach import never_changes

Picker = Callable[[Any], tuple[Any, ...]]


class _Follows(dict[type, bool]):
    """Type → whether its objects have to be followed."""

    def __missing__(self, kind: type) -> bool:
        found = self[kind] = not never_changes(kind)
        return found


_follows = _Follows()


class Layout:
    """The values of many containers, one after the other, as they were when `values` was read.

    Only identity counts: asking values whether they are equal runs code of the researcher's, and equal ones may be two.
    """

    def __init__(self, values: list[Any], places: Collection[int] = ()) -> None:
        """At `places` anything may stand."""
        fixed = [place for place in range(len(values)) if place not in places]
        self._count = len(values)
        self._plain = picker([place for place in fixed if not _follows[type(values[place])]])
        self._types = list(map(type, self._plain(values)))
        self._followed = picker([place for place in fixed if _follows[type(values[place])]])
        self._held = self._followed(values)
        self.restless = picker(sorted(places))
        """Picks what stands at `places`."""

    def holds(self, values: list[Any]) -> bool:
        """Whether whatever has to be followed is what it was, where it was."""
        if len(values) != self._count or list(map(type, self._plain(values))) != self._types:
            return False
        return all(map(is_, self._followed(values), self._held))


def moved(before: list[Any], now: list[Any]) -> set[int]:
    """The places where a layout would not hold any more."""
    return {
        place
        for place, (one, other) in enumerate(zip(before, now, strict=True))
        if one is not other and (type(one) is not type(other) or _follows[type(one)])
    }


def picker(places: Sequence[Any]) -> Picker:
    """Takes what stands at these places, or under these names, as a tuple."""
    if not places:
        return lambda values: ()
    return itemgetter(*places) if len(places) > 1 else lambda values: (values[places[0]],)
