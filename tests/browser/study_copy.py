"""Studies of these tests: copies with options changed, and those that share the light game of the two spots."""

from __future__ import annotations

import shutil
from pathlib import Path

STUDIES = Path(__file__).parent / "studies"


def study_copy(folder: Path, name: str, **replacements: str) -> Path:
    """Copy a study and replace texts of its `experiment.py`: `{"180": "300"}` style, each must occur."""
    target = folder / name
    shutil.copytree(STUDIES / name, target, ignore=shutil.ignore_patterns("__pycache__"))
    source = (target / "experiment.py").read_text()
    for old, new in replacements.items():
        assert old in source, old
        source = source.replace(old, new)
    (target / "experiment.py").write_text(source)
    return target


def spots_study(folder: Path, name: str) -> Path:
    """The study `studies/spots/<name>.py` with its game, in a folder of its own."""
    target = folder / name
    target.mkdir()
    shutil.copy(STUDIES / "spots" / "env.py", target / "env.py")
    shutil.copy(STUDIES / "spots" / f"{name}.py", target / "experiment.py")
    return target
