"""A partner that cooks along: it looks what is needed next, walks there the shortest way, and uses it.

It plays from what a cook sees and from nothing else, so a person could be in its place.
"""

from collections import deque

from things import COUNTER, FLOOR, HATCH, ONION, ONIONS, PLATE, PLATES, SOUP, STAY, STEPS, USE

FACING = {0: (0, 1), 1: (1, 0), 2: (0, -1), 3: (-1, 0)}
FULL = 3


def act(observation, agent, rng, memory, pace=2, lazy=0.1):
    """One step every `pace` frames; `lazy` is the share of steps in which it stands still."""
    memory["frame"] = memory.get("frame", -1) + 1
    if memory["frame"] % pace or rng.random() < lazy:
        return STAY
    view = Kitchen(observation)
    move = view.towards(view.wanted())
    if move == USE == memory.get("move"):
        move = STAY  # It lets go of the key, to press it again.
    if move == memory.get("move") and view.place == memory.get("place") and move in STEPS:
        # It pressed against somebody: step aside, or both stand there for ever.
        move = int(rng.choice(list(STEPS)))
    memory["move"], memory["place"] = move, view.place
    return move


class Kitchen:
    """What one cook sees, as sets of cells."""

    def __init__(self, observation):
        (row, column, facing, self.hand), *others = observation["cooks"].tolist()
        self.place, self.facing = (row, column), FACING[facing]
        self.others = [(tuple(other[:2]), other[3]) for other in others]
        self.pots = {(row, column): (onions, left) for row, column, onions, left in observation["pots"].tolist()}
        rows = observation["kitchen"].tolist()
        self.cells = {(y, x): thing for y, line in enumerate(rows) for x, thing in enumerate(line)}
        self.near = self.walk([self.place])

    def walk(self, starts, blocked=()):
        """Cell → distance for every cell of the floor that can be reached."""
        far, queue = dict.fromkeys(starts, 0), deque(starts)
        while queue:
            row, column = queue.popleft()
            for down, right in STEPS.values():
                cell = (row + down, column + right)
                if self.cells.get(cell) == FLOOR and cell not in far and cell not in blocked:
                    far[cell] = far[row, column] + 1
                    queue.append(cell)
        return far

    def of(self, *things):
        """Where there is one of these that this cook can reach."""
        return [cell for cell, thing in self.cells.items() if thing in things and self.beside(cell, self.near)]

    @staticmethod
    def beside(cell, floor):
        """The cells of the floor from which something at `cell` can be used."""
        return [
            (cell[0] - down, cell[1] - right)
            for down, right in STEPS.values()
            if (cell[0] - down, cell[1] - right) in floor
        ]

    def shared(self):
        """Free counters that the other cook reaches as well: to hand things over a wall."""
        floor = self.walk([place for place, _ in self.others])
        return [cell for cell in self.of(COUNTER) if self.beside(cell, floor)]

    def wanted(self):
        """Cells, any of which is where to go next; none: it waits."""
        pots = {cell: pot for cell, pot in self.pots.items() if self.beside(cell, self.near)}
        if self.hand == SOUP:
            return self.of(HATCH) or self.shared()
        if self.hand == ONION:
            return [cell for cell, (onions, _) in pots.items() if onions < FULL] or self.shared()
        if self.hand == PLATE:
            return [cell for cell, (onions, _) in pots.items() if onions == FULL] if pots else self.shared()
        return self.missing(supplies=not pots)

    def missing(self, supplies):
        """What empty hands should fetch. Who reaches no pot supplies the other: what lies about is on its way."""
        if self.of(HATCH) and self.of(SOUP):
            return self.of(SOUP)
        hands = [hand for place, hand in self.others if supplies or place in self.near]
        lying = list(self.cells.values()) if supplies else []
        onions, plates = (hands.count(thing) + lying.count(thing) for thing in (ONION, PLATE))
        gaps = sorted(FULL - found for found, _ in self.pots.values())
        if sum(gap <= onions for gap in gaps) > plates:
            return self.of(PLATES) if supplies else self.of(PLATE, PLATES)
        if sum(gaps) > onions:
            return self.of(ONIONS) if supplies else self.of(ONION) or self.of(ONIONS)
        return []

    def towards(self, goals):
        """The move of this step."""
        row, column = self.place
        if not goals:
            return self.out_of_the_way()
        if (row + self.facing[0], column + self.facing[1]) in goals:
            return USE
        for move, (down, right) in STEPS.items():
            if (row + down, column + right) in goals:
                return move
        return self.walk_to({cell for goal in goals for cell in self.beside(goal, self.near)})

    def out_of_the_way(self):
        """Whoever waits leaves the places from which things are used to the other."""
        used = {cell for cell, thing in self.cells.items() if thing not in (FLOOR, COUNTER)}
        quiet = {cell for cell in self.near if not any(cell in self.beside(thing, self.near) for thing in used)}
        return STAY if self.place in quiet or not quiet else self.walk_to(quiet)

    def walk_to(self, stands):
        row, column = self.place
        blocked = [place for place, _ in self.others]
        far = self.walk([cell for cell in stands if cell not in blocked], blocked)
        if self.place not in far:
            far = self.walk(list(stands))
        steps = {move: far.get((row + down, column + right), 99) for move, (down, right) in STEPS.items()}
        return min(steps, key=steps.get)
