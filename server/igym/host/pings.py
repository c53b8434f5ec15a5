"""Round trips of one connection, measured on the server's clock."""

from __future__ import annotations

from collections import OrderedDict

FIRST_PINGS = 6
FIRST_GAP_S = 0.2
OUTSTANDING = 16


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

    def answered(self, number: int, now: float) -> float | None:
        """The round trip in ms, or None."""
        sent = self._sent.pop(number, None)
        return None if sent is None else (now - sent) * 1000.0

    def gap_s(self, usual_s: float) -> float:
        """Until the next ping: the first few follow each other quickly, because screening waits for them."""
        return FIRST_GAP_S if self._next <= FIRST_PINGS else usual_s
