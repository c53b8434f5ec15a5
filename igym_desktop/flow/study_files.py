"""Files a study names: they lie in its folder, so that they go along with it."""

from __future__ import annotations

import shutil
from pathlib import Path

ASSETS = "assets"


def in_study(file: Path, folder: Path) -> str:
    """The file's path within the study, with /; one from elsewhere is copied into it first.

    Another file of its name there keeps it. Raises `OSError` when it cannot be copied.
    """
    if file.resolve().is_relative_to(folder.resolve()):
        return file.resolve().relative_to(folder.resolve()).as_posix()
    assets = folder / ASSETS
    assets.mkdir(exist_ok=True)
    target, number = assets / file.name, 2
    while target.exists() and target.read_bytes() != file.read_bytes():
        target, number = assets / f"{file.stem}_{number}{file.suffix}", number + 1
    if not target.exists():
        shutil.copyfile(file, target)
    return target.relative_to(folder).as_posix()
