"""A scene with one network for seats nobody came for and another for players who are gone: each acts in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest

from igym import GymScene, Human, Onnx
from igym.core.match import Match
from igym.experiment.bundle import game_bundle
from igym.host.export.exporter import Exporter
from igym.host.export.kept_games import game_facts
from igym.host.hostenv.child import open_env
from igym.host.hostenv.facts import run_facts
from igym.host.hostenv.inputs import ABSENT
from igym.host.programs.check_main import run_checks
from igym.host.replay.files import find_replays
from igym.host.replay.told import match_json
from igym.host.replay.verify import verify
from igym.host.store.store_reader import StoreReader
from igym.host.studies.env_bridge import bridge_config, open_bridge
from igym.host.studies.sources import keep_sources
from tests.core.experiments import make
from tests.core.world import World
from tests.host.conftest import write_experiment
from tests.host.export.store_builder import StoreBuilder
from tests.networks import write_constant

ENV = """
from gymnasium.spaces import Discrete


class Walk:
    possible_agents = ["left", "right"]
    action_spaces = {"left": Discrete(3), "right": Discrete(3)}

    def reset(self, seed=None):
        self.agents = list(self.possible_agents)
        self.at = {"left": 0, "right": 0}
        return {agent: [self.at[agent]] for agent in self.agents}, {agent: {} for agent in self.agents}

    def step(self, actions):
        for agent, action in actions.items():
            self.at[agent] += action
        no = dict.fromkeys(self.agents, False)
        return {agent: [self.at[agent]] for agent in self.agents}, dict.fromkeys(self.agents, 0), no, no, {}


def make_env():
    return Walk()
"""
EXPERIMENT = """
from igym import Experiment, Stager, GymScene, EndScene, Human, Onnx

experiment = Experiment(id="walk", title="Walk", stager=Stager([
    GymScene("walk").environment(file="env.py").policies({"left": Human, "right": Human})
    .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0)
    .waitroom(on_timeout="bot", timeout_bot=Onnx("late.onnx", frame_skip=1))
    .multiplayer(reconnection={"on_timeout": "bot", "bot": Onnx("nets/lost.onnx", frame_skip=1)}),
    EndScene("end"),
]))
"""
STEP, CONFIRM, SEED = 3, 4, 5
LATE, LOST = 1, 2


def scene(where: str = "browser") -> GymScene:
    return (
        GymScene("walk")
        .environment(file="env.py")
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0)
        .runtime(where=where)
        .waitroom(timeout_s=20, on_timeout="bot", timeout_bot=Onnx("late.onnx", frame_skip=1))
        .multiplayer(reconnection={"on_timeout": "bot", "bot": Onnx("nets/lost.onnx", frame_skip=1)})
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = write_experiment(tmp_path / "study", EXPERIMENT, {"env.py": ENV})
    (folder / "nets").mkdir()
    write_constant(folder / "late.onnx", LATE)
    write_constant(folder / "nets" / "lost.onnx", LOST)
    return folder


def formed(people: int, where: str = "host") -> tuple[World, Match]:
    """A match of so many people; with one, nobody else came in time."""
    world = World(make(scene(where)))
    world.arrive(people)
    if people == 1:
        world.run(25)
    return world, next(iter(world.session.state.matches.values()))


def played(bridge: Any, inputs: list[list[int]]) -> dict[str, Any]:
    """What a browser would send of an episode with these inputs."""
    bridge.prepare(False)
    bridge.reset(SEED, 0)
    for frame, row in enumerate(inputs):
        bridge.run([STEP, frame, *row, CONFIRM, frame])
    packed = bridge.take_batch(json.dumps({"scene": "walk", "visit": 1, "match": "m1"}), "{}")
    batch: dict[str, Any] = msgpack.unpackb(packed)
    return batch


def seats(match: Match) -> tuple[str, str]:
    """The first player's agent, and the other one."""
    own = match.seats[0].agent
    return own, "right" if own == "left" else "left"


def test_browsers_are_sent_both_networks(study: Path) -> None:
    bundle = game_bundle(scene(), study)
    assert bundle["onnx"] == {"late.onnx": "/assets/late.onnx", "nets/lost.onnx": "/assets/nets/lost.onnx"}


@pytest.mark.parametrize(("people", "expected"), [(1, LATE), (2, LOST)])
def test_a_match_on_the_host_takes_the_right_one(study: Path, people: int, expected: int) -> None:
    world, match = formed(people)
    StoreBuilder(study.parent).close()
    order = run_facts(world.session, match, study.parent / "session.sqlite3", "s1").order
    parity = played(open_env(json.loads(json.dumps(order)), str(study)), [[0, ABSENT][:people]] * 4)["parity"]
    own, other = seats(match)
    assert parity[f"actions.{own}"] == [0] * 4
    assert parity[f"actions.{other}"] == [expected] * 4


def test_the_check_tries_a_stand_in_with_a_network(study: Path) -> None:
    result = run_checks(study, None, 60, 1, None)
    assert result["ok"], result


@pytest.fixture
def recorded(study: Path, tmp_path: Path) -> Path:
    """A data folder with one match of somebody for whom nobody else came."""
    data = tmp_path / "data"
    data.mkdir()
    _, match = formed(1, "browser")
    own, other = seats(match)
    games = game_facts({"walk": game_bundle(scene(), study)}, {}, "runtime")
    keep_sources(study, data / "experiment" / "s1", {"run": {"session": "s1"}, **games})
    config = bridge_config(scene().client_spec(), [own], SEED, None, match.fixed)
    batch = played(open_bridge(study, config), [[frame % 3] for frame in range(12)])
    assert batch["parity"][f"actions.{other}"] == [LATE] * 12
    builder = StoreBuilder(data).session("s1").record("joined", "p1", label="p1")
    players = [{"player": 0, "agent": own, "participant": "p1"}]
    builder.record("match_formed", None, "m1", "walk", players=players, bots=match.bots, seed=SEED, fixed=match.fixed)
    builder.batch("p1", batch).close()
    with StoreReader(data / "session.sqlite3") as reader:
        exporter = Exporter(reader, data, "s1")
        exporter.export_match("m1")
        exporter.export_tables()
    return data


def test_a_replay_knows_which_bot_sat_in_the_empty_seat(recorded: Path) -> None:
    found = verify(recorded, None, None, lambda *_: None, lambda: False)
    assert [episode["result"] for episode in found.episodes] == ["identical"]
    (replay,) = find_replays(recorded)
    (bot,) = match_json(replay)["fixed"]["bot_policies"].values()
    assert bot["path"] == "late.onnx"
