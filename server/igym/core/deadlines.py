"""Every wait of a session: one time per key, the earliest first."""

import heapq
from typing import NamedTuple


class Key(NamedTuple):
    """``rule`` says what happens at the time, ``subject`` whom or what it concerns."""

    rule: str
    subject: str


class Deadlines:
    """Times by key. Replaced or cancelled entries stay in the heap until they come up and are then skipped."""

    def __init__(self) -> None:
        self._at: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []

    def set(self, rule: str, subject: str, at: float) -> None:
        key = Key(rule, subject)
        # Some are set to the same time again and again within a turn: the heap must not grow by that.
        if self._at.get(key) == at:
            return
        self._at[key] = at
        heapq.heappush(self._heap, (at, key))

    def cancel(self, rule: str, subject: str) -> None:
        self._at.pop(Key(rule, subject), None)

    def at(self, rule: str, subject: str) -> float | None:
        return self._at.get(Key(rule, subject))

    @property
    def next(self) -> float | None:
        self._skip_stale()
        return self._heap[0][0] if self._heap else None

    def first_due(self, now: float) -> Key | None:
        """The earliest key whose time has come, still set; None when nothing is due."""
        self._skip_stale()
        return self._heap[0][1] if self._heap and self._heap[0][0] <= now else None

    def pop_due(self, now: float) -> Key | None:
        """The earliest key whose time has come, removed; None when nothing is due."""
        self._skip_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, key = heapq.heappop(self._heap)
        del self._at[key]
        return key

    def shift(self, by_s: float) -> None:
        """Everything later by so many seconds."""
        self._at = {key: at + by_s for key, at in self._at.items()}
        self._heap = [(at, key) for key, at in self._at.items()]
        heapq.heapify(self._heap)

    def keys(self) -> frozenset[Key]:
        return frozenset(self._at)

    def _skip_stale(self) -> None:
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
