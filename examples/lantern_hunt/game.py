"""Rules of the lantern hunt: two people look for mushrooms in a dark wood, each with a lantern of their own."""

from __future__ import annotations

import random

COLUMNS, ROWS = 15, 10
LIGHT = 2.9
"""How far a lantern shines, in tiles."""
MOVES = {0: (0, 0), 1: (0, -1), 2: (0, 1), 3: (-1, 0), 4: (1, 0)}
START = {"amber": (4, 4), "violet": (10, 5)}

Place = tuple[int, int]


class Wood:
    """Where everything is. Both may stand on one tile; a mushroom goes to whoever steps on it first."""

    def __init__(self, mushrooms: int, trees: int, rng: random.Random) -> None:
        tiles = [(x, y) for x in range(COLUMNS) for y in range(ROWS) if (x, y) not in START.values()]
        # Trees stand apart, so that no tile is ever closed in.
        odd = [place for place in tiles if place[0] % 2 == 0 and place[1] % 2 == 0]
        self.trees: set[Place] = set(rng.sample(odd, min(trees, len(odd))))
        free = [place for place in tiles if place not in self.trees]
        self.mushrooms: set[Place] = set(rng.sample(free, mushrooms))
        self.places: dict[str, Place] = dict(START)
        self.found = dict.fromkeys(START, 0)

    def move(self, agent: str, action: int) -> bool:
        """Whether a mushroom was found."""
        dx, dy = MOVES[action]
        x, y = self.places[agent]
        target = (x + dx, y + dy)
        if 0 <= target[0] < COLUMNS and 0 <= target[1] < ROWS and target not in self.trees:
            self.places[agent] = target
        if self.places[agent] not in self.mushrooms:
            return False
        self.mushrooms.remove(self.places[agent])
        self.found[agent] += 1
        return True

    def lit(self, agent: str, place: Place) -> bool:
        """Whether this person's lantern shines there."""
        return self.light(agent, place) > 0

    def light(self, agent: str, place: Place) -> float:
        """How brightly this person's lantern shines there: 1 at their feet, 0 in the dark."""
        x, y = self.places[agent]
        away = ((place[0] - x) ** 2 + (place[1] - y) ** 2) ** 0.5
        return 0.0 if away > LIGHT else 1 - 0.75 * away / LIGHT
