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
