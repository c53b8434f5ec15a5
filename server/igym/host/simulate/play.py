"""A made-up game that needs no env: every frame follows from the match's seed, so all members record the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgpack

from igym.protocol.server import MatchSpec

ACTIONS = 4


@dataclass(frozen=True)
class ScriptedEpisode:
    """One episode of `frames` frames, as every member of the match sees it."""

    match: MatchSpec
    scene: str
    visit: int
    episode: int
    frames: int
    fps: float
    _chain: list[bytes] = field(default_factory=lambda: [b""])

    def input(self, player: int, frame: int) -> int:
        """What this player does in this frame; everybody can work it out."""
        digest = hashlib.sha256(f"{self.match.seed}/{self.episode}/{player}/{frame}".encode()).digest()
        return digest[0] % ACTIONS

    def row(self, frame: int) -> dict[str, Any]:
        """The parity columns of one frame."""
        last = frame == self.frames - 1
        row: dict[str, Any] = {}
        for seat in self.match.players:
            action = self.input(seat.player, frame)
            row |= {
                f"actions.{seat.agent}": action,
                f"rewards.{seat.agent}": action - 1,
                f"terminated.{seat.agent}": last,
                f"truncated.{seat.agent}": False,
                f"observations.{seat.agent}.0": frame / 4,
                f"infos.{seat.agent}.streak": frame % 7 if action else None,
            }
        return row

    def scores(self) -> dict[str, float]:
        return {
            seat.agent: float(sum(self.input(seat.player, frame) - 1 for frame in range(self.frames)))
            for seat in self.match.players
        }

    def chain(self, frames: int) -> str:
        """A hash over the rows of the first `frames` frames, each linked to the one before."""
        for frame in range(len(self._chain) - 1, frames):
            row = json.dumps(self.row(frame), sort_keys=True).encode()
            self._chain.append(hashlib.sha256(self._chain[-1] + row).digest())
        return self._chain[frames].hex() or "00"

    def batches(self, size: int, from_frame: int = 0) -> Iterator[bytes]:
        """The packed batches of frames from `from_frame` on."""
        for number, first in enumerate(range(from_frame, self.frames, size)):
            yield self.batch(first, min(size, self.frames - first), number)

    def batch(self, first: int, count: int, seq: int) -> bytes:
        rows = [self.row(frame) for frame in range(first, first + count)]
        local = {
            "timestamp_ms": [1000.0 * frame / self.fps for frame in range(first, first + count)],
            "focused": [True] * count,
            "rollback_frames": [0] * count,
        }
        return bytes(
            msgpack.packb(
                {
                    "v": 1,
                    "scene": self.scene,
                    "visit": self.visit,
                    "match": self.match.id,
                    "episode": self.episode,
                    "seq": seq,
                    "first": first,
                    "count": count,
                    "parity": {name: [row[name] for row in rows] for name in rows[0]},
                    "local": local,
                    "inputs": {
                        str(seat.player): [self.input(seat.player, frame) for frame in range(first, first + count)]
                        for seat in self.match.players
                    },
                    "chain": self.chain(first + count),
                }
            )
        )


def pressed(code: str, at_ms: float) -> list[dict[str, Any]]:
    """The events of a key that is pressed at frame 0 and let go 80 ms later."""
    key = {"device": "keyboard", "code": code, "episode": 0, "frame": 0}
    return [{"at_ms": at_ms, "kind": "down", **key}, {"at_ms": at_ms + 80, "kind": "up", **key}]
