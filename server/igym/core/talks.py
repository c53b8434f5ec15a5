"""What was said in one place, and by whom."""

from collections import deque
from dataclasses import dataclass, field

RESPONDER = "*responder"
"""Stands for the program that talks along; no participant has such an id."""
LINES_KEPT = 200
"""A page that comes back is shown so many; all of them are on disk."""


@dataclass(slots=True)
class Said:
    """One line; ``number`` counts from 1 in its talk. ``to`` is the line that a sign answers."""

    number: int
    participant: str
    text: str
    at: float
    to: int | None = None


@dataclass(slots=True)
class Talk:
    id: str
    lines: deque[Said] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    count: int = 0
    speakers: dict[str, int] = field(default_factory=dict)
    """Participant → the number under which they are known here."""
    sent: dict[str, int] = field(default_factory=dict)
    """Participant → how many messages they sent."""
    heard_to: int = 0
    """Lines up to this number were looked at for the responder."""
    unanswered: int = 0
    """Messages since the responder was last asked."""
    asked: bool = False
    """The responder thinks about a reply."""
    replies: int = 0
    failures: int = 0
    """How often in a row the responder gave no reply."""
    known: set[str] = field(default_factory=set)
    """Messages that were taken: the same again changes nothing."""

    def number_of(self, participant: str) -> int:
        """Under which number this person is known here, from 1."""
        return self.speakers.setdefault(participant, len(self.speakers) + 1)
