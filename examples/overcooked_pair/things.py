"""What is in the kitchen, numbered as the observations have it. Both the env and the programmed partner read this."""

FLOOR, COUNTER, ONIONS, PLATES, POT, HATCH, ONION, PLATE, SOUP = range(9)
NAMES = ("", "counter", "onions", "plates", "pot", "hatch", "onion", "plate", "soup")
"""Number → word; of what a hand or a counter may hold, "onion", "plate" and "soup"."""

UP, DOWN, LEFT, RIGHT, USE, STAY = 0, 1, 2, 3, 4, 6
"""The actions of CoGrid's cardinal set that this kitchen needs; 5 would toggle things it has not."""

STEPS = {UP: (-1, 0), DOWN: (1, 0), LEFT: (0, -1), RIGHT: (0, 1)}
"""Move → rows and columns."""
COOK_STEPS = 30
"""Frames that a full pot needs."""
