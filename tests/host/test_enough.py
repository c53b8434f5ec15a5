"""A game that ends when enough is reached, to its tables: stepped on the host, and by two members' own pages."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from tests.host.conftest import PAIR, StartEngine, table

ENV = """
from gymnasium import Env, spaces
from igym import Surface

class Game(Env):
    observation_space = spaces.Discrete(10)
    action_space = spaces.Discrete(2)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return 0, {}

    def step(self, action):
        self.t += 1
        return self.t % 10, 0.5, self.t >= 10, False, {}

    def render(self):
        return Surface(50, 50)

env = Game()
"""
STUDY = """
from igym import EndScene, Experiment, GymScene, Human, Reached

game = (
    GymScene("game").environment(file="env.py").policies({"agent_0": Human})
    .gameplay(action_mapping={"ArrowLeft": 0}, countdown_s=0, until=Reached(12), num_episodes=9)
    .runtime(where="host")
)
experiment = Experiment("enough", stager=[game, EndScene("end")])
"""


async def test_a_game_on_the_host_is_played_until_the_score_suffices(start_engine: StartEngine) -> None:
    engine = await start_engine(STUDY, {"env.py": ENV})
    end: Any = await SimulatedParticipant(engine.join_url, Behaviour()).run(limit_s=120)
    assert end.outcome == "finished"
    await engine.stop("the end of the test")
    episodes = table(engine, "episodes.csv")
    assert [(row["episode"], row["frames"], row["score"]) for row in episodes] == [
        ("0", "10", "5.0"),
        ("1", "10", "5.0"),
        ("2", "10", "5.0"),
    ]
    [match] = table(engine, "matches.csv")
    assert (match["outcome"], match["parity"]) == ("complete", "identical")
    command = [sys.executable, "-m", "igym.cli", "verify", str(Path(engine.folder)), "--browser", "none"]
    verified = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr


async def test_a_function_ends_a_game_for_both_members_alike(start_engine: StartEngine) -> None:
    study = PAIR.replace("num_episodes=2", "num_episodes=7, until=enough").replace(
        "experiment = ", "def enough(context):\n    return context.episodes == 3\n\nexperiment = "
    )
    engine = await start_engine(study)
    people = [SimulatedParticipant(engine.join_url, Behaviour(frames=40, seed=number)) for number in range(2)]
    ends: list[Any] = await asyncio.gather(*(person.run(limit_s=120) for person in people))
    assert {end.outcome for end in ends} == {"finished"}
    await engine.stop("the end of the test")
    rows = table(engine, "episodes.csv")
    assert sorted((row["episode"], row["frames"], row["parity"]) for row in rows) == sorted(
        [(str(episode), "40", "identical") for episode in range(3)] * 2
    )
    assert {row["outcome"] for row in table(engine, "matches.csv")} == {"complete"}
