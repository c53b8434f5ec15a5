"""A program that is a copy of a started one cannot be told from one that was started, by what a study could see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import warm_starts
from tests.host.conftest import write_experiment

SEEN = """
import json, os, random, sys
import numpy as np
from igym import EndScene, Experiment, Stager

seen = {
    "word": os.environ.get("IGYM_TEST_WORD"), "folder": os.getcwd(), "parent": os.getppid(),
    "leads": os.getsid(0) == os.getpid(), "open": sorted(map(int, os.listdir("/proc/self/fd")))[:4],
    "out": [type(sys.__stdout__.buffer).__name__, sys.__stdout__.encoding, sys.stdin.encoding, sys.__stderr__.errors],
    "copied": "warm_starts.py" in " ".join(sys.orig_argv),
    "drawn": [random.random(), float(np.random.random())],
}
print("seen", json.dumps(seen), file=sys.stderr)
experiment = Experiment(id="seen", title="Seen", stager=Stager([EndScene("end")]))
"""
HAS_COPIES = sys.platform == "linux" and not os.environ.get("IGYM_REAL_STARTS")


def described(folder: Path, **options: Any) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "igym.cli", "describe", "study"]
    environment = {**os.environ, "IGYM_TEST_WORD": "Wörter", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True, **options
    )
    [line] = [line for line in done.stderr.splitlines() if line.startswith("seen ")]
    told: dict[str, Any] = json.loads(line.partition(" ")[2])
    return told


@pytest.mark.parametrize("new_session", [False, True])
def test_a_copy_sees_what_a_started_program_sees(tmp_path: Path, new_session: bool) -> None:
    write_experiment(tmp_path / "study", SEEN)
    copied = [described(tmp_path, start_new_session=new_session) for _ in range(2)]
    warm_starts.start_really(True)
    started = described(tmp_path, start_new_session=new_session)

    assert [each.pop("copied") for each in (*copied, started)] == [HAS_COPIES, HAS_COPIES, False]
    draws = [number for each in (*copied, started) for number in each.pop("drawn")]
    assert len(set(draws)) == len(draws), "no two draw the same"
    assert copied == [started, started]
    assert (started["word"], started["parent"], started["leads"]) == ("Wörter", os.getpid(), new_session)


def test_a_copy_ends_with_the_programs_own_code() -> None:
    done = subprocess.run([sys.executable, "-m", "igym.cli", "nonsense"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no command “nonsense”" in done.stderr


def test_a_copy_that_is_killed_says_so(tmp_path: Path) -> None:
    write_experiment(tmp_path / "study", "import time\nprint('here', flush=True)\ntime.sleep(600)")
    command = [sys.executable, "-m", "igym.cli", "describe", str(tmp_path / "study")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        assert child.stdout is not None
        while "here" not in child.stdout.readline():
            assert child.poll() is None
        child.kill()
        assert child.wait() == -9
