"""How much somebody may send and how often they may come, so that no broken or hostile page takes the engine's time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """`per_s` messages a second on average, `burst` at once."""

    per_s: float
    burst: float


DEFAULT_RATE = Rate(40, 200)
RATES: dict[str, Rate] = {
    "hello": Rate(1, 60),
    "rows": Rate(30, 300),
    "relay": Rate(1500, 3000),
    "signal": Rate(60, 600),
    "host_input": Rate(150, 300),
    "host_seen": Rate(20, 60),
    "host_join": Rate(2, 60),
    "console": Rate(5, 30),
    "client_error": Rate(2, 20),
    "chat_say": Rate(2, 20),
    "input_log": Rate(4, 60),
    "globals_set": Rate(20, 100),
    "clock": Rate(20, 60),
    "pong": Rate(20, 60),
}
REFUSALS = Rate(2, 20)
"""How often somebody is told about refusals; the rest is only counted."""
CONNECTIONS = Rate(1, 60)
"""Of one participant. A page on a bad line comes back every other second, and nobody loads it more than ten times in
one."""
STRANGERS = Rate(20, 1000)
"""Connections of one address that nobody is known by: a whole lab may come with what an earlier session gave it."""
COME_AGAIN_S = 5.0
"""Who has come too often waits so long at least, so that there is more than one connection then."""
FORGOTTEN_S = 120.0
"""By then every bucket is full again."""


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
    """Token buckets by message type, or by whatever else is counted; times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}
        self._swept_at = 0.0
        self.used_at = 0.0

    def allows(self, kind: str, now: float, rate: Rate | None = None) -> bool:
        rate = rate or RATES.get(kind, DEFAULT_RATE)
        level = self._level(kind, now, rate)
        self.used_at = now
        if level < 1:
            self._buckets[kind] = (level, now)
            return False
        self._buckets[kind] = (level - 1, now)
        return True

    def has(self, kind: str, now: float, rate: Rate) -> bool:
        """Whether one would be allowed, which is not taken."""
        return self._level(kind, now, rate) >= 1

    def _level(self, kind: str, now: float, rate: Rate) -> float:
        level, at = self._buckets.get(kind, (rate.burst, now))
        return min(rate.burst, level + max(0.0, now - at) * rate.per_s)

    def sweep(self, now: float) -> None:
        """Forgets those who have all of theirs again, where there may be very many kinds."""
        if now - self._swept_at < FORGOTTEN_S:
            return
        self._swept_at = now
        self._buckets = {kind: bucket for kind, bucket in self._buckets.items() if now - bucket[1] < FORGOTTEN_S}
