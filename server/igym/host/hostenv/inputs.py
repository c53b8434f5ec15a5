"""What each player does in the next frame, from what their browsers said so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

ABSENT = 65_535
"""The input of a player who is gone: the stand-in acts, or the default action."""
MOST_WAITING = 3
"""Inputs that came faster than frames; older ones are let go, so that nobody's hands run ahead of the picture."""


class Inputs:
    """`once`: an input counts for one frame (single_keystroke); otherwise it holds until the next one."""

    def __init__(self, players: int, once: bool) -> None:
        self._once = once
        self._held = [0] * players
        self._waiting: list[deque[tuple[int, float]]] = [deque(maxlen=MOST_WAITING) for _ in range(players)]
        self._absent: set[int] = set()
        self.waited_ms: dict[int, float] = {}
        """Player → how long the frame had waited for their move: never, as no frame waits."""

    def add(self, player: int, number: int, at_ms: float) -> None:
        self._waiting[player].append((number, at_ms))

    def absent(self, player: int) -> None:
        self._absent.add(player)

    def release(self) -> None:
        """Everybody's keys are let go."""
        self._held = [0] * len(self._held)
        for waiting in self._waiting:
            waiting.clear()

    def expect(self, acting: Iterable[int], now: float) -> None:
        """No frame waits for anybody."""

    def restart(self, now: float) -> None:
        """No frame waits for anybody."""

    def due(self, earliest: float) -> float | None:
        return earliest

    def take(self) -> tuple[list[int], dict[int, float]]:
        """(the frame's inputs, player → when they did what counts from this frame on, unix ms)."""
        numbers: list[int] = []
        events: dict[int, float] = {}
        for player, waiting in enumerate(self._waiting):
            if waiting:
                self._held[player], events[player] = waiting.popleft()
            numbers.append(ABSENT if player in self._absent else self._held[player])
            if self._once:
                self._held[player] = 0
        return numbers, events
