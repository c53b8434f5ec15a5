"""Round trips of one connection, measured on the server's clock."""

from __future__ import annotations

from collections import OrderedDict

from igym.core.events import RttMeasured

FIRST_PINGS = 6
FIRST_GAP_S = 0.2
OUTSTANDING = 16
MOST_HELD = 5
"""Ten seconds of them: a table of round trips that people look at is no older."""
LONGEST_UNTOLD_S = 5.0
"""Half of the silence after which the core takes a browser for gone."""


class PingTimer:
    """Numbers pings and times their answers; an answer to an unknown, old or repeated number counts for nothing."""

    def __init__(self) -> None:
        self._next = 1
        self._sent: OrderedDict[int, float] = OrderedDict()

    def send(self, now: float) -> int:
        """The number of a ping leaving at `now` (seconds)."""
        number, self._next = self._next, self._next + 1
        self._sent[number] = now
        while len(self._sent) > OUTSTANDING:
            self._sent.popitem(last=False)
        return number

    @property
    def is_waiting(self) -> bool:
        """The newest ping is not answered yet."""
        return self._next - 1 in self._sent

    def answered(self, number: int, now: float) -> float | None:
        """The round trip in ms, or None."""
        sent = self._sent.pop(number, None)
        return None if sent is None else (now - sent) * 1000.0

    def gap_s(self, usual_s: float) -> float:
        """Until the next ping: the first few follow each other quickly, because screening waits for them."""
        return FIRST_GAP_S if self._next <= FIRST_PINGS else usual_s


class HeldPings:
    """Round trips nobody waits for, so that several become one event: each costs the core and the disk the same."""

    def __init__(self) -> None:
        self._held: list[tuple[float, float]] = []
        self._told_at = 0.0

    def add(self, now: float, rtt_ms: float) -> None:
        self._held.append((now, rtt_ms))

    def heard_of(self, now: float) -> None:
        """The core has been told something else of this connection, so that it knows that somebody is there."""
        self._told_at = now

    def is_due(self, now: float) -> bool:
        """Whether they have to be told although nobody waits for them."""
        return len(self._held) >= MOST_HELD or now - self._told_at >= LONGEST_UNTOLD_S

    def take(self, participant: str, now: float) -> RttMeasured | None:
        """All of them as one event; None when there are none."""
        held, self._held = self._held, []
        if not held:
            return None
        self._told_at = now
        *earlier, (ago_s, rtt_ms) = [[round(now - at, 3), rtt_ms] for at, rtt_ms in held]
        return RttMeasured(participant, rtt_ms, ago_s, earlier)
