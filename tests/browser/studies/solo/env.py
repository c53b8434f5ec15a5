import numpy as np
from gymnasium.envs.classic_control.mountain_car import MountainCarEnv


class PaintedCar(MountainCarEnv):
    """The published env; only its picture is made without pygame."""

    def render(self):
        picture = np.full((200, 300, 3), 240, dtype=np.uint8)
        column = int((self.state[0] - self.min_position) / (self.max_position - self.min_position) * 280)
        picture[140:160, column : column + 20] = (200, 60, 40)
        return picture


def make_env():
    return PaintedCar(render_mode="rgb_array")
