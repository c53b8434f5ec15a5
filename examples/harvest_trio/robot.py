"""The third gatherer. It sees what people see, and decides by one rule."""

from orchard import BESIDE, CELLS, MOVES


def act(observation, agent, rng, memory, restraint=2):
    """Walk to the nearest apple that has at least `restraint` others beside it; wander if there is none.

    restraint=0 takes every apple, 2 leaves the last ones of a tree to grow.
    """
    numbers = [int(number) for number in observation]
    here = (numbers[0], numbers[1])
    apples = {cell for cell, apple in zip(CELLS, numbers[6:], strict=True) if apple}
    wanted = [cell for cell in apples if beside(apples, cell) >= restraint]
    if not wanted:
        return int(rng.integers(len(MOVES)))
    target = min(wanted, key=lambda cell: (distance(here, cell), cell))
    memory["target"] = target
    dx, dy = target[0] - here[0], target[1] - here[1]
    sideways = abs(dx) > abs(dy) or (abs(dx) == abs(dy) and rng.random() < 0.5)
    if sideways:
        return 3 if dx < 0 else 4
    return 1 if dy < 0 else 2


def beside(apples, cell):
    return sum((cell[0] + dx, cell[1] + dy) in apples for dx, dy in BESIDE)


def distance(a, b):
    return abs(a[0] - b[0]) + abs(a[1] - b[1])
