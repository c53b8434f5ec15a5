"""A learner on the host: feedback reaches it, what it knows is kept per match, goes on, and a replay begins from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from igym import ExperimentError
from igym.data import load
from igym.experiment.loader import load_experiment
from igym.host.export.exporter import Exporter
from igym.host.files.retention import session_files
from igym.host.replay.verify import verify
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import StartEngine

ENV = """
import gymnasium
from gymnasium import spaces


class Walk(gymnasium.Env):
    action_space = spaces.Discrete(3)
    observation_space = spaces.Box(-999, 999, (1,), int)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.x = int(self.np_random.integers(5))
        return [self.x], {}

    def step(self, action):
        self.x += action - 1
        return [self.x], float(action), False, False, {}


env = Walk()
"""
LEARN = """
import json


class Learner:
    def __init__(self, start=0.0):
        self.liking = [start] * 3
        self.lessons = 0

    def act(self, observation, rng):
        if rng.random() < 0.3:
            return int(rng.integers(3))
        return max(range(3), key=lambda action: self.liking[action])

    def learn(self, observation, action, feedback):
        self.liking[action] += feedback
        self.lessons += 1

    def save(self):
        return json.dumps([self.liking, self.lessons]).encode()

    def load(self, data):
        self.liking, self.lessons = json.loads(data)
"""
STUDY = """
from igym import EndScene, Experiment, GymScene, Python, Shared, Stager

experiment = Experiment(id="teach", title="Teach", stager=Stager([
    GymScene("teach")
        .environment(file="env.py", seed=5)
        .policies({"agent_0": Shared(Python("learn.py:Learner", options={"start": 0.5}, frame_skip=1), takeover=())})
        .gameplay(action_mapping={"ArrowLeft": 0}, default_action=1, feedback={"KeyG": 1, "KeyB": -1},
                  num_episodes=2, max_steps=60, countdown_s=0)
        .rendering(fps=60)
        .runtime(where="host"),
    EndScene("thanks"),
]))
"""


async def test_feedback_teaches_and_what_was_learned_is_kept_for_the_next_and_for_replays(
    start_engine: StartEngine,
) -> None:
    engine = await start_engine(STUDY, {"env.py": ENV, "learn.py": LEARN})
    for seed in (1, 2):
        person = SimulatedParticipant(engine.join_url, Behaviour(seed=seed))
        assert (await person.run()).outcome == "finished"
    await engine.stop("all done")

    kept = sorted((engine.folder / "learners" / engine.begun.id / "teach").iterdir())
    first, second = sorted({path.name.partition(".")[0] for path in kept})
    assert [path.name for path in kept] == [
        f"{match}.agent_0.{what}" for match in (first, second) for what in ("end", "ep0", "ep1")
    ]
    known = {path.name: json.loads(path.read_bytes()) for path in kept}
    rows = load(engine.folder, simulated=True).rows
    given = rows[rows["feedback.agent_0"].notna()]
    assert set(given["feedback.agent_0"]) == {1.0, -1.0} and set(rows["actor.agent_0"]) == {"policy"}
    assert known[f"{first}.agent_0.ep0"] == [[0.5, 0.5, 0.5], 0]
    lessons = given[(given["match"] == first) & (given["frame"] > 0)]
    assert known[f"{first}.agent_0.end"][1] == len(lessons) > 5
    assert sum(known[f"{first}.agent_0.end"][0]) == pytest.approx(1.5 + lessons["feedback.agent_0"].sum())
    assert known[f"{second}.agent_0.ep0"] == known[f"{first}.agent_0.end"], "the next match goes on from there"

    with StoreReader(engine.folder / "session.sqlite3") as reader:
        assert set(kept) <= set(session_files(Exporter(reader, engine.folder, engine.begun.id))), (
            "erased with the session"
        )

    found = verify(engine.folder, None, None, lambda *_: None, lambda: False)
    assert [episode["result"] for episode in found.episodes] == ["identical"] * 4, found.text()
    begun_with = engine.folder / "learners" / engine.begun.id / "teach" / f"{second}.agent_0.ep0"
    liking = json.loads(begun_with.read_bytes())[0]
    disliked = (liking.index(max(liking)) + 1) % 3
    other = [999.0 if action == disliked else -999.0 for action in range(3)]
    begun_with.write_text(json.dumps([other, 0]))
    results = verify(engine.folder, None, None, lambda *_: None, lambda: False).episodes
    assert "differs" in {episode["result"] for episode in results}, "a replay begins from what was kept"

    begun_with.unlink()
    results = verify(engine.folder, None, None, lambda *_: None, lambda: False).episodes
    failed = [episode for episode in results if episode["result"] == "failed"]
    assert [(episode["match"], episode["episode"]) for episode in failed] == [(second, 0)]
    assert begun_with.name in failed[0]["text"] and "agent_0" in failed[0]["text"]


def test_a_learner_in_the_browser_is_told_at_loading(tmp_path: Path) -> None:
    for name, text in {"env.py": ENV, "learn.py": LEARN}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "experiment.py").write_text(STUDY.replace('\n        .runtime(where="host"),', ","))
    with pytest.raises(ExperimentError, match="learners need"):
        load_experiment(tmp_path)
