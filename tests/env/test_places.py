"""Whose file a path names, as Windows and as everybody else writes paths."""

from __future__ import annotations

import ntpath
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from igym_bridge import faults, loader, places

STUDY = r"C:\Users\Jürgen Groß\Meine Studien\beans"


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "system", ntpath)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("file", "name"),
    [
        (STUDY + r"\env.py", "env.py"),
        (STUDY + r"\parts\level.py", "parts/level.py"),
        (STUDY.lower() + r"\env.py", "env.py"),
        (STUDY + "/env.py", "env.py"),
        (STUDY + r" copy\env.py", None),
        (r"C:\Program Files\Python313\Lib\random.py", None),
        (None, None),
    ],
)
def test_a_file_is_known_by_its_folder(file: str | None, name: str | None) -> None:
    assert places.within(file, STUDY) == name


def test_here_paths_differ_in_case() -> None:
    assert places.within("/lab/Study/env.py", "/lab/Study") == "env.py"
    assert places.within("/lab/study/env.py", "/lab/Study") is None


@pytest.fixture
def module_of_study() -> Iterator[ModuleType]:
    module = ModuleType("study_env")
    module.__file__ = STUDY + r"\study_env.py"
    sys.modules["study_env"] = module
    yield module
    sys.modules.pop("study_env", None)


@pytest.mark.usefixtures("windows")
def test_module_state_of_a_study_is_found(module_of_study: ModuleType) -> None:
    assert module_of_study in loader.modules_of(STUDY)


def raised(source: str, file: str) -> BaseException:
    """What running `source` as `file` raises."""
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile(source, file, "exec"), {})
    return caught.value


@pytest.mark.usefixtures("windows")
def test_an_error_is_told_by_the_researchers_line_alone() -> None:
    told = faults.describe(raised("\n" * 13 + "1 / 0", STUDY + r"\parts\env.py"), STUDY)
    assert (told["file"], told["line"]) == ("parts/env.py", 14)
    assert told["traceback"].startswith('  File "parts/env.py", line 14')
    assert "raised" not in told["traceback"] and "C:" not in told["traceback"]


@pytest.mark.usefixtures("windows")
def test_the_bridges_own_calls_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "OWN_FOLDER", r"D:\app\_web\game\igym_bridge")
    error = raised("1 / 0", r"D:\app\_web\game\igym_bridge\adapters.py")
    assert "adapters.py" not in faults.describe(error, STUDY)["traceback"]


def test_source_lines_are_shown_with_short_names(tmp_path: Path) -> None:
    file = tmp_path / "env.py"
    file.write_text("def step():\n    return 1 / 0\nstep()\n", "utf-8")
    error = raised(file.read_text("utf-8"), str(file))
    shown = places.listing(traceback.extract_tb(error.__traceback__), str(tmp_path))
    assert '  File "env.py", line 2, in step\n    return 1 / 0\n' in shown
