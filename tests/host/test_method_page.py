"""Every study of the page "From method section to study" is walked through, whole, by made-up people."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from igym.host.programs.check_main import as_text, run_checks
from igym.in_browsers import library_files

PAGE = Path(__file__).resolve().parents[2] / "docs" / "manual" / "method-to-study.md"
BLOCK = re.compile(r"<!-- (env|study: (\w+)) -->\n```python\n(.*?)```", re.S)
FOUND = {name or kind: code for kind, name, code in BLOCK.findall(PAGE.read_text("utf-8"))}
STUDIES = [
    "between", "groups", "within", "practice", "comprehension", "attention", "chat", "assistant", "confederate",
    "roles", "reaction", "payment", "recruited",
]  # fmt: skip


def test_the_env_of_the_page_needs_no_more_of_igym_than_browsers_have(tmp_path: Path) -> None:
    for name, text in {**library_files(), "env.py": FOUND["env"]}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import igym, env; print(igym.__file__); env.make_env()"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and str(tmp_path) in done.stdout, done.stdout + done.stderr


def test_the_page_has_what_method_sections_say() -> None:
    assert list(FOUND) == ["env", *STUDIES]


@pytest.mark.parametrize("name", STUDIES)
def test_the_study_of_the_page_is_complete(name: str, tmp_path: Path) -> None:
    (tmp_path / "env.py").write_text(FOUND["env"], "utf-8")
    (tmp_path / "experiment.py").write_text(FOUND[name], "utf-8")
    report = run_checks(tmp_path, None, 20, 1, None, people=12)
    assert report["ok"], as_text(report)
    study = report["study"]
    assert study["ok"] and study["findings"] == [], as_text(report)
    assert study["ended"].get("finished", 0) >= (1 if name == "practice" else 8), study["ended"]
