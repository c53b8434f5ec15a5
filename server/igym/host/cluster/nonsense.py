"""What comes through Redis and nobody understands: it is told of once, and left out."""

from __future__ import annotations

from collections.abc import Callable

from igym.host.base.clock import steady_s

AGAIN_AFTER_S = 60.0
MOST = 20
"""So many different ones are told of in that time: whoever floods the server fills no log."""
LONGEST = 400


class Nonsense:
    """`tell(text)` writes a line for the researcher."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: dict[str, float] = {}

    def leave_out(self, where: str, error: object) -> None:
        """`where`: "came from Redis", "edge 1 said"."""
        text, now = f"Nobody understands what {where}; it is left out: {error!r}"[:LONGEST], steady_s()
        self._told = {known: at for known, at in self._told.items() if now - at < AGAIN_AFTER_S}
        if text not in self._told and len(self._told) < MOST:
            self._told[text] = now
            self._tell(text)
