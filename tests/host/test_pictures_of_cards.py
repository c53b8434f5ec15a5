"""What stands on an experiment's card: a picture beside it, or its game, also one that needs packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.host.conftest import SOLO, write_experiment
from tests.host.small_wheels import build_wheel

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="#c00"/></svg>'
ENV = """import small_game
from igym.rendering import Surface


class Env:
    def reset(self, seed=None):
        return 0, {}

    def step(self, action):
        return 0, 0.0, False, False, {}

    def render(self):
        s = Surface(600, 400)
        s.text(9, 9, small_game.__version__, "red")
        return s.commit()


env = Env()
"""


def picture(study: Path, home: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "igym.cli", "picture", str(study)]
    done = subprocess.run(
        command, capture_output=True, timeout=120, check=False, env={**os.environ, "XDG_DATA_HOME": str(home)}
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_a_game_is_drawn_with_the_packages_it_names(tmp_path: Path) -> None:
    source = SOLO.replace(".policies(", '.runtime(packages=["small-game==1.2"]).policies(')
    study = write_experiment(tmp_path / "study", source, {"env.py": ENV})
    assert not picture(study, tmp_path)["ok"]
    build_wheel(study / "wheels", "small-game", "1.2")
    found = picture(study, tmp_path)
    assert found["ok"] and "1.2" in json.dumps(found["picture"]["ops"])


def test_a_picture_beside_the_study_comes_first(tmp_path: Path) -> None:
    study = write_experiment(tmp_path / "study", SOLO, {"env.py": "import nothing_of_the_kind\n"})
    (study / "picture.svg").write_text(SVG, "utf-8")
    found = picture(study, tmp_path)
    assert found["ok"] and found["picture"]["images"] == {"picture": "picture.svg"}
