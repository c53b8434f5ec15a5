"""Tapping together as an env with the agents "person" and "partner", and its picture: two drums, without a word."""

import math

import numpy as np
from gymnasium import spaces
from tapping import BEAT, PLAYERS, TICKS, TOGETHER, Tapping

from igym.rendering import Surface

WIDTH, HEIGHT = 640, 360
PLACES = {"person": (205, 190), "partner": (435, 190)}
SKINS = {"person": "#2a9d8f", "partner": "#e9a23b"}
RIMS = {"person": "#1b665d", "partner": "#9c6617"}
DRUM, RING_FRAMES = 78, 14


class TapTogether:
    """A Gymnasium env with a dict of actions: 0 nothing, 1 the key is down. A point for both when they tap together."""

    def __init__(self, beats=40):
        self.game = Tapping(beats)
        self.surface = Surface(WIDTH, HEIGHT)
        last = (TICKS + beats + 1) * BEAT
        self.observation_space = spaces.Dict({name: spaces.Box(-1, last, (3,), np.int32) for name in PLAYERS})
        self.action_space = spaces.Dict({name: spaces.Discrete(2) for name in PLAYERS})

    def reset(self, *, seed=None, options=None):
        self.game.start()
        self.surface.reset()
        self.draw_room()
        return self.observations(), self.infos()

    def step(self, actions):
        game = self.game
        if game.ticks:
            self.surface.sound("tick")
        for name in game.step({name: int(actions[name]) for name in PLAYERS}):
            self.surface.sound(name)
        met = game.asynchrony is not None and abs(game.asynchrony) <= TOGETHER
        over, never = dict.fromkeys(PLAYERS, game.over), dict.fromkeys(PLAYERS, False)
        return self.observations(), dict.fromkeys(PLAYERS, int(met)), over, never, self.infos()

    def observations(self):
        return {name: np.array(self.game.seen_by(name), np.int32) for name in PLAYERS}

    def infos(self):
        game = self.game
        return {name: {"taps": game.taps[name], "asynchrony": game.asynchrony} for name in PLAYERS}

    def draw_room(self):
        s = self.surface
        s.rect(0, 0, WIDTH, HEIGHT, "#232a3b", id="wall", persistent=True, depth=-9)
        s.rect(0, 268, WIDTH, HEIGHT - 268, "#1a2030", id="floor", persistent=True, depth=-8)
        for name, (x, y) in PLACES.items():
            s.ellipse(x, y + 92, DRUM + 6, 14, "#10141f", alpha=0.6, id=f"{name} shadow", persistent=True, depth=-7)
            s.circle(x, y, DRUM + 8, RIMS[name], id=f"{name} rim", persistent=True, depth=-6)

    def render(self):
        self.draw_ticks()
        for name in PLAYERS:
            self.draw_drum(name)
        share = min(1, self.game.frame / ((TICKS + self.game.beats) * BEAT))
        self.surface.rect(0, HEIGHT - 6, max(1, WIDTH * share), 6, "#5d6b8a", id="time", depth=5)
        return self.surface.commit()

    def draw_drum(self, name):
        s, (x, y) = self.surface, PLACES[name]
        since = self.game.frame - self.game.last[name] if self.game.last[name] >= 0 else RING_FRAMES
        struck = max(0.0, 1 - since / RING_FRAMES)
        s.circle(x, y, DRUM - 5 * struck, SKINS[name], stroke="#f3ead7", line_width=2 + 5 * struck, id=name, depth=1)
        if struck:
            s.circle(x, y, DRUM + 8 + since * 2.5, None, stroke="#f3ead7", line_width=3, alpha=round(0.7 * struck, 3),
                     id=f"{name} ring", depth=2)  # fmt: skip

    def draw_ticks(self):
        """One light for each tick; they are out when the two are on their own."""
        for number in range(TICKS):
            x = WIDTH / 2 + (number - (TICKS - 1) / 2) * 26
            since = self.game.frame - number * BEAT
            lit = 0 <= since < BEAT and self.game.frame < TICKS * BEAT
            size = 6 + (4 * math.exp(-since / 8) if lit else 0)
            color = "#f3ead7" if lit else "#5d6b8a" if since < 0 else "#343d54"
            self.surface.circle(x, 46, round(size, 2), color, id=f"tick {number}", depth=1)


def make_env(beats=40):
    return TapTogether(beats)
