"""What each player does in the next frame, from what their browsers said so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from igym.host.studies.env_bridge import bridge_part
from igym.protocol.base import LARGEST_INPUT

ABSENT = 65_535
"""The input of a player who is gone: the stand-in acts, or the default action."""
MOST_WAITING = 3
"""Inputs that came faster than frames; older ones are let go, so that nobody's hands run ahead of the picture."""


class Inputs:
    """`once`: an input counts for one frame (single_keystroke); otherwise it holds until the next one.

    `keys` tells for each player how many keys count, none included: what an input holds beyond that is where sticks and
    pointer are, and stays.
    """

    def __init__(self, players: int, once: bool, keys: list[int] | None = None) -> None:
        self._once = once
        self._keys = keys or [LARGEST_INPUT] * players
        self._analog = bridge_part("analog")
        self._held = [0] * players
        self._waiting: list[deque[tuple[int, float]]] = [deque(maxlen=MOST_WAITING) for _ in range(players)]
        self._absent: set[int] = set()
        self.waited_ms: dict[int, float] = {}
        """Player → how long the frame had waited for their move: never, as no frame waits."""

    def add(self, player: int, number: int, at_ms: float) -> None:
        waiting = self._waiting[player]
        if waiting and self._same_key(player, number, waiting[-1][0]):
            waiting.pop()  # Of two places of a stick the newer one counts.
        waiting.append((number, at_ms))

    def _same_key(self, player: int, number: int, before: int) -> bool:
        key, earlier = (self._analog.key_of(one, self._keys[player]) for one in (number, before))
        return number != before and key == earlier and not (self._once and key)

    def absent(self, player: int) -> None:
        self._absent.add(player)

    def release(self) -> None:
        """Everybody's keys are let go."""
        self._held = [self._analog.without_key(*pair) for pair in zip(self._held, self._keys, strict=True)]
        for waiting in self._waiting:
            waiting.clear()

    def expect(self, acting: Iterable[int], now: float) -> None:
        """No frame waits for anybody."""

    def restart(self, now: float) -> None:
        """No frame waits for anybody."""

    def due(self, earliest: float) -> float | None:
        return earliest

    def whose_move(self, player: int) -> tuple[str | None, float | None]:
        """Frames wait for nobody."""
        return None, None

    def take(self) -> tuple[list[int], dict[int, float]]:
        """(the frame's inputs, player → when they did what counts from this frame on, unix ms)."""
        numbers: list[int] = []
        events: dict[int, float] = {}
        for player, waiting in enumerate(self._waiting):
            if waiting:
                self._held[player], events[player] = waiting.popleft()
            numbers.append(ABSENT if player in self._absent else self._held[player])
            if self._once:
                self._held[player] = self._analog.without_key(self._held[player], self._keys[player])
        return numbers, events
