"""An episode played again from its seed and confirmed inputs: to look at it, and to see whether it goes the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .plain import plain
from .rows import CHECK_BYTES

if TYPE_CHECKING:
    from .bridge import Bridge

_LEAST_GAP, _MOST_SNAPSHOTS = 30, 200


class Replay:
    """One episode in an open game. `inputs` holds the inputs of all players, frame by frame.

    `run` goes through the frames once, in order, and says what they were; `seek` then shows any of them.
    """

    def __init__(self, bridge: Bridge, seed: int, episode: int, inputs: list[list[int]]) -> None:
        self._bridge = bridge
        self._play = bridge.play
        self._start = (seed, episode)
        self._inputs = inputs
        self._gap = max(_LEAST_GAP, len(inputs) // _MOST_SNAPSHOTS)
        self._snapshots: dict[int, Any] = {}
        self._reached = 0
        self._at = 0
        """The frame that is stepped next."""
        bridge.begin(*self._start)

    def run(self, count: int) -> str:
        """Run the next `count` frames that were not run before.

        JSON: `{first, frames: [{actions, rewards, scores}], checks, chain, ended}`; `checks` has 8 hex digits a frame,
        `ended` is the frame with which the env ended the episode, or -1.
        """
        self._go_to(self._reached)
        first, frames, checks = self._reached, [], []
        for frame in range(first, min(first + count, len(self._inputs))):
            if self._play.progress.ended_at >= 0:
                break
            frames.append(self._step(frame))
            checks.append(self._play.recorder.chain[:CHECK_BYTES].hex())
            self._reached = frame + 1
        told = {
            "first": first, "frames": frames, "checks": "".join(checks),
            "chain": self._play.recorder.chain.hex(), "ended": self._play.progress.ended_at,
        }  # fmt: skip
        return json.dumps(told)

    def more(self, inputs: str) -> None:
        """Inputs that were confirmed since, as JSON: an episode that is still being played can be followed."""
        self._inputs.extend(json.loads(inputs))

    def seek(self, frame: int) -> str:
        """The picture after `frame` (-1: before the first), as JSON. Frames not run yet are out of reach."""
        self._go_to(min(frame + 1, self._reached))
        picture = self._play.draw()
        self._forget_extras()
        return picture

    def _go_to(self, frame: int) -> None:
        if frame < self._at:
            self._go_back(frame)
        while self._at < frame:
            self._step(self._at)

    def _go_back(self, frame: int) -> None:
        saved = frame - frame % self._gap
        if saved in self._snapshots and self._bridge.ring is not None:
            self._bridge.ring.strategy.load(self._snapshots[saved])
            self._at = saved
        else:
            self._bridge.begin(*self._start)
            self._at = 0

    def _step(self, frame: int) -> dict[str, Any]:
        ring = self._bridge.ring
        if ring is not None and frame % self._gap == 0 and frame not in self._snapshots:
            self._snapshots[frame] = ring.strategy.save()
        self._play.step(frame, self._inputs[frame])
        self._at = frame + 1
        actions, rewards = self._play.outcome(frame)
        if frame > self._play.confirmed:
            self._play.confirm(frame)
        else:
            self._play.forget(frame)
        self._forget_extras()
        return {"actions": _shown(actions), "rewards": _shown(rewards), "scores": _shown(self._play.scores)}

    def _forget_extras(self) -> None:
        """What a game in play hands to others: nobody asks for it here."""
        self._play.take_seals()
        self._play.due_sounds()


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    """As the page shows it: JSON, where what is not finite is text."""
    return {key: _finite(plain(value)) for key, value in values.items()}


def _finite(value: Any) -> Any:
    return str(value) if isinstance(value, float) and value - value != 0 else value
