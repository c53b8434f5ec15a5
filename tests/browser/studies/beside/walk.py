import gymnasium
from gymnasium import spaces

from igym.rendering import Surface


class Walk(gymnasium.Env):
    """A dot that goes left and right; where it is says what was decided so far."""

    action_space = spaces.Discrete(3)
    observation_space = spaces.Box(-999, 999, (1,), int)

    def __init__(self):
        self.surface = Surface(400, 80)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.x = int(self.np_random.integers(-5, 5))
        return [self.x], {}

    def step(self, action):
        self.x += action - 1
        return [self.x], float(action), False, False, {}

    def render(self):
        self.surface.rect(0, 0, 400, 80, color="#10243a", depth=-1)
        self.surface.circle(200 + self.x, 40, 9, color="white", id="dot")
        return self.surface


env = Walk()
