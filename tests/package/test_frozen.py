"""The stand-alone app, which has neither pip nor a Python beside it, runs a study."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.package.installed import describe, run_engine, write_study

USES_EVERYTHING = """
import asyncio, csv, decimal, graphlib, statistics, tomllib, unittest.mock, xml.etree.ElementTree, zoneinfo
import gymnasium, networkx, numpy, onnxruntime, pandas, pettingzoo, pyarrow.parquet
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, root: Path) -> str:
    """The app's executable, built from this checkout."""
    folder = tmp_path_factory.mktemp("app")
    command = [
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR",
        "--workpath", str(folder / "work"), "--distpath", str(folder / "dist"),
        str(root / "build" / "igym_desktop.spec"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    name = "interactive-gym.exe" if sys.platform == "win32" else "interactive-gym"
    return str(folder / "dist" / "interactive-gym-desktop" / name)


@pytest.mark.timeout(1200)
def test_it_runs_a_study_and_writes_its_files(app: str, tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    assert describe([app, "--describe"], study)["id"] == "packaged"
    run_engine([app, "--engine"], study, tmp_path / "data")


@pytest.mark.timeout(1200)
def test_a_researchers_file_may_import_the_standard_library_and_what_the_app_brings(app: str, tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    script = study / "experiment.py"
    script.write_text(USES_EVERYTHING + script.read_text())
    assert describe([app, "--describe"], study)["ok"]


@pytest.mark.timeout(1200)
def test_a_missing_package_is_told_without_pip(app: str, tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    script = study / "experiment.py"
    script.write_text(script.read_text().replace(".gameplay", '.runtime(packages=["not-on-this-computer"]).gameplay'))
    done = subprocess.run([app, "--prepare", str(study)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 3
    ended = json.loads(done.stdout.splitlines()[-1])
    assert ended["event"] == "prepared"
    assert "not-on-this-computer" in ended["missing"][0]
