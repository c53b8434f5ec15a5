"""The rules of the kitchen: two cooks, one soup pot, recipes of onions and tomatoes. Plain Python."""

import random

LAYOUT = (
    "#O##S##T#",
    "#.......#",
    "P.......#",
    "#..###..H",
    "#.......#",
    "####S####",
)
"""O onions, T tomatoes, P plates, S stove, H hatch, # counter, . floor."""
COLUMNS, ROWS = len(LAYOUT[0]), len(LAYOUT)
COOKS = ("blue", "pink")
STARTS = {"blue": (2, 2), "pink": (6, 4)}
MOVES = {1: (0, -1), 2: (0, 1), 3: (-1, 0), 4: (1, 0)}
USE = 5
SIGHT = 2
"""A cook sees so many cells in each direction, also diagonally."""
STEP_FRAMES, COOK_FRAMES, FULL = 2, 60, 3
THINGS = ("", "onion", "tomato", "plate", "soup")


class Cook:
    def __init__(self, name):
        self.x, self.y = STARTS[name]
        self.facing = (0, 1)
        self.hand = ""
        self.soup = ()
        self.rest = 0
        """Frames until the next step; one held key walks at an even pace."""
        self.used = False
        """The use key is still down: it acts once for each press."""


class Pot:
    def __init__(self):
        self.content = []
        self.left = 0
        """Frames until the soup is ready."""

    @property
    def ready(self):
        return len(self.content) == FULL and self.left == 0


class Kitchen:
    def __init__(self):
        self.random = random.Random(0)
        self.start(0)

    def start(self, seed):
        self.random.seed(seed)
        self.cooks = {name: Cook(name) for name in COOKS}
        self.pots = {(x, y): Pot() for y, row in enumerate(LAYOUT) for x, kind in enumerate(row) if kind == "S"}
        self.counters = {}
        """Cell → (thing, soup) that lies there."""
        self.served = self.wrong = 0
        self.recipe = self.new_recipe()

    def new_recipe(self):
        onions = self.random.randrange(FULL + 1)
        return ("onion",) * onions + ("tomato",) * (FULL - onions)

    def step(self, actions):
        """Returns what each cook did: "", "take", "put", "serve" or "wrong"."""
        for pot in self.pots.values():
            pot.left = max(0, pot.left - 1)
        return {name: self.act(name, actions[name]) for name in COOKS}

    def act(self, name, action):
        cook = self.cooks[name]
        cook.rest = max(0, cook.rest - 1)
        pressed, cook.used = action == USE and not cook.used, action == USE
        if pressed:
            return self.use(cook, (cook.x + cook.facing[0], cook.y + cook.facing[1]))
        if action in MOVES and cook.rest == 0:
            self.walk(cook, MOVES[action])
        return ""

    def walk(self, cook, direction):
        """Turn, and go on if the floor is free."""
        cook.facing = direction
        cell = (cook.x + direction[0], cook.y + direction[1])
        taken = {(other.x, other.y) for other in self.cooks.values()}
        if LAYOUT[cell[1]][cell[0]] == "." and cell not in taken:
            cook.x, cook.y = cell
            cook.rest = STEP_FRAMES

    def use(self, cook, cell):
        kind = LAYOUT[cell[1]][cell[0]]
        if kind in "OTP":
            return self.take_new(cook, {"O": "onion", "T": "tomato", "P": "plate"}[kind])
        if kind == "S":
            return self.use_pot(cook, self.pots[cell])
        if kind == "H":
            return self.serve(cook)
        return self.use_counter(cook, cell) if kind == "#" else ""

    def take_new(self, cook, thing):
        if cook.hand == thing:
            cook.hand = ""
            return "put"
        if cook.hand:
            return ""
        cook.hand = thing
        return "take"

    def use_pot(self, cook, pot):
        if cook.hand in ("onion", "tomato") and len(pot.content) < FULL:
            pot.content.append(cook.hand)
            cook.hand = ""
            pot.left = COOK_FRAMES if len(pot.content) == FULL else 0
            return "put"
        if cook.hand == "plate" and pot.ready:
            cook.hand, cook.soup = "soup", tuple(sorted(pot.content))
            pot.content = []
            return "take"
        return ""

    def use_counter(self, cook, cell):
        if cook.hand and cell not in self.counters:
            self.counters[cell] = (cook.hand, cook.soup)
            cook.hand, cook.soup = "", ()
            return "put"
        if not cook.hand and cell in self.counters:
            cook.hand, cook.soup = self.counters.pop(cell)
            return "take"
        return ""

    def serve(self, cook):
        if cook.hand != "soup":
            return ""
        right = cook.soup == self.recipe
        cook.hand, cook.soup = "", ()
        if not right:
            self.wrong += 1
            return "wrong"
        self.served += 1
        self.recipe = self.new_recipe()
        return "serve"

    def sees(self, name, cell):
        cook = self.cooks[name]
        return max(abs(cell[0] - cook.x), abs(cell[1] - cook.y)) <= SIGHT

    def code(self, cell):
        """What there is at a cell, as a number for observations."""
        x, y = cell
        if not (0 <= x < COLUMNS and 0 <= y < ROWS):
            return 0
        for number, cook in enumerate(self.cooks.values()):
            if (cook.x, cook.y) == cell:
                return 20 + 5 * number + THINGS.index(cook.hand)
        if cell in self.counters:
            return 10 + THINGS.index(self.counters[cell][0])
        if cell in self.pots:
            pot = self.pots[cell]
            return 15 + (4 if pot.ready else len(pot.content))
        return 1 + "#.OTPSH".index(LAYOUT[y][x])

    def seen_by(self, name):
        """Onions in the recipe, own hand, own place, and the 25 cells around, row by row."""
        cook = self.cooks[name]
        around = range(-SIGHT, SIGHT + 1)
        cells = [self.code((cook.x + dx, cook.y + dy)) for dy in around for dx in around]
        return [self.recipe.count("onion"), THINGS.index(cook.hand), cook.x, cook.y, *cells]
