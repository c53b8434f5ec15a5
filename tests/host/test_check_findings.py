"""What `igym check` says of an env: where two runs differ, that nothing is seen, and what browsers do not have."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from igym.host.checks.browser_findings import add_browser
from igym.host.checks.source_findings import browser_warnings
from igym.host.programs.check_main import as_text, run_checks
from tests.host.conftest import SOLO, write_experiment

HOST = SOLO.replace(".policies(", '.runtime(where="host").policies(')
PLACES = pytest.mark.parametrize("source", [SOLO, HOST])
MADE = """
import gymnasium
from gymnasium.wrappers import RecordEpisodeStatistics, TimeLimit

def make_env():
    return {env}
"""
CART = 'gymnasium.make("CartPole-v1", render_mode="rgb_array")'


def checked(folder: Path, source: str, env: str) -> dict[str, Any]:
    result = run_checks(write_experiment(folder / "study", source, {"env.py": env}), None, 30, 1, None)
    (scene,) = result["scenes"]
    texts = [problem["text"] for problem in scene["problems"]] + scene["warnings"]
    return {"ok": result["ok"], "texts": texts, "shown": as_text(result)}


@PLACES
def test_the_clock_of_episode_statistics_is_named_and_left_out(tmp_path: Path, source: str) -> None:
    """Short episodes, so that the statistics are in the rows."""
    found = checked(tmp_path, source, MADE.format(env=f"RecordEpisodeStatistics(TimeLimit({CART}, 8))"))
    assert found["ok"], found["shown"]
    (told,) = [text for text in found["texts"] if "episode.t" in text]
    assert not any("Two runs" in text for text in found["texts"])
    assert "left out of the data and of all comparisons" in told


@pytest.mark.filterwarnings("ignore:.*without specifying any render mode")
@PLACES
def test_a_render_that_returns_nothing_is_a_problem(tmp_path: Path, source: str) -> None:
    found = checked(tmp_path, source, MADE.format(env=CART.replace(', render_mode="rgb_array"', "")))
    assert not found["ok"]
    assert found["texts"][0].startswith("render() returned None") and "render_mode" in found["texts"][0]


@PLACES
def test_an_env_without_a_picture_is_told_and_may_run(tmp_path: Path, source: str) -> None:
    blind = "class Env:\n    def reset(self, seed=None):\n        return 0, {}\n"
    blind += "    def step(self, action):\n        return 0, 0.0, False, False, {}\n\nenv = Env()\n"
    found = checked(tmp_path, source, blind)
    assert found["ok"] and found["texts"] == ["The env has no render(), so players see an empty field."]


NOISE = """
import os

class Env:
    def reset(self, seed=None):
        self.n = 0
        return 0, {}
    def step(self, action):
        self.n += 1
        noise = os.urandom(8).hex() if self.n > 3 else ""
        return 0, 1.0, False, False, {"noise": noise, "calm": 1}
    def render(self):
        return "x"

env = Env()
"""


@PLACES
def test_the_column_in_which_two_runs_differ_is_named(tmp_path: Path, source: str) -> None:
    found = checked(tmp_path, source, NOISE)
    assert found["ok"] == (source == HOST), "on the host it may run, and is told"
    (told,) = [text for text in found["texts"] if "Two runs" in text]
    assert "differ from frame 3 on, in infos.agent_0.noise (" in told and "calm" not in told


def test_a_long_reset_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 10_000, 5))
    module = sys.modules["igym.host.checks.env_check"]
    monkeypatch.setattr(module, "time", type("Clock", (), {"perf_counter": staticmethod(lambda: next(ticks))}))
    found = checked(tmp_path, SOLO, MADE.format(env=CART))
    assert found["ok"] and any(text.startswith("reset() took 5.0 s here") for text in found["texts"])
    assert time.perf_counter() > 0


def test_what_browsers_do_not_have_is_told_with_file_and_line() -> None:
    files = {
        "env.py": 'import os\nSPEED = os.environ["SPEED"]\nHOME = os.environ.get("HOME", "?")\nX = os.getenv("X")\n',
        "maps.py": "import threading\n\nlock = threading.Lock()\nthreading.Thread(target=print).start()\n",
        "pool.py": "from concurrent.futures import Future\nimport subprocess\nsubprocess.run(['ls'])\n",
        "study.py": "from igym import Human, Surface\nimport igym.rendering\nimport igym.core.session\n",
        "fine.py": "import os\nfrom igym import Surface\nfrom game import Process\nProcess()\nprint(os.path)\n",
    }
    environment, threads, programs, igym = browser_warnings(files)
    assert environment.startswith("env.py, line 2: ") and "HOME, SPEED, X" in environment and "config=" in environment
    assert threads.startswith("maps.py, line 4: Thread: ") and 'where="host"' in threads
    assert programs.startswith("pool.py, line 3: run: ")
    assert igym.startswith("study.py, line 1: igym.Human, igym.core.session: ")


@PLACES
def test_a_package_that_only_the_host_can_have_is_told_with_the_way_there(tmp_path: Path, source: str) -> None:
    found = checked(tmp_path, source, MADE.format(env='gymnasium.make("LunarLander-v3")'))
    (told,) = found["texts"]
    assert told.startswith("DependencyNotInstalled: Box2D is not installed")
    assert 'where="host"' in told and "site-packages beside experiment.py" in told


SHEET = """
from igym import Surface
from pettingzoo import ParallelEnv
from gymnasium import spaces

