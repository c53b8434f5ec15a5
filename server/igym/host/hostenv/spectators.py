"""What researchers see of a match on the host: whole pictures, so few that the game never waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from igym.protocol.binary import HostView
from igym.protocol.server import HostHud, HostPhase

LEAST_S = 0.1
"""Between two pictures of one view, however many watch."""
REST = 2
"""A picture that took long to make is followed by a pause of so many times as long."""
LOOK_LIMIT_S = 1.0


@dataclass(frozen=True)
class Look:
    """How a match looks now. `view` is a `HostView` as bytes, None before the first picture."""

    view: bytes | None
    phase: HostPhase | None
    hud: HostHud | None


class _Sight:
    """One player's view: its newest picture, and the one that is on its way."""

    def __init__(self) -> None:
        self.newest: bytes | None = None
        self.asked_at = 0.0
        self.next_at = 0.0
        self.coming: asyncio.Future[None] | None = None


class Spectators:
    """`order` reaches the env's process. No page of a player has any part in this."""

    def __init__(self, match: str, order: Callable[[dict[str, Any]], None]) -> None:
        self._match, self._order = match, order
        self._sights: dict[int, _Sight] = {}

    async def picture(self, player: int) -> bytes | None:
        """A whole picture of what this player sees, some tenths of a second old at most while the env answers."""
        loop = asyncio.get_running_loop()
        sight = self._sights.setdefault(player, _Sight())
        if sight.coming is None and loop.time() >= sight.next_at:
            sight.coming, sight.asked_at = loop.create_future(), loop.time()
            self._order({"do": "look", "player": player})
        if sight.coming is not None:
            await asyncio.wait([sight.coming], timeout=LOOK_LIMIT_S)
        return sight.newest

    def take(self, message: dict[str, Any]) -> None:
        """The process's answer; without a `kind` while it has drawn nothing."""
        sight = self._sights.get(message["player"])
        if sight is None or sight.coming is None:
            return
        now = asyncio.get_running_loop().time()
        sight.next_at = now + max(LEAST_S, REST * (now - sight.asked_at))
        if message["kind"] is not None:
            view = HostView(match=self._match, kind=message["kind"], number=message["number"], frame=message["frame"],
                            at_ms=message["at"] * 1000, body=message["body"])  # fmt: skip
            sight.newest = view.payload()
        sight.coming.set_result(None)
        sight.coming = None
