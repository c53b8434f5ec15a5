"""The rules of the paint arena: four rollers paint the floor they cross. Plain Python.

Lengths are px of the floor, y grows downwards, speeds are px per frame of 1/20 s.
"""

import random

COLUMNS, ROWS, TILE = 15, 9, 44
WIDTH, HEIGHT = COLUMNS * TILE, ROWS * TILE
PLAYERS = ("red", "blue", "green", "gold")
STARTS = {"red": (1.5, 1.5), "blue": (13.5, 1.5), "green": (1.5, 7.5), "gold": (13.5, 7.5)}
MOVES = {0: (0, 0), 1: (0, -1), 2: (0, 1), 3: (-1, 0), 4: (1, 0), 5: (-1, -1), 6: (1, -1), 7: (-1, 1), 8: (1, 1)}
RADIUS, PUSH, GRIP, REBOUND = 17, 1.5, 0.8, 9.0
"""Push per frame of a held key, share of the speed kept per frame, speed after a collision."""
STAR_FRAMES, STARS, SPLASH = 50, 3, 1
"""A star appears this often, at most so many lie there, and it paints so many tiles around."""
EMPTY = -1


class Roller:
    def __init__(self, name):
        x, y = STARTS[name]
        self.x, self.y, self.vx, self.vy = x * TILE, y * TILE, 0.0, 0.0

    @property
    def tile(self):
        return min(int(self.x // TILE), COLUMNS - 1), min(int(self.y // TILE), ROWS - 1)

    def roll(self, direction):
        dx, dy = direction
        push = PUSH * (0.7071 if dx and dy else 1.0)
        self.vx = (self.vx + dx * push) * GRIP
        self.vy = (self.vy + dy * push) * GRIP
        self.x, self.vx = self.kept(self.x + self.vx, self.vx, WIDTH)
        self.y, self.vy = self.kept(self.y + self.vy, self.vy, HEIGHT)

    def kept(self, place, speed, size):
        """Inside the walls, which throw a roller back a little."""
        if RADIUS <= place <= size - RADIUS:
            return place, speed
        return min(max(place, RADIUS), size - RADIUS), -0.5 * speed


class Arena:
    def __init__(self):
        self.random = random.Random(0)
        self.start(0)

    def start(self, seed):
        self.random.seed(seed)
        self.rollers = {name: Roller(name) for name in PLAYERS}
        self.floor = [EMPTY] * (COLUMNS * ROWS)
        self.stars = []
        self.until_star = STAR_FRAMES
        for number, roller in enumerate(self.rollers.values()):
            self.paint(roller.tile, number)

    def paint(self, tile, number):
        x, y = tile
        if 0 <= x < COLUMNS and 0 <= y < ROWS:
            self.floor[y * COLUMNS + x] = number

    def step(self, actions):
        """Returns whether anybody took a star, and whether two collided."""
        for name, roller in self.rollers.items():
            roller.roll(MOVES[actions[name]])
        bumped = self.collide()
        starred = False
        for number, roller in enumerate(self.rollers.values()):
            self.paint(roller.tile, number)
            starred |= self.take_star(roller.tile, number)
        self.drop_stars()
        return starred, bumped

    def collide(self):
        rollers, bumped = list(self.rollers.values()), False
        for index, one in enumerate(rollers):
            for other in rollers[index + 1 :]:
                bumped |= bounce(one, other)
        return bumped

    def take_star(self, tile, number):
        if tile not in self.stars:
            return False
        self.stars.remove(tile)
        for dy in range(-SPLASH, SPLASH + 1):
            for dx in range(-SPLASH, SPLASH + 1):
                self.paint((tile[0] + dx, tile[1] + dy), number)
        return True

    def drop_stars(self):
        self.until_star -= 1
        if self.until_star > 0:
            return
        self.until_star = STAR_FRAMES
        tile = (self.random.randrange(COLUMNS), self.random.randrange(ROWS))
        if len(self.stars) < STARS and tile not in self.stars:
            self.stars.append(tile)

    def tiles(self, number):
        return self.floor.count(number)

    def get_state(self):
        rollers = [(roller.x, roller.y, roller.vx, roller.vy) for roller in self.rollers.values()]
        return (rollers, tuple(self.floor), tuple(self.stars), self.until_star, self.random.getstate())

    def set_state(self, state):
        rollers, floor, stars, self.until_star, chance = state
        for roller, numbers in zip(self.rollers.values(), rollers, strict=True):
            roller.x, roller.y, roller.vx, roller.vy = numbers
        self.floor, self.stars = list(floor), list(stars)
        self.random.setstate(chance)

    def seen_by(self, name):
        """Own place and speed, the others' in seat order, and the stars' places (-1: no star); shares of the floor."""
        own = self.rollers[name]
        others = [roller for other, roller in self.rollers.items() if other != name]
        seen = []
        for roller in (own, *others):
            seen += [roller.x / WIDTH, roller.y / HEIGHT, roller.vx / WIDTH, roller.vy / HEIGHT]
        for x, y in self.stars:
            seen += [(x + 0.5) / COLUMNS, (y + 0.5) / ROWS]
        return seen + [-1.0] * (16 + 2 * STARS - len(seen))


def bounce(one, other):
    """Two rollers that touch fly apart. True if they touched."""
    dx, dy = other.x - one.x, other.y - one.y
    square = dx * dx + dy * dy
    if square >= 4 * RADIUS * RADIUS or square == 0:
        return False
    distance = square**0.5
    nx, ny = dx / distance, dy / distance
    apart = (2 * RADIUS - distance) / 2
    for roller, sign in ((one, -1), (other, 1)):
        roller.x = min(max(roller.x + sign * nx * apart, RADIUS), WIDTH - RADIUS)
        roller.y = min(max(roller.y + sign * ny * apart, RADIUS), HEIGHT - RADIUS)
        roller.vx, roller.vy = sign * nx * REBOUND, sign * ny * REBOUND
    return True
