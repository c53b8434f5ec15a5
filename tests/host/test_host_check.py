"""`igym check` of a scene whose env runs on the host."""

from __future__ import annotations

from pathlib import Path

import pytest

from igym.host.hostenv.packages import missing_packages
from igym.host.programs.check_main import as_text, run_checks
from tests.host.conftest import SOLO, write_experiment

WILD = """
import time
class Env:
    def reset(self, seed=None):
        return 0, {}
    def step(self, action):
        time.sleep(0.05)
        return time.perf_counter_ns(), 0.0, False, False, {}

env = Env()
"""
HOST = SOLO.replace(".policies(", '.runtime(where="host").policies(')


def test_an_env_on_the_host_is_checked_where_it_will_run(root: Path) -> None:
    result = run_checks(root / "examples" / "lantern_hunt", None, 60, 1, None)
    assert result["ok"], result
    (scene,) = result["scenes"]
    assert scene["where"] == "host" and scene["warnings"] == []
    assert scene["step_ms"] > 0 and scene["reset_ms"] > 0
    assert "the game runs on the host" in as_text(result)


def test_what_is_slow_or_not_repeatable_is_told_and_may_run(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "wild", HOST, {"env.py": WILD})
    result = run_checks(folder, None, 10, 1, None)
    (scene,) = result["scenes"]
    assert result["ok"]
    assert any("differ from frame 0 on" in text for text in scene["warnings"])
    assert any("at 30 fps there are" in text for text in scene["warnings"])


WIDE = """
class Env:
    def reset(self, seed=None, options=None):
        return [0.0] * 70, {}
    def step(self, action):
        return [0.0] * 70, 0.0, False, False, {}

env = Env()
"""


@pytest.mark.parametrize("where", ["browser", "host"])
def test_observations_too_large_to_be_recorded_are_told_with_what_keeps_them(tmp_path: Path, where: str) -> None:
    asked = SOLO.replace(".policies(", f'.runtime(where="{where}").policies(')
    folder = write_experiment(tmp_path / "wide", asked, {"env.py": WIDE})
    (scene,) = run_checks(folder, None, 10, 1, None)["scenes"]
    assert any(": 70). Set max_observation_numbers=70 in" in text for text in scene["warnings"]), scene
    kept = asked.replace(f'where="{where}"', f'where="{where}", max_observation_numbers=70')
    (scene,) = run_checks(write_experiment(tmp_path / "kept", kept, {"env.py": WIDE}), None, 10, 1, None)["scenes"]
    assert not any("max_observation_numbers" in text for text in scene["warnings"]), scene


def test_a_package_the_host_lacks_is_a_problem(tmp_path: Path) -> None:
    asked = HOST.replace('where="host"', 'where="host", packages=["no_such_package"]')
    result = run_checks(write_experiment(tmp_path / "lacking", asked), None, 10, 1, None)
    assert not result["ok"]
    assert "no_such_package is not installed." in result["scenes"][0]["problems"][0]["text"]


def test_packages_beside_the_experiment_count(tmp_path: Path) -> None:
    info = tmp_path / "site-packages" / "Own_Engine-2.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Own_Engine\nVersion: 2.1\n", "utf-8")
    assert missing_packages(["own-engine>=2"], tmp_path) == []
    assert missing_packages(["own-engine>=3"], tmp_path) == [
        "own-engine>=3 is asked for, but version 2.1 is installed."
    ]
    assert missing_packages(["not a name!"], tmp_path) == ["not a name!: this is not a package name with a version."]


READER = """
LEVELS = ["one"]
class Env:
    def reset(self, seed=None):
        with open("levels/" + LEVELS[0] + ".lvl") as file:
            self.size = int(file.read())
        return 0, {}
    def step(self, action):
        return self.size, 0.0, False, False, {}
    def render(self):
        return ""

env = Env()
"""


@pytest.mark.parametrize("source", [SOLO, HOST])
def test_files_beside_the_env_are_there(tmp_path: Path, source: str) -> None:
    folder = write_experiment(tmp_path / "reader", source, {"env.py": READER, "levels/one.lvl": "5"})
    result = run_checks(folder, None, 10, 1, None)
    assert result["ok"], as_text(result)


def test_a_file_that_browsers_do_not_get_is_missed_by_the_check_too(tmp_path: Path) -> None:
    own = SOLO.replace('file="env.py"', 'file="env.py", files=["levels/two.lvl"]')
    files = {"env.py": READER, "levels/one.lvl": "5", "levels/two.lvl": "6"}
    result = run_checks(write_experiment(tmp_path / "reader", own, files), None, 10, 1, None)
    (problem,) = result["scenes"][0]["problems"]
    assert problem["text"].startswith("FileNotFoundError: [Errno 2] No such file or directory: 'levels/one.lvl'")
    assert ".environment(files=[…])" in problem["text"]
    wrong = own.replace("levels/two", "levels/tow")
    result = run_checks(write_experiment(tmp_path / "typo", wrong, files), None, 10, 1, None)
    assert not result["ok"]
    assert 'Did you mean "levels/two.lvl"?' in as_text(result)


BROKEN = """
class Env:
    def reset(self, seed=None):
        return 0, {}
    def step(self, action):
        return {}["speed"]

env = Env()
"""


@pytest.mark.parametrize("source", [SOLO, HOST])
def test_an_error_shows_the_researchers_own_lines_and_the_rest_on_request(tmp_path: Path, source: str) -> None:
    result = run_checks(write_experiment(tmp_path / "broken", source, {"env.py": BROKEN}), None, 10, 1, None)
    assert result["scenes"][0]["problems"][0]["text"] == "KeyError: 'speed' (env.py, line 6)"
    text = as_text(result)
    assert '  File "env.py", line 6, in step\n    return {}["speed"]\n' in text
    assert text.count("  File ") == 1
    assert "igym_bridge" in as_text(result, details=True) and "line 6, in step" in as_text(result, details=True)


DRAWN = """
import pygame

class Env:
    def __init__(self):
        self.picture = pygame.Surface((40, 20))
    def reset(self, seed=None, options=None):
        return 0, {}
    def step(self, action):
        return 0, 0.0, False, False, {}
    def render(self):
        self.picture.fill((10, 20, 30))
        return pygame.surfarray.array3d(self.picture).swapaxes(0, 1)

env = Env()
"""


def test_an_env_that_draws_with_the_pygame_it_is_lent_is_loaded_with_its_study(tmp_path: Path) -> None:
    """In the process of the researcher's functions, without which no session starts, as in that of a match."""
    folder = write_experiment(tmp_path / "drawn", HOST, {"env.py": DRAWN})
    result = run_checks(folder, None, 10, 1, None, people=2)
    assert result["ok"], result
    assert result["study"]["people"] == 2 and not result["study"]["findings"], result["study"]
