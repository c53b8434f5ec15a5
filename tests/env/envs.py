"""Sources of small envs, one for each kind the bridge takes."""

# ruff: noqa: E501 -- lines of the researchers' files that stand in texts here

MOUNTAIN_CAR = """
import gymnasium

def make_env(**config):
    return gymnasium.make("MountainCar-v0", **config)
"""

CART_POLE = """
import gymnasium

env = gymnasium.make("CartPole-v1")
"""

DICT_ACTIONS = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Grid(gymnasium.Env):
    agents = [0, 1]

    def __init__(self, size=5):
        self.size = size
        self.action_space = spaces.Dict({agent: spaces.Discrete(3) for agent in self.agents})
        self.observation_space = spaces.Dict({agent: spaces.Box(0, size, (2,), int) for agent in self.agents})

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.places = {agent: self.np_random.integers(0, self.size, 2) for agent in self.agents}
        self.trail = []
        return self._see(), {}

    def step(self, actions):
        for agent, action in actions.items():
            self.places[agent][0] += (0, 1, -1)[action]
        self.trail.append(int(self.places[0][0]))
        rewards = {agent: int(place[0]) for agent, place in self.places.items()}
        infos = {agent: {"left": bool(place[0] < 0)} for agent, place in self.places.items()}
        over = len(self.trail) >= 40
        return self._see(), rewards, {0: over, 1: over, "__all__": over}, {0: False, 1: False}, infos

    def _see(self):
        return {agent: place.copy() for agent, place in self.places.items()}


def make_env(**config):
    return Grid(**config)
"""

PARALLEL = """
import random

import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv


class Race(ParallelEnv):
    metadata = {"name": "race"}
    possible_agents = ["hare", "tortoise"]

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        self.at = {agent: 0.0 for agent in self.agents}
        return {agent: np.array([0.0]) for agent in self.agents}, {agent: {} for agent in self.agents}

    def step(self, actions):
        for agent, action in actions.items():
            self.at[agent] += action + random.random() * 0.1 + np.random.rand() * 0.1
        seen = {agent: np.array([self.at[agent]]) for agent in self.agents}
        rewards = {agent: float(actions[agent]) for agent in self.agents}
        home = {agent: self.at[agent] > 10 for agent in self.agents}
        infos = {agent: {"home": home[agent]} for agent in self.agents}
        result = seen, rewards, home, {agent: False for agent in self.agents}, infos
        self.agents = [agent for agent in self.agents if not home[agent]]
        return result

    def observation_space(self, agent):
        return spaces.Box(0, 100, (1,))

    def action_space(self, agent):
        return spaces.Discrete(3)


def make_env():
    return Race()
"""

TURN_BASED = """
import numpy as np
from gymnasium import spaces
from pettingzoo import AECEnv

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


class Noughts(AECEnv):
    metadata = {"name": "noughts", "is_parallelizable": False}
    possible_agents = ["cross", "nought"]

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        self.board = [0] * 9
        self.rewards = {agent: 0 for agent in self.agents}
        self._cumulative_rewards = dict(self.rewards)
        self.terminations = {agent: False for agent in self.agents}
        self.truncations = {agent: False for agent in self.agents}
        self.infos = {agent: {} for agent in self.agents}
        self.agent_selection = "cross"

    def step(self, action):
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self.board[action] = 1 if agent == "cross" else 2
        self.infos = {name: {"moves": 9 - self.board.count(0)} for name in self.agents}
        self.rewards = {name: 0 for name in self.agents}
        if any(all(self.board[cell] == self.board[line[0]] != 0 for cell in line) for line in LINES):
            for name in self.agents:
                self.rewards[name] = 1 if name == agent else -1
                self.terminations[name] = True
        elif 0 not in self.board:
            self.terminations = {name: True for name in self.agents}
        self.agent_selection = "nought" if agent == "cross" else "cross"

    def observe(self, agent):
        return {"observation": np.array(self.board, np.int8), "action_mask": np.array([cell == 0 for cell in self.board], np.int8)}

    def observation_space(self, agent):
        return spaces.Dict({"observation": spaces.Box(0, 2, (9,), np.int8), "action_mask": spaces.Box(0, 1, (9,), np.int8)})

    def action_space(self, agent):
        return spaces.Discrete(9)

    def render(self):
        return str(self.board)


