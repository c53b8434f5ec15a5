"""The trust game as a PettingZoo AEC env: whoever is on turn chooses an amount and gives it."""

import numpy as np
from drawing import Picture
from gymnasium import spaces
from gymnasium.utils import seeding
from pettingzoo.utils.env import AECEnv
from rules import AGENTS, FACTOR, Rounds

CHANGES = (-1, 1, -5, 5)
GIVE = 4


class TrustGame(AECEnv):
    """Actions: 0 one less, 1 one more, 2 five less, 3 five more, 4 give. Whoever sends first is drawn by lot.

    What an agent sees, int16: round (from 0), own part (1 sends, 0 receives), on turn (1, 0), what was sent (-1: not
    yet), the amount they are about to give (-1: that is up to the other), the most that can be, own and other's points.
    """

    metadata = {"name": "trust_game"}

    def __init__(self, rounds=4):
        super().__init__()
        self.rounds = rounds
        self.possible_agents = list(AGENTS)
        self.picture = Picture(rounds)
        self.observation_spaces = {agent: spaces.Box(-1, 9999, (8,), np.int16) for agent in AGENTS}
        self.action_spaces = {agent: spaces.Discrete(GIVE + 1) for agent in AGENTS}

    def observation_space(self, agent):
        return self.observation_spaces[agent]

    def action_space(self, agent):
        return self.action_spaces[agent]

    def reset(self, seed=None, options=None):
        self.np_random, _ = seeding.np_random(seed)
        self.game = Rounds(AGENTS[int(self.np_random.integers(2))], self.rounds)
        self.agents = list(AGENTS)
        self.agent_selection = self.game.on_turn
        self.rewards = dict.fromkeys(AGENTS, 0)
        self._cumulative_rewards = dict.fromkeys(AGENTS, 0)
        self.terminations = dict.fromkeys(AGENTS, False)
        self.truncations = dict.fromkeys(AGENTS, False)
        self.tell(None)
        self.picture.start()

    def step(self, action):
        agent, game = self.agent_selection, self.game
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[agent] = 0
        self._clear_rewards()
        gave = (agent, game.sent, game.offer) if action == GIVE else None
        if gave is None:
            game.change(CHANGES[int(action)])
        else:
            gains = game.give()
            self.rewards = gains or self.rewards
        if game.over:
            self.terminations = dict.fromkeys(AGENTS, True)
        self.agent_selection = game.on_turn
        self.tell(gave)
        self._accumulate_rewards()

    def tell(self, gave):
        """Infos: the round, what was sent or given back in this step (-1: nothing was), and whose turn is next."""
        rounds = len(self.game.history)
        part = None if gave is None else "sent" if gave[1] is None else "returned"
        for_all = {"rounds": rounds, "sent": gave[2] if part == "sent" else -1}
        for_all["returned"] = gave[2] if part == "returned" else -1
        self.infos = {agent: {**for_all, "turn": agent == self.agent_selection} for agent in AGENTS}

    def observe(self, agent):
        game, points = self.game, self.game.points()
        other = AGENTS[1 - AGENTS.index(agent)]
        sent = -1 if game.sent is None else game.sent
        offer = game.offer if agent == game.on_turn else -1
        facts = [len(game.history), agent == game.sender, agent == game.on_turn, sent, offer, game.most]
        return np.array([*facts, points[agent], points[other]], np.int16)

    def render(self, agent=None):
        """`agent` is who looks: they sit at the lower edge of the table."""
        return self.picture.draw(self.game, agent or AGENTS[0], FACTOR)


def make_env(rounds=4):
    return TrustGame(rounds)
