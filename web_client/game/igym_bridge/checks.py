"""Checksums of the game's state at fixed frames, for the comparison between browsers."""

from __future__ import annotations

from typing import Any

from .snapshots import GameState, Strategy

_KEPT = 4


class Checks:
    """Every `every` frames (0: never) the state after the frame is summed up and kept for a while."""

    def __init__(self, every: int, state: GameState, strategy: Strategy | None) -> None:
        self._every = every
        self._state = state
        self._strategy = strategy
        self.clear()

    def clear(self) -> None:
        self._predicted: dict[int, int] = {}
        self._snapshots: dict[int, Any] = {}

    def after(self, frame: int) -> None:
        """Called after each step; a replayed frame overwrites what was predicted."""
        if self._every == 0 or self._strategy is None or (frame + 1) % self._every:
            return
        self._predicted[frame] = self._state.checksum()
        self._snapshots[frame] = self._strategy.save()
        for old in sorted(self._snapshots)[:-_KEPT]:
            del self._snapshots[old]

    def confirmed(self, frame: int) -> list[list[int]]:
        """[frame, checksum] of frames up to `frame` that were not handed out yet."""
        due = sorted(found for found in self._predicted if found <= frame)
        return [[found, self._predicted.pop(found)] for found in due]

    def table(self, frame: int) -> dict[str, str]:
        """Path → token of the state after `frame`; empty when it is no longer kept."""
        if self._strategy is None or frame not in self._snapshots:
            return {}
        now = self._strategy.save()
        self._strategy.load(self._snapshots[frame])
        found = self._state.table()
        self._strategy.load(now)
        return found

    def restore(self, frame: int) -> bool:
        """Go back to the state after `frame`, if it is still kept."""
        if self._strategy is None or frame not in self._snapshots:
            return False
        self._strategy.load(self._snapshots[frame])
        return True
