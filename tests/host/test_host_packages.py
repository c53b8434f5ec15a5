"""Games on the host with packages of their own: imported once, recorded by name and hash, and there for verify."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from igym.host.check_main import as_text, run_checks
from igym.host.engine import Engine
from igym.host.export import Exporter
from igym.host.hostenv.kept_packages import KEPT_IN, differences, host_lock, keep, unpack
from igym.host.replay.files import read_replay
from igym.host.replay.judge import Finding, on_another
from igym.host.replay.server import ReplayServer
from igym.host.replay.verify import Verified, verify
from igym.host.store_reader import StoreReader
from tests.host.chase import ENV, assert_same_rows, chase, played, two
from tests.host.conftest import StartEngine, write_experiment

# As a compiled package with parts that may be set up once in a process: the second time costs the process.
ONCE = """
import os
import sys

if hasattr(sys, "_engine_is_set_up"):
    os.abort()
sys._engine_is_set_up = True
SPEED = 5
memory = []
"""
METADATA = "Metadata-Version: 2.1\nName: Own_Engine\nVersion: 2.1\n"
RECORD = "own_engine/__init__.py,,\nown_engine-2.1.dist-info/METADATA,,\nown_engine-2.1.dist-info/RECORD,,\n"
PACKAGE = {
    "site-packages/own_engine/__init__.py": ONCE,
    "site-packages/own_engine-2.1.dist-info/METADATA": METADATA,
    "site-packages/own_engine-2.1.dist-info/RECORD": RECORD,
    "site-packages/by_hand.py": "FIFTH = 5\n",
}
USING = ENV.replace("+ 5 *", "+ own_engine.SPEED *").replace("self.steps += 1", "own_engine.memory.append(0)")
FILES = {
    "env.py": "import own_engine\nimport by_hand\n"
    + USING.replace("own_engine.memory.append(0)", "own_engine.memory.append(0)\n        self.steps += 1"),
    **PACKAGE,
}
ASKED = chase().replace('where="host"', 'where="host", packages=["own-engine>=2", "numpy"]')


def exported(engine: Engine) -> Path:
    with StoreReader(engine.folder / "session.sqlite3") as reader:
        exporter = Exporter(reader, engine.folder, engine.begun.id)
        exporter.export_all()
    return engine.folder


def checked(folder: Path) -> Verified:
    return verify(folder, None, None, lambda *_: None, lambda: False)


async def asked_to_show(data: Path) -> str:
    """What the replay page says of the first recording there."""
    server = ReplayServer(data)
    await server.start()
    try:
        address = f"http://127.0.0.1:{server.port}/replay/episode/{server.replays[0].id}?token={server.token}"
        async with aiohttp.ClientSession() as client, client.get(address) as answer:
            return str((await answer.json())["error"]["text"])
    finally:
        await server.close()


async def test_verify_sees_the_packages_the_match_was_played_with(start_engine: StartEngine, tmp_path: Path) -> None:
    engine = await start_engine(ASKED, FILES)
    people = two(engine)
    await played(people)
    await engine.stop("all done")
    for episode in (0, 1):
        assert assert_same_rows(engine, people, episode) == 90
    data = Path(shutil.copytree(exported(engine), tmp_path / "another computer"))
    shutil.rmtree(engine.options.folder / "site-packages")

    found = checked(data)
    assert [episode["result"] for episode in found.episodes] == ["identical", "identical"], found.text()
    assert found.exit_code == 0 and found.manifest is not None and not found.manifest.unlisted

    lock = read_replay(next((data / "replays").glob("*_ep0.igr.json"))).body["packages"]
    named = {entry["name"]: entry for entry in lock}
    assert (named["own-engine"]["version"], named["own-engine"]["source"]) == ("2.1", "site-packages")
    assert named["numpy"]["source"] == "installed" and len(named["numpy"]["sha256"]) == 64
    assert named["cpython"]["source"] == "python"
    kept = json.loads(next((data / "experiment").glob("*/packages.json")).read_text())
    assert kept == {"chase": lock}

    said = await asked_to_show(data)
    assert "with packages that no browser has (own-engine 2.1)" in said and "run igym verify on this folder" in said

    archive = data / KEPT_IN / named["own-engine"]["file"]
    spoilt = data / KEPT_IN / named["files-of-no-package"]["file"]
    shutil.copyfile(spoilt, archive)
    found = checked(data)
    assert {episode["result"] for episode in found.episodes} == {"failed"}
    archive.unlink()
    found = checked(data)
    assert all("own-engine 2.1 is not in experiment/packages" in episode["text"] for episode in found.episodes)


def test_a_package_that_can_be_imported_once_passes_the_check(tmp_path: Path) -> None:
    """Two runs of the env, then the bot of the waitroom: each interpreter imports it once."""
    source = ASKED.replace("timeout_s=60, countdown_s=0", "timeout_s=60, countdown_s=0, on_timeout='bot'")
    result = run_checks(write_experiment(tmp_path / "once", source, FILES), None, 30, 1, None)
    assert result["ok"], as_text(result)
    assert result["scenes"][0]["warnings"] == []


def test_a_crash_of_the_env_is_a_problem_of_its_scene_alone(tmp_path: Path) -> None:
    broken = FILES["env.py"].replace("import by_hand", "import os\nos.abort()")
    source = ASKED.replace("EndScene(", 'GymScene("later").environment(code=OTHER).policies({"agent_0": Human})\n'
                           '            .gameplay(action_mapping={"a": 1}, default_action=0).runtime(where="host"),\n'
                           "        EndScene(", 1)  # fmt: skip
    source = "OTHER = '''" + PLAIN + "'''\n" + source
    result = run_checks(write_experiment(tmp_path / "crash", source, {**FILES, "env.py": broken}), None, 10, 1, None)
    first, second = result["scenes"]
    assert not first["ok"] and second["ok"], as_text(result)
    assert "ended by itself" in first["problems"][0]["text"]
    assert "env.py" in first["problems"][0]["traceback"]


PLAIN = """
class Env:
    def reset(self, seed=None):
        return 0, {}
    def step(self, action):
        return 0, 0.0, False, False, {}
    def render(self):
        return ""

