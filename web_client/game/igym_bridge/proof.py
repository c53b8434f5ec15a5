"""Does a saved game come back exactly? Tried on the real env before anybody plays with rollback."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np

from .canon import differing
from .play import Play
from .snapshots import GameState, InPlace, Strategy

_WARM_UP, _AHEAD, _ROUNDS = 7, 6, 2


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
            text = f"{strategy.name}: {found}"
            if text not in reasons:
                reasons.append(text)
        return Proof(None, reasons, 0.0, 0.0, 0.0)
    finally:
        before.load(pristine)


def _failure(play: Play, state: GameState, strategy: Strategy, seed: int) -> str:
    """What went wrong, or an empty text."""
    draws = np.random.Generator(np.random.PCG64(seed))
    play.reset(seed, 0)
    frame = _advance(play, 0, _WARM_UP, _random_inputs(play, draws, _WARM_UP))
    at_save = state.table()
    snapshot = strategy.save()
    inputs = _random_inputs(play, draws, _AHEAD)
    ahead: dict[str, str] | None = None
    for _ in range(_ROUNDS):
        _advance(play, frame, _AHEAD, inputs)
        now = state.table()
        if ahead is not None and now != ahead:
            return "after going back, the same actions led elsewhere: " + _names(ahead, now)
        ahead = now
        strategy.load(snapshot)
        back = state.table()
        if back != at_save:
            return "not restored exactly: " + _names(at_save, back)
    return ""


def _names(one: dict[str, str], other: dict[str, str]) -> str:
    return ", ".join(differing(one, other))


def _random_inputs(play: Play, draws: np.random.Generator, count: int) -> list[list[int]]:
    numbers: list[list[int]] = draws.integers(0, play.input_count, (count, len(play.players))).tolist()
    return numbers


def _advance(play: Play, frame: int, count: int, inputs: list[list[int]]) -> int:
    for index in range(count):
        play.step(frame + index, inputs[index])
    return frame + count


def _costs(play: Play, strategy: Strategy, seed: int) -> tuple[float, float, float]:
    play.reset(seed, 0)
    rounds = 8
    steps = _timed(lambda: _advance(play, 0, rounds, [[0] * len(play.players)] * rounds)) / rounds
    saves = min(_timed(strategy.save) for _ in range(rounds))
    snapshot = strategy.save()
    loads = min(_timed(lambda: strategy.load(snapshot)) for _ in range(rounds))
    return saves, loads, steps


def _timed(action: Any) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000
