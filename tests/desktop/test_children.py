"""Child processes of the launcher: what they say, how they end, and what is told when they cannot begin."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.lab_child import LabChild
from tests.waiting import LIMIT_MS

PING_PONG = """
import json, sys
print("no JSON at all", flush=True)
for line in sys.stdin:
    print(json.dumps({"heard": json.loads(line)}), flush=True)
print(json.dumps({"event": "bye"}), flush=True)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_leashed_child_hears_lines_and_ends_with_its_input(qtbot: Any) -> None:
    job = ChildJob(python(PING_PONG), 0, leash=True)
    told: list[Any] = []
    job.told.connect(told.append)
    with qtbot.waitSignal(job.finished, timeout=LIMIT_MS) as ended:
        job.start()
        job.write({"do": "again"})
        qtbot.waitUntil(lambda: told == [{"heard": {"do": "again"}}], timeout=LIMIT_MS)
        job.let_go(20_000)
    assert ended.args == [Outcome(True, {"event": "bye"}, "")]
    job.write({"do": "nothing"})
    job.let_go(1)
    job.wait(1)


def test_a_child_that_does_not_end_with_its_input_is_ended(qtbot: Any) -> None:
    job = ChildJob(python("import time; print('{}', flush=True); time.sleep(600)"), 0, leash=True)
    with qtbot.waitSignal(job.told, timeout=LIMIT_MS):
        job.start()
    with qtbot.waitSignal(job.finished, timeout=LIMIT_MS) as ended:
        job.let_go(1)
    assert not ended.args[0].ok


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (["/no/such/program"], "cannot_start", ""),
        (python("import sys; sys.exit('the camera is on fire')"), "crashed", "the camera is on fire"),
    ],
)
def test_a_lab_check_that_breaks_off_says_why(qtbot: Any, command: list[str], code: str, words: str) -> None:
    child = LabChild(command)
    failures: list[tuple[str, str]] = []
    child.failed.connect(lambda code, text: failures.append((code, text)))
    with qtbot.waitSignal(child.ended, timeout=LIMIT_MS):
        pass
    assert [found for found, _ in failures] == [code]
    assert words in failures[0][1] and failures[0][1]
    child.order(do="again")
    child.finish()
