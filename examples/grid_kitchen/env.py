"""The kitchen as an env with two agents, "blue" and "pink", and its picture: each cook sees only what is near."""

import numpy as np
from drawing import Picture
from gymnasium import spaces
from kitchen import COOKS, Kitchen

REWARDS = {"serve": 5, "wrong": -2}


class GridKitchen:
    """A Gymnasium env with a dict of actions: 0 wait, 1 up, 2 down, 3 left, 4 right, 5 take, put, serve."""

    def __init__(self, frames=1200):
        self.frames = frames
        self.kitchen = Kitchen()
        self.picture = Picture()
        self.frame = 0
        self.observation_space = spaces.Dict({name: spaces.Box(0, 30, (29,), np.int16) for name in COOKS})
        self.action_space = spaces.Dict({name: spaces.Discrete(6) for name in COOKS})

    def reset(self, *, seed=None, options=None):
        self.kitchen.start(seed)
        self.frame = 0
        self.picture.start()
        return self.observations(), self.infos(dict.fromkeys(COOKS, ""))

    def step(self, actions):
        did = self.kitchen.step({name: int(actions[name]) for name in COOKS})
        self.frame += 1
        shared = sum(REWARDS.get(deed, 0) for deed in did.values())
        over = dict.fromkeys(COOKS, self.frame >= self.frames)
        return self.observations(), dict.fromkeys(COOKS, shared), over, dict.fromkeys(COOKS, False), self.infos(did)

    def observations(self):
        return {name: np.array(self.kitchen.seen_by(name), np.int16) for name in COOKS}

    def infos(self, did):
        kitchen = self.kitchen
        return {name: {"did": did[name], "hand": kitchen.cooks[name].hand, "served": kitchen.served} for name in COOKS}

    def render(self, agent=None):
        """`agent` is who looks; None sees everything."""
        return self.picture.draw(self.kitchen, agent, 1 - self.frame / self.frames)


def make_env(frames=1200):
    return GridKitchen(frames)
