"""What exactly was run: the experiment's files, kept beside the data."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from igym.experiment.files import SKIPPED_FOLDERS, is_part_of
from igym.host.base.held_files import move

MAX_FILE_BYTES = 200 * 1024 * 1024


def source_files(folder: Path) -> Iterator[Path]:
    """Every file that is part of the experiment: no data, no environments, nothing hidden or from elsewhere."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        left_out = any(part.startswith(".") for part in parts) or SKIPPED_FOLDERS & set(parts[:-1])
        if not left_out and path.suffix != ".pyc" and path.is_file() and is_part_of(folder, path):
            yield path


def sources_digest(folder: Path) -> str:
    """One SHA-256 over names and contents: two runs with the same digest ran the same files."""
    digest = hashlib.sha256()
    for path in source_files(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def keep_sources(folder: Path, target: Path, facts: dict[str, Any], wheels: Iterable[Path] = ()) -> None:
    """Copies the experiment's files to `target`, with `wheels` and `facts` (name → JSON) beside them.

    A fact's name may hold a folder, as in `games/trial`.
    """
    unfinished = target.with_name(f".{target.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    for path in source_files(folder):
        if path.stat().st_size > MAX_FILE_BYTES or path.is_relative_to(target.parent):
            continue
        copy = unfinished / "sources" / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    for name, value in facts.items():
        path = unfinished / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")
    for wheel in wheels:
        (unfinished / "wheels").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wheel, unfinished / "wheels" / wheel.name)
    shutil.rmtree(target, ignore_errors=True)
    move(unfinished, target)
