"""Two people carry a beam, each holds one end, through rings that come at different heights."""

import numpy as np
from gymnasium import spaces

from igym.rendering import Surface

WIDTH, HEIGHT = 720, 420
POSTS = {"left": 210, "right": 510}
RINGS = {"wide": 24, "narrow": 12}
LIFT, SINK, TOP = 3, -2, 100
LOW, HIGH, STEP = 42, 75, 25
COLORS = {"left": "#0b7285", "right": "#c2410c"}


class Beam:
    """Action 1 lifts one's end, 0 lets it sink. A ring that both ends meet is a point for both.

    `ring` is "wide" or "narrow" (`ease` makes either wider), `wind` "calm" or "gusts"; `rings` come in an episode, one
    every `every` frames.
    """

    def __init__(self, ring="wide", wind="calm", rings=16, every=40, ease=0):
        self.slack, self.wind = RINGS[ring] + ease, wind
        self.rings, self.every = rings, every
        self.action_space = spaces.Dict({side: spaces.Discrete(2) for side in POSTS})
        self.observation_space = spaces.Dict({side: spaces.Box(-200, 200, (3,), np.int16) for side in POSTS})
        self.surface = Surface(WIDTH, HEIGHT)

    def reset(self, *, seed=None, options=None):
        self.wind = (options or {}).get("wind", self.wind)
        self.rng = np.random.default_rng(seed)
        self.ends = dict.fromkeys(POSTS, 0)
        self.goals = dict.fromkeys(POSTS, 60)
        self.frame, self.met, self.passed = 0, 0, ""
        self.next_ring()
        self.surface.reset()
        self.draw_yard()
        return self.observations(), self.infos()

    def next_ring(self):
        """Not far from the one before, so that it can be reached in time."""
        for side, goal in self.goals.items():
            self.goals[side] = min(HIGH, max(LOW, goal + int(self.rng.integers(-STEP, STEP + 1))))

    def near(self, side):
        return abs(self.ends[side] - self.goals[side]) <= self.slack

    def step(self, actions):
        gust = int(self.rng.integers(-3, 4)) if self.wind == "gusts" else 0
        for side, end in self.ends.items():
            move = (LIFT if actions[side] else SINK) + gust
            self.ends[side] = min(TOP, max(0, end + move))
        self.frame += 1
        point = 0
        if self.frame % self.every == 0:
            point = int(all(self.near(side) for side in POSTS))
            self.met += point
            self.passed = "met" if point else "missed"
            self.next_ring()
        over = self.frame >= self.rings * self.every
        rewards = dict.fromkeys(POSTS, point)
        return self.observations(), rewards, dict.fromkeys(POSTS, over), dict.fromkeys(POSTS, False), self.infos()

    def observations(self):
        """Of each side: own height, the ring's height above it, frames until the ring."""
        until = self.every - self.frame % self.every
        return {side: np.array([end, self.goals[side] - end, until], np.int16) for side, end in self.ends.items()}

    def infos(self):
        return {side: {"height": end, "ring": self.goals[side], "met": self.met} for side, end in self.ends.items()}

    def draw_yard(self):
        s = self.surface
        s.rect(0, 0, WIDTH, HEIGHT, "#e7f1f5", id="sky", persistent=True, depth=-10)
        s.rect(0, 372, WIDTH, HEIGHT - 372, "#cfdcc6", id="ground", persistent=True, depth=-9)
        for side, x in POSTS.items():
            s.rect(x - 3, 52, 6, 320, "#b7c4cc", radius=3, id=f"post {side}", persistent=True, depth=-8)

    def render(self, agent=None):
        """`agent` is who looks: their own hand wears a dark outline."""
        s = self.surface
        places = {side: (x, 360 - 3 * self.ends[side]) for side, x in POSTS.items()}
        s.line(list(places.values()), "#8a5a2b", width=12, id="beam")
        for side, (x, y) in places.items():
            self.draw_ring(side, x)
            own = "#12202b" if side == agent else None
            s.circle(x, y, 13, COLORS[side], stroke=own, line_width=4, id=f"hand {side}", depth=3)
        if self.passed and self.frame % self.every < 15:
            s.text(WIDTH / 2, 60, "+1" if self.passed == "met" else "–", "#2b8a3e", size=26, align="center", id="sign")
        s.text(24, 26, f"{self.met} / {self.rings}", "#33414b", size=20, id="score")
        if self.wind == "gusts":
            self.draw_gusts()
        return s.commit()

    def draw_gusts(self):
        """Streaks that pass by: nobody has to read that there is wind."""
        for number in range(9):
            x, y = (number * 211 + self.frame * 14) % (WIDTH + 120) - 100, 90 + (number * 67) % 260
            self.surface.line([(x, y), (x + 70, y)], "#9db6c4", width=3, alpha=0.7, id=f"gust {number}", depth=-5)

    def draw_ring(self, side, x):
        """It closes in until its time has come, and is bright where the hand is near enough."""
        s, left = self.surface, 1 - (self.frame % self.every) / self.every
        y, size = 360 - 3 * self.goals[side], 3 * self.slack
        color = "#2f9e44" if self.near(side) else "#8795a1"
        s.rect(x - 26, y - size, 52, 2 * size, None, stroke=color, line_width=4, radius=20, id=f"ring {side}", depth=1)
        s.rect(x + 34, y - size, 6, 2 * size * left, color, radius=3, id=f"time {side}", depth=1)


def make_env(**config):
    return Beam(**config)


def steady(observation, agent, rng):
    """A partner who lifts as long as the middle of the ring is above: never far off, never in a hurry."""
    return int(observation[1] > 0)
