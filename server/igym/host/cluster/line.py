"""What two programs tell each other: in order, each frame once while both live, whatever the bus between them loses."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

AGAIN_AFTER_S = 0.5
"""Frames that are missing there are sent again at most so often: what was sent may still be under way."""
ACK_EVERY = 64
"""Frames taken without a word; more than that are confirmed without waiting for the next beat."""
MOST_IN_PACKET = 512 * 1024
MOST_WAITING = 64 * 1024 * 1024
"""Bytes that the other side has not confirmed. Beyond that it does not keep up, and the line is given up."""


@dataclass(frozen=True)
class Packet:
    """Some frames in a row and how things stand."""

    first: int
    """The number of the first frame, counted from 1; with no frames that of the next one there will be."""
    frames: tuple[bytes, ...]
    taken: int
    """How many frames of the other side have come."""
    lacks: bool
    """Frames of the other side are missing here."""


UNKNOWN = Packet(0, (), 0, False)
"""Of no line: whoever gets it has been given up there and begins anew."""


class Line:
    """One end. Knows neither clock nor bus: times are handed in, packets are fetched and brought by the owner."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._confirmed = 0
        self._next = 1
        """The number of the frame that goes out next."""
        self._taken = 0
        self._told = 0
        self._lacks = False
        self._repeated_at = -AGAIN_AFTER_S
        self._bytes = 0

    @property
    def last(self) -> int:
        """The number of the newest frame."""
        return self._confirmed + len(self._waiting)

    @property
    def is_overfull(self) -> bool:
        return self._bytes > MOST_WAITING

    @property
    def is_filling(self) -> bool:
        """More waits than half of what may."""
        return self._bytes > MOST_WAITING // 2

    @property
    def has_news(self) -> bool:
        """Whether a packet should go out without waiting for the next beat."""
        return self._next <= self.last or self._lacks or self._taken - self._told >= ACK_EVERY

    def put(self, frame: bytes) -> None:
        self._waiting.append(frame)
        self._bytes += len(frame)

    def packet(self) -> Packet:
        """The next frames, as many as one packet may hold; empty, it still tells how things stand."""
        frames: list[bytes] = []
        first, size = self._next, 0
        index = first - self._confirmed - 1
        while index < len(self._waiting) and (not frames or size + len(self._waiting[index]) <= MOST_IN_PACKET):
            frames.append(self._waiting[index])
            size += len(self._waiting[index])
            index += 1
        self._next = first + len(frames)
        self._told = self._taken
        made = Packet(first, tuple(frames), self._taken, self._lacks)
        self._lacks = False
        return made

    def rewind(self) -> None:
        """Whatever was sent and is not confirmed may be lost: it goes out again."""
        self._next = self._confirmed + 1

    def take(self, packet: Packet, now: float) -> list[bytes]:
        """What is new in it, in order."""
        self._confirm(packet.taken)
        if packet.lacks and now - self._repeated_at >= AGAIN_AFTER_S:
            self._repeated_at = now
            self.rewind()
        if packet.first > self._taken + 1:
            self._lacks = True
            return []
        new = list(packet.frames[self._taken + 1 - packet.first :])
        self._taken += len(new)
        return new

    def _confirm(self, taken: int) -> None:
        while self._confirmed < min(taken, self._next - 1) and self._waiting:
            self._bytes -= len(self._waiting.popleft())
            self._confirmed += 1
