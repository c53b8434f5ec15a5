"""A game of two on the host, in which whatever may go wrong can be ordered, and what its simulated pages saw."""

from __future__ import annotations

import asyncio
import csv
from typing import Any

from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.host_page import HostPage
from igym.host.simulate.participant import SimulatedParticipant
from igym.protocol.server import Closed
from tests.host.conftest import StartEngine
from tests.parity import shared
from tests.waiting import LIMIT_S

ENV = """
import os
import random
import time
from gymnasium.spaces import Discrete
from igym.rendering import Surface

class Chase:
    possible_agents = ["left", "right"]

    def __init__(self, trouble=None, at=20, length=10_000):
        self.trouble, self.at, self.length = trouble, at, length
        self.surface = Surface(200, 100)

    def action_space(self, agent):
        return Discrete(3, start=-1)

    def reset(self, seed=None, options=None):
        if self.trouble == "slow reset":
            time.sleep(60)
        self.agents = list(self.possible_agents)
        self.random = random.Random(seed)
        self.steps, self.x = 0, {"left": 20, "right": 180}
        self.surface.reset()
        self.surface.rect(0, 90, 200, 10, "green", id="floor", persistent=True)
        return self.seen(), {agent: {} for agent in self.agents}

    def seen(self):
        return {agent: [self.x["left"], self.x["right"], self.steps] for agent in self.possible_agents}

    def step(self, actions):
        self.steps += 1
        for agent, action in actions.items():
            self.x[agent] = max(0, min(200, self.x[agent] + 5 * (action or 0)))
        if self.steps == self.at:
            self.misbehave()
        over = self.steps >= self.length
        rewards = {"left": self.random.random(), "right": 1}
        flags = {agent: over for agent in self.agents}
        infos = {agent: {"met": True} if self.steps % 7 == 0 else {} for agent in self.agents}
        return self.seen(), rewards, flags, {agent: False for agent in self.agents}, infos

    def misbehave(self):
        if self.trouble == "error":
            raise KeyError("the ball is lost")
        if self.trouble == "exit":
            print("about to leave", flush=True)
            os._exit(7)
        if self.trouble == "hang":
            while True:
                pass

    def render(self, agent=None):
        for name, x in self.x.items():
            self.surface.circle(x, 50, 8, "red", id=name)
        self.surface.text(100, 20, f"step {self.steps // 10}", id="words")
        if self.steps % 5 == 0:
            self.surface.sound("tick")
        return self.surface.commit()

def make_env(**config):
    return Chase(**config)
"""

CHASE = """
from igym import Experiment, Stager, GymScene, EndScene, Human

experiment = Experiment(
    id="chase", title="Chase",
    stager=Stager([
        GymScene("chase")
            .environment(file="env.py", config=CONFIG, seed=5)
            .policies({"left": Human, "right": Human})
            .rendering(fps=60, width=200, height=100)
            .runtime(where="host", step_limit_s=STEP_LIMIT_S, reset_limit_s=RESET_LIMIT_S)
            .gameplay(action_mapping={"ArrowLeft": -1, "ArrowRight": 1}, default_action=0, num_episodes=2,
                      max_steps=MAX_STEPS, countdown_s=0)
            .waitroom(timeout_s=60, countdown_s=0)
            .multiplayer(reconnection=RECONNECTION),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""


def chase(config: dict[str, Any] | None = None, max_steps: int = 90, **reconnection: Any) -> str:
    trouble = (config or {}).get("trouble")
    # Short for the one call that never returns; all others may take what a busy computer takes.
    text = CHASE.replace("STEP_LIMIT_S", "1.0" if trouble == "hang" else str(LIMIT_S))
    text = text.replace("RESET_LIMIT_S", "1.0" if trouble == "slow reset" else str(LIMIT_S))
    text = text.replace("CONFIG", repr(config or {})).replace("MAX_STEPS", str(max_steps))
    return text.replace("RECONNECTION", repr({"timeout_s": 1.0, **reconnection}))


async def begun(start_engine: StartEngine, source: str, **options: Any) -> Engine:
    return await start_engine(source, {"env.py": ENV}, **options)


def two(engine: Engine, *behaviours: Behaviour) -> list[SimulatedParticipant]:
    given = behaviours or (Behaviour(seed=1), Behaviour(seed=2))
    return [SimulatedParticipant(engine.join_url, behaviour) for behaviour in given]


async def played(people: list[SimulatedParticipant]) -> list[Closed]:
    return await asyncio.gather(*(person.run() for person in people))


def page(person: SimulatedParticipant) -> HostPage:
    return next(iter(person.pages.values()))


def frames_shown(person: SimulatedParticipant) -> int:
    return len(page(person).frames) if person.pages else 0


def last_frame_shown(person: SimulatedParticipant) -> int:
    return max(frame for _, frame in page(person).frames)


def parity_rows(engine: Engine, person: SimulatedParticipant, episode: int) -> list[dict[str, str]]:
    path = engine.folder / "chase" / f"{person.client.participant}_ep{episode}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return [shared(row) for row in csv.DictReader(file)]


def local_column(engine: Engine, person: SimulatedParticipant, name: str) -> list[str]:
    path = engine.folder / "chase" / f"{person.client.participant}_ep0.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return [row[f"local.{name}"] for row in csv.DictReader(file)]


def assert_same_rows(engine: Engine, people: list[SimulatedParticipant], episode: int) -> int:
    """Every member's parity columns are the same; returns the number of rows."""
    rows = [parity_rows(engine, person, episode) for person in people]
    assert all(other == rows[0] for other in rows[1:])
    assert [int(row["frame"]) for row in rows[0]] == list(range(len(rows[0])))
    return len(rows[0])


def match_row(engine: Engine) -> Any:
    return engine.begun.session.view(engine.clock()).matches[0]


def problem(engine: Engine) -> Any:
    found = [row for row in engine.begun.session.view(engine.clock()).problems if "env on the host" in row.title]
    assert len(found) == 1
    return found[0]
