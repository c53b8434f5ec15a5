"""`igym prepare`: what an experiment lacks is said, and fetched when it can be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from igym.host.packages.prepare_child import as_text

EXPERIMENT = """
from igym import EndScene, Experiment, GymScene, Human, StartScene, Stager

experiment = Experiment(
    id="packed",
    title="Packed",
    stager=Stager([
        StartScene("welcome"),
        GymScene("play")
            .environment(file="env.py")
            .policies({"agent": Human})
            .gameplay(action_mapping={"ArrowLeft": 0}, default_action=0)
            .runtime(packages=PACKAGES),
        EndScene("thanks"),
    ]),
)
"""
ENV = """
import numpy
from PIL import Image


def make_env():
    raise RuntimeError("never made here")
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "packed"
    folder.mkdir()
    (folder / "env.py").write_text(ENV)
    ask_for(folder, "pieces==1.0")
    return folder


def ask_for(folder: Path, *packages: str) -> None:
    (folder / "experiment.py").write_text(EXPERIMENT.replace("PACKAGES", repr(list(packages))))


def build_wheel(folder: Path, name: str, *requires: str) -> None:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        lines = [f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {line}" for line in requires)]
        wheel.writestr(f"{name}/__init__.py", "")
        wheel.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines) + "\n")
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")


def prepared(study: Path, *options: str, index: Path | None = None) -> tuple[int, list[dict[str, Any]]]:
    """(exit code, lines) of `igym prepare`, with a folder in the place of the package index."""
    pip = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(index or study)}
    command = [sys.executable, "-m", "igym.host.packages.prepare_child", str(study), *options]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **pip}, timeout=120, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_on_a_terminal_it_speaks_to_people() -> None:
    fetching = {"event": "progress", "label": "fetching pieces==1.0", "done": 0, "total": 1}
    far = {"event": "progress", "label": "fetching pieces: 0.1 of 2.0 MB", "done": 1, "total": 2}
    ended = {"event": "prepared", "ok": False, "packages": ["cogrid==0.2.1"], "missing": ["pieces: it is not there."],
             "unreadable": ["bad.whl is damaged."], "wheels": []}  # fmt: skip
    assert as_text(fetching) == ["fetching pieces==1.0 …"] and as_text(far) == []
    assert as_text(ended) == ["Packages on this computer: cogrid==0.2.1.", "Missing: pieces: it is not there.",
                              "Cannot be used: bad.whl is damaged."]  # fmt: skip
    assert as_text({**ended, "ok": True, "missing": []})[-1].startswith("Everything is here")
    assert as_text({"event": "failed", "text": "No."}) == ["No."]


def test_checking_fetches_nothing_and_names_what_is_missing(study: Path, tmp_path: Path) -> None:
    build_wheel(tmp_path / "index", "pieces")
    code, lines = prepared(study, "--check", index=tmp_path / "index")
    assert code == 3
    assert [line["event"] for line in lines] == ["prepared"]
    assert "pieces==1.0: it is not on this computer." in lines[0]["missing"][0]
    assert prepared(study, "--check", index=tmp_path / "index")[0] == 3


def test_what_was_prepared_once_is_there_offline(study: Path, tmp_path: Path) -> None:
    build_wheel(tmp_path / "index", "pieces", "paint", "numpy")
    build_wheel(tmp_path / "index", "paint")
    code, lines = prepared(study, index=tmp_path / "index")
    assert code == 0, lines
    assert [line["label"] for line in lines[:-1]] == ["fetching pieces==1.0", "fetching paint", "ready"]
    assert lines[-1]["packages"] == ["paint==1.0", "pieces==1.0"]
    code, lines = prepared(study, "--check")
    assert (code, lines[-1]["ok"]) == (0, True)


def test_a_carried_folder_of_wheels_is_kept(study: Path, tmp_path: Path) -> None:
    build_wheel(tmp_path / "stick", "pieces")
    (tmp_path / "stick" / "broken-1.0-py3-none-any.whl").write_text("no wheel")
    code, lines = prepared(study, "--wheels", str(tmp_path / "stick"))
    assert code == 0, lines
    assert "broken-1.0-py3-none-any.whl is damaged" in lines[-1]["unreadable"][0]
    for path in (tmp_path / "stick").iterdir():
        path.unlink()
    assert prepared(study, "--check")[0] == 0


def test_wheels_beside_the_experiment_travel_with_it(study: Path) -> None:
    build_wheel(study / "wheels", "pieces")
    assert prepared(study, "--check")[0] == 0


def test_a_dependency_that_cannot_be_had_is_told_and_can_be_left_out(study: Path, tmp_path: Path) -> None:
    build_wheel(tmp_path / "index", "pieces", "nowhere-to-be-found")
    code, lines = prepared(study, index=tmp_path / "index")
    assert code == 3
    assert "nowhere-to-be-found (needed by pieces 1.0)" in lines[-1]["missing"][0]
    assert "“!nowhere-to-be-found”" in lines[-1]["missing"][0]
    ask_for(study, "pieces==1.0", "!nowhere-to-be-found")
    assert prepared(study, "--check")[0] == 0


def test_a_broken_experiment_is_told_not_raised(study: Path) -> None:
    (study / "experiment.py").write_text("experiment = 3\n")
    code, lines = prepared(study)
    assert code == 3
    assert [line["event"] for line in lines] == ["failed"]
    assert lines[0]["text"]
