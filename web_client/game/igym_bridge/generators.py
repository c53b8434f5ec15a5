"""Random generators, saved cheaply: asking each for its state every frame is slow, and most were not touched.

Where this Python shows a generator's own memory, its words are copied from there. That the memory is what we take it
for is proven for each generator against the state it tells; where it is not, the generator is asked.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

import numpy as np

from .memory import Memory

Saved = tuple[bytes, dict[str, Any]]
_WORDS = 625
_MOST_WATCHES = 256
_RANDOM_TYPE = random.Random.__mro__[1]


class Watch(Protocol):
    """Saves and restores one generator."""

    told: tuple[Any, str] | None
    """A state, as `take` gave it, and what a checksum takes in of it."""

    def take(self) -> Any: ...

    def put(self, saved: Any) -> None: ...


class LegacyWatch:
    """Saves and restores one RandomState; does nothing while its words are what they were at the last look.

    Beside its words it may hold one normal number, which is used up without a change of the words; while there is one,
    nothing is taken for granted.
    """

    def __init__(self, generator: np.random.RandomState) -> None:
        self._generator = generator
        # Words that are the same may have been seeded anew, which only numpy's global functions tell of
        # (`notice_reseeding`): any other generator is read whole each time.
        self._words = _live_words(generator) if generator is np.random.mtrand._rand else None
        self._known: Saved | None = None
        self.told: tuple[Any, str] | None = None

    def take(self) -> Saved:
        now = self._now()
        if self._known is not None and self._is_known(now):
            return self._known
        self._known = (now, dict(self._generator.get_state(legacy=False)))
        return self._known

    def put(self, saved: Saved) -> None:
        if saved[0] == self._now() and self._is_known(saved[0]) and not saved[1]["has_gauss"]:
            return
        self._generator.set_state(saved[1])
        self._known = saved

    def forget(self) -> None:
        """The generator was set anew."""
        self._known = None

    def _now(self) -> bytes:
        return b"" if self._words is None else self._words.tobytes()

    def _is_known(self, now: bytes) -> bool:
        return bool(now) and self._known is not None and self._known[0] == now and not self._known[1]["has_gauss"]


class RandomWatch:
    """Saves and restores one `random.Random`."""

    def __init__(self, generator: random.Random) -> None:
        self._generator: Any = generator
        self._words = _random_words(generator)
        self._last = b""
        self.told: tuple[Any, str] | None = None

    def take(self) -> Any:
        if self._words is None:
            return self._generator.getstate()
        now = self._words.tobytes()
        # Many snapshots hold a generator that nobody uses: its words are in memory once.
        if now != self._last:
            self._last = now
        return self._last, self._generator.gauss_next

    def put(self, saved: Any) -> None:
        if self._words is None:
            self._generator.setstate(saved)
        else:
            self._words[:], self._generator.gauss_next = saved


class BitsWatch:
    """Saves and restores one of numpy's bit generators."""

    def __init__(self, bits: np.random.BitGenerator) -> None:
        self._bits: Any = bits
        self._memory = _pcg_memory(bits) if type(bits) is np.random.PCG64 else None
        self.told: tuple[Any, str] | None = None

    def take(self) -> Any:
        if self._memory is None:
            return self._bits.state
        numbers, spare = self._memory
        return numbers.tobytes(), spare.tobytes()

    def put(self, saved: Any) -> None:
        if self._memory is None:
            self._bits.state = saved
        else:
            numbers, spare = self._memory
            numbers[:], spare[:] = saved


_watches: dict[int, tuple[Any, Watch]] = {}
"""id → the generator, so that the id is not used again, and its watch."""


def watch_of(generator: Any) -> Watch:
    """The watch of a `random.Random`, a numpy BitGenerator or a RandomState."""
    if generator is np.random.mtrand._rand:
        return _legacy
    found = _watches.get(id(generator))
    if found is None:
        # Each episode may bring new generators. A watch that a snapshot needs lives on in it.
        if len(_watches) >= _MOST_WATCHES:
            _watches.clear()
        found = _watches[id(generator)] = (generator, _made(generator))
    return found[1]


def _made(generator: Any) -> Watch:
    if isinstance(generator, random.Random):
        return RandomWatch(generator)
    return LegacyWatch(generator) if isinstance(generator, np.random.RandomState) else BitsWatch(generator)


def _noticing(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def changed(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        _legacy.forget()

    return changed


def notice_reseeding() -> None:
    """Put our eye on `numpy.random.seed` and `numpy.random.set_state`; they do what they always did."""
    for name in ("seed", "set_state"):
        original = getattr(np.random, name)
        if not hasattr(original, "__wrapped__"):
            setattr(np.random, name, _noticing(original))


def _live_words(generator: np.random.RandomState) -> memoryview | None:
    """The generator's own memory (key and position), if this Python can show it."""
    try:
        view = np.asarray(Memory(generator._bit_generator.ctypes.state_address, _WORDS, "<u4"))
        inner = dict(generator.get_state(legacy=False))["state"]
        expected = [*inner["key"].tolist(), inner["pos"]]
    except Exception:
        return None
    return memoryview(view).cast("B") if view.tolist() == expected else None


def _random_words(generator: random.Random) -> memoryview | None:
    """The generator's memory (position and key), if this Python can show it. It lies behind what every object has."""
    start = object.__basicsize__
    if sys.implementation.name != "cpython" or _RANDOM_TYPE.__basicsize__ < start + 4 * _WORDS:
        return None
    try:
        view = np.asarray(Memory(id(generator) + start, _WORDS, "<u4"))
        *key, position = generator.getstate()[1]
    except Exception:
        return None
    return memoryview(view).cast("B") if view.tolist() == [position, *key] else None


_HALF = 2**64


def _pcg_memory(bits: Any) -> tuple[memoryview, memoryview] | None:
    """A PCG64's two numbers and its spare half of a draw where they lie, if this Python can show them."""
    try:
        address = bits.ctypes.state_address
        pointer = np.dtype(np.uintp)
        place = int(np.asarray(Memory(address, 1, pointer.str))[0])
        spare = np.asarray(Memory(address + pointer.itemsize, 2, "<u4"))
        told = bits.state
        expected = [told["state"]["state"], told["state"]["inc"]]
        # Only an address that belongs to this generator may be looked at.
        if not 0 < place - id(bits) < 4096 or spare.tolist() != [told["has_uint32"], told["uinteger"]]:
            return None
        numbers = np.asarray(Memory(place, 4, "<u8"))
    except Exception:
        return None
    one, two, three, four = map(int, numbers)
    low_first, high_first = [one + two * _HALF, three + four * _HALF], [two + one * _HALF, four + three * _HALF]
    return (memoryview(numbers).cast("B"), memoryview(spare).cast("B")) if expected in (low_first, high_first) else None


_legacy = LegacyWatch(np.random.mtrand._rand)
