"""numpy's legacy generator, saved cheaply: most games never touch it, and copying its words each frame is slow."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

Saved = tuple[bytes, dict[str, Any]]
_WORDS = 625


class LegacyWatch:
    """Saves and restores one RandomState; does nothing while its words are what they were at the last look.

    Beside its words it may hold one normal number, which is used up without a change of the words; while there is one,
    nothing is taken for granted.
    """

    def __init__(self, generator: np.random.RandomState) -> None:
        self._generator = generator
        # Reseeding can bring the same words back; it is noticed for numpy's own global functions only.
        self._words = _live_words(generator) if generator is np.random.mtrand._rand else None
        self._known: Saved | None = None

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


_watches: dict[int, LegacyWatch] = {}
"""Each holds its generator, so that an id is never used again."""


def watch_of(generator: np.random.RandomState) -> LegacyWatch:
    found = _watches.get(id(generator))
    if found is None:
        found = _watches[id(generator)] = LegacyWatch(generator)
    return found


def _noticing(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def changed(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        watch_of(np.random.mtrand._rand).forget()

    return changed


def notice_reseeding() -> None:
    """Put our eye on `numpy.random.seed` and `numpy.random.set_state`; they do what they always did."""
    for name in ("seed", "set_state"):
        original = getattr(np.random, name)
        if not hasattr(original, "__wrapped__"):
            setattr(np.random, name, _noticing(original))


def _live_words(generator: np.random.RandomState) -> np.ndarray[Any, Any] | None:
    """The generator's own memory (key and position) as an array, if this Python can show it."""
    try:
        view = np.asarray(_Memory(generator._bit_generator.ctypes.state_address))
        inner = dict(generator.get_state(legacy=False))["state"]
        expected = [*inner["key"].tolist(), inner["pos"]]
    except Exception:
        return None
    return view if view.tolist() == expected else None


class _Memory:
    def __init__(self, address: int) -> None:
        self.__array_interface__ = {"data": (address, True), "shape": (_WORDS,), "typestr": "<u4", "version": 3}
