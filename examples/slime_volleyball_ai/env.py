"""Slime volleyball as an env with two agents, "left" and "right", and its picture."""

import math

import numpy as np
from game import BALL, NET_HALF, NET_HEIGHT, NET_X, SIDES, SLIME, WIDTH, Game
from gymnasium import spaces

from igym.rendering import Surface

HEIGHT, FLOOR = 400, 352
COLORS = {"left": "#2a9d8f", "right": "#e76f51"}
DARK = {"left": "#1d6f66", "right": "#a9482f"}
SKY_TOP, SKY_LOW, SKY_BANDS = (27, 42, 74), (134, 168, 198), 32


def crescent(x, y, r):
    """A moon, open to the left: half a circle outside, a flatter arc back inside."""
    angles = [math.pi * (n / 16 - 0.5) for n in range(17)]
    outside = [(x + r * math.cos(a), y + r * math.sin(a)) for a in angles]
    inside = [(x + 0.45 * r * math.cos(a), y + r * math.sin(a)) for a in reversed(angles)]
    return outside + inside


class SlimeVolleyball:
    """A Gymnasium env with a dict of actions: 0 stay, 1 left, 2 right, 3 jump, 4 left and jump, 5 right and jump."""

    def __init__(self, win_score=5, pause=30):
        self.game = Game(win_score, pause)
        self.surface = Surface(WIDTH, HEIGHT)
        self.observation_space = spaces.Dict({side: spaces.Box(-5, 5, (12,), np.float32) for side in SIDES})
        self.action_space = spaces.Dict({side: spaces.Discrete(6) for side in SIDES})

    def reset(self, *, seed=None, options=None):
        self.game.start(seed)
        self.surface.reset()
        self.draw_court()
        return self.observations(), self.infos(None)

    def step(self, actions):
        winner = self.game.step({side: int(actions[side]) for side in SIDES})
        if winner:
            self.surface.sound("point")
        elif self.game.touched:
            self.surface.sound("hit")
        rewards = {side: 0 if winner is None else 1 if side == winner else -1 for side in SIDES}
        over = dict.fromkeys(SIDES, self.game.over)
        return self.observations(), rewards, over, dict.fromkeys(SIDES, False), self.infos(winner)

    def observations(self):
        return {side: np.array(self.game.seen_by(side), np.float32) for side in SIDES}

    def infos(self, winner):
        touched = self.game.touched
        return {side: {"points": self.game.score[side], "touched": touched == side} for side in SIDES}

    def draw_court(self):
        s, band = self.surface, FLOOR / SKY_BANDS
        for index in range(SKY_BANDS):
            share = index / (SKY_BANDS - 1)
            color = [top + share * (low - top) for top, low in zip(SKY_TOP, SKY_LOW, strict=True)]
            s.rect(0, index * band, WIDTH, band + 1, color, id=f"sky{index}", persistent=True, depth=-10)
        for index in range(24):
            x, y = (index * 137) % WIDTH, (index * 71) % 150 + 8
            s.circle(x, y, 1 + index % 2 * 0.6, "white", alpha=0.55, id=f"star{index}", persistent=True, depth=-9)
        s.polygon(crescent(590, 92, 26), "#f6efd9", id="moon", persistent=True, depth=-9)
        s.ellipse(210, FLOOR + 34, 420, 110, "#3a5a72", id="dune 1", persistent=True, depth=-7)
        s.ellipse(640, FLOOR + 30, 380, 82, "#45687f", id="dune 2", persistent=True, depth=-7)
        s.rect(0, FLOOR, WIDTH, HEIGHT - FLOOR, "#e9d8a6", id="sand", persistent=True, depth=-5)
        s.rect(0, FLOOR, WIDTH, 5, "#d4bf87", id="sand edge", persistent=True, depth=-4)
        top = FLOOR - NET_HEIGHT
        s.rect(
            NET_X - NET_HALF, top - NET_HALF, 2 * NET_HALF, NET_HEIGHT + NET_HALF + 12, "#f4f1de", radius=NET_HALF,
            id="net", persistent=True, depth=5,
        )  # fmt: skip

    def render(self, agent=None):
        """`agent` is who looks, if each has a view of their own: their slime is marked until they have seen it."""
        self.draw_scores()
        for side in SIDES:
            self.draw_slime(side)
        self.draw_ball()
        if agent in SIDES:
            self.draw_marker(agent)
        return self.surface.commit()

    def draw_marker(self, side):
        """A name tag above one's own slime, in the pauses before the ball drops."""
        s, slime = self.surface, self.game.slimes[side]
        if self.game.pause == 0 or self.game.over:
            return
        y = FLOOR - slime.y - SLIME - 34
        s.rect(slime.x - 30, y - 14, 60, 28, "white", radius=14, id="tag", depth=9)
        s.polygon([(slime.x - 7, y + 13), (slime.x + 7, y + 13), (slime.x, y + 22)], "white", id="tag tip", depth=9)
        s.text(slime.x, y, "You", DARK[side], size=17, align="center", id="tag word", depth=10)

    def draw_scores(self):
        for side, edge, step in (("left", 40, 26), ("right", WIDTH - 40, -26)):
            for number in range(self.game.win_score):
                won = number < self.game.score[side]
                self.surface.circle(
                    edge + number * step, 32, 9, COLORS[side] if won else "#1b2a4a", stroke="#f4f1de", line_width=2,
                    id=f"{side} point {number}", persistent=True, depth=8,
                )  # fmt: skip

    def draw_slime(self, side):
        s, slime, ball = self.surface, self.game.slimes[side], self.game.ball
        x, y = slime.x, FLOOR - slime.y
        s.ellipse(x, FLOOR + 8, SLIME * (1 - slime.y / 300), 6, "#b79f63", alpha=0.6, id=f"{side} shadow", depth=1)
        points = [(x + SLIME * math.cos(a), y - SLIME * math.sin(a)) for a in (math.pi * n / 24 for n in range(25))]
        s.polygon(points, COLORS[side], stroke=DARK[side], line_width=2, id=side, depth=2)
        eye_x, eye_y = x + (20 if side == "left" else -20), y - 25
        dx, dy = ball.x - eye_x, (FLOOR - ball.y) - eye_y
        far = math.hypot(dx, dy) or 1
        s.circle(eye_x, eye_y, 9, "white", id=f"{side} eye", depth=3)
        s.circle(eye_x + dx / far * 4.5, eye_y + dy / far * 4.5, 4, "#1b2a4a", id=f"{side} pupil", depth=4)

    def draw_ball(self):
        s, ball = self.surface, self.game.ball
        y = FLOOR - ball.y
        s.ellipse(ball.x, FLOOR + 8, BALL * 0.8, 4, "#b79f63", alpha=0.5, id="ball shadow", depth=1)
        if y < -BALL:
            s.polygon([(ball.x - 8, 18), (ball.x + 8, 18), (ball.x, 6)], "#f2cc8f", id="above", depth=9)
            return
        s.circle(ball.x, y, BALL, "#f2cc8f", stroke="#c9974b", line_width=2, id="ball", depth=6)
        turn = ball.x * 2.4
        s.arc(ball.x, y, BALL * 0.62, turn, turn + 130, "#c9974b", line_width=2, id="seam", depth=7)


def make_env(win_score=5, pause=30):
    return SlimeVolleyball(win_score, pause)
