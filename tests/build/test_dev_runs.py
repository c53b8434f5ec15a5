"""Several pytest runs are one to whoever calls: one closing line, one exit code, and nothing that failed gets lost."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import dev
import dev_runs
import pytest
from dev_runs import Result, Run, closing_line, is_good

GOOD = "def test_good():\n    assert True\n\n\ndef test_better():\n    assert True\n"
BAD = "import pytest\n\n\ndef test_bad():\n    assert False\n\n\n@pytest.fixture\ndef broken():\n    raise OSError\n"
BAD += "\n\ndef test_error(broken):\n    pass\n\n\ndef test_skipped():\n    pytest.skip('why')\n"


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of nothing but tests, run by this Python."""
    (tmp_path / "test_good.py").write_text(GOOD)
    (tmp_path / "test_bad.py").write_text(BAD)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.setattr(dev_runs, "ROOT", tmp_path)
    monkeypatch.setattr(dev_runs, "RECORDS", tmp_path / "records")
    monkeypatch.setattr(dev_runs, "venv_python", lambda: Path(sys.executable))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # Qt and the like take a second each time
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p xdist.plugin")
    return tmp_path


def last_line(capfd: pytest.CaptureFixture[str]) -> str:
    return capfd.readouterr().out.rstrip().rpartition("\n")[2]


def test_one_run_ends_with_pytests_own_line(scratch: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert dev_runs.run_all([Run("one", ("test_good.py",))], [])
    assert re.fullmatch(r"=+ 2 passed in [\d.]+s =+", last_line(capfd))


def test_programs_find_the_bytecode_of_those_before_them(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (scratch / "test_cached.py").write_text("import sys\n\ndef test(): assert not sys.dont_write_bytecode\n")
    assert dev_runs.run_all([Run("one", ("test_cached.py",))], [])


def test_several_runs_end_with_a_line_about_all_of_them(scratch: Path, capfd: pytest.CaptureFixture[str]) -> None:
    runs = [Run("first", ("test_good.py",), dev_runs.side_by_side(2)), Run("second", ("test_good.py",))]
    assert dev_runs.run_all(runs, [])
    assert re.fullmatch(r"=+ 4 passed in [\d.]+s \(0:00:\d\d\) =+", last_line(capfd))


def test_what_fails_in_any_run_fails_the_whole(scratch: Path, capfd: pytest.CaptureFixture[str]) -> None:
    runs = [Run("bad", ("test_bad.py",)), Run("good", ("test_good.py",))]
    assert not dev_runs.run_all(runs, [])
    assert " 1 failed, 2 passed, 1 skipped, 1 errors in " in last_line(capfd)


def test_a_run_that_breaks_off_fails_the_whole_and_is_named(scratch: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (scratch / "records").mkdir()
    dev_runs.record_of("broken").write_text("<testsuite><testcase name='of an earlier time'/></testsuite>")
    runs = [Run("broken", ("not_there.py",)), Run("good", ("test_good.py",))]
    assert not dev_runs.run_all(runs, [])
    line = last_line(capfd)
    assert " 2 passed, run “broken” ended with code 4 in " in line, "and nothing is counted from the time before"


def test_options_may_leave_nothing_of_one_run_but_not_of_all(scratch: Path) -> None:
    runs = [Run("good", ("test_good.py",)), Run("bad", ("test_bad.py",))]
    assert dev_runs.run_all(runs, ["-k", "better"])
    assert not dev_runs.run_all(runs, ["-k", "nothing_is_called_this"])


def test_stopping_at_the_first_failure_stops_the_runs_that_follow(
    scratch: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runs = [Run("bad", ("test_bad.py",)), Run("good", ("test_good.py",))]
    assert not dev_runs.run_all(runs, ["-x"])
    assert "passed" not in last_line(capfd)


def test_a_failure_that_no_test_tells_of_is_told() -> None:
    """Too little coverage ends a run with a code, though every test passed."""
    results = [Result("pure", 1, Counter(passed=3)), Result("programs", 0, Counter(passed=4))]
    assert not is_good(results)
    assert "7 passed, run “pure” ended with code 1 in 3725.00s (1:02:05)" in closing_line(results, 3725)


def test_every_level_belongs_to_one_run() -> None:
    assert sorted(level for members in dev.RUNS.values() for level in members) == sorted(dev.LEVELS)


def test_crowds_and_whoever_watches_have_the_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.os, "cpu_count", lambda: 2)
    plan = {run.name: run for run in dev.planned_runs(list(dev.LEVELS), None, [])}
    assert "-n" not in plan["crowds"].options
    assert plan["programs"].options[:2] == ("-n", "3") and plan["pure"].options[:2] == ("-n", "2")
    assert "--cov=igym.core" in plan["pure"].options and "--cov=igym.core" not in plan["programs"].options
    for watched in dev.planned_runs(list(dev.LEVELS), None, ["--pdb"]):
        assert "-n" not in watched.options, watched.name


def test_chosen_files_are_run_where_their_level_is() -> None:
    files = ["tests/crowd/test_twelve_browsers.py", "tests/core/test_lab.py", "tests/host/test_web.py"]
    plan = dev.planned_runs(list(dev.LEVELS), files, [])
    assert [(run.name, run.paths) for run in plan] == [
        ("pure", ("tests/core/test_lab.py",)),
        ("programs", ("tests/host/test_web.py",)),
        ("crowds", ("tests/crowd/test_twelve_browsers.py",)),
    ]
    assert dev.planned_runs(["env"], files, []) == []
    assert not any("--cov-fail-under=95" in run.options for run in plan), "a part of the tests covers a part"
