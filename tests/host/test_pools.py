"""A pool of bots with reactions and noise, each episode another: to its tables and a replay that goes the same way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from igym.experiment.study_layout import write_document
from igym.experiment.study_python import to_python
from igym.experiment.study_read import from_text
from igym.experiment.study_write import to_document
from igym.host.session import session_start
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from tests.host.conftest import StartEngine, table

ENV = """
from gymnasium import spaces
from igym import Surface
from pettingzoo import ParallelEnv

class Game(ParallelEnv):
    metadata = {"name": "game", "render_modes": ["igym"]}
    render_mode = "igym"
    possible_agents = ["person", "bot"]

    def observation_space(self, agent):
        return spaces.Discrete(100)

    def action_space(self, agent):
        return spaces.Discrete(9)

    def reset(self, seed=None, options=None):
        self.agents, self.t = list(self.possible_agents), 0
        return dict.fromkeys(self.agents, 0), {agent: {} for agent in self.agents}

    def step(self, actions):
        self.t += 1
        over = dict.fromkeys(self.agents, self.t >= 20)
        rewards = {agent: float(actions["bot"]) for agent in self.agents}
        seen, infos = dict.fromkeys(self.agents, self.t), {agent: {} for agent in self.agents}
        agents, self.agents = self.agents, [] if self.t >= 20 else self.agents
        return seen, rewards, over, dict.fromkeys(agents, False), infos

    def render(self):
        return Surface(50, 50)

def make_env(**config):
    return Game(**config)
"""
BOTS = """
def low(observation, agent, rng, memory):
    return 1

def high(observation, agent, rng, memory):
    return 8
"""
STUDY = """
from igym import EndScene, Experiment, GymScene, Human, Pool, Python, Random

members = [Python("bots.py:low", noise=0.2), Python("bots.py:high", delay_frames=4, frame_skip=1), Random(5)]
game = (
    GymScene("game").environment(file="env.py")
    .policies({"person": Human, "bot": Pool(members, per="episode", balanced=True)})
    .gameplay(action_mapping={"ArrowLeft": 0}, default_action=0, num_episodes=3, countdown_s=0)
    .runtime(where="host")
)
experiment = Experiment("pools", stager=[game, EndScene("end")])
"""


async def test_each_episode_is_played_by_its_own_bot_to_tables_and_replays(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of all that is drawn, the noise too: how much a bot scores is the same in each run.
    drawn = SimpleNamespace(randbits=lambda bits: 9, token_hex=lambda size: "0000")
    monkeypatch.setattr(session_start, "secrets", drawn)
    engine = await start_engine(STUDY, {"env.py": ENV, "bots.py": BOTS})
    end: Any = await SimulatedParticipant(engine.join_url, Behaviour()).run(limit_s=120)
    assert end.outcome == "finished"
    await engine.stop("the end of the test")
    episodes = table(engine, "episodes.csv")
    played = {row["policy.bot"]: float(row["score"]) for row in episodes}
    assert set(played) == {"bots.py:low", "bots.py:high", "random"}
    assert played["bots.py:high"] == 160 and 20 < played["bots.py:low"] < 100
    [match] = table(engine, "matches.csv")
    assert match["policy.bot"] == "; ".join(row["policy.bot"] for row in episodes)
    assert match["parity"] == "identical"
    command = [sys.executable, "-m", "igym.cli", "verify", str(Path(engine.folder)), "--browser", "none"]
    verified = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("policy", ['"random"', '{ kind = "onnx", path = "a.onnx", noise = 0.5 }'])
def test_a_pool_is_written_as_data_and_as_python(policy: str) -> None:
    text = f"""
id = "pools"
order = ["game", "end"]

[scenes.game]
kind = "gym"

[scenes.game.environment]
file = "env.py"

[scenes.game.policies]
mapping = [
    {{ agent = "person", policy = "human" }},
    {{ agent = "bot", policy = {{ kind = "pool", policies = [{policy}, "random"], per = "episode" }} }},
]

[scenes.end]
kind = "end"
"""
    study = from_text(text)
    assert from_text(write_document(to_document(study))) == study
    names: dict[str, Any] = {}
    exec(to_python(study), names)
    assert names["experiment"].to_json() == study.to_json()
