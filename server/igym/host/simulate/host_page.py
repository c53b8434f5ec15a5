"""A simulated page of a game that runs on the host: it shows what it is sent, and presses keys."""

from __future__ import annotations

import asyncio
import json
import struct
import zlib
from random import Random
from typing import Any

from igym.host.base.clock import Clock
from igym.host.simulate.client import ParticipantClient
from igym.host.studies.env_bridge import bridge_part
from igym.protocol.base import Message
from igym.protocol.binary import HostView
from igym.protocol.server import HostHud, HostMove, HostPhase, HostSounds, MatchSpec

PRESS_EVERY_S = 0.15
REFRESH_MS = 16.7
_SIZE = struct.Struct("<HH")


class BrokenPictureError(AssertionError):
    """A change came that does not follow from what this page shows."""


class HostPage:
    """`ops` or `pixels` are what the page shows; `frames` the frames it was sent, in order;
    `drawn_ms` when it drew each."""

    def __init__(self, client: ParticipantClient, match: MatchSpec, inputs: int, rng: Random) -> None:
        self._client, self._match, self._inputs, self._rng = client, match, inputs, rng
        self.ops: list[Any] = []
        self.before: list[Any] = []
        self.pixels: bytes = b""
        self.size = (0, 0)
        self.number = -1
        self.wholes = 0
        self.frames: list[tuple[int, int]] = []
        self.drawn_ms: dict[tuple[int, int], list[float]] = {}
        self.phases: list[str] = []
        self.moves: list[str | None] = []
        self.scores: dict[str, Any] = {}
        self.sounds: list[str] = []
        self.episode = 0
        self._clock = Clock()
        self._drawn: list[dict[str, float]] = []
        self._has_whole = False
        self._connections = client.connections

    async def open(self) -> None:
        """The page has just been loaded, or its connection is new."""
        self._has_whole = False
        await self._client.send("host_join", {"match": self._match.id})

    async def play(self) -> None:
        """Presses and releases keys at random until cancelled."""
        while True:
            await asyncio.sleep(PRESS_EVERY_S)
            await self.press(bridge_part("analog").number_of(self._rng.randint(0, self._inputs - 1)))
            await self._client.send(
                "host_seen",
                {
                    "match": self._match.id, "number": max(self.number, 0), "focused": True, "hidden": False,
                    "shown": self._drawn[-32:], "refresh_ms": REFRESH_MS,
                },
            )  # fmt: skip
            self._drawn.clear()

    async def press(self, number: int) -> None:
        body = {"match": self._match.id, "input": number, "at_ms": self._clock.ms()}
        await self._client.send("host_input", body)

    def receive(self, message: Message) -> None:
        """One of the messages whose name begins with host_."""
        if isinstance(message, HostView):
            self._show(message)
        elif isinstance(message, HostPhase):
            self.episode = message.episode
            if self.phases[-1:] != [message.phase]:
                self.phases.append(message.phase)
        elif isinstance(message, HostMove):
            self.moves.append(message.whose)
        elif isinstance(message, HostHud):
            self.scores = dict(message.scores)
        elif isinstance(message, HostSounds):
            self.sounds += message.names

    def _show(self, view: HostView) -> None:
        if self._client.connections != self._connections:
            # Pictures that were sent while nobody was connected are lost: the host has to send a whole one.
            self._connections, self._has_whole = self._client.connections, False
        whole = view.kind in ("list", "pixels")
        if not whole and not self._has_whole:
            return
        if not whole and view.number != self.number + 1:
            raise BrokenPictureError(f"picture {view.number} came after picture {self.number}")
        self._has_whole = True
        self.wholes += whole
        self.number = view.number
        self.frames.append((self.episode, view.frame))
        at_ms = self._clock.ms()
        self.drawn_ms.setdefault(self.frames[-1], []).append(at_ms)
        self._drawn.append({"number": view.number, "at_ms": at_ms})
        if view.kind.startswith("list"):
            body = json.loads(view.body)
            self.before = body["before"] if whole else self.before
            self.ops = body["ops"] if whole else told_by(self.ops, body["ops"])
        else:
            self._blit(view)

    def _blit(self, view: HostView) -> None:
        self.size = _SIZE.unpack_from(view.body)
        data = view.body[_SIZE.size :]
        if view.kind == "pixels":
            self.pixels = zlib.decompress(data)
        elif data:
            mask = zlib.decompress(data)
            self.pixels = bytes(a ^ b for a, b in zip(self.pixels or bytes(len(mask)), mask, strict=True))


def told_by(last: list[Any], changes: list[Any]) -> list[Any]:
    """The draw list that `changes` makes of the `last` one."""
    ops: list[Any] = []
    for op in changes:
        if op[0] == "=":
            ops += last[op[1] : op[1] + op[2]]
        elif op[0] == "~":
            old = last[op[1]]
            ops.append([*old[:6], {**old[6], **op[2]}])
        else:
            ops.append(op)
    return ops
