"""The pages of a match on the host: who shows which picture, and who has to get a whole one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from igym.host.hostenv.locals import Seen
from igym.protocol.base import Message
from igym.protocol.binary import HostView
from igym.protocol.client import HostSeen
from igym.protocol.server import HostHud, HostMove, HostPhase, HostSounds

MOST_UNSEEN = 90
"""A page that is so many pictures behind gets no more of them, and a whole one when it has caught up."""
MOST_UNSEEN_BYTES = 4 * 1024 * 1024
"""The same of so many bytes: below what ends a connection that reads nothing, for a slow one reads."""


class Viewers:
    """`order` reaches the env's process, `send` a participant's page."""

    def __init__(
        self,
        match: str,
        members: dict[int, str],
        order: Callable[[dict[str, Any]], None],
        send: Callable[[str, Message], Awaitable[None]],
    ) -> None:
        self._match, self._order, self._send = match, order, send
        self._members = dict(members)
        self.seen = {player: Seen() for player in members}
        self._joined: set[int] = set()
        self._phase: HostPhase | None = None
        self._hud: HostHud | None = None
        self._whose: dict[int, HostMove] = {}

    @property
    def phase(self) -> HostPhase | None:
        return self._phase

    @property
    def hud(self) -> HostHud | None:
        return self._hud

    def drop(self, player: int) -> None:
        """This player's page shows something else from now on."""
        self._members.pop(player, None)

    async def join(self, player: int) -> None:
        """A page begins to show the game, or does so again after its connection was lost."""
        self._joined.add(player)
        seen = self.seen[player]
        seen.sent = seen.shown = -1
        seen.unseen.clear()
        # A whole picture on its way to a page that is gone is none for this one.
        seen.asked = False
        self._ask_whole(player)
        for message in (self._phase, self._whose.get(player), self._hud):
            if message is not None:
                await self._send(self._members[player], message)

    def note(self, player: int, message: HostSeen) -> list[tuple[int, int, float]]:
        """What the page says of itself; (episode, frame, when) of the pictures it says it has drawn."""
        seen = self.seen[player]
        seen.refresh_ms = message.refresh_ms
        drawn = [(*seen.pictures.pop(it.number), it.at_ms) for it in message.shown if it.number in seen.pictures]
        seen.focused, seen.hidden, seen.shown = message.focused, message.hidden, max(seen.shown, message.number)
        seen.unseen = {number: size for number, size in seen.unseen.items() if number > seen.shown}
        if seen.wants_whole and seen.shown >= seen.sent:
            self._ask_whole(player)
        return drawn

    async def show(self, message: dict[str, Any]) -> None:
        """Something to be seen or heard: `view`, `phase`, `move`, `hud` or `sounds`."""
        say = message["say"]
        if say == "view":
            await self._view(message)
        elif say == "sounds":
            names = list(dict.fromkeys(message["names"]))[:64]
            await self._tell(message["to"], HostSounds(match=self._match, names=names))
        elif say == "phase":
            until = message["until"]
            self._phase = HostPhase(match=self._match, phase=message["phase"], episode=message["episode"],
                                    until_ms=None if until is None else until * 1000)  # fmt: skip
            await self._tell(None, self._phase)
        elif say == "move":
            until, player = message["until"], message["to"]
            self._whose[player] = HostMove(match=self._match, whose=message["whose"],
                                           until_ms=None if until is None else until * 1000)  # fmt: skip
            await self._tell([player], self._whose[player])
        else:
            text = message["text"]
            self._hud = HostHud(match=self._match, episode=message["episode"], scores=message["scores"],
                                text=None if text is None else text[:8000])  # fmt: skip
            await self._tell(None, self._hud)

    async def _view(self, message: dict[str, Any]) -> None:
        number, whole = message["number"], message["kind"] in ("list", "pixels")
        view = HostView(match=self._match, kind=message["kind"], number=number, frame=message["frame"],
                        at_ms=message["at"] * 1000, body=message["body"])  # fmt: skip
        for player in message["to"]:
            participant = self._members.get(player)
            if participant is None or not self._takes(player, whole, number):
                continue
            self.seen[player].sent = number
            if not whole:
                self.seen[player].unseen[number] = len(view.body)
            self._keep(self.seen[player], number, (message["episode"], message["frame"]))
            await self._send(participant, view)

    @staticmethod
    def _keep(seen: Seen, number: int, frame: tuple[int, int]) -> None:
        """A page may never say that it drew a picture: only so many are remembered."""
        seen.pictures[number] = frame
        while len(seen.pictures) > 2 * MOST_UNSEEN:
            del seen.pictures[next(iter(seen.pictures))]

    def _takes(self, player: int, whole: bool, number: int) -> bool:
        """Whether this picture is for this page now."""
        seen = self.seen[player]
        if whole:
            seen.wants_whole = seen.asked = False
            seen.shown = max(seen.shown, number)
            seen.unseen.clear()
            return True
        is_behind = seen.sent - max(seen.shown, 0) > MOST_UNSEEN or sum(seen.unseen.values()) > MOST_UNSEEN_BYTES
        seen.wants_whole = seen.wants_whole or is_behind
        return not seen.wants_whole

    def _ask_whole(self, player: int) -> None:
        seen = self.seen[player]
        seen.wants_whole = True
        if not seen.asked:
            seen.asked = True
            self._order({"do": "show", "player": player})

    async def _tell(self, players: list[int] | None, message: Message) -> None:
        for player, participant in list(self._members.items()):
            if player in self._joined and (players is None or player in players):
                await self._send(participant, message)
