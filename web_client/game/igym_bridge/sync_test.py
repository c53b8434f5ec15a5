"""The sync test: random inputs, a forced rollback at every frame, and the name of the first value that differs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .bridge import Bridge
from .canon import differing
from .proof import prove
from .snapshots import InPlace, Strategy, strategies

_DEPTH = 8


class SyncTest:
    """Plays `bridge`'s env alone, with nobody watching. The env is left as it was found."""

    def __init__(self, bridge: Bridge, seed: int) -> None:
        self._play = bridge.play
        self._state = bridge.state
        self._seed = seed
        self._draws = np.random.Generator(np.random.PCG64(seed))
        self._costs: dict[str, list[float]] = {"step": [], "save": [], "load": [], "checksum": [], "draw": []}

    def run(self, frames: int) -> dict[str, Any]:
        """{ok, kind, strategy, reasons, frames, frame, attributes, costs_ms}.

        `frame` and `attributes` say where and in what the game first differed (None and [] if it never did); `costs_ms`
        are medians; `reasons` tell why a preferred way of saving was not used.
        """
        proof = prove(self._play, self._state, strategies(self._state), self._seed)
        strategy = proof.strategy
        guard = InPlace(self._state)
        pristine = guard.save()
        try:
            # Where nothing restores the game exactly, the in-place way still shows how far it gets.
            found = self._search(strategy or guard, frames)
            self._draw()
        finally:
            guard.load(pristine)
        return {
            "ok": strategy is not None and found is None,
            "kind": self._play.adapter.kind,
            "strategy": None if strategy is None else strategy.name,
            "reasons": proof.reasons,
            "frames": frames,
            "frame": None if found is None else found[0],
            "attributes": [] if found is None else found[1],
            "costs_ms": {name: float(np.median(times)) if times else 0.0 for name, times in self._costs.items()},
        }

    def _search(self, strategy: Strategy, frames: int) -> tuple[int, list[str]] | None:
        episode, frame = 0, 0
        ring: dict[int, tuple[Any, list[int], dict[str, str]]] = {}
        self._play.reset(self._seed, episode)
        for _ in range(frames):
            inputs = self._play.any_inputs(lambda n: int(self._draws.integers(n)))
            snapshot = self._timed("save", strategy.save)
            self._timed("step", lambda frame=frame, inputs=inputs: self._play.step(frame, inputs))  # type: ignore[misc]
            self._timed("checksum", self._state.checksum)
            ring[frame] = (snapshot, inputs, self._state.table())
            ring.pop(frame - _DEPTH, None)
            found = self._roll_back(strategy, ring, frame)
            if found:
                return found
            frame += 1
            if self._play.progress.ended_at >= 0:
                episode, frame = episode + 1, 0
                ring.clear()
                self._play.reset(self._seed + episode, episode)
        return None

    def _roll_back(self, strategy: Strategy, ring: dict[int, Any], frame: int) -> tuple[int, list[str]] | None:
        """Go back a varying number of frames, play them again, and compare each with the first time."""
        start = max(min(ring), frame - frame % _DEPTH)
        self._timed("load", lambda: strategy.load(ring[start][0]))
        for replayed in range(start, frame + 1):
            _, inputs, table = ring[replayed]
            self._play.step(replayed, inputs)
            again = self._state.table()
            if again != table:
                return replayed, differing(table, again)
        return None

    def _draw(self) -> None:
        self._play.reset(self._seed, 0)
        for frame in range(5):
            self._play.step(frame, self._play.idle)
            self._timed("draw", self._play.draw)

    def _timed(self, name: str, action: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = action()
        self._costs[name].append((time.perf_counter() - started) * 1000)
        return result


def sync_test(bridge: Bridge, frames: int = 300, seed: int = 1) -> dict[str, Any]:
    """Whether the env can be played with rollback, where and in what it fails, and what it costs."""
    return SyncTest(bridge, seed).run(frames)
