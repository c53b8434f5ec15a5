import json
from pathlib import Path

import numpy as np

from igym.rendering import Surface

with open("court/ball.json") as file:  # noqa: PTH123 -- as many envs do
    SPEED = json.load(file)["speed"]
MOVES = [int(word) for word in (Path(__file__).parent / "court" / "bats.txt").read_text().split()]


class Pong:
    """Two bats and a ball: one lost input would change every later frame."""

    def __init__(self, frames=180):
        self.frames = frames
        self.surface = Surface(400, 240)

    def reset(self, seed=None):
        self.rng = np.random.default_rng(seed)
        self.bats = {"left": 120.0, "right": 120.0}
        self.ball = [200.0, 120.0, SPEED, float(self.rng.uniform(-3, 3))]
        self.hits = {"left": 0, "right": 0}
        self.frame = 0
        return self.observe(), {agent: {} for agent in self.bats}

    def observe(self):
        return {agent: np.array([*self.ball, *self.bats.values()]) for agent in self.bats}

    def step(self, actions):
        for agent, action in actions.items():
            self.bats[agent] = min(210.0, max(30.0, self.bats[agent] + MOVES[action]))
        x, y, vx, vy = self.ball
        x, y = x + vx, y + vy
        if not 6 < y < 234:
            vy = -vy
        rewards = {"left": 0, "right": 0}
        for agent, edge, inside in (("left", 20, x < 20), ("right", 380, x > 380)):
            if inside:
                hit = abs(y - self.bats[agent]) < 40
                rewards[agent] = 1 if hit else -1
                self.hits[agent] += hit
                vx, vy, x = -vx, (y - self.bats[agent]) / 8 + float(self.rng.uniform(-1, 1)), edge
        self.ball = [x, min(233.0, max(7.0, y)), vx, vy]
        self.frame += 1
        over = self.frame >= self.frames
        infos = {agent: {"hits": self.hits[agent]} for agent in self.bats}
        return self.observe(), rewards, dict.fromkeys(self.bats, False), dict.fromkeys(self.bats, over), infos

    def render(self):
        self.surface.rect(0, 0, 400, 240, color="#10243a", depth=-1)
        self.surface.rect(10, self.bats["left"] - 30, 8, 60, color="#7fd1ff", id="left")
        self.surface.rect(382, self.bats["right"] - 30, 8, 60, color="#ffb37f", id="right")
        self.surface.circle(self.ball[0], self.ball[1], 7, color="white", id="ball")
        return self.surface


def make_env(frames=180):
    return Pong(frames)
