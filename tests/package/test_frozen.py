"""The stand-alone app, which has neither pip nor a Python beside it, runs a study."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.networks import write_constant
from tests.package.installed import describe, run_engine, write_study

USES_EVERYTHING = """
import asyncio, csv, decimal, graphlib, statistics, tomllib, unittest.mock, xml.etree.ElementTree, zoneinfo
import gymnasium, networkx, numpy, onnxruntime, pandas, pettingzoo
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, root: Path) -> str:
    """The app's executable, built from this checkout, or the one that was built before it and is named."""
    if built := os.environ.get("IGYM_BUILT_APP"):
        return built
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


SET_OF_WORDS = """# Größe – naïve
WORDS = {"Apfel", "pear", "quince", "plum", "fig", "lime", "date", "kiwi", "Möhre", "leek"}
READ = open(__file__).readline().strip()

class Env:
    def reset(self, seed=None):
        self.at = 0
        return "".join(WORDS), {}

    def step(self, action):
        self.at += 1
        reward = float(hash(tuple(WORDS)) % 1000)
        return "".join(list(WORDS)[: self.at % 10]), reward, False, self.at >= 40, {"read": READ}

env = Env()
"""


@pytest.mark.timeout(1200)
def test_a_set_of_words_has_one_order_in_the_app_and_in_a_checkout(app: str, tmp_path: Path) -> None:
    """A game on the host, recorded by the app: verified by it, by it in another run, and by the checkout."""
    study = write_study(tmp_path / "study")
    script = study / "experiment.py"
    script.write_text(script.read_text().replace(".gameplay", '.runtime(where="host").gameplay'))
    (study / "env.py").write_text(SET_OF_WORDS, "utf-8")
    # What the system's variables say must not matter to the app: it reads none of Python's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    record(app, study, tmp_path / "data", environment)
    folder = tmp_path / "data" / "packaged"
    recorded = sorted(folder.rglob("*_ep0.csv"))
    assert len(recorded) == 2
    assert all("Größe – naïve" in rows.read_text("utf-8") for rows in recorded)
    checkout = [sys.executable, "-m", "igym.cli", "verify"]
    for command in ([app, "--verify"], [app, "--verify"], checkout):
        done = subprocess.run(
            [*command, str(folder), "--browser", "none", "--json"],
            env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False,
        )  # fmt: skip
        told = json.loads(done.stdout.splitlines()[-1])
        assert told["event"] == "verified", (command, told, done.stderr)
        assert [episode["result"] for episode in told["episodes"]] == ["identical"] * 2, (command, told)


TWO = """
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
        over = dict.fromkeys(self.agents, self.at["right"] >= 80)
        no = dict.fromkeys(self.agents, False)
        return {agent: [self.at[agent]] for agent in self.agents}, dict.fromkeys(self.agents, 0), over, no, {}


def make_env():
    import pandas
    return Walk()
"""


@pytest.mark.timeout(1200)
def test_what_is_kept_packed_works_a_network_on_the_host_a_table_and_parquet(app: str, tmp_path: Path) -> None:
    """The network always takes action 2; what it did is in the Parquet files of both people."""
    study = write_study(tmp_path / "study")
    script = study / "experiment.py"
    script.write_text(
        script.read_text()
        .replace(".gameplay", '.runtime(where="host").gameplay')
        .replace('{"agent": Human}', '{"left": Human, "right": Onnx("net.onnx", frame_skip=1)}')
        .replace("import EndScene", "import Onnx, EndScene")
    )
    (study / "env.py").write_text(TWO, "utf-8")
    write_constant(study / "net.onnx", 2)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    record(app, study, tmp_path / "data", environment)
    folder = tmp_path / "data" / "packaged"
    export = [app, "--export", str(folder), "--format", "parquet", "--kind", "rehearsal"]
    done = subprocess.run(export, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    played = sorted(folder.rglob("*_ep0.parquet"))
    assert len(played) == 2
    for file in played:
        columns = pq.read_table(file).to_pydict()
        assert set(columns["actions.right"]) == {2}
        assert len(columns["actions.right"]) == 40
    unpacked = {path.name for path in (tmp_path / "cache").rglob("*.so")}
    assert sys.platform != "linux" or all(
        any(part in name for name in unpacked) for part in ("onnxruntime", "arro3-io", "pandas-_libs")
    )


def record(app: str, study: Path, data: Path, environment: dict[str, str]) -> None:
    """Two simulated people play it alone, each their own match."""
    options = ["--folder", str(study), "--port", "0", "--address", "127.0.0.1", "--data", str(data), "--grace", "0",
               "--kind", "rehearsal"]  # fmt: skip
    with subprocess.Popen(
        [app, "--engine", *options, "--when-launcher-gone", "stop"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    ) as engine:  # fmt: skip
        try:
            assert engine.stdout is not None
            ready = next(line for line in map(json.loads, engine.stdout) if line["event"] in {"ready", "failed"})
            assert ready["event"] == "ready", ready
            simulate = [
                app,
                "--simulate",
                ready["join_url"],
                "--number",
                "2",
                "--frames",
                "40",
                "--think",
                "0",
                "--json",
            ]
            done = subprocess.run(simulate, env=environment, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            engine.communicate("", timeout=120)
        finally:
            engine.kill()


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


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' libraries have other sizes")
def test_it_is_half_of_what_it_was_and_holds_nothing_twice(app: str) -> None:
    folder = Path(app).parent
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) < 278_500_000
    vendor = folder / "_internal" / "igym" / "_web" / "vendor" / "pyodide"
    assert (vendor / "pyodide.asm.wasm.gz").is_file() and not (vendor / "pyodide.asm.wasm").exists()
