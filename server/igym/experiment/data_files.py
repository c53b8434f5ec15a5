"""The files beside an env that its code reads: levels, texts, images, arrays. What browsers get of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from igym.experiment.errors import ExperimentError, shown
from igym.experiment.files import SKIPPED_FOLDERS, existing, is_part_of, parsed
from igym.experiment.scenes.gym import GymScene
from igym.experiment.study_text import STUDY_FILE
from igym.protocol.told import Told

MOST_BYTES = 32 * 1024 * 1024
"""Of all files of one game: every browser fetches them and holds them in memory."""
PRIVATE_FOLDERS = SKIPPED_FOLDERS | {"wheels"}
NEVER = frozenset({".py", ".pyc", ".whl", ".igymz", ".sqlite3", ".igr"})
"""Python files go their own way; the others are the app's."""
_GAP, _ENDING = re.compile(r"\{[^{}]*\}|%0?\d*[sd]"), re.compile(r"\.\w{1,8}")
_WILD = re.compile(r"[*?\[]")


def beside(folder: Path) -> dict[str, Path]:
    """Path → file of everything in the folder that a game may read: no code, no recordings, nothing hidden."""
    found: dict[str, Path] = {}
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        hidden = any(part.startswith(".") for part in path.parts) or PRIVATE_FOLDERS & set(path.parts[:-1])
        if (
            not hidden
            and path.as_posix() != STUDY_FILE
            and path.suffix.lower() not in NEVER
            and file.is_file()
            and is_part_of(folder, file)
        ):
            found[path.as_posix()] = file
    return found


def data_files(scene: GymScene, folder: Path, sources: Iterable[str]) -> dict[str, Path]:
    """Path → file of what browsers get beside the code: what `.environment(files=…)` says, else what the code names.

    `sources` are the Python texts of the game. Raises `ExperimentError` when a file is not there or all are too large.
    """
    options = scene.environment_options
    there = beside(folder)
    wanted = options.files
    if wanted is None:
        patterns = {name for text in sources for name in _names_in(text)} | set(_texts(options.config))
        found = {path: file for path, file in there.items() if _is_named(path, patterns)}
    else:
        found = {path: there[path] for entry in wanted for path in _chosen(entry, folder, there)}
    _check_size(scene, found)
    return found


def _chosen(entry: str, folder: Path, there: dict[str, Path]) -> list[str]:
    """The files of one entry: a file, a folder with all below it, or a pattern such as levels/*.json."""
    name = entry.rstrip("/")
    chosen = [path for path in there if path == name or path.startswith(f"{name}/") or _fits(path, name)]
    if not chosen:
        existing(folder, name, Told("the file for the env"))
        raise ExperimentError(
            Told(
                "the file for the env {file} cannot go to browsers: Python files go by themselves, and "
                "hidden files and the folders {folders} never leave this computer.",
                file=shown(entry),
                folders=", ".join(sorted(PRIVATE_FOLDERS)),
            ),
            value=entry,
        )
    return chosen


def _fits(path: str, pattern: str) -> bool:
    """A `*` stands for anything within one name."""
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _is_named(path: str, patterns: set[str]) -> bool:
    """Whether the code names the file, by its path or its name, or a folder it lies in."""
    own = PurePosixPath(path)
    names = {path, own.name, *(step for parent in own.parents[:-1] for step in (parent.as_posix(), parent.name))}
    if names & patterns:
        return True
    return any(fnmatchcase(own.name, text) or _fits(path, text) for text in patterns if _WILD.search(text))


def _names_in(source: str) -> Iterator[str]:
    """What may be the name of a file in a Python text: its strings, those with gaps as patterns."""
    waiting: list[ast.AST] = [parsed(source, "code")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _as_name(node.value)
        elif isinstance(node, ast.JoinedStr):
            yield from _as_name("".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in node.values))
            waiting += [part for part in node.values if not isinstance(part, ast.Constant)]
        else:
            waiting += ast.iter_child_nodes(node)


def _as_name(text: str) -> Iterator[str]:
    """A short text as a path from the folder; one that is all gap would name everything."""
    name = _GAP.sub("*", text.replace("\\", "/").removeprefix("./").strip("/"))
    name = f"*{name}" if _ENDING.fullmatch(name) else name
    if 0 < len(name) <= 240 and "\n" not in name and re.search(r"\w", re.sub(r"\[[^\]]*\]", "", name)):
        yield name


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _as_name(value)
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _check_size(scene: GymScene, found: dict[str, Path]) -> None:
    sizes = {path: file.stat().st_size for path, file in found.items()}
    if sum(sizes.values()) <= MOST_BYTES:
        return
    largest = sorted(sizes, key=lambda path: -sizes[path])[:3]
    told = ", ".join(f"{path} ({sizes[path] / 2**20:.1f} MB)" for path in largest)
    raise ExperimentError(
        Told(
            "the files that the game {scene} reads are {size} MB together; a browser gets at most {most} "
            "MB. The largest are {largest}. Name those it needs in .environment(files=[…]), make them "
            'smaller, or run the game on the host with .runtime(where="host").',
            scene=shown(scene.id),
            size=f"{sum(sizes.values()) / 2**20:.0f}",
            most=MOST_BYTES // 2**20,
            largest=told,
        )
    )
