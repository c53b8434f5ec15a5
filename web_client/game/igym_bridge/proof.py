"""Does a saved game come back exactly? Tried on the real env before anybody plays with rollback."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .canon import differing
from .play import Play
from .snapshots import GameState, InPlace, Strategy
from .told import Told

_STRETCHES = (7, 60)
"""Frames before each test: many games begin with a pause in which little moves."""
_AHEAD, _ROUNDS = 6, 2
_PATIENCE_S = 0.5
_BATCHES, _TIMED = 3, 6
_NAMED = 16


class Proof(NamedTuple):
    """The first strategy that restored the game exactly (None: no one did), and why others failed."""

    strategy: Strategy | None
    reasons: list[str]
    save_ms: float
    load_ms: float
    step_ms: float

    def report(self) -> dict[str, Any]:
        return {**self._asdict(), "strategy": None if self.strategy is None else self.strategy.name}


def prove(play: Play, state: GameState, candidates: list[Strategy], seed: int) -> Proof:
    """Play ahead, go back, play ahead again, twice from the same snapshot; afterwards the env is as it was before."""
    before = InPlace(state)
    pristine = before.save()
    reasons: list[str] = []
    try:
        for strategy in candidates:
            found = _failure(play, state, strategy, seed)
            if not found:
                return Proof(strategy, reasons, *_costs(play, strategy, seed))
            text = Told("{strategy}: {reason}", strategy=strategy.name, reason=found)
            if text not in reasons:
                reasons.append(text)
        return Proof(None, reasons, 0.0, 0.0, 0.0)
    finally:
        before.load(pristine)


def _failure(play: Play, state: GameState, strategy: Strategy, seed: int) -> str:
    """What went wrong, or an empty text."""
    draws = np.random.Generator(np.random.PCG64(seed))
    started = time.perf_counter()
    play.reset(seed, 0)
    frame = 0
    for stretch in _STRETCHES:
        frame = _advance(play, frame, stretch, _random_inputs(play, draws, stretch))
        found = _round_trips(play, state, strategy, frame, draws)
        if found or time.perf_counter() - started > _PATIENCE_S:
            return found
    return ""


def _round_trips(play: Play, state: GameState, strategy: Strategy, frame: int, draws: np.random.Generator) -> str:
    """From here ahead and back again; what went wrong, or an empty text."""
    at_save = state.table()
    snapshot = strategy.save()
    inputs = _random_inputs(play, draws, _AHEAD)
    ahead: dict[str, str] | None = None
    for _ in range(_ROUNDS):
        _advance(play, frame, _AHEAD, inputs)
        now = state.table()
        if ahead is not None and now != ahead:
            return Told("after going back, the same actions led elsewhere: {names}", names=_names(ahead, now))
        ahead = now
        strategy.load(snapshot)
        back = state.table()
        if back != at_save:
            return Told("not restored exactly: {names}", names=_names(at_save, back))
    return ""


def _names(one: dict[str, str], other: dict[str, str]) -> str:
    # What lies on top first: the rest often follows from it.
    names = sorted(differing(one, other, most=len(one) + len(other)), key=lambda path: path.count("."))
    listed = ", ".join(names[:_NAMED])
    return Told("{names}, and {number} more", names=listed, number=len(names) - _NAMED) if names[_NAMED:] else listed


def _random_inputs(play: Play, draws: np.random.Generator, count: int) -> list[list[int]]:
    return [play.any_inputs(lambda n: int(draws.integers(n))) for _ in range(count)]


def _advance(play: Play, frame: int, count: int, inputs: list[list[int]]) -> int:
    for index in range(count):
        play.step(frame + index, inputs[index])
    return frame + count


def _costs(play: Play, strategy: Strategy, seed: int) -> tuple[float, float, float]:
    play.reset(seed, 0)
    idle = [play.idle] * _TIMED
    saves = _timed(lambda _: strategy.save())
    snapshot = strategy.save()
    loads = _timed(lambda _: strategy.load(snapshot))
    steps = _timed(lambda batch: _advance(play, batch * _TIMED, _TIMED, idle), each=_TIMED)
    return saves, loads, steps


def _timed(action: Callable[[int], Any], each: int = 1) -> float:
    """ms of one action: the quickest of a few batches, as browsers' clocks are coarse and computers busy."""
    best = float("inf")
    for batch in range(_BATCHES):
        started = time.perf_counter()
        for _ in range(_TIMED // each):
            action(batch)
        best = min(best, time.perf_counter() - started)
    return best * 1000 / _TIMED
