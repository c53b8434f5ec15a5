"""The paint arena as a PettingZoo parallel env for four players, and its picture."""

import math

import numpy as np
from game import COLUMNS, EMPTY, HEIGHT, PLAYERS, RADIUS, ROWS, STARS, TILE, WIDTH, Arena
from gymnasium import spaces
from pettingzoo.utils.env import ParallelEnv

from igym.rendering import Surface

TOP = 52
COLORS = {"red": "#e05252", "blue": "#4a8fe0", "green": "#4caf6e", "gold": "#e8b23a"}
PAINT = {"red": "#f0a3a0", "blue": "#a3c6f0", "green": "#a5d9b5", "gold": "#f3d896"}
DARK = {"red": "#8f2a2a", "blue": "#28568f", "green": "#2a6b41", "gold": "#8f6a16"}
SHAPES = {"red": 3, "blue": 4, "green": 5, "gold": 0}
"""Corners of the mark on each roller: colours are not all that tells them apart."""


def corners(x, y, r, count, inner=1.0):
    """A regular shape with its tip upwards; with `inner` below 1 a star with `count` points."""
    steps = count if inner == 1.0 else 2 * count
    turns = [2 * math.pi * n / steps - math.pi / 2 for n in range(steps)]
    reach = [r if inner == 1.0 or n % 2 == 0 else r * inner for n in range(steps)]
    return [(x + far * math.cos(turn), y + far * math.sin(turn)) for turn, far in zip(turns, reach, strict=True)]


class PaintArena(ParallelEnv):
    """Actions: 0 roll on, 1 up, 2 down, 3 left, 4 right, 5 to 8 slanted. Rewards: tiles won or lost in this frame."""

    metadata = {"name": "paint_arena"}

    def __init__(self, frames=1200):
        self.frames = frames
        self.frame = 0
        self.possible_agents = list(PLAYERS)
        self.agents = []
        self.arena = Arena()
        self.tiles = dict.fromkeys(PLAYERS, 0)
        self.surface = Surface(WIDTH, TOP + HEIGHT)
        self.observation_spaces = {name: spaces.Box(-1, 1, (16 + 2 * STARS,), np.float64) for name in PLAYERS}
        self.action_spaces = {name: spaces.Discrete(9) for name in PLAYERS}

    def observation_space(self, agent):
        return self.observation_spaces[agent]

    def action_space(self, agent):
        return self.action_spaces[agent]

    def reset(self, seed=None, options=None):
        self.arena.start(seed)
        self.agents = list(PLAYERS)
        self.frame = 0
        self.count()
        self.surface.reset()
        self.draw_floor()
        return self.observations(), self.infos()

    def count(self):
        """Tiles of each player; returns how many each has won since the last count."""
        before = self.tiles
        self.tiles = {name: self.arena.tiles(number) for number, name in enumerate(PLAYERS)}
        return {name: self.tiles[name] - before[name] for name in PLAYERS}

    def step(self, actions):
        starred, bumped = self.arena.step({name: int(actions[name]) for name in PLAYERS})
        if starred or bumped:
            self.surface.sound("star" if starred else "bump")
        self.frame += 1
        rewards, over = self.count(), self.frame >= self.frames
        if over:
            self.agents = []
        flags = (dict.fromkeys(PLAYERS, over), dict.fromkeys(PLAYERS, False))
        return self.observations(), rewards, *flags, self.infos()

    def observations(self):
        return {name: np.array(self.arena.seen_by(name)) for name in PLAYERS}

    def infos(self):
        return {name: {"tiles": self.tiles[name]} for name in PLAYERS}

    def get_state(self):
        return {
            "arena": self.arena.get_state(),
            "frame": self.frame,
            "tiles": dict(self.tiles),
            "agents": list(self.agents),
        }

    def set_state(self, state):
        self.arena.set_state(state["arena"])
        self.frame, self.tiles, self.agents = state["frame"], dict(state["tiles"]), list(state["agents"])

    def draw_floor(self):
        s = self.surface
        s.rect(0, 0, WIDTH, TOP, "#262b38", id="bar", persistent=True, depth=20)
        s.rect(0, TOP, WIDTH, HEIGHT, "#ece8e1", id="floor", persistent=True, depth=-9)
        for x in range(1, COLUMNS):
            s.line([(x * TILE, TOP), (x * TILE, TOP + HEIGHT)], "#d9d3c8", id=f"x {x}", persistent=True, depth=-7)
        for y in range(1, ROWS):
            s.line([(0, TOP + y * TILE), (WIDTH, TOP + y * TILE)], "#d9d3c8", id=f"y {y}", persistent=True, depth=-7)

    def render(self, agent=None):
        """`agent` is who looks: their roller wears a ring and is named in the line at the top."""
        self.draw_paint()
        for x, y in self.arena.stars:
            self.draw_star((x + 0.5) * TILE, TOP + (y + 0.5) * TILE, f"star {x} {y}")
        for name in PLAYERS:
            self.draw_roller(name, name == agent)
        self.draw_bar(agent)
        return self.surface.commit()

    def draw_paint(self):
        for index, number in enumerate(self.arena.floor):
            name = f"tile {index}"
            if number == EMPTY:
                self.surface.remove(name)
                continue
            left, top = index % COLUMNS * TILE, TOP + index // COLUMNS * TILE
            self.surface.rect(
                left + 1.5, top + 1.5, TILE - 3, TILE - 3, PAINT[PLAYERS[number]], radius=7, id=name, persistent=True,
                depth=-6, tween_ms=120,
            )  # fmt: skip

    def draw_star(self, x, y, name):
        points = corners(x, y, 16, 5, 0.45)
        self.surface.polygon(points, "#fff6cf", stroke="#b98a16", line_width=2, id=name, depth=-3)

    def draw_roller(self, name, own):
        s, roller = self.surface, self.arena.rollers[name]
        x, y = roller.x, TOP + roller.y
        s.ellipse(x, y + 15, 15, 6, "#000000", alpha=0.18, id=f"{name} shadow", depth=0)
        if own:
            s.circle(x, y, RADIUS + 5, None, stroke="#262b38", line_width=3, id="own ring", depth=1)
        s.circle(x, y, RADIUS, COLORS[name], stroke=DARK[name], line_width=3, id=name, depth=2)
        self.draw_mark(name, x, y, 8, f"{name} mark", 3)

    def draw_mark(self, name, x, y, r, mark, depth):
        if SHAPES[name]:
            self.surface.polygon(corners(x, y, r, SHAPES[name]), "white", id=mark, depth=depth)
        else:
            self.surface.circle(x, y, r * 0.75, "white", id=mark, depth=depth)

    def draw_bar(self, agent):
        s = self.surface
        for number, name in enumerate(PLAYERS):
            x = 30 + number * 150
            s.circle(x, 22, 13, COLORS[name], stroke=DARK[name], line_width=2, id=f"bar {name}", depth=21)
            self.draw_mark(name, x, 22, 6.5, f"bar mark {name}", 22)
            word = f"{self.tiles[name]}  You" if name == agent else str(self.tiles[name])
            s.text(x + 24, 22, word, "white", size=20, id=f"tiles {name}", depth=21)
        share = 1 - self.frame / self.frames
        s.rect(0, TOP - 7, WIDTH, 7, "#3d4454", id="time back", depth=21)
        s.rect(0, TOP - 7, max(1, WIDTH * share), 7, "#f2c14e", id="time", depth=22)


def make_env(frames=1200):
    return PaintArena(frames)