env = Env()
"""


def test_packages_are_kept_once_and_a_changed_one_is_named(tmp_path: Path) -> None:
    study, data = write_experiment(tmp_path / "study", ASKED, FILES), tmp_path / "data"
    lock = host_lock(["own-engine"], [], study)
    assert [entry["name"] for entry in lock] == ["cpython", "own-engine", "files-of-no-package"]
    keep(study, data)
    keep(study, data)
    assert len(list((data / KEPT_IN).iterdir())) == 2
    assert unpack(lock, data, tmp_path / "unpacked") == []
    assert (tmp_path / "unpacked" / "by_hand.py").read_text() == "FIFTH = 5\n"
    (study / "site-packages" / "own_engine" / "__init__.py").write_text("SPEED = 6\n")
    changed = host_lock(["own-engine"], [], study)
    assert changed[2] == lock[2] and changed[1]["sha256"] != lock[1]["sha256"]
    keep(study, data)
    assert len(list((data / KEPT_IN).iterdir())) == 3


@pytest.mark.parametrize("result", ["differs", "failed", "identical"])
def test_another_python_than_the_one_that_played_is_named(result: Any) -> None:
    lock = host_lock(["numpy"], [], Path("nowhere"))
    assert differences(lock) == []
    older = [{**entry, "version": "1.0"} for entry in lock]
    told = differences(older)
    assert any(text.startswith("numpy is ") and text.endswith("it was 1.0") for text in told)
    found = on_another(told, Finding(result, None, "python", "As found."))
    assert found.result == ("identical" if result == "identical" else "unsure")
    gone = [{**lock[-1], "name": "no-such-package"}]
    assert differences(gone) == [f"the package no-such-package {lock[-1]['version']} is not installed here"]
