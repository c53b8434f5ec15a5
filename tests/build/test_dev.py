"""The developer's script finds what is missing, does nothing twice, and says what to do in plain words."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import dev
import dev_bench
import dev_setup
import pytest
from dev_setup import SetupError
from packaging.requirements import Requirement


def test_every_folder_of_tests_belongs_to_a_level(root: Path) -> None:
    folders = dev.test_folders(list(dev.LEVELS))
    present = {f"tests/{p.relative_to(root / 'tests').parts[0]}" for p in (root / "tests").rglob("test_*.py")}
    assert present - {"tests/web"} <= set(folders)


def test_a_stray_folder_of_tests_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests" / "strange").mkdir(parents=True)
    (tmp_path / "tests" / "strange" / "test_x.py").write_text("")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    with pytest.raises(SetupError, match="tests/strange belongs to no level"):
        dev.test_folders(["core"])


def test_fast_leaves_out_the_slow_levels() -> None:
    assert set(dev.chosen_levels([], fast=False)) == {"lint", "web", *dev.LEVELS} - set(dev.ON_REQUEST)
    assert dev.chosen_levels(["envs"], fast=True) == ["envs"]
    assert not set(dev.chosen_levels([], fast=True)) & set(dev.SLOW)
    assert dev.chosen_levels(["host"], fast=False) == ["host"]


def test_failing_checks_are_shown_and_counted(capfd: pytest.CaptureFixture[str]) -> None:
    good = dev.Check("good", (sys.executable, "-c", "print('quiet')"))
    bad = dev.Check("bad", (sys.executable, "-c", "import sys; print('the reason'); sys.exit(3)"))
    outcomes = dev.run_checks([good, bad])
    assert [(outcome.name, outcome.passed) for outcome in outcomes] == [("good", True), ("bad", False)]
    printed = capfd.readouterr().out
    assert "the reason" in printed
    assert "quiet" not in printed


def test_an_old_node_is_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev_setup.shutil, "which", lambda name: f"/bin/{name}")
    answer = subprocess.CompletedProcess([], 0, stdout="v16.20.1\n")
    monkeypatch.setattr(dev_setup.subprocess, "run", lambda *_args, **_options: answer)
    with pytest.raises(SetupError, match=r"Node.js v16.20.1 is too old(.|\n)*Install Node.js 20"):
        dev_setup.npm_tool()


def test_an_absent_node_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev_setup.shutil, "which", lambda _name: None)
    with pytest.raises(SetupError, match="was not found"):
        dev_setup.npm_tool()


def test_missing_system_packages_without_root_name_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev_setup, "is_debian", lambda: True)
    monkeypatch.setattr(dev_setup, "installed", lambda names: {"libgl1"})
    monkeypatch.setattr(dev_setup, "is_root", lambda: False)
    with pytest.raises(SetupError, match="sudo apt-get install libegl1"):
        dev_setup.ensure_libraries(["libgl1", "libegl1"])


def test_present_system_packages_need_no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev_setup, "is_debian", lambda: True)
    monkeypatch.setattr(dev_setup, "installed", lambda names: {"libgl1", "libglib2.0-0t64"})
    monkeypatch.setattr(dev_setup, "call", lambda *_: pytest.fail("nothing is to be installed"))
    dev_setup.ensure_libraries(["libgl1", "libglib2.0-0"])


class Apt:
    def __init__(self) -> None:
        self.is_offered = self.works = True
        self.version = "140"
        self.calls: list[list[str]] = []

    def run(self, command: list[str], **_options: object) -> subprocess.CompletedProcess[bytes]:
        self.calls.append(command)
        return subprocess.CompletedProcess(
            command, int(not (self.is_offered if "apt-cache" in command else self.works))
        )


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Apt:
    """A Debian whose root has Chromium, but not the quick one."""
    apt = Apt()
    monkeypatch.setattr(dev_setup, "VENV", tmp_path)
    monkeypatch.setattr(dev_setup, "is_debian", lambda: True)
    monkeypatch.setattr(dev_setup, "is_root", lambda: True)
    monkeypatch.setattr(dev_setup.shutil, "which", lambda _name: None)
    monkeypatch.setattr(dev_setup, "version_of", lambda _name: apt.version)
    monkeypatch.setattr(dev_setup.subprocess, "run", apt.run)
    return apt


@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("is_offered", [True, False])
def test_the_quick_browser_is_installed_where_it_is_offered_and_nobody_needs_it(
    is_offered: bool, works: bool, apt: Apt, capsys: pytest.CaptureFixture[str]
) -> None:
    apt.is_offered, apt.works = is_offered, works
    dev_setup.ensure_quick_browser()
    assert any("install" in command for command in apt.calls) is is_offered
    assert all(command[-1] == "chromium-headless-shell" for command in apt.calls)
    assert ("the tests take Chromium itself" in capsys.readouterr().out) is (is_offered and not works)


def test_a_quick_browser_that_could_not_be_had_is_asked_for_again_with_another_chromium(apt: Apt) -> None:
    apt.works = False
    dev_setup.ensure_quick_browser()
    asked = len(apt.calls)
    dev_setup.ensure_quick_browser()
    assert len(apt.calls) == asked
    apt.version = "141"
    dev_setup.ensure_quick_browser()
    assert len(apt.calls) == 2 * asked


def test_packages_are_installed_once_per_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(dev_setup, "VENV", tmp_path)
    monkeypatch.setattr(dev_setup, "call", lambda command, _failure: calls.append(command))
    dev_setup.ensure_packages()
    dev_setup.ensure_packages()
    assert len(calls) == 1
    assert "--constraint" in calls[0]
    (tmp_path / "igym-stamp").write_text("of another lock")
    dev_setup.ensure_packages()
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("system", "machine", "python", "words"),
    [
        ("win32", "ARM64", (3, 13), []),
        ("win32", "AMD64", (3, 12), ["15.6 ms"]),
        ("darwin", "x86_64", (3, 13), ["Intel Mac"]),
        ("darwin", "arm64", (3, 13), []),
        ("linux", "x86_64", (3, 11), []),
    ],
)
def test_what_does_not_work_on_a_computer_is_said_in_a_sentence(
    system: str, machine: str, python: tuple[int, ...], words: list[str]
) -> None:
    told = dev_setup.told_of_this_computer(system, machine, python)
    assert len(told) == len(words) and all(word in text for word, text in zip(words, told, strict=True))


def test_packages_without_wheels_for_a_computer_are_not_asked_of_it(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    assert not any(line.startswith("pyarrow") for line in project["dependencies"])
    tests_own = project["optional-dependencies"]["dev"]
    pyarrow = next(Requirement(line) for line in tests_own if line.startswith("pyarrow>"))
    assert pyarrow.marker is not None
    assert not pyarrow.marker.evaluate({"sys_platform": "win32", "platform_machine": "ARM64"})
    assert pyarrow.marker.evaluate({"sys_platform": "win32", "platform_machine": "AMD64"})
    locked = [Requirement(line) for line in dev_setup.REQUIREMENTS_LOCK.read_text().splitlines()]
    for system, machine in (("darwin", "x86_64"), ("darwin", "arm64"), ("win32", "AMD64"), ("linux", "x86_64")):
        place = {"sys_platform": system, "platform_machine": machine}
        fitting = [one for one in locked if one.name == "onnxruntime" and one.marker and one.marker.evaluate(place)]
        assert len(fitting) == 1, (system, machine)


def test_the_lock_pins_exactly_and_names_no_host() -> None:
    for line in dev_setup.REQUIREMENTS_LOCK.read_text().splitlines():
        name, separator, version = line.partition("==")
        assert separator, line
        assert name
        assert version
        assert "/" not in line


def test_the_npm_lock_names_no_host(root: Path) -> None:
    packages = json.loads((root / "package-lock.json").read_text())["packages"]
    assert not [name for name, entry in packages.items() if "resolved" in entry]


def test_ci_calls_the_readmes_test_command(root: Path) -> None:
    script = (root / ".ci" / "run").read_text()
    assert "build/dev.py test\n" in script
    assert "python build/dev.py test" in (root / "README.md").read_text()


BENCH = """
from figures import figure, report
report("Numbers", [figure("loop", "ms", [1.0, 2.0, 3.0, 4.0, 100.0], target="< 5 ms")], notes=["quiet machine"])
"""


@pytest.fixture
def bench_folder(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "figures.py").write_text((root / "build" / "bench" / "figures.py").read_text())
    (folder / "loops.py").write_text(BENCH)
    monkeypatch.setattr(dev_bench, "SCRIPTS", folder)
    monkeypatch.setattr(dev_bench, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(dev_bench, "ROOT", tmp_path)
    return folder


def test_a_benchmark_gives_a_table_with_targets_and_a_file(
    bench_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert dev_bench.run([], Path(sys.executable), None) == 0
    printed = capfd.readouterr().out
    assert "Numbers" in printed
    assert "< 5 ms" in printed
    (saved,) = (tmp_path / "results").iterdir()
    (result,) = json.loads(saved.read_text())["results"]
    assert result["figures"][0]["median"] == 3.0
    assert result["figures"][0]["n"] == 5
    assert json.loads(saved.read_text())["machine"]["cores"]


def test_a_benchmark_that_fails_is_told(bench_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (bench_folder / "loops.py").write_text("raise SystemExit(4)")
    assert dev_bench.run(["loops"], Path(sys.executable), None) == 1
    assert "FAILED: ended with code 4" in capfd.readouterr().out


def test_an_unknown_benchmark_is_told(bench_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert dev_bench.run(["nonsense"], Path(sys.executable), None) == 2
    assert "There are: loops" in capfd.readouterr().out
