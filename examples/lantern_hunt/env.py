"""The lantern hunt as a PettingZoo parallel env. It runs on the host: what lies in the dark never reaches a browser."""

from __future__ import annotations

import random
from typing import Any

from game import COLUMNS, MOVES, ROWS, START, Wood
from gymnasium.spaces import Box, Discrete

from igym.rendering import Surface

TILE = 44
COLOURS = {"amber": "#ffb53d", "violet": "#b48bff"}


class LanternHunt:
    """Each agent moves one tile every `moves_every` frames; 1 point for each mushroom, for both."""

    metadata = {"name": "lantern_hunt"}

    def __init__(self, mushrooms: int = 12, trees: int = 16, frames: int = 900, moves_every: int = 3) -> None:
        self.possible_agents = list(START)
        self.agents: list[str] = []
        self.mushrooms, self.trees, self.frames, self.moves_every = mushrooms, trees, frames, moves_every
        self.sheets = {agent: Surface(COLUMNS * TILE, ROWS * TILE) for agent in START}
        self.wood = Wood(mushrooms, trees, random.Random(0))
        self.frame = 0

    def action_space(self, agent: str) -> Discrete:
        return Discrete(len(MOVES))

    def observation_space(self, agent: str) -> Box:
        return Box(0, max(COLUMNS, ROWS), (4,))

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        self.agents = list(self.possible_agents)
        self.wood = Wood(self.mushrooms, self.trees, random.Random(seed))
        self.frame = 0
        for sheet in self.sheets.values():
            sheet.reset()
        return self._seen(), {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        found = 0
        for agent, action in actions.items():
            if self.frame % self.moves_every == 0 and self.wood.move(agent, int(action)):
                found += 1
        self.frame += 1
        done = not self.wood.mushrooms
        late = self.frame >= self.frames
        result = (
            self._seen(),
            dict.fromkeys(self.agents, found),
            dict.fromkeys(self.agents, done),
            dict.fromkeys(self.agents, late and not done),
            {agent: {"found": self.wood.found[agent], "left": len(self.wood.mushrooms)} for agent in self.agents},
        )
        if done or late:
            self.agents = []
        return result

    def _seen(self) -> dict[str, list[int]]:
        """Own place, and how many mushrooms and trees the own lantern shows."""
        wood = self.wood
        return {
            agent: [
                *wood.places[agent],
                sum(wood.lit(agent, place) for place in wood.mushrooms),
                sum(wood.lit(agent, place) for place in wood.trees),
            ]
            for agent in self.possible_agents
        }

    def render(self, agent: str | None = None) -> Any:
        """What this agent's lantern shows; the other is seen where the light falls on them."""
        me = agent or self.possible_agents[0]
        sheet, wood = self.sheets[me], self.wood
        for x in range(COLUMNS):
            for y in range(ROWS):
                if wood.lit(me, (x, y)):
                    self._tile(sheet, (x, y), wood.light(me, (x, y)))
        for other, place in wood.places.items():
            if wood.lit(me, place):
                self._person(sheet, other, place)
        return sheet.commit()

    def _tile(self, sheet: Surface, place: tuple[int, int], light: float) -> None:
        x, y = place[0] * TILE, place[1] * TILE
        name = f"{place[0]}-{place[1]}"
        sheet.rect(x, y, TILE, TILE, "#2f5a3f", id=f"ground {name}", alpha=light)
        if place in self.wood.trees:
            sheet.rect(x + 19, y + 24, 7, 17, "#6b4a2f", id=f"trunk {name}", depth=1, alpha=light)
            sheet.circle(x + 22, y + 18, 15, "#3f7a4b", id=f"crown {name}", depth=1, alpha=light)
        if place in self.wood.mushrooms:
            sheet.rect(x + 19, y + 22, 7, 12, "#f3e8d8", id=f"stem {name}", depth=1, radius=3, alpha=light)
            sheet.ellipse(x + 22, y + 20, 11, 8, "#d8503f", id=f"cap {name}", depth=1, alpha=light)

    def _person(self, sheet: Surface, agent: str, place: tuple[int, int]) -> None:
        x, y = (place[0] + 0.5) * TILE, (place[1] + 0.5) * TILE
        sheet.circle(x, y, 14, COLOURS[agent], id=agent, depth=2, stroke="#fff6d8", line_width=2)
        sheet.circle(x + 9, y + 8, 5, "#fff3b0", id=f"lantern of {agent}", depth=3)


def make_env(**config: Any) -> LanternHunt:
    return LanternHunt(**config)
