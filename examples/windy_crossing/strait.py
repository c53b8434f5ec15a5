"""The strait: gates to pass, wind that shifts, and how a boat answers its wheel. For numbers and arrays alike."""

import numpy as np

FPS = 30
GATES, GATE_FRAMES, FIRST_FRAME = 30, 42, 75
"""A gate comes every so many frames, the first one after `FIRST_FRAME`."""
FRAMES = FIRST_FRAME + (GATES - 1) * GATE_FRAMES + FPS
WIND_FRAMES = 60
"""The wind shifts to another strength over so many frames."""
HALF_GATE = 0.12
STRONGEST, PUSH, REACH, DRAG = 2.6, 5.0, 1.6, 2.0
WIDEST = 1.25
"""So far to the sides one can head for, to have the boat turn harder than the banks are far."""
AHEAD = 3
"""So many gates are seen."""
SIZE = 3 + 2 * AHEAD


def gate_frame(number):
    return FIRST_FRAME + number * GATE_FRAMES


def course(rng):
    """Where the gates are, from -1 (left) to 1, and the winds to shift to, in units per second²."""
    gates, place = [], 0.0
    for _ in range(GATES):
        place = min(max(place + rng.uniform(-0.75, 0.75), -0.8), 0.8)
        gates.append(place)
    winds = rng.uniform(-STRONGEST, STRONGEST, FRAMES // WIND_FRAMES + 2)
    winds[0] = 0.0
    return np.array(gates), winds


def wind_at(winds, frame):
    """`winds` may have further axes in front."""
    number, part = divmod(frame, WIND_FRAMES)
    share = part / WIND_FRAMES
    return winds[..., number] * (1 - share) + winds[..., number + 1] * share


def moved(place, speed, aim, wind):
    """Place and speed a frame later: the boat turns to its aim, as fast as its rudder allows, and the wind pushes."""
    pull = PUSH * np.clip(REACH * (aim - place), -1.0, 1.0)
    speed = speed + (pull - DRAG * speed + wind) / FPS
    place = place + speed / FPS
    inside = np.clip(place, -1.0, 1.0)
    return inside, np.where(inside == place, speed, 0.0)


def seen(place, speed, winds, gates, frame):
    """What steering needs: place, speed, wind, and of the next gates how far to the side and how many seconds away they
    are; of gates that are no more, the last one's side."""
    found = [place, speed, wind_at(winds, frame) / STRONGEST]
    passed = max(0, -(-(frame - FIRST_FRAME) // GATE_FRAMES))
    for number in range(passed, passed + AHEAD):
        gate = gates[..., min(number, GATES - 1)]
        found += [gate - place, (gate_frame(number) - frame) / FPS + np.zeros_like(gate)]
    return np.stack(np.broadcast_arrays(*found), axis=-1)
