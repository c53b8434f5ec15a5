"""The rules of the orchard: apples grow back where others are left. Plain Python.

A cell of a tree grows an apple with a chance that rises with the apples on the cells around it: pick a tree bare and
nothing comes back.
"""

import random

COLUMNS, ROWS = 13, 9
GATHERERS = ("teal", "plum", "robot")
STARTS = {"teal": (1, 4), "plum": (11, 4), "robot": (6, 7)}
TREES = ((3, 2), (9, 2), (3, 6), (9, 6), (6, 4))
MOVES = {0: (0, 0), 1: (0, -1), 2: (0, 1), 3: (-1, 0), 4: (1, 0)}
CHANCES = (0.0, 0.006, 0.014, 0.03, 0.03)
"""Chance per frame that an apple grows, by the number of apples on the four cells beside it."""
BESIDE = ((0, -1), (0, 1), (-1, 0), (1, 0))
CELLS = tuple(
    (x + dx, y + dy) for x, y in TREES for dy in (-1, 0, 1) for dx in (-1, 0, 1) if abs(dx) + abs(dy) < 2 or dx == dy
)
"""Cells where apples can grow, tree by tree."""


class Orchard:
    def __init__(self):
        self.random = random.Random(0)
        self.start(0)

    def start(self, seed):
        self.random.seed(seed)
        self.places = dict(STARTS)
        self.picked = dict.fromkeys(GATHERERS, 0)
        self.apples = dict.fromkeys(CELLS, True)

    def step(self, actions):
        """Everybody moves at once; returns who picked an apple. Who goes first changes by lot, so that it is fair."""
        order = list(GATHERERS)
        self.random.shuffle(order)
        lucky = {name: self.move(name, MOVES[actions[name]]) for name in order}
        self.grow()
        return lucky

    def move(self, name, direction):
        x, y = self.places[name]
        cell = (x + direction[0], y + direction[1])
        inside = 0 <= cell[0] < COLUMNS and 0 <= cell[1] < ROWS
        if inside and cell not in self.places.values():
            self.places[name] = cell
        here = self.places[name]
        if not self.apples.get(here):
            return False
        self.apples[here] = False
        self.picked[name] += 1
        return True

    def beside(self, cell):
        """Apples on the four cells beside this one."""
        return sum(self.apples.get((cell[0] + dx, cell[1] + dy), False) for dx, dy in BESIDE)

    def grow(self):
        taken = set(self.places.values())
        chances = [(cell, CHANCES[self.beside(cell)]) for cell, apple in self.apples.items() if not apple]
        for cell, chance in chances:
            if self.random.random() < chance and cell not in taken:
                self.apples[cell] = True

    @property
    def left(self):
        return sum(self.apples.values())

    def seen_by(self, name):
        """Own place, the others' places, and for each cell of `CELLS` whether there is an apple."""
        others = [place for other, place in self.places.items() if other != name]
        numbers = [number for place in (self.places[name], *others) for number in place]
        return [*numbers, *map(int, self.apples.values())]
