"""Bots inside the step: seeded, recomputed on rollback, their memory part of the game's state."""

from __future__ import annotations

import copy
import inspect
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from .faults import EnvError

Rng = np.random.Generator
_WHIM = 0x5EED


class Policy(Protocol):
    """Chooses an action. `memory` belongs to the episode, starts empty and is restored on rollback."""

    draws: bool
    """Whether it needs `rng` at all; the others get a worn-out one, which is cheaper."""

    def act(self, observation: Any, rng: Rng, memory: dict[str, Any], space: Any) -> Any: ...


class Chance:
    """One generator, set to the place that belongs to a frame before each use."""

    render_only = True
    """Nothing of it outlives a decision, so it is no part of the game's state."""

    def __init__(self) -> None:
        self._bits = np.random.Philox(key=0)
        self.rng = np.random.Generator(self._bits)
        self._fresh: Any = self._bits.state

    def at(self, seed: int, stream: int, episode: int, frame: int) -> Rng:
        self._fresh["state"]["key"][:] = (seed, stream)
        self._fresh["state"]["counter"][:] = (0, 0, episode, frame)
        self._bits.state = self._fresh
        return self.rng


class Mind(NamedTuple):
    """What a bot is in an episode. It decides every `frame_skip` frames."""

    policy: Policy
    frame_skip: int
    seed: int | None = None
    delay: int = 0
    """Frames from what it sees to what it does."""
    noise: float = 0.0
    """The share of its decisions in which it takes any action instead."""


class Bot:
    """An agent's bot, which holds its action between decisions.

    `minds` are what it may be, `drawn` says which in each episode, round and round.
    """

    def __init__(self, agent: str, minds: Sequence[Mind], drawn: Sequence[int] = (0,)) -> None:
        self.agent = agent
        self.action: Any = None
        self.memory: dict[str, Any] = {}
        self._minds, self._drawn = tuple(minds), tuple(drawn)
        self._mind = self._minds[self._drawn[0]]
        self._coming: list[tuple[int, Any]] = []
        """Decisions that do not act yet: from which frame on, and what."""
        self._whim = RandomPolicy()
        self._chance = Chance()
        self._stream = zlib.crc32(agent.encode())
        self._place = (0, 0)

    def start(self, seed: int, episode: int) -> None:
        """Forget the last episode. The same seed and episode give the same decisions."""
        self._mind = self._minds[self._drawn[episode % len(self._drawn)]]
        own = seed if self._mind.seed is None else self._mind.seed
        self._place = (own, episode)
        self.action = None
        self.memory = {}
        self._coming = []

    def decide(self, frame: int, observation: Any, space: Any, turn_based: bool) -> Any:
        """The action for `frame`. Chance depends on seed, agent, episode and frame only: a replay draws the same.

        In a turn-based env a held action would be a second move, so there None stands between decisions.
        """
        due = frame % self._mind.frame_skip == 0
        if turn_based and not due:
            return None
        if due or self.action is None:
            action = self._decided(frame, observation, space)
            # The first decision acts at once: before it there is nothing to hold, and a turn waits for no reaction.
            if self.action is None or turn_based or not self._mind.delay:
                self.action = action
            else:
                self._coming.append((frame + self._mind.delay, action))
        while self._coming and self._coming[0][0] <= frame:
            self.action = self._coming.pop(0)[1]
        return self.action

    def _decided(self, frame: int, observation: Any, space: Any) -> Any:
        mind, (seed, episode) = self._mind, self._place
        rng = self._chance.at(seed, self._stream, episode, frame) if mind.policy.draws else self._chance.rng
        action = mind.policy.act(observation, rng, self.memory, space)
        if mind.noise:
            # A stream of its own: the bot's other draws stay what they are without noise.
            rng = self._chance.at(seed, self._stream ^ _WHIM, episode, frame)
            if rng.random() < mind.noise:
                return self._whim.act(observation, rng, {}, space)
        return action


class RandomPolicy:
    """Any action of the space (any legal one where the env gives a mask)."""

    draws = True

    def __init__(self) -> None:
        self._spaces: dict[int, Any] = {}

    def act(self, observation: Any, rng: Rng, memory: dict[str, Any], space: Any) -> Any:
        mask = mask_of(observation)
        count = getattr(space, "n", None)
        if mask is not None:
            return int(rng.choice(np.flatnonzero(mask)))
        if count is not None and np.ndim(count) == 0:
            return int(getattr(space, "start", 0)) + int(rng.integers(int(count)))
        if space is None:
            raise EnvError("A Random bot needs the env to have an action space.")
        own = self._spaces.setdefault(id(space), copy.deepcopy(space))
        own.seed(int(rng.integers(2**31)))
        return own.sample()


class PythonPolicy:
    """`act(observation, agent, rng, memory)` of a file in the experiment folder; it may take fewer arguments."""

    draws = True

    def __init__(self, function: Callable[..., Any], agent: Any, options: dict[str, Any]) -> None:
        self._function = function
        self._agent = agent
        self._options = options
        parameters = inspect.signature(function).parameters.values()
        if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
            self._count = 4
        else:
            positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
            self._count = min(4, len([p for p in positional if p.name not in options]))

    def act(self, observation: Any, rng: Rng, memory: dict[str, Any], space: Any) -> Any:
        return self._function(*(observation, self._agent, rng, memory)[: self._count], **self._options)


class FixedPolicy:
    """Always the same action: stands in for a player who is gone."""

    draws = False

    def __init__(self, action: Any) -> None:
        self._action = action

    def act(self, observation: Any, rng: Rng, memory: dict[str, Any], space: Any) -> Any:
        return self._action


def mask_of(observation: Any) -> np.ndarray[Any, Any] | None:
    """The legal moves an observation tells, as PettingZoo's classic games do."""
    mask = observation.get("action_mask") if isinstance(observation, dict) else None
    if mask is None or not np.any(mask):
        return None
    return np.asarray(mask)
