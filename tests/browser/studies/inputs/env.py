import gymnasium
import numpy as np
from gymnasium import spaces

from igym.rendering import Surface


class Dial(gymnasium.Env):
    """Steered by a number or moved by steps, as the space says; ends after some frames."""

    def __init__(self, space, frames):
        self.action_space = space
        self.frames = frames
        self.surface = Surface(300, 200)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.frame, self.angle = 0, 0.0
        return np.array([self.angle]), {}

    def step(self, action):
        self.angle += float(np.sum(action)) / 10
        self.frame += 1
        return np.array([self.angle]), -abs(self.angle), False, self.frame >= self.frames, {}

    def render(self):
        self.surface.circle(150 + 100 * np.sin(self.angle), 100 - 80 * np.cos(self.angle), 12, "crimson", id="hand")
        return self.surface.commit()


def make_env(steps=False, frames=60):
    return Dial(spaces.Discrete(3) if steps else spaces.Box(-2, 2, (1,), np.float32), frames)
