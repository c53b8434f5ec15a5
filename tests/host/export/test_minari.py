"""Recorded play as Minari sets, read back with Minari itself."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import minari
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Box

import igym
from igym import GymScene, Human, Random, Shared
from igym.agent_env import ENTRY_POINT
from igym.host.base.errors import HostError
from igym.host.demonstrations.recovery import requirements_of
from igym.host.export.exporter import Exporter
from igym.host.files.export_formats import write_format
from igym.host.programs import export_main, withdraw_main
from igym.host.replay.files import Game
from igym.host.store.store_reader import StoreReader
from tests.host.chase import assert_same_rows, begun, chase, parity_rows, played, two
from tests.host.conftest import StartEngine
from tests.host.export.played import PlayedStudy


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, *asked: str) -> Exporter:
    """The sets of the folder's only session; Minari looks for them where they are."""
    with StoreReader(folder / "session.sqlite3") as reader:
        session = reader.sessions()[-1].id
        exporter = Exporter(reader, folder, session, simulated=True, asked=frozenset(asked))
        write_format(exporter, "minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(folder / "exports" / session / "minari"))
    return exporter


async def test_play_of_two_becomes_a_set_for_each_agent(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await begun(start_engine, chase())
    people = two(engine)
    await played(people)
    await engine.stop("all done")
    assert assert_same_rows(engine, people, 0) == 90

    exporter = written(engine.folder, monkeypatch, "joint")
    assert exporter.failures == []
    names = set(minari.list_local_datasets())
    assert names == {f"igym/chase/chase/{agent}-v0" for agent in ("left", "right", "all-agents")}
    left = minari.load_dataset("igym/chase/chase/left-v0")
    assert (left.total_episodes, left.total_steps) == (2, 180)
    first = left[0]
    rows = parity_rows(engine, people[0], 0)
    assert len(first.observations) == 91 and len(first.actions) == 90
    assert [int(action) for action in first.actions] == [int(row["actions.left"]) for row in rows]
    assert list(first.observations[0]) == [20, 180, 0]
    assert [float(obs[0]) for obs in first.observations[1:]] == [float(row["observations.left.0"]) for row in rows]
    assert first.rewards.tolist() == [float(row["rewards.left"]) for row in rows]
    assert first.infos["partner.right"][:90].tolist() == [float(row["actions.right"]) for row in rows]
    assert first.infos["frame"].tolist() == list(range(91))
    assert first.truncations.tolist() == [False] * 89 + [True] and not first.terminations.any()
    assert isinstance(left.action_space.n, np.integer) and left.action_space.start == -1
    told = next(iter(left.storage.get_episode_metadata([0])))
    who = told["participant"]
    assert who in {person.client.participant for person in people} and told["exact"] and told["outcome"] == "complete"
    assert told["partners"][0][1:] == ["right", "human"] and told["source_sha256"]
    right = next(iter(minari.load_dataset("igym/chase/chase/right-v0").storage.get_episode_metadata([0])))
    assert right["episode_key"] == told["episode_key"] and right["participant"] != who

    both = minari.load_dataset("igym/chase/chase/all-agents-v0")[1]
    assert set(both.actions) == set(both.observations) == {"left", "right"}
    assert both.rewards.tolist() == pytest.approx([reward + 1 for reward in both.infos["reward.left"][:-1]])

    env = left.recover_environment(partners={"right": lambda seen: 1})
    observation, _ = env.reset(seed=int(told["episode_seed"]))
    assert observation.tolist() == first.observations[0].tolist() and env.action_space == left.action_space
    observation, reward, _, _, _ = env.step(-1)
    assert observation.tolist() == [15, 185, 1] and reward == first.rewards[0]
    env.close()

    igym.load(engine.folder, simulated=True).to_minari()
    await asyncio.to_thread(withdraw_main.withdraw, engine.folder, engine.begun.id, who, "asked", True)
    assert set(minari.list_local_datasets()) == {"igym/chase/chase/right-v0"}
    assert minari.load_dataset("igym/chase/chase/right-v0").total_episodes == 2
    assert not [path for path in (engine.folder / "exports" / "all-sessions").rglob("*") if path.is_file()]


TURNS = """
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete
from pettingzoo import AECEnv


class Count(AECEnv):
    metadata = {"name": "count"}
    possible_agents = ["first", "second"]

    def observation_space(self, agent):
        return Dict({"observation": Box(0, 50, (2,), np.int16), "action_mask": Box(0, 1, (3,), np.int8)})

    def action_space(self, agent):
        return Discrete(3)

    def reset(self, seed=None, options=None):
        self.agents = self.possible_agents[:]
        self.total, self.moves = 0, 0
        self.agent_selection = "first"
        nought = {agent: 0 for agent in self.agents}
        self.rewards, self._cumulative_rewards = dict(nought), dict(nought)
        self.terminations = {agent: False for agent in self.agents}
        self.truncations = {agent: False for agent in self.agents}
        self.infos = {agent: {} for agent in self.agents}

    def observe(self, agent):
        mask = np.array([0, 1, 1], np.int8)
        return {"observation": np.array([self.total, self.moves], np.int16), "action_mask": mask}

    def step(self, action):
        if self.terminations[self.agent_selection]:
            self.agents.remove(self.agent_selection)
            self.agent_selection = self.agents[0] if self.agents else None
            return
        self.total, self.moves = self.total + action, self.moves + 1
        mine = self.agent_selection
        self.agent_selection = "second" if mine == "first" else "first"
        self.rewards = {mine: action, self.agent_selection: -0.5}
        self.infos = {agent: {"sum": self.total} for agent in self.agents}
        if self.total >= 12:
            self.terminations = {agent: True for agent in self.agents}


env = Count()
"""


def turns() -> GymScene:
    return (
        GymScene("turns")
        .environment(file="env.py")
        .policies({"first": Human, "second": Human})
        .gameplay(action_mapping={"KeyA": 0, "KeyB": 1, "KeyC": 2}, num_episodes=2)
    )


def sometimes(player: int, episode: int, frame: int, seen: Any) -> int:
    """Every third frame somebody presses something, now and then what the rules forbid."""
    return 0 if frame % 3 else 1 + (frame // 3 + player + episode) % 3


def test_turns_become_decisions_and_what_came_between_belongs_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = PlayedStudy(tmp_path, turns(), {"env.py": TURNS})
    who = study.match(sometimes, episodes=2)
    exporter = written(study.data, monkeypatch, "joint")
    assert [problem for problem in exporter.failures if "do not decide in the same frames" not in problem] == []
    assert set(minari.list_local_datasets()) == {f"igym/demo/turns/{agent}-v0" for agent in ("first", "second")}
    with StoreReader(study.builder.path) as reader:
        Exporter(reader, study.data, "s1").export_all()
    rows = igym.load(study.data).rows
    rows = rows[(rows["participant"] == who[1]) & (rows["episode"] == 0)]
    moved = rows[rows["actions.second"].notna()]
    second = minari.load_dataset("igym/demo/turns/second-v0")
    one = second[0]
    told = second.storage.metadata, next(iter(second.storage.get_episode_metadata([0])))
    assert one.actions.tolist() == moved["actions.second"].tolist() and set(one.actions.tolist()) <= {1, 2}
    assert one.infos["frame"][:-1].tolist() == moved["frame"].tolist()
    assert one.rewards.sum() + told[1]["reward_before_first_decision"] == rows["rewards.second"].sum()
    assert told[1]["reward_before_first_decision"] == -0.5
    assert one.terminations.tolist() == [False] * (len(moved) - 1) + [True]
    assert one.observations["observation"].dtype == np.int16 and len(one.observations["observation"]) == len(moved) + 1
    total_after = int(moved.iloc[0]["observations.second.observation.0"])
    assert one.observations["observation"][0].tolist() == [total_after - one.actions[0], 1]
    assert one.infos["sum"][-1] >= 12 and told[0]["requirements"][0].startswith("interactive-gym-desktop==")

    env = second.recover_environment(partners={"first": lambda seen: 2})
    seen, _ = env.reset(seed=1)
    assert seen["observation"].tolist() == [2, 1] and seen["observation"] in env.observation_space["observation"]
    steps = [env.step(np.int64(1)) for _ in range(4)]
    assert [step[0]["observation"][0] for step in steps] == [5, 8, 11, 12]
    assert [step[2] for step in steps] == [False, False, False, True]
    env.close()


WALK = """
import gymnasium
import numpy as np


class Walk(gymnasium.Env):
    {spaces}

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.x = self.np_random.random(70).astype(np.float32)
        self.n = 0
        return self.seen(), {{}}

    def seen(self):
        return {seen}

    def step(self, action):
        self.n += 1
        self.x[0] += action
        return self.seen(), 1.0, self.n >= 9, False, {{"n": self.n}}


env = Walk()
"""
SPACES = "action_space = gymnasium.spaces.Discrete(2)\n    observation_space = gymnasium.spaces.Box(-9, 9, (70,))"


def walk(spaces: str = SPACES, seen: str = "self.x") -> tuple[GymScene, dict[str, str | bytes]]:
    scene = GymScene("walk").environment(file="env.py").policies({"agent_0": Human})
    scene = scene.gameplay(action_mapping={"KeyA": 1}, default_action=0, num_episodes=3)
    return scene, {"env.py": WALK.format(spaces=spaces, seen=seen)}


def by_beat(player: int, episode: int, frame: int, seen: Any) -> int:
    return frame % 2


def test_whole_episodes_of_those_who_stayed_are_in_it_others_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = PlayedStudy(tmp_path, *walk())
    study.match(by_beat, episodes=2, cut=4)
    (excluded,), (gone,) = study.match(by_beat), study.match(by_beat)
    study.builder.record("excluded", excluded, reason="test").record("participant_ended", excluded, outcome="excluded")
    study.builder.record("withdrawn", gone, erase=False)
    exporter = written(study.data, monkeypatch)
    found = minari.load_dataset("igym/demo/walk/agent_0-v0")
    episode = found[0]
    assert found.total_episodes == 1 and exporter.failures == []
    assert episode.observations.shape == (10, 70) and episode.observations.dtype == np.float32
    exporter = written(study.data, monkeypatch, "partial", "excluded")
    everything = minari.load_dataset("igym/demo/walk/agent_0-v0")
    told = list(everything.storage.get_episode_metadata(range(3)))
    assert [(one["participant"][1], one["partial"]) for one in told] == [("0", False), ("0", True), ("1", False)]
    assert len(everything[1].actions) == 4 and everything[1].truncations.tolist() == [False] * 3 + [True]
    assert gone not in {one["participant"] for one in told}


def test_what_was_recorded_wins_over_what_comes_out_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another computer rounds otherwise: its values are what the person saw."""
    study = PlayedStudy(tmp_path, *walk(seen="self.x[:2]", spaces=SPACES.replace("70", "2")))
    batch_of = study.builder.batch

    def otherwise(participant: str, batch: dict[str, Any]) -> Any:
        column = batch["parity"]["observations.agent_0.0"]
        column[3] += 0.25
        return batch_of(participant, {**batch, "checks": "0" * len(batch["checks"]), "chain": "0" * 32})

    study.builder.batch = otherwise  # type: ignore[method-assign]
    study.match(by_beat)
    written(study.data, monkeypatch)
    found = minari.load_dataset("igym/demo/walk/agent_0-v0")
    seen = found[0].observations[:, 0]
    assert np.diff(seen).round(4).tolist() == [0, 1, 0, 1.25, -0.25, 1, 0, 1, 0]
    assert next(iter(found.storage.get_episode_metadata([0])))["exact"] is False


def test_an_episode_that_cannot_be_known_is_told_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = PlayedStudy(tmp_path, *walk())
    batch_of = study.builder.batch
    study.builder.batch = lambda who, batch: batch_of(who, {**batch, "checks": "0" * len(batch["checks"])})  # type: ignore[method-assign]
    study.match(by_beat)
    exporter = written(study.data, monkeypatch)
    assert minari.list_local_datasets() == {}
    assert len(exporter.failures) == 1 and "its observations were not recorded" in exporter.failures[0]


def test_an_env_without_spaces_gets_those_of_its_values(tmp_path: Path) -> None:
    study = PlayedStudy(tmp_path, *walk("action_space = gymnasium.spaces.Discrete(2)", "[float(self.x[0]), self.n]"))
    study.match(by_beat)
    with StoreReader(study.builder.path) as reader:
        Exporter(reader, study.data, "s1").export_all()
    (found,) = igym.load(study.data).to_minari().values()
    assert found.observation_space == Box(-np.inf, np.inf, (2,), np.float64) and found.total_steps == 9
    assert found.storage.metadata["spaces_guessed"] == ["observation_space"]
    env = found.recover_environment()
    assert env.observation_space == found.observation_space and env.reset(seed=3)[0] in env.observation_space
    env.close()
    assert (study.data / "exports" / "all-sessions" / "minari" / "igym").is_dir()


def test_a_set_names_what_pip_has_to_install_for_its_env(tmp_path: Path) -> None:
    lock = [
        {"name": "gymnasium", "version": "1.3.0", "source": "app"},
        {"name": "lzma", "version": "1.0.0", "source": "app"},
        {"name": "cogrid", "version": "0.2.1", "source": "wheel"},
        {"name": "files-of-no-package", "source": "site-packages"},
        {"name": "cpython", "version": "3.11.7 (linux)", "source": "python"},
    ]
    game = Game({}, tmp_path, (), lock)
    assert requirements_of(game, EnvSpec("CartPole-v1")) == ["cogrid==0.2.1", "gymnasium==1.3.0"]
    carried = EnvSpec("igym-demo-v0", entry_point=ENTRY_POINT)
    assert requirements_of(game, carried)[0].startswith("interactive-gym-desktop==")


CART = """
import gymnasium

env = gymnasium.make("CartPole-v1", render_mode="rgb_array", sutton_barto_reward={reward})
{more}
"""


@pytest.mark.parametrize(
    ("reward", "more", "published"),
    [
        (True, "", True),
        (False, "env = gymnasium.wrappers.TransformReward(env, lambda reward: 2 * reward)", False),
    ],
)
def test_a_published_env_comes_back_by_its_id_and_an_altered_one_as_the_game_that_was_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reward: bool, more: str, published: bool
) -> None:
    scene = GymScene("cart").environment(file="env.py").policies({"agent_0": Human})
    scene = scene.gameplay(action_mapping={"ArrowLeft": 0, "ArrowRight": 1}, default_action=0)
    study = PlayedStudy(tmp_path, scene, {"env.py": CART.format(reward=reward, more=more)})
    study.match(lambda player, episode, frame, seen: 1 + int(seen[2] > 0))
    written(study.data, monkeypatch)
    found = minari.load_dataset("igym/demo/cart/agent_0-v0")
    assert (found.spec.env_spec.id == "CartPole-v1") is published
    assert found.spec.env_spec.max_episode_steps >= 500, "d3rlpy makes no env without"
    needs = found.storage.metadata["requirements"]
    assert any(one.startswith("interactive-gym-desktop==") for one in needs) is not published
    episode, told = found[0], next(iter(found.storage.get_episode_metadata([0])))
    env = found.recover_environment()
    seen, _ = env.reset(seed=int(told["episode_seed"]))
    for step, action in enumerate(episode.actions):
        assert np.array_equal(seen, episode.observations[step]) and seen in env.observation_space
        seen, given, terminated, truncated, _ = env.step(action)
        ended = (given, bool(terminated), bool(truncated))
        assert ended == (episode.rewards[step], episode.terminations[step], episode.truncations[step])
    assert terminated and episode.rewards.sum() == (-1.0 if reward else 2.0 * len(episode.actions))
    env.close()


def test_who_acted_and_what_was_said_of_it_are_in_the_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene, files = walk(seen="self.x[:2]", spaces=SPACES.replace("70", "2"))
    scene = scene.policies({"agent_0": Shared(Random(frame_skip=1), takeover=("Space",))})
    scene = scene.gameplay(action_mapping={"KeyA": 1}, default_action=0, feedback={"KeyG": 2.5})
    study = PlayedStudy(tmp_path, scene, files)
    held, good = 2, 4
    study.match(lambda player, episode, frame, seen: (held + 1) * (frame > 4) + good * (frame == 3))
    written(study.data, monkeypatch)
    found = minari.load_dataset("igym/demo/walk/agent_0-v0")[0]
    assert found.infos["actor"].tolist() == ["policy"] * 5 + ["person"] * 4 + [""]
    assert found.actions[5:].tolist() == [1, 1, 1, 1]
    assert found.infos["feedback"][3] == 2.5 and np.isnan(np.delete(found.infos["feedback"], 3)).all()


def test_without_the_library_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = PlayedStudy(tmp_path, *walk())
    study.match(by_beat)
    monkeypatch.setattr("igym.host.export.minari.find_spec", lambda name: None)
    with StoreReader(study.builder.path) as reader, pytest.raises(HostError, match=r"pip install .*\[minari\]"):
        write_format(Exporter(reader, study.data, "s1"), "minari")


def test_a_format_that_is_not_possible_is_refused_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Alone; among others it is one part that could not be written."""
    study = PlayedStudy(tmp_path, *walk())
    study.match(by_beat)
    monkeypatch.setattr("igym.host.export.minari.find_spec", lambda name: None)
    argv = [str(study.data), "--json", "--format", "minari"]
    assert export_main.main(argv) == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["code"] == "no_minari" and told["text"].startswith("Minari, which writes these sets, is not installed")
    assert export_main.main([*argv, "--format", "csv"]) == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["code"] == "partly_written" and "1 part(s) could not be written: s1: minari (Minari" in told["text"]
    assert (study.data / "walk" / "p0a_ep0.csv").is_file()
