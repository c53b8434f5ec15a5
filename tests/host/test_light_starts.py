"""What a program has no use for at its start is not loaded: each session begins several of them, and a lab waits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from igym.host.base import spawn
from tests.host.conftest import SOLO, write_experiment

ENGINE = """
import asyncio, json, sys
from pathlib import Path
from igym.host.engine.engine import Engine
from igym.host.session.settings import EngineOptions

async def main():
    engine = Engine(EngineOptions(folder=Path(sys.argv[1]), data=Path(sys.argv[2]), port=0, address="127.0.0.1"))
    await engine.start()
    print(json.dumps(sorted(sys.modules)))
    await engine.stop("it was only looked at")

asyncio.run(main())
"""
NUMBERS = ["numpy", "PIL", "pandas", "gymnasium", "pettingzoo", "networkx", "onnxruntime", "arro3"]
SERVER = ["aiohttp", "socketio"]
FORMATS = ["igym.host.export.exporter", "igym.host.replay.film", "xlsxwriter", "segno", "tomlkit", "psycopg"]
LIGHT: dict[str, list[str]] = {
    "igym.host.files.export_child": [*NUMBERS, *SERVER, "asyncio", "igym.core.session", "igym.host.replay.film"],
    "igym.host.session.checkpoint_child": [*NUMBERS, *SERVER],
    "igym.host.programs.verify_main": [*NUMBERS, *SERVER, "igym.core.session"],
    "igym.host.programs.check_main": ["PIL", "pandas", "gymnasium", *SERVER],
    "igym.host.hostenv.child": ["PIL", "pandas", "gymnasium", *SERVER, "igym.core.session"],
    "igym.host.programs.export_main": [*NUMBERS, *SERVER, "igym.core.session"],
    "igym.host.programs.picture_main": [*NUMBERS, *SERVER, "asyncio", "igym.core.session"],
    "igym.host.programs.describe_main": [*NUMBERS, *SERVER, "asyncio", "igym.core.session"],
    "igym.host.programs.backup_main": [*NUMBERS, *SERVER, "pydantic"],
    "igym.host.remote.passes_main": [*NUMBERS, *SERVER, "pydantic"],
}
"""Module of a program → what its start does without."""


def loaded(*arguments: str, code: str) -> set[str]:
    """The modules a fresh process told of as JSON, the last line it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, encoding="utf-8", check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_an_engine_that_takes_participants_has_neither_numbers_nor_formats(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "study", SOLO)
    found = loaded(str(folder), str(tmp_path / "data"), code=ENGINE)
    assert "igym.core.session" in found
    assert not found & {*NUMBERS, *FORMATS}


def test_a_study_without_numpy_is_loaded_without_it(tmp_path: Path) -> None:
    """The process of the researcher's functions; Python tells of each import while it goes."""
    folder = write_experiment(tmp_path / "study", SOLO)
    program, *rest = spawn.command("researcher", [str(folder)])
    done = subprocess.run(
        [program, "-X", "importtime", *rest], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
        check=False, timeout=120,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[0])["event"] == "loaded", done.stderr
    found = [line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "igym.experiment.stager" in found
    assert not {*found} & {*NUMBERS, *SERVER, "igym.protocol.codec", "tomlkit"}


@pytest.mark.parametrize("program", LIGHT)
def test_a_program_loads_what_it_needs(program: str) -> None:
    code = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"
    assert not loaded(program, code=code) & {*LIGHT[program]}
