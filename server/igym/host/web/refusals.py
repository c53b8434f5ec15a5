"""How many messages of each participant were refused lately; who does not stop is kept out for a while."""

from __future__ import annotations

FORGIVEN_PER_S = 2.0
"""A broken page that goes on for hours is no attack: so many refusals a second are forgotten again."""
BARRED_S = 60.0
TOO_OFTEN = "This page has connected very often in a short time. Please leave it open: it goes on in a few seconds."
"""Said to a page that is turned away before it is let in, or to whoever comes from where very many do."""


class Refusals:
    """Counts by participant, not by connection: coming back changes nothing. Times are s of any clock."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, float]] = {}
        self._barred_until: dict[str, float] = {}

    def count(self, participant: str, now: float) -> int:
        """One more; how many there are now."""
        known, at = self._counts.get(participant, (0.0, now))
        left = max(0.0, known - FORGIVEN_PER_S * max(0.0, now - at)) + 1
        self._counts[participant] = (left, now)
        return int(left)

    def bar(self, participant: str, now: float) -> None:
        """Keeps the participant out; their next refusals count from half of what they were."""
        self._barred_until[participant] = now + BARRED_S
        self._counts[participant] = (self._counts.get(participant, (0.0, now))[0] / 2, now)

    def is_barred(self, participant: str, now: float) -> bool:
        return now < self._barred_until.get(participant, 0.0)
