"""The orchard as an env with three agents, and its picture."""

import numpy as np
from gymnasium import spaces
from orchard import CELLS, COLUMNS, GATHERERS, ROWS, TREES, Orchard

from igym.rendering import Surface

CELL, TOP = 48, 56
WIDTH, HEIGHT = COLUMNS * CELL, TOP + ROWS * CELL
COLORS = {"teal": "#1f9e95", "plum": "#8e4fa8", "robot": "#6b7785"}
DARK = {"teal": "#12645e", "plum": "#592f6b", "robot": "#3f4852"}
SEEN = 6 + len(CELLS)


class Harvest:
    """A Gymnasium env with a dict of actions: 0 stay, 1 up, 2 down, 3 left, 4 right. An apple is worth 1 point."""

    def __init__(self, frames=720):
        self.frames = frames
        self.frame = 0
        self.orchard = Orchard()
        self.surface = Surface(WIDTH, HEIGHT)
        self.observation_space = spaces.Dict({name: spaces.Box(0, COLUMNS, (SEEN,), np.int16) for name in GATHERERS})
        self.action_space = spaces.Dict({name: spaces.Discrete(5) for name in GATHERERS})

    def reset(self, *, seed=None, options=None):
        self.orchard.start(seed)
        self.frame = 0
        self.surface.reset()
        self.draw_meadow()
        return self.observations(), self.infos()

    def step(self, actions):
        lucky = self.orchard.step({name: int(actions[name]) for name in GATHERERS})
        self.frame += 1
        over = dict.fromkeys(GATHERERS, self.frame >= self.frames)
        rewards = {name: int(lucky[name]) for name in GATHERERS}
        return self.observations(), rewards, over, dict.fromkeys(GATHERERS, False), self.infos()

    def observations(self):
        return {name: np.array(self.orchard.seen_by(name), np.int16) for name in GATHERERS}

    def infos(self):
        orchard = self.orchard
        return {
            name: {"picked": orchard.picked[name], "x": place[0], "y": place[1], "apples_left": orchard.left}
            for name, place in orchard.places.items()
        }

    def draw_meadow(self):
        s = self.surface
        s.rect(0, 0, WIDTH, TOP, "#26382b", id="bar", persistent=True, depth=10)
        s.rect(0, TOP, WIDTH, HEIGHT - TOP, "#a9c77f", id="meadow", persistent=True, depth=-9)
        for number in range(90):
            x, y = (number * 89) % WIDTH, TOP + 10 + (number * 53) % (HEIGHT - TOP - 16)
            s.line(
                [(x - 4, y - 6), (x, y), (x + 3, y - 8)], "#93b368", width=2, id=f"grass {number}", persistent=True,
                depth=-8,
            )  # fmt: skip
        for number, tree in enumerate(TREES):
            x, y = self.middle(tree)
            s.ellipse(x, y + 8, 88, 80, "#86a95c", alpha=0.8, id=f"shade {number}", persistent=True, depth=-7)
            for part, (dx, dy) in enumerate(((0, 0), (-38, 0), (38, 0), (0, -38), (0, 38), (-30, -30), (30, 30))):
                s.circle(x + dx, y + dy, 38, "#5f9150", id=f"crown {number} {part}", persistent=True, depth=-6)

    def middle(self, cell):
        return (cell[0] + 0.5) * CELL, TOP + (cell[1] + 0.5) * CELL

    def render(self, agent=None):
        """`agent` is who looks: their own figure wears a white ring."""
        for number, (cell, apple) in enumerate(self.orchard.apples.items()):
            if apple:
                self.draw_apple(number, *self.middle(cell))
        for name in GATHERERS:
            self.draw_gatherer(name, name == agent)
        self.draw_bar(agent)
        return self.surface.commit()

    def draw_apple(self, number, x, y):
        s = self.surface
        s.circle(x, y, 10, "#d8433b", stroke="#96261f", line_width=2, id=f"apple {number}", depth=1)
        s.line([(x, y - 8), (x + 3, y - 14)], "#5b3d20", width=3, id=f"stalk {number}", depth=1)

    def draw_gatherer(self, name, own):
        s, (x, y) = self.surface, self.middle(self.orchard.places[name])
        s.ellipse(x, y + 19, 17, 5, "#000000", alpha=0.2, id=f"{name} shadow", depth=2)
        if own:
            s.circle(x, y, 22, None, stroke="white", line_width=4, id="own ring", depth=3)
        if name == "robot":
            s.rect(x - 17, y - 15, 34, 32, COLORS[name], stroke=DARK[name], line_width=3, radius=7, id=name, depth=4)
            s.line([(x, y - 15), (x, y - 22)], DARK[name], width=3, id="aerial", depth=4)
            s.circle(x, y - 23, 3, "#f2c14e", id="lamp", depth=5)
        else:
            s.circle(x, y, 18, COLORS[name], stroke=DARK[name], line_width=3, id=name, depth=4)
        for side in (-7, 7):
            s.circle(x + side, y - 3, 4.5, "white", id=f"{name} eye {side}", depth=5)
            s.circle(x + side, y - 2, 2, "#20242e", id=f"{name} pupil {side}", depth=6)

    def draw_bar(self, agent):
        s = self.surface
        for number, name in enumerate(GATHERERS):
            x = 26 + number * 150
            s.circle(x, 24, 11, COLORS[name], stroke="white" if name == agent else DARK[name], line_width=3,
                     id=f"bar {name}", depth=11)  # fmt: skip
            word = "You" if name == agent else "Robot" if name == "robot" else "Other"
            if agent is None and name != "robot":
                word = name.capitalize()
            s.text(x + 20, 24, f"{word}  {self.orchard.picked[name]}", "white", size=19, id=f"count {name}", depth=11)
        s.text(WIDTH - 16, 24, f"{self.orchard.left} apples", "#dfe9d0", size=19, align="right", id="left", depth=11)
        share = 1 - self.frame / self.frames
        s.rect(0, TOP - 7, WIDTH, 7, "#3b5242", id="time back", depth=11)
        s.rect(0, TOP - 7, max(1, WIDTH * share), 7, "#f2c14e", id="time", depth=12)


def make_env(frames=720):
    return Harvest(frames)
