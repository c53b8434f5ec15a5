"""Slime volleyball as published on PyPI, with states in the package's own container, whose numbers are float32."""

import gymnasium
import numpy as np
from gymnasium import spaces
from slime_volleyball.backend.env_state import create_env_state
from slime_volleyball.core.game import SlimeVolleyGame
from slime_volleyball.slimevolley_env import SlimeVolleyEnv

SIDES = ("agent_left", "agent_right")
MOVING = ("agent_left", "agent_right", "ball")


class Published(SlimeVolleyEnv):
    """The package's env as it is, but for its nested observations."""

    def reset(self, *, seed=None, options=None):
        seen, infos = super().reset(seed=seed, options=options)
        return {side: seen[side]["obs"] for side in SIDES}, infos

    def step(self, actions):
        seen, rewards, terminated, truncated, infos = super().step(actions)
        ends = [{side: bool(end[side]) for side in SIDES} for end in (terminated, truncated)]
        return {side: seen[side]["obs"] for side in SIDES}, rewards, *ends, infos

    def render(self):
        return np.zeros((25, 60, 3), np.uint8)


class Rounding(gymnasium.Env):
    """The package's other game, which counts in float64, saved in the container and taken from it again."""

    def __init__(self):
        self.action_space = spaces.Dict({side: spaces.Discrete(6) for side in SIDES})

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.game = SlimeVolleyGame(self.np_random)
        return self._see(), {}

    def step(self, actions):
        for side in SIDES:
            getattr(self.game, side).set_action(SlimeVolleyEnv.action_table[actions[side]])
        result = self.game.step()
        rewards = {"agent_left": float(-result), "agent_right": float(result)}
        over = dict.fromkeys(SIDES, result != 0)
        return self._see(), rewards, over, dict.fromkeys(SIDES, False), {}

    def render(self):
        return np.zeros((25, 60, 3), np.uint8)

    def _see(self):
        return {side: getattr(self.game, side).get_observation() for side in SIDES}

    def get_state(self):
        ball = self.game.ball
        agents = [getattr(self.game, side) for side in SIDES]
        return create_env_state(
            ball_pos=np.array([ball.x, ball.y], np.float32),
            ball_vel=np.array([ball.vx, ball.vy], np.float32),
            ball_prev_pos=np.array([ball.prev_x, ball.prev_y], np.float32),
            agent_pos=np.array([[agent.x, agent.y] for agent in agents], np.float32),
            agent_vel=np.array([[agent.vx, agent.vy] for agent in agents], np.float32),
            agent_desired_vel=np.array([[agent.desired_vx, agent.desired_vy] for agent in agents], np.float32),
            agent_life=np.array([agent.life for agent in agents], np.int32),
            agent_powerup_avail=None,
            agent_powerup_timer=None,
            delay_life=self.game.delay_screen.life,
            time=0,
            done=False,
            rng_key=None,
        )

    def set_state(self, state):
        ball = self.game.ball
        ball.x, ball.y = map(float, state.ball_pos)
        ball.vx, ball.vy = map(float, state.ball_vel)
        ball.prev_x, ball.prev_y = map(float, state.ball_prev_pos)
        for index, side in enumerate(SIDES):
            agent = getattr(self.game, side)
            agent.x, agent.y = map(float, state.agent_pos[index])
            agent.vx, agent.vy = map(float, state.agent_vel[index])
            agent.desired_vx, agent.desired_vy = map(float, state.agent_desired_vel[index])
            agent.life = int(state.agent_life[index])
        self.game.delay_screen.life = state.delay_life
        left, right = (getattr(self.game, side) for side in SIDES)
        left.update_state(ball, right)
        right.update_state(ball, left)


def make_env(saves_itself):
    return Rounding() if saves_itself else Published()
