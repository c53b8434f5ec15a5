"""A circle of imports put in by hand does not get past the checks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CIRCLES = {
    # a module far below → what leads to it, imported where nobody looks: inside a function
    "igym.core": ("server/igym/core/match.py", "igym.core.journey"),
    "igym.experiment": ("server/igym/experiment/errors.py", "igym.experiment.loader"),
    "igym.experiment.scenes": ("server/igym/experiment/scenes/base.py", "igym.experiment.scenes.gym"),
    "igym.host": ("server/igym/host/base/errors.py", "igym.host.store.store"),
    "igym.host.export": ("server/igym/host/export/files.py", "igym.host.export.exporter"),
    "igym_desktop": ("igym_desktop/i18n.py", "igym_desktop.app"),
    "igym_desktop.pages": ("igym_desktop/pages/session_actions.py", "igym_desktop.pages.session"),
}


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources and the contracts, to be spoilt."""
    place = tmp_path_factory.mktemp("circles")
    leave = shutil.ignore_patterns("__pycache__", "resources")
    for folder in ("server/igym", "igym_desktop"):
        shutil.copytree(root / folder, place / folder, ignore=leave)
    shutil.copy(root / "pyproject.toml", place)
    return place


@pytest.mark.parametrize("package", CIRCLES)
def test_a_circle_breaks_the_contract(copy: Path, package: str) -> None:
    name, imported = CIRCLES[package]
    file = copy / name
    before = file.read_text("utf-8")
    file.write_text(f"{before}\n\ndef _late() -> object:\n    import {imported}\n\n    return {imported}\n", "utf-8")
    try:
        code, said = lint_imports(copy)
    finally:
        file.write_text(before, "utf-8")
    assert code != 0
    assert f"No cycles are allowed in {package}." in said


def lint_imports(copy: Path) -> tuple[int, str]:
    """Exit code and output of import-linter on the copy, not on the installed packages."""
    tool = Path(sys.executable).with_name("lint-imports")
    places = os.pathsep.join(str(copy / place) for place in ("server", "."))
    done = subprocess.run(
        [str(tool), "--no-cache"], cwd=copy, env={**os.environ, "PYTHONPATH": places, "PYTHONIOENCODING": "utf-8"},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
