import hashlib
import json
import math

import numpy as np
from gymnasium.spaces import Discrete


class Numbers:
    """Every frame calculates what engines might do differently, and goes on from it."""

    possible_agents = ["left", "right"]

    def action_space(self, agent):
        return Discrete(3)

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        self.random = np.random.default_rng(seed)
        self.x = self.random.normal(size=8)
        self.frames = 0
        return self.seen(), {agent: {} for agent in self.agents}

    def seen(self):
        return {agent: self.x.copy() for agent in self.possible_agents}

    def step(self, actions):
        self.frames += 1
        pushed = sum((place + 1) * action for place, action in enumerate(actions.values()))
        first = float(self.x[0])
        plain = {
            "sin": math.sin(first * 1e3), "exp": math.exp(-abs(first)), "log": math.log1p(abs(first)),
            "pow": abs(first) ** 0.37, "atan2": math.atan2(first, 0.3), "tanh": math.tanh(first),
            "hypot": math.hypot(first, pushed), "fmod": math.fmod(first * 1e6, 0.1),
            "gamma": math.gamma(1 + abs(first)),
            "cbrt": math.cbrt(first), "tiny": first * 5e-324, "huge": first * 1e300, "sum": math.fsum(self.x.tolist()),
        }  # fmt: skip
        matrix = np.outer(self.x, self.x[::-1])
        arrays = [
            np.sin(self.x),
            np.exp(-(self.x**2)),
            matrix @ self.x,
            np.cumsum(self.x),
            np.sort(self.x),
            np.sqrt(abs(self.x)),
        ]
        arrays.append(self.random.normal(size=8))
        order = (
            "".join(sorted({"b", "a", str(pushed)}))
            + "".join({"z": 1, "y": 2, str(pushed): 3})
            + str(hash("igym") % 97)
        )
        text = json.dumps({**plain, "order": order, "third": 1 / 3, "big": 2**53 + 1, "float": float(2**60)})
        self.x = np.tanh(arrays[0] + arrays[2] / 8 + arrays[-1] / 4 + pushed / 10)
        shared = igym_globals  # noqa: F821 -- a name of the app's
        shared["frames"] = self.frames
        infos = {**plain, "given": shared["given"], "order": order, "text": hashlib.sha256(text.encode()).hexdigest(),
                 "bytes": hashlib.sha256(b"".join(part.tobytes() for part in arrays)).hexdigest()}  # fmt: skip
        over = self.frames >= 90
        flags = dict.fromkeys(self.possible_agents, over)
        rewards = {"left": float(self.x.sum()), "right": float(self.x.mean())}
        if over:
            self.agents = []
        return self.seen(), rewards, flags, dict.fromkeys(flags, False), dict.fromkeys(flags, infos)

    def render(self):
        return " ".join(f"{number:.3f}" for number in self.x)


def make_env():
    return Numbers()