def make_env():
    return Noughts()
"""

DRAWN = """
import gymnasium
from gymnasium import spaces
from igym.rendering import Surface


class Ball(gymnasium.Env):
    action_space = spaces.Discrete(2)
    observation_space = spaces.Discrete(1000)

    def __init__(self):
        self.surface = Surface(100, 50)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.x = 0
        self.coins = [3, 6]
        self.surface.reset()
        self.surface.rect(0, 40, 100, 10, "green", id="floor", persistent=True)
        for coin in self.coins:
            self.surface.circle(coin * 10, 20, 4, "gold", id=f"coin{coin}", persistent=True)
        return self.x, {}

    def step(self, action):
        self.x += action
        if self.x in self.coins:
            self.coins.remove(self.x)
            self.surface.remove(f"coin{self.x}")
            self.surface.sound("coin")
        return self.x, int(action), False, False, {}

    def render(self):
        self.surface.circle(self.x * 10, 20, 5, "red", id="ball")
        return self.surface.commit()


def hud(env, scores, frame):
    return f"coins left: {len(env.coins)} at {frame}"


def make_env():
    return Ball()
"""

STEERED = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Steered(gymnasium.Env):
    def __init__(self, kind="box"):
        own = {"box": spaces.Box(-1, 1, (2,), np.float32), "parts": spaces.MultiDiscrete([2, 3]),
               "bits": spaces.MultiBinary(2), "few": spaces.Discrete(3, start=1)}[kind]
        self.action_space = spaces.Dict({"me": spaces.Discrete(3), "it": own})
        seen = {"body": spaces.Dict({"place": spaces.Box(-9, 9, (2,)), "speed": spaces.Box(-9, 9, (1,))})}
        self.observation_space = spaces.Dict({agent: spaces.Dict(seen) for agent in ("me", "it")})

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.speed = self.np_random.random(2), np.zeros(1)
        return self.see(), {}

    def step(self, actions):
        pushed = np.resize(np.asarray(actions["it"], float), 2)
        self.place = self.place * 0.97 + 0.1 * pushed + 0.05 * (actions["me"] - 1)
        self.speed = np.array([pushed.sum() / 2])
        return self.see(), {"me": 0.0, "it": float(self.place[0])}, False, False, {}

    def see(self):
        body = {"place": self.place.copy(), "speed": self.speed.copy()}
        return {agent: {"body": body} for agent in ("me", "it")}


def make_env(kind="box"):
    return Steered(kind)
"""

NESTED = """
import collections
import random
from dataclasses import dataclass

import gymnasium
import numpy as np
from gymnasium import spaces

TOTAL = 0
HISTORY = []
Cell = tuple[int, int]
Place = Cell | None


@dataclass
class Ball:
    x: float
    spin: list


class Slotted:
    __slots__ = ("count", "__secret")

    def __init__(self):
        self.count = 0
        self.__secret = {"k": [1]}

    def tick(self):
        self.count += 1
        self.__secret["k"].append(self.count)


class Deep(gymnasium.Env):
    action_space = spaces.Discrete(3)
    made = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.ball = Ball(0.0, [0])
        self.same_ball = self.ball
        self.queue = collections.deque([1, 2, 3], maxlen=4)
        self.grid = np.zeros((3, 3))
        self.view = self.grid[1]
        self.slotted = Slotted()
        self.seen = {(0, 0)}
        self.me = self
        self.callback = lambda: self.ball.spin.append(len(self.queue))
        counter = [0]

        def count():
            counter[0] += 1
            return counter[0]

        self.count = count
        return self._see(), {}

    def step(self, action):
        global TOTAL
        TOTAL += action
        HISTORY.append(action)
        Deep.made += 1
        self.ball.x += self.np_random.normal() + random.random() + np.random.rand()
        self.queue.append(action)
        self.view[action] += 1
        self.slotted.tick()
        self.seen.add((action, self.slotted.count % 3))
        self.callback()
        return self._see(), float(self.count()), False, False, {"total": TOTAL, "made": Deep.made, "alias": self.same_ball.x}

    def _see(self):
        return np.array([self.ball.x, self.grid.sum(), len(self.seen), len(HISTORY)])


def make_env():
    return Deep()
"""
