"""How much one connection may send: token buckets, so that a broken or hostile page cannot take the engine's time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """`per_s` messages a second on average, `burst` at once."""

    per_s: float
    burst: float


DEFAULT_RATE = Rate(40, 200)
RATES: dict[str, Rate] = {
    "hello": Rate(1, 10),
    "rows": Rate(30, 300),
    "relay": Rate(1500, 3000),
    "signal": Rate(60, 600),
    "host_input": Rate(150, 300),
    "host_seen": Rate(20, 60),
    "host_join": Rate(2, 20),
    "console": Rate(5, 30),
    "client_error": Rate(2, 20),
    "chat_say": Rate(2, 20),
    "input_log": Rate(4, 60),
    "globals_set": Rate(20, 100),
    "clock": Rate(20, 60),
    "pong": Rate(20, 60),
}
REFUSALS = Rate(2, 20)
"""How often a connection is told about refusals; the rest is only counted."""


BYTES = Rate(2 * 1024 * 1024, 8 * 1024 * 1024)
FRAMES = Rate(2500, 8000)
"""Frames that one connection may send: twice as many as the packets of a game for sixteen have."""
CONTROL_FRAMES = 25
"""A frame that carries no message counts as so many: an honest page sends a few a minute."""
LEAST_PAUSE_S = 0.01
"""Whoever is ahead by less need not wait yet: a timer for each frame would cost more than the frame."""


class Flow:
    """What one connection has sent; beyond its rates it is read no faster, so that its own computer holds the rest."""

    def __init__(self, now: float) -> None:
        self._bytes, self._frames, self._at = BYTES.burst, FRAMES.burst, now

    def wait_s(self, size: int, now: float, frames: int = 1) -> float:
        """How long to wait before what comes next is looked at, which is taken with that; `size` in bytes."""
        past_s, self._at = max(0.0, now - self._at), now
        self._bytes = min(BYTES.burst, self._bytes + past_s * BYTES.per_s) - size
        self._frames = min(FRAMES.burst, self._frames + past_s * FRAMES.per_s) - frames
        ahead_s = max(-self._bytes / BYTES.per_s, -self._frames / FRAMES.per_s)
        return ahead_s if ahead_s >= LEAST_PAUSE_S else 0.0


class Limiter:
    """Token buckets of one connection, by message type; times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def allows(self, kind: str, now: float, rate: Rate | None = None) -> bool:
        rate = rate or RATES.get(kind, DEFAULT_RATE)
        level, at = self._buckets.get(kind, (rate.burst, now))
        level = min(rate.burst, level + (now - at) * rate.per_s)
        if level < 1:
            self._buckets[kind] = (level, now)
            return False
        self._buckets[kind] = (level - 1, now)
        return True
