"""Studies read their files alike and output is never lost, whatever the computer's code page is."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from igym.host.base import spawn
from igym.host.children import consoles
from tests.host.conftest import SOLO, SURVEY, write_experiment

READS_A_FILE = """
from pathlib import Path

WORDS = open(Path(__file__).parent / "words.txt").read()

class Env:
    def reset(self, seed=None):
        assert WORDS == "Größe – naïve ☕", ascii(WORDS)
        return 0, {}
    def step(self, action):
        return 0, 0.0, False, False, {"word": WORDS}

env = Env()
"""
pytestmark = pytest.mark.real_starts  # what Python makes of a computer's code page as it begins
HOST = SOLO.replace(".policies(", '.runtime(where="host").policies(')
# A computer whose files are not UTF-8 by themselves, as Windows' are not; here that is plain ASCII.
CODE_PAGE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **CODE_PAGE, **variables}
    command = [sys.executable, "-m", "igym.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, timeout=300, check=False)


@pytest.mark.parametrize("source", [SOLO, HOST])
def test_a_study_reads_its_files_as_utf8_on_every_computer(tmp_path: Path, source: str) -> None:
    folder = write_experiment(tmp_path / "study", source, {"env.py": READS_A_FILE})
    (folder / "words.txt").write_text("Größe – naïve ☕", "utf-8")
    done = run("check", str(folder), "--browser", "none", "--frames", "5")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_the_invitation_fits_into_any_file(tmp_path: Path, encoding: str) -> None:
    folder = write_experiment(tmp_path / "study", SURVEY)
    told = tmp_path / "out.txt"
    command = [sys.executable, "-m", "igym.cli", "serve", str(folder), "--port", "0", "--data", str(tmp_path / "Größe")]
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": encoding}
    with told.open("wb") as out, contextlib.ExitStack() as stack:
        engine = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
        stack.callback(engine.wait)
        stack.callback(engine.terminate)
        end = time.perf_counter() + 120
        while b"Ctrl+C" not in told.read_bytes():
            assert engine.poll() is None and time.perf_counter() < end, told.read_bytes()
            time.sleep(0.05)
    text = told.read_bytes().decode(encoding)
    assert "http://" in text and "Traceback" not in text
    assert ("█" in text or "▀" in text) is (encoding == "utf-8")


def test_every_child_reads_and_writes_utf8() -> None:
    given = spawn.environment({"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"})
    assert given["PYTHONUTF8"] == "1" and given["PYTHONIOENCODING"].startswith("utf-8")


def test_windows_waits_for_the_program_it_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Popen:
        def __init__(self, command: list[str], env: dict[str, str]) -> None:
            started.append(command)
            assert env["PYTHONUTF8"] == "1" and env["IGYM_TURN_CREDENTIAL"] == "kept"
            self.interrupted = False

        def wait(self) -> int:
            if not self.interrupted:
                self.interrupted = True
                raise KeyboardInterrupt
            return 7

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(consoles, "reads_utf8", lambda: False)
    monkeypatch.setattr(subprocess, "Popen", Popen)
    assert consoles.in_utf8(["check", "x"], {"IGYM_TURN_CREDENTIAL": "kept"}) == 7
    assert started == [[sys.executable, "-P", "-m", "igym.cli", "check", "x"]]
