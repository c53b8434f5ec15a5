"""What each player does in a frame that waits for those whose move it is."""

from __future__ import annotations

import math
from collections.abc import Iterable

from igym.host.hostenv.inputs import ABSENT
from igym.host.studies.env_bridge import bridge_part
from igym.protocol.base import LARGEST_INPUT

LATE, END = 65_534, 65_533
"""Inputs of who did not move in time: the default action; the episode ends. As `igym_bridge/actions.py` has them."""


class Moves:
    """As `Inputs`, where frames wait. `limit_s` is how long for (None: without end); `late` is the input after it."""

    def __init__(
        self, players: int, once: bool, limit_s: float | None, late: int, keys: list[int] | None = None
    ) -> None:
        self._once = once
        self._keys = keys or [LARGEST_INPUT] * players
        self._analog = bridge_part("analog")
        self._limit_s = math.inf if limit_s is None else limit_s
        self._late = late
        self._held = [0] * players
        self._absent: set[int] = set()
        self._acting: set[int] = set()
        self._made: dict[int, tuple[int, float | None]] = {}
        self._since = 0.0
        self.waited_ms: dict[int, float] = {}
        """Player → how long the frame that was taken last had waited when they moved."""

    def expect(self, acting: Iterable[int], now: float) -> None:
        """The next frame waits for these players from `now` on; a key that is still held is a move."""
        self._acting, self._since = set(acting), now
        self._made = {
            player: (self._held[player], None) for player in self._acting if self._key(player, self._held[player])
        }

    def restart(self, now: float) -> None:
        """The game did not go on meanwhile: the wait begins anew."""
        self._since = now

    def add(self, player: int, number: int, at_ms: float) -> None:
        """What is pressed when nothing is asked, or once the move is made, is no move of the next frame."""
        self._held[player] = self._still(player, number) if self._once else number
        if self._key(player, number) and player in self._acting and player not in self._made:
            self._made[player] = (number, at_ms)

    def absent(self, player: int) -> None:
        self._absent.add(player)

    def release(self) -> None:
        """Everybody's keys are let go; a move that was made stays."""
        self._held = [self._still(player, number) for player, number in enumerate(self._held)]

    def _key(self, player: int, number: int) -> int:
        return int(self._analog.key_of(number, self._keys[player]))

    def _still(self, player: int, number: int) -> int:
        return int(self._analog.without_key(number, self._keys[player]))

    def due(self, earliest: float) -> float | None:
        """When the frame can be stepped: once all have moved, else at the limit; None: nobody knows yet."""
        if self._acting <= self._absent | self._made.keys():
            return earliest
        limit = self._since + self._limit_s
        return None if limit == math.inf else max(earliest, limit)

    def whose_move(self, player: int) -> tuple[str | None, float | None]:
        """What this player is told: "mine", "made" (others are waited for), "others" or None; until when, unix s."""
        left = player in self._acting and player not in self._made and player not in self._absent
        if left:
            limit = self._since + self._limit_s
            return "mine", None if limit == math.inf else limit
        if self._acting <= {player} | self._absent:
            return None, None
        return "made" if player in self._acting else "others", None

    def take(self) -> tuple[list[int], dict[int, float]]:
        """(the frame's inputs, player → when they pressed, unix ms)."""
        numbers = [self._number(player) for player in range(len(self._held))]
        events = {player: at for player, (_, at) in self._made.items() if at is not None}
        self.waited_ms = {player: max(0.0, at - self._since * 1000) for player, at in events.items()}
        return numbers, events

    def _number(self, player: int) -> int:
        if player in self._absent:
            return ABSENT
        if player not in self._acting:
            return 0
        return self._made[player][0] if player in self._made else self._late
