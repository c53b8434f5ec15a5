"""Saving and restoring the whole game: the env, its bots, both random generators and the researcher's globals."""

from __future__ import annotations

import copy
import random
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .canon import Canon
from .generators import watch_of
from .memento import Memento, MementoTaker, restore

GLOBAL_RANDOM = random._inst
GLOBAL_NUMPY = np.random.mtrand._rand


def seed_globals(seed: int) -> None:
    """Both global generators, which envs use without saying so."""
    random.seed(seed)
    np.random.seed(seed % 2**32)


class GameState:
    """Everything a frame depends on. `parts` maps name → object; modules and classes stand for their data."""

    def __init__(self, env: Any, parts: dict[str, Any], modules: list[types.ModuleType], classes: list[type]) -> None:
        self.env = env
        self.core = getattr(env, "unwrapped", env)
        self._roots: dict[str, Any] = {"env": env, **parts}
        self._roots.update({f"{module.__name__}.py": module for module in modules})
        for kind in classes:
            # Two files may each have a class of this name.
            name = kind.__qualname__
            self._roots[name if name not in self._roots else f"{kind.__module__}.{name}"] = kind
        self._roots.update({"random": GLOBAL_RANDOM, "numpy.random": GLOBAL_NUMPY})
        self._canon = Canon(self._roots)

    def checksum(self) -> int:
        return self._canon.checksum()

    def table(self) -> dict[str, str]:
        """Path → token of every value, to name what differs."""
        return self._canon.table()

    def roots(self) -> list[Any]:
        return list(self._roots.values())


class Strategy:
    """One way to save (returns an opaque snapshot) and to load it, any number of times."""

    name = ""

    def save(self) -> Any:
        raise NotImplementedError

    def load(self, snapshot: Any) -> None:
        raise NotImplementedError

    def renew(self) -> None:
        """The game was reset: what was learnt about its objects may be out of date."""


class InPlace(Strategy):
    """Remembers the content of every reachable object; needs nothing from the env."""

    name = "copy"

    def __init__(self, state: GameState) -> None:
        self._taker = MementoTaker(state.roots())
        self.save = self._taker.take  # type: ignore[method-assign]
        self.renew = self._taker.renew  # type: ignore[method-assign]

    def load(self, snapshot: Memento) -> None:
        restore(snapshot)


class OwnState(Strategy):
    """The env's `get_state()` / `set_state()`, with everything around the env saved beside it."""

    name = "get_state"

    def __init__(self, state: GameState, copied: bool) -> None:
        self._core = state.core
        self._copied = copied
        self._around = MementoTaker(state.roots(), skip=[self._core])
        self.renew = self._around.renew  # type: ignore[method-assign]

    def save(self) -> tuple[Any, Any, Memento]:
        own = self._core.get_state()
        generator = getattr(self._core, "_np_random", None)
        watch = watch_of(generator.bit_generator) if isinstance(generator, np.random.Generator) else None
        bits = None if watch is None else watch.take()
        return copy.deepcopy(own) if self._copied else own, bits, self._around.take()

    def load(self, snapshot: tuple[Any, Any, Memento]) -> None:
        own, bits, around = snapshot
        restore(around)
        self._core.set_state(copy.deepcopy(own) if self._copied else own)
        if bits is not None:
            watch_of(self._core._np_random.bit_generator).put(bits)


def strategies(state: GameState) -> list[Strategy]:
    """In order of preference; each has to prove itself before it is used."""
    core = state.core
    own = callable(getattr(core, "get_state", None)) and callable(getattr(core, "set_state", None))
    found: list[Strategy] = [OwnState(state, copied=False), OwnState(state, copied=True)] if own else []
    return [*found, InPlace(state)]


class Ring:
    """Snapshots by frame; the state *before* that frame's step."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self._by_frame: dict[int, Any] = {}

    def save(self, frame: int) -> None:
        self._by_frame[frame] = self.strategy.save()

    def load(self, frame: int) -> None:
        """Restore; later snapshots are of a future that is being rewritten and are dropped."""
        self.strategy.load(self._by_frame[frame])
        for later in [saved for saved in self._by_frame if saved > frame]:
            del self._by_frame[later]

    def keep(self, frame: int, anchors: list[int]) -> None:
        """Drop snapshots older than `frame`, except `anchors`."""
        for old in [saved for saved in self._by_frame if saved < frame and saved not in anchors]:
            del self._by_frame[old]

    @contextmanager
    def visit(self, frame: int) -> Iterator[None]:
        """Be at `frame` for a moment; afterwards everything is as before."""
        now = self.strategy.save()
        self.strategy.load(self._by_frame[frame])
        try:
            yield
        finally:
            self.strategy.load(now)

    def clear(self) -> None:
        self._by_frame.clear()
        self.strategy.renew()

    def __contains__(self, frame: int) -> bool:
        return frame in self._by_frame

    def __len__(self) -> int:
        return len(self._by_frame)
