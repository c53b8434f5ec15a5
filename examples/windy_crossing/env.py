"""Steering a boat through gates in a wind that shifts, with a pilot's light where the picture has one."""

import numpy as np
import strait
from drawing import Picture
from gymnasium import Env, spaces
from gymnasium.utils import seeding


class WindyCrossing(Env):
    """One agent. The action is where the boat should head for: -1 is the left bank, 1 the right. A gate passed is a
    point.

    What is seen, float32: place, speed, wind (-1 to 1), and of the next three gates how far to the side each is and in
    how many seconds it comes.
    """

    metadata = {"render_modes": []}

    def __init__(self):
        self.picture = Picture()
        self.action_space = spaces.Box(-strait.WIDEST, strait.WIDEST, (1,), np.float32)
        self.observation_space = spaces.Box(-99, 99, (strait.SIZE,), np.float32)

    def reset(self, *, seed=None, options=None):
        self.np_random, _ = seeding.np_random(seed)
        self.gates, self.winds = strait.course(self.np_random)
        self.frame, self.place, self.speed, self.aim = 0, 0.0, 0.0, 0.0
        self.blown = 0.0
        self.passed = []
        self.picture.start()
        return self.observation(), self.info(None)

    def step(self, action):
        self.aim = float(action[0])
        place, speed = strait.moved(self.place, self.speed, self.aim, self.wind)
        self.place, self.speed = float(place), float(speed)
        self.blown += self.wind
        self.frame += 1
        off = self.off_at_gate()
        through = off is not None and abs(off) < strait.HALF_GATE
        if off is not None:
            self.passed.append(through)
        return self.observation(), float(through), self.frame >= strait.FRAMES, False, self.info(off)

    @property
    def wind(self):
        return float(strait.wind_at(self.winds, self.frame))

    def off_at_gate(self):
        """How far beside the middle of a gate the boat is, in the frame in which it comes to one; None in others."""
        number, part = divmod(self.frame - strait.FIRST_FRAME, strait.GATE_FRAMES)
        return self.place - float(self.gates[number]) if part == 0 and 0 <= number < strait.GATES else None

    def observation(self):
        return strait.seen(self.place, self.speed, self.winds, self.gates, self.frame).astype(np.float32)

    def info(self, off):
        """`gates` so far and `passed` of them; `off` in the frames at a gate, in halves of the strait's width."""
        return {"gates": len(self.passed), "passed": sum(self.passed), "off": off, "wind": self.wind}

    def render(self, advice=None):
        """`advice`: where the pilot would head for; None without one."""
        return self.picture.draw(self, None if advice is None else float(advice[0]))


def make_env():
    return WindyCrossing()
