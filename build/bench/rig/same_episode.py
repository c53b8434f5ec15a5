"""An episode that is the same for everybody: hundreds of people would be busy with making up rows of their own."""

from __future__ import annotations

from functools import cache

import msgpack

from igym.host.simulate.play import ScriptedEpisode
from igym.protocol.server import MatchPlayer, MatchSpec

OWN = ("scene", "visit", "match", "episode")
"""What differs from one person's batch to another's."""


class SameEpisode(ScriptedEpisode):
    """The scripted one of a match with a certain seed; nothing is left to work out while people play."""

    def batch(self, first: int, count: int, seq: int) -> bytes:
        head = {"scene": self.scene, "visit": self.visit, "match": self.match.id, "episode": self.episode}
        pairs, size = self._worked_out.tail(first, count, seq)
        return b"".join((msgpack.Packer().pack_map_header(len(OWN) + size), msgpack.packb(head)[1:], pairs))

    def chain(self, frames: int) -> str:
        return self._worked_out.chain(frames)

    def scores(self) -> dict[str, float]:
        return self._worked_out.scores()

    @property
    def _worked_out(self) -> _WorkedOut:
        return _worked_out(tuple(seat.agent for seat in self.match.players), self.frames, self.fps)


class _WorkedOut:
    def __init__(self, agents: tuple[str, ...], frames: int, fps: float) -> None:
        players = [MatchPlayer(player=player, agent=agent) for player, agent in enumerate(agents)]
        self._episode = ScriptedEpisode(MatchSpec(id="m", seed=0, me=0, players=players), "s", 0, 0, frames, fps)
        self.chain, self.scores = self._episode.chain, cache(self._episode.scores)
        self.tail = cache(self._tail)

    def _tail(self, first: int, count: int, seq: int) -> tuple[bytes, int]:
        """What is packed behind the head of a batch: the pairs, and how many there are."""
        batch = msgpack.unpackb(self._episode.batch(first, count, seq))
        values = {name: value for name, value in batch.items() if name not in OWN}
        # A map of at most 15 pairs has one byte before them.
        return msgpack.packb(values)[1:], len(values)


_worked_out = cache(_WorkedOut)
