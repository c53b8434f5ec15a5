"""Gymnasium's Mountain Car, unmodified; a wrapper draws it, because the browser has no pygame."""

import math

import gymnasium as gym
from gymnasium.envs.classic_control.mountain_car import MountainCarEnv

from igym.rendering import Surface

WIDTH, HEIGHT = 800, 450
LEFT, RIGHT, FLAG = -1.2, 0.6, 0.5
X_SCALE = WIDTH / (RIGHT - LEFT)
Y_SCALE, BASE = 320, 425
SKY_TOP, SKY_LOW, SKY_BANDS = (142, 197, 240), (246, 249, 246), 32
WHEEL = 9


def screen_x(position):
    return (position - LEFT) * X_SCALE


def screen_y(position):
    return BASE - (math.sin(3 * position) * 0.45 + 0.55) * Y_SCALE


def slope(position):
    """Angle of the hill as seen on the screen, in radians, positive when it rises to the right."""
    return math.atan(1.35 * math.cos(3 * position) * Y_SCALE / X_SCALE)


class DrawnMountainCar(gym.Wrapper):
    """Adds `render()` and remembers the last push, to draw it."""

    def __init__(self, env):
        super().__init__(env)
        self.surface = Surface(WIDTH, HEIGHT)
        self.push = 0

    def reset(self, **kwargs):
        self.push = 0
        self.surface.reset()
        self.draw_scenery()
        return self.env.reset(**kwargs)

    def step(self, action):
        self.push = int(action) - 1
        return self.env.step(action)

    def draw_scenery(self):
        s = self.surface
        band = HEIGHT / SKY_BANDS
        for index in range(SKY_BANDS):
            share = index / (SKY_BANDS - 1)
            color = [top + share * (low - top) for top, low in zip(SKY_TOP, SKY_LOW, strict=True)]
            s.rect(0, index * band, WIDTH, band + 1, color, id=f"sky{index}", persistent=True, depth=-10)
        s.circle(655, 80, 34, "#fff3c4", id="sun", persistent=True, depth=-9)
        for index, (x, y, size) in enumerate([(120, 70, 1.0), (400, 48, 0.7), (540, 120, 0.85)]):
            for part, (dx, dy, rx, ry) in enumerate([(0, 0, 46, 14), (-20, -10, 24, 16), (14, -14, 28, 20)]):
                s.ellipse(
                    x + dx * size, y + dy * size, rx * size, ry * size, "#f4fafd",
                    id=f"cloud{index}.{part}", persistent=True, depth=-8,
                )  # fmt: skip
        far = [(0, 300), (110, 215), (200, 270), (330, 160), (450, 265), (560, 200), (690, 285), (800, 220)]
        s.polygon([*far, (800, 450), (0, 450)], "#a9c7c0", id="far", persistent=True, depth=-7)
        hill = [(LEFT + (RIGHT - LEFT) * step / 90) for step in range(91)]
        edge = [(screen_x(x), screen_y(x) + WHEEL) for x in hill]
        s.polygon([*edge, (WIDTH, HEIGHT), (0, HEIGHT)], "#4f8a5b", id="hill", persistent=True, depth=-5)
        s.line(edge, "#2f6b43", width=5, id="edge", persistent=True, depth=-4)
        pole_x, pole_y = screen_x(FLAG), screen_y(FLAG) + WHEEL
        s.line([(pole_x, pole_y), (pole_x, pole_y - 62)], "#5b4636", width=4, id="pole", persistent=True, depth=-3)
        flag = [(pole_x + 2, pole_y - 62), (pole_x + 40, pole_y - 51), (pole_x + 2, pole_y - 40)]
        s.polygon(flag, "#d7263d", id="flag", persistent=True, depth=-3)

    def render(self):
        position, velocity = (float(value) for value in self.unwrapped.state)
        x, y, angle = screen_x(position), screen_y(position), slope(position)
        self.draw_car(x, y, angle, position)
        self.draw_speed(velocity)
        if position >= FLAG:
            self.surface.text(
                WIDTH / 2, 150, "You made it!", "#1d3b2a", size=46, align="center", font="Georgia, serif", id="made it"
            )
        return self.surface.commit()

    def draw_car(self, x, y, angle, position):
        s, cos, sin = self.surface, math.cos(angle), math.sin(angle)

        def on_car(along, up):
            return x + along * cos - up * sin, y - along * sin - up * cos

        if self.push:
            for number in range(3):
                puff_x, puff_y = on_car(-self.push * (30 + 9 * number), 6 + 2 * number)
                s.circle(puff_x, puff_y, 4 + 1.5 * number, "#ffffff", alpha=0.7 - 0.18 * number, id=f"puff{number}")
        body = [on_car(*p) for p in [(-26, 4), (-25, 15), (25, 15), (27, 9), (26, 4)]]
        cabin = [on_car(*p) for p in [(-15, 15), (-9, 26), (9, 26), (16, 15)]]
        s.polygon(cabin, "#dff1ff", stroke="#22303c", line_width=2, id="cabin", depth=1)
        s.polygon(body, "#e4572e", stroke="#22303c", line_width=2, id="body", depth=2)
        turn = position * X_SCALE / WHEEL
        for name, along in (("rear", -15), ("front", 15)):
            wheel_x, wheel_y = on_car(along, 0)
            s.circle(wheel_x, wheel_y, WHEEL, "#22303c", id=f"{name} wheel", depth=3)
            spoke_x, spoke_y = WHEEL * 0.7 * math.cos(turn), WHEEL * 0.7 * math.sin(turn)
            spoke = [(wheel_x - spoke_x, wheel_y - spoke_y), (wheel_x + spoke_x, wheel_y + spoke_y)]
            s.line(spoke, "#c9d3da", width=2, id=f"{name} spoke", depth=4)

    def draw_speed(self, velocity):
        """A bar that grows to the side the car rolls to."""
        s, length = self.surface, velocity / 0.07 * 110
        s.rect(WIDTH / 2 - 112, 20, 224, 12, "#ffffff", radius=6, alpha=0.6, id="gauge", persistent=True, depth=5)
        s.rect(
            WIDTH / 2 + min(0, length),
            22,
            abs(length),
            8,
            "#2f6fb0",
            radius=min(4, abs(length) / 2),
            id="speed",
            depth=6,
        )
        s.line([(WIDTH / 2, 17), (WIDTH / 2, 35)], "#22303c", width=2, id="still", persistent=True, depth=7)


def make_env():
    return DrawnMountainCar(MountainCarEnv())