class Env:
    def reset(self, seed=None):
        self.sheet = Surface({size})
        return 0, {{}}
    def step(self, action):
        return 0, 0.0, False, False, {{}}
    def render(self):
        self.sheet.rect(0, 0, 10, 10)
        return self.sheet.commit()

env = Env()
"""


@PLACES
def test_a_surface_that_is_larger_than_the_picture_is_told(tmp_path: Path, source: str) -> None:
    source = source.replace(".policies(", ".rendering(width=400, height=300).policies(")
    found = checked(tmp_path / "a", source, SHEET.format(size="500, 200"))
    assert found["ok"]
    (told,) = [text for text in found["texts"] if "surface" in text]
    assert "500 × 200" in told and ".rendering(width=500, height=300)" in told
    assert not [
        text for text in checked(tmp_path / "b", source, SHEET.format(size="400, 300"))["texts"] if "surface" in text
    ]


@PLACES
def test_an_agent_the_env_does_not_have_is_told_with_its_line(tmp_path: Path, source: str) -> None:
    env = """
from gymnasium import spaces
from pettingzoo import ParallelEnv

class Pair(ParallelEnv):
    metadata = {"name": "pair"}
    possible_agents = ["left", "right"]
    def observation_space(self, agent): return spaces.Discrete(2)
    def action_space(self, agent): return spaces.Discrete(2)
    def reset(self, seed=None, options=None): return {}, {}
    def step(self, actions): return {}, {}, {}, {}, {}

env = Pair()
"""
    found = checked(tmp_path, source.replace('{"agent_0": Human}', '{"lfet": Human, "right": Human}'), env)
    line = next(n for n, text in enumerate(source.splitlines(), start=1) if ".policies(" in text)
    assert not found["ok"]
    assert "'lfet'" in found["texts"][0] and f"(experiment.py, line {line})" in found["texts"][0]


@PLACES
def test_what_is_refused_in_a_sentence_is_told_once_and_without_calls(tmp_path: Path, source: str) -> None:
    none = source.replace("default_action=0", "default_action=None")
    assert none != source
    found = checked(tmp_path, none, MADE.format(env=CART))
    assert found["shown"].count("the env needs an action from agent_0 in every frame") == 1
    assert "  File " not in found["shown"]


def test_the_browsers_word_is_added_only_when_it_is_another() -> None:
    scene: Any = None
    for said, count in (("KeyError: 'speed' (env.py, line 6)", 1), ("SyntaxError", 2)):
        result: dict[str, Any] = {"problems": [{"text": "KeyError: 'speed' (env.py, line 6)"}], "warnings": []}
        add_browser(result, {"error": said}, scene)
        assert len(result["problems"]) == count and not result["ok"]


def test_a_package_still_to_be_fetched_is_named_with_the_way_to_it(tmp_path: Path) -> None:
    source = SOLO.replace(".policies(", '.runtime(packages=["not-here-yet==1.2"]).policies(')
    found = checked(tmp_path, source, "import not_here_yet\n\nenv = not_here_yet.Env()\n")
    assert not found["ok"]
    assert "not-here-yet==1.2" in found["texts"][0] and "Download now" in found["texts"][0]
