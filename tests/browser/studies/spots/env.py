import numpy as np
from gymnasium import spaces

from igym.rendering import Surface


class Spots:
    """Two spots on a line, moved by their players. Light, unless there is `work`. Action 3 ends the episode."""

    def __init__(self, frames=60, work=0):
        self.frames, self.work = frames, work
        self.action_space = spaces.Dict({agent: spaces.Discrete(4) for agent in ("left", "right")})
        self.surface = Surface(300, 120)

    def reset(self, seed=None):
        self.rng = np.random.default_rng(seed)
        self.spots = {"left": 75, "right": 225}
        self.frame = 0
        return self.observe(), {agent: {} for agent in self.spots}

    def observe(self):
        return {agent: np.array(list(self.spots.values())) for agent in self.spots}

    def step(self, actions):
        for _ in range(self.work):
            pass
        drift = int(self.rng.integers(-2, 3))
        for agent, action in actions.items():
            self.spots[agent] = min(290, max(10, self.spots[agent] + (0, -6, 6, 0)[action] + drift))
        self.frame += 1
        ended = 3 in actions.values()
        over = self.frame >= self.frames
        rewards = {agent: int(action in (1, 2)) for agent, action in actions.items()}
        return (
            self.observe(),
            rewards,
            dict.fromkeys(self.spots, ended),
            dict.fromkeys(self.spots, over),
            {agent: {"at": at} for agent, at in self.spots.items()},
        )

    def render(self):
        self.surface.rect(0, 0, 300, 120, color="#10243a", depth=-1)
        for agent, color in (("left", "#7fd1ff"), ("right", "#ffb37f")):
            self.surface.circle(self.spots[agent], 60, 8, color=color, id=agent)
        return self.surface


def make_env(frames=60, work=0):
    return Spots(frames, work)


def wander(observation, agent, rng):
    """A bot that moves and never ends the episode."""
    return int(rng.integers(3))


def reply(talk):
    """Talks along on a page after the game."""
    return f"You said: {talk.messages[-1].text}"
