"""Checksums of the game's state, and the states they stand for while they may still be disputed."""

from __future__ import annotations

from typing import Any

from .snapshots import GameState, Strategy

_KEPT = 4


class Checks:
    """Sums up the state after a frame on request and keeps the last few such states to name what differs."""

    def __init__(self, state: GameState, strategy: Strategy | None) -> None:
        self._state = state
        self._strategy = strategy
        self.clear()

    def clear(self) -> None:
        self.due: list[list[int]] = []
        """[frame, checksum] since the last `take`."""
        self._snapshots: dict[int, Any] = {}

    def after(self, frame: int) -> None:
        """Sum up the state as it is, after `frame`."""
        self.due.append([frame, self._state.checksum()])
        if self._strategy is None:
            return
        self._snapshots[frame] = self._strategy.save()
        for old in sorted(self._snapshots)[:-_KEPT]:
            del self._snapshots[old]

    def take(self) -> list[list[int]]:
        """[frame, checksum] since the last call."""
        due, self.due = self.due, []
        return due

    def table(self, frame: int) -> dict[str, str]:
        """Path → token of the state after `frame`; empty when it is no longer kept."""
        if self._strategy is None or frame not in self._snapshots:
            return {}
        now = self._strategy.save()
        self._strategy.load(self._snapshots[frame])
        found = self._state.table()
        self._strategy.load(now)
        return found
