"""Envs the browser tests play."""

CAR = """
import math
from gymnasium.envs.classic_control.mountain_car import MountainCarEnv
from igym.rendering import Surface


class Drawn(MountainCarEnv):
    def __init__(self):
        super().__init__()
        self.surface = Surface(300, 200)

    def render(self):
        x = (float(self.state[0]) + 1.2) / 1.8 * 300
        self.surface.rect(0, 0, 300, 200, "#0000ff", id="sky", persistent=True, depth=-1)
        self.surface.circle(x, 100, 20, "#ff0000", id="car")
        return self.surface.commit()


def make_env():
    return Drawn()
"""

DUEL = """
import gymnasium
import numpy as np
from gymnasium import spaces
from igym.rendering import Surface


class Duel(gymnasium.Env):
    def __init__(self):
        self.surface = Surface(300, 200)
        self.action_space = spaces.Dict({side: spaces.Discrete(3) for side in ("left", "right")})

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.x = {"left": 50.0, "right": 250.0}
        self.ball = np.array([150.0, 100.0])
        self.speed = self.np_random.normal(size=2) * 4
        self.frames = 0
        self.surface.reset()
        return self._see(), {}

    def step(self, actions):
        self.frames += 1
        for side, action in actions.items():
            self.x[side] += (0, -4, 4)[action]
        self.ball += self.speed + self.np_random.normal(size=2) * 0.1
        for axis, size in enumerate((300, 200)):
            if not 0 < self.ball[axis] < size:
                self.speed[axis] *= -1
        rewards = {side: float(abs(x - self.ball[0]) < 20) for side, x in self.x.items()}
        over = self.frames >= LENGTH
        infos = {side: {"frames": self.frames} for side in self.x}
        return self._see(), rewards, {side: over for side in self.x}, {side: False for side in self.x}, infos

    def _see(self):
        return {side: np.array([x, *self.ball]) for side, x in self.x.items()}

    def render(self):
        for side, color in (("left", "crimson"), ("right", "royalblue")):
            self.surface.rect(self.x[side] - 20, 180, 40, 10, color, id=side, radius=4)
        self.surface.circle(*self.ball, 8, "orange", id="ball")
        return self.surface.commit()


def make_env():
    return Duel()
"""

PIXELS = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Field(gymnasium.Env):
    render_mode = "rgb_array"
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        return 0, {}

    def step(self, action):
        return 0, 0.0, False, False, {}

    def render(self):
        picture = np.zeros((20, 30, 3), np.uint8)
        picture[:, :15] = (255, 0, 0)
        picture[:, 15:] = (0, 255, 0)
        return picture


def make_env():
    return Field()
"""
