"""What browsers were given to run each game, kept beside the data: matches can be played again from it alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from igym.host.export.names import safe_name
from igym.host.packages.wheels import WheelStore

FORMAT = "igym-game/1"
GAMES, WHEELS, SOURCES, RESUMED = "games", "wheels", "sources", "resumed_"


def game_facts(bundles: Mapping[str, Mapping[str, Any]], lock: Mapping[str, Any], runtime: str) -> dict[str, Any]:
    """`games/<scene>` → the game bundle with the SHA-256 of each source and data file in place of its content.

    `lock` maps scene → the packages it loads, `runtime` names the version of the browser's Python.
    """
    return {
        f"{GAMES}/{safe_name(scene)}": {
            **bundle,
            "format": FORMAT,
            "files": {path: text_digest(text) for path, text in bundle["files"].items()},
            "data": {path: entry["sha256"] for path, entry in bundle["data"].items()},
            "package_lock": lock.get(scene, []),
            "runtime": runtime,
        }
        for scene, bundle in bundles.items()
    }


def text_digest(text: str) -> str:
    """SHA-256 of a source file's text, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def wheels_of(lock: Mapping[str, Iterable[Mapping[str, str]]], store: WheelStore) -> list[Path]:
    """The files of all packages in `lock` that are not part of the app."""
    names = {entry["file"] for entries in lock.values() for entry in entries if entry["source"] == "wheel"}
    found = (store.file(name) for name in sorted(names))
    return [path for path in found if path is not None]


def copy_folders(folder: Path, session: str) -> list[Path]:
    """The session's copies of what it ran, oldest first: the first start, then each resumption with changed files."""
    first = folder / "experiment" / session
    later = sorted(first.glob(f"{RESUMED}*"), key=lambda path: int(path.name.removeprefix(RESUMED)))
    return [first, *later] if first.is_dir() else []


def next_copy(folder: Path, session: str) -> Path:
    """Where a resumption with changed files puts its copy."""
    return folder / "experiment" / session / f"{RESUMED}{max(1, len(copy_folders(folder, session)))}"


def copy_at(folder: Path, session: str, at: float) -> Path | None:
    """The copy that was being run at unix time `at`."""
    copies = copy_folders(folder, session)
    running = [copy for copy in copies[1:] if _resumed_at(copy) <= at]
    return next(iter([*reversed(running), *copies]), None)


def _resumed_at(copy: Path) -> float:
    return float(json.loads((copy / "run.json").read_text("utf-8"))["resumed_at"])


def game_file(copy: Path, scene: str) -> Path | None:
    """The kept game of a scene; a round of a repeated scene (`task_r1`) plays the scene it repeats."""
    while not (path := copy / GAMES / f"{safe_name(scene)}.json").is_file():
        scene, mark, number = scene.rpartition("_r")
        if not (mark and number.isdecimal()):
            return None
    return path
