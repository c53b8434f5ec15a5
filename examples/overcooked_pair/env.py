"""Overcooked as CoGrid has it, with a picture, observations that can be read, and one press that is one deed."""

import numpy as np
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.objects.registry import get_object_names
from cogrid.envs import cramped_room_config
from cogrid.envs.overcooked.agent import OvercookedAgent
from cogrid.envs.overcooked.rewards import DeliveryReward
from drawing import Picture
from gymnasium import spaces
from pettingzoo import ParallelEnv
from things import COOK_STEPS, COUNTER, NAMES, ONION, SOUP, STAY, USE

COGRID = {
    "counter": "counter", "onion_stack": "onions", "plate_stack": "plates", "pot": "pot", "delivery_zone": "hatch",
    "onion": "onion", "plate": "plate", "onion_soup": "soup",
}  # fmt: skip
"""CoGrid's name of a thing → ours. What is not here does not occur in these kitchens."""
NUMBERS = np.array(
    [NAMES.index(COGRID.get(str(name), "")) for name in get_object_names(scope="overcooked")], dtype=np.int16
)
"""CoGrid's number of a thing → ours."""


def kitchen(layout, frames, cooks):
    """CoGrid's own kitchen, in which a soup that is served is worth one point to everybody."""
    config = {
        **cramped_room_config,
        "num_agents": cooks,
        "features": ["agent_position"],
        "rewards": [DeliveryReward(coefficient=1.0, common_reward=True)],
        "grid": {"layout": f"overcooked_{layout}_v0"},
        "max_steps": frames,
    }
    return CoGridEnv(config=config, agent_class=OvercookedAgent)


class OvercookedPair(ParallelEnv):
    """A PettingZoo parallel env; its agents are 0 and 1, as CoGrid's are.

    Actions: 0 up, 1 down, 2 left, 3 right, 4 use, 6 stay. A cook's observation is a dict of int16 arrays: `cooks`, for
    each cook (row, column, facing, hand), the own one first, where `facing` is CoGrid's 0 right, 1 down, 2 left, 3 up;
    `pots`, for each pot (row, column, onions, frames left); `kitchen`, for each cell a number of `things.py`, of a
    counter that of what lies on it.
    """

    metadata = {"name": "overcooked_pair", "render_modes": []}

    def __init__(self, layout="cramped_room", frames=960, cooks=2, soups=None):
        self.frames, self.soups = frames, soups
        self.game = kitchen(layout, frames, cooks)
        self.possible_agents = list(range(cooks))
        self.agents = list(self.possible_agents)
        self.used = dict.fromkeys(self.possible_agents, False)
        self.served = 0
        self.game.reset(seed=0)
        self.picture = Picture(self.cells())
        seen = {
            "cooks": spaces.Box(-1, 99, (cooks, 4), np.int16),
            "pots": spaces.Box(-1, 99, self.pots().shape, np.int16),
            "kitchen": spaces.Box(0, len(NAMES) - 1, self.cells().shape, np.int16),
        }
        self.observation_spaces = {agent: spaces.Dict(seen) for agent in self.possible_agents}
        self.action_spaces = {agent: spaces.Discrete(7) for agent in self.possible_agents}

    def observation_space(self, agent):
        return self.observation_spaces[agent]

    def action_space(self, agent):
        return self.action_spaces[agent]

    def reset(self, seed=None, options=None):
        self.game.reset(seed=seed)
        self.agents = list(self.possible_agents)
        self.used = dict.fromkeys(self.possible_agents, False)
        self.served = 0
        self.picture.start(self.cells())
        return self.observations(), self.infos(dict.fromkeys(self.possible_agents, ""))

    def step(self, actions):
        before, pots = self.hands(), self.pots()
        _, rewards, over, late, _ = self.game.step(
            {agent: self.pressed(agent, actions[agent]) for agent in self.agents}
        )
        did = {agent: self.deed(agent, before, pots) for agent in self.agents}
        self.served += sum(deed == "serve" for deed in did.values())
        if self.soups is not None and self.served >= self.soups:
            over = dict.fromkeys(over, True)
        found = self.observations(), rewards, over, late, self.infos(did)
        self.agents = [agent for agent in self.agents if not (over[agent] or late[agent])]
        return found

    def pressed(self, agent, action):
        """A key that is held walks on, but uses a thing once: otherwise a hand would take and put back in turns."""
        again = action == USE and self.used[agent]
        self.used[agent] = action == USE
        return STAY if again else int(action)

    def hands(self):
        return NUMBERS[self.game._env_state.agent_inv[:, 0].clip(0)]

    def pots(self):
        state = self.game._env_state.extra_state
        onions = (state["overcooked.pot_contents"] >= 0).sum(1)
        return np.column_stack([state["overcooked.pot_positions"], onions, state["overcooked.pot_timer"]]).astype(
            np.int16
        )

    def cells(self):
        state = self.game._env_state
        kinds = NUMBERS[state.object_type_map]
        lies = (kinds == COUNTER) & (state.object_state_map > 0)
        return np.where(lies, NUMBERS[np.where(lies, state.object_state_map, 0)], kinds)

    def cooks(self):
        state = self.game._env_state
        return np.column_stack([state.agent_pos, state.agent_dir, self.hands()]).astype(np.int16)

    def deed(self, agent, before, pots):
        """What a cook did in this step: took "onion", "plate" or "soup", put one in the "pot", or away, or "serve"."""
        held, holds = int(before[agent]), int(self.hands()[agent])
        if holds == held:
            return ""
        if holds:
            return NAMES[holds]
        if held == SOUP and self.facing(agent) == "hatch":
            return "serve"
        return "pot" if held == ONION and self.facing(agent) == "pot" else "put"

    def facing(self, agent):
        row, column, facing, _ = (int(number) for number in self.cooks()[agent])
        down, right = ((0, 1), (1, 0), (0, -1), (-1, 0))[facing]
        return NAMES[int(self.cells()[row + down, column + right])]

    def observations(self):
        cooks, pots, cells = self.cooks(), self.pots(), self.cells()
        return {
            agent: {"cooks": np.roll(cooks, -agent, axis=0), "pots": pots, "kitchen": cells}
            for agent in self.possible_agents
        }

    def infos(self, did):
        hands = self.hands()
        return {
            agent: {"did": did.get(agent, ""), "hand": NAMES[int(hands[agent])], "soups": self.served}
            for agent in self.possible_agents
        }

    def render(self, agent=None):
        """`agent` is who looks: their own cook is marked."""
        left = 1 - self.game.t / self.frames
        return self.picture.draw(self.cells(), self.cooks(), self.pots(), agent, left, self.served, COOK_STEPS)


def make_env(layout="cramped_room", frames=960, cooks=2, soups=None):
    return OvercookedPair(layout, frames, cooks, soups)
