"""A design over parameters of one env, to its rows, tables and replays: one scene, one design."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from tests.host.conftest import StartEngine, table

ENV = """
from gymnasium import Env, spaces
from igym import Surface

class Game(Env):
    observation_space = spaces.Discrete(10)
    action_space = spaces.Discrete(2)

    def __init__(self, speed, size):
        self.speed, self.size = speed, size

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.t, self.layout = 0, options["layout"]
        return 0, {}

    def step(self, action):
        self.t += 1
        info = {"speed": self.speed, "size": self.size, "layout": self.layout}
        return self.t % 10, self.speed, self.t >= 20, False, info

    def render(self):
        return Surface(50, 50)

def make_env(**config):
    return Game(**config)
"""
STUDY = """
from igym import Design, EndScene, Experiment, GymScene, Human, PerEpisode, Value

game = (
    GymScene("game")
    .environment(file="env.py", config={"speed": Value("speed"), "size": 3, "layout": PerEpisode(["open", "ring"])})
    .policies({"agent_0": Human})
    .gameplay(action_mapping={"ArrowLeft": 0}, default_action=0, num_episodes=2, countdown_s=0, reset_freeze_s=0)
    .runtime(where="host")
)
experiment = Experiment("speeds", design=Design({"speed": [0.5, 2]}, cell_limit=1), stager=[game, EndScene("end")])
"""


async def test_a_design_over_an_envs_parameters_is_in_rows_tables_and_replays(start_engine: StartEngine) -> None:
    engine = await start_engine(STUDY, {"env.py": ENV})
    people = [SimulatedParticipant(engine.join_url, Behaviour(seed=number)) for number in range(2)]
    ends: list[Any] = await asyncio.gather(*(person.run(limit_s=120) for person in people))
    assert {end.outcome for end in ends} == {"finished"}
    await engine.stop("the end of the test")

    speeds = {row["participant"]: row["condition.speed"] for row in table(engine, "participants.csv")}
    assert sorted(speeds.values()) == ["0.5", "2"]
    matches = table(engine, "matches.csv")
    assert {row["participant"]: row["config.speed"] for row in matches} == speeds
    episodes = table(engine, "episodes.csv")
    assert [row["config.layout"] for row in episodes] == ["open", "ring"] * 2
    assert all(float(row["score"]) == 20 * float(speeds[row["participant"]]) for row in episodes)

    command = [sys.executable, "-m", "igym.cli", "verify", str(Path(engine.folder)), "--browser", "none"]
    verified = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
