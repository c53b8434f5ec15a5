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


@pytest.mark.timeout(1200)
def test_the_self_test_passes_anywhere_under_a_fresh_home_and_without_a_python(app: str, tmp_path: Path) -> None:
    """Opens the window, serves an example, plays it with simulated participants, exports and compares."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    environment = {"HOME": str(home), "PATH": str(elsewhere), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    command = [app, "--self-test"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, cwd=elsewhere, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ok"], told
    assert told["broken"] == {}
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="menus of other systems are made by their installers")
def test_it_can_be_put_into_the_menu_and_taken_out_again(app: str, tmp_path: Path) -> None:
    script = Path(app).parent / "add-to-menu.sh"
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    entry = tmp_path / ".local/share/applications/interactive-gym-desktop.desktop"
    subprocess.run([str(script)], check=True, env=environment, capture_output=True)
    words = dict(line.split("=", 1) for line in entry.read_text().splitlines() if "=" in line)
    assert words["Exec"] == f'"{app}"'
    assert Path(words["Icon"]).read_bytes().startswith(b"\x89PNG")
    subprocess.run([str(script), "--remove"], check=True, env=environment, capture_output=True)
    assert not entry.exists()
