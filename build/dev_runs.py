"""Runs pytest: tests that do not disturb each other side by side, then, alone, those that need the whole computer."""

from __future__ import annotations

import os
import subprocess
import time
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dev_setup import ROOT, find_browser, venv_python

RECORDS = ROOT / "build" / "out" / "tests"
"""One JUnit file for each pytest run; `dev.py slowest` reads them."""
NOTHING_CHOSEN = 5
"""pytest's exit code where the given options leave no test."""
KINDS = ("failed", "passed", "skipped", "errors")


@dataclass(frozen=True)
class Run:
    """One pytest process. `paths` are folders or files below the checkout."""

    name: str
    paths: tuple[str, ...]
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What came of a run: pytest's exit code, and how many tests ended how, where it lived to write that down."""

    name: str
    code: int
    counts: Counter[str] | None


def side_by_side(workers: int) -> tuple[str, ...]:
    """Options for so many workers; a file's tests stay together, because they share what its fixtures start.

    Files begin in the order given: the long ones first, so that none of them is left for a lonely end.
    """
    # A worker that is made anew after a crash gets no more files, and the run would wait for ever: it ends instead.
    restarts = "--max-worker-restart=0"
    return ("-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder", restarts)


def record_of(name: str) -> Path:
    return RECORDS / f"{name}.xml"


def run(one: Run, extra: list[str]) -> Result:
    """Runs pytest with its output shown."""
    record = record_of(one.name)
    record.unlink(missing_ok=True)  # of an earlier time: it must not speak for a run that broke off
    command = [str(venv_python()), "-m", "pytest", f"--junitxml={record}", "--durations=10", "--durations-min=5"]
    environment = dict(os.environ)
    # The tests start some thousand programs: without bytecode on the disk each compiles the same modules anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if browser := find_browser():
        environment["IGYM_CHROMIUM"] = browser
    print(flush=True)
    code = subprocess.run(
        [*command, *one.options, *one.paths, *extra], cwd=ROOT, env=environment, check=False
    ).returncode
    return Result(one.name, code, counted(record) if record.is_file() else None)


def counted(record: Path) -> Counter[str]:
    """How the tests of a run ended."""
    return Counter(ending(case) for case in ET.parse(record).iter("testcase"))


def ending(case: ET.Element) -> str:
    marks = {"error": "errors", "failure": "failed", "skipped": "skipped"}
    return next((word for mark, word in marks.items() if case.find(mark) is not None), "passed")


def run_all(runs: list[Run], extra: list[str]) -> bool:
    """Runs them one after the other and closes with one line about all of them. True when nothing failed."""
    started = time.monotonic()
    results: list[Result] = []
    for one in runs:
        results.append(run(one, extra))
        if results[-1].code not in (0, NOTHING_CHOSEN) and stops_at_failure(extra):
            break
    if len(runs) > 1:
        print(f"\n{closing_line(results, time.monotonic() - started)}", flush=True)
    return is_good(results)


def stops_at_failure(extra: list[str]) -> bool:
    return any(option in ("-x", "--exitfirst") or option.startswith("--maxfail") for option in extra)


def is_good(results: list[Result]) -> bool:
    """Options may leave nothing of one run, but not of all."""
    codes = {result.code for result in results}
    return 0 in codes and codes <= {0, NOTHING_CHOSEN}


def closing_line(results: list[Result], seconds: float) -> str:
    """All runs together, in the words of pytest's own closing line."""
    total: Counter[str] = sum((result.counts for result in results if result.counts is not None), Counter())
    told = [f"{total[kind]} {kind}" for kind in KINDS if total[kind]] or ["no tests ran"]
    told += [f"run “{r.name}” ended with code {r.code}" for r in results if not explained(r)]
    minutes = time.strftime("%H:%M:%S", time.gmtime(seconds)).removeprefix("0")
    return f" {', '.join(told)} in {seconds:.2f}s ({minutes}) ".center(80, "=")


def explained(result: Result) -> bool:
    """Whether the counts say why the run ended as it did."""
    if result.code in (0, NOTHING_CHOSEN):
        return True
    return result.code == 1 and result.counts is not None and bool(result.counts["failed"] + result.counts["errors"])
