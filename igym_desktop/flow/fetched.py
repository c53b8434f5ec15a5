"""A copy of what a server elsewhere has recorded: which of its files are new, and what leaves with the server's."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from igym.host.base.held_files import remove, remove_folder
from igym.host.export.files import sha256_of
from igym.host.export.manifest import MANIFEST_NAME
from igym_desktop.flow.servers import MARK, Server

PART = ".part"


@dataclass(frozen=True)
class Wanted:
    """One file to fetch: its name at the server, where it goes, and how long it is."""

    name: str
    target: Path
    size: int


def wanted_files(folder: Path, listed: Sequence[Mapping[str, Any]]) -> list[Wanted]:
    """Raises `ValueError` for a name that would lead out of the folder: no server puts files elsewhere."""
    return [Wanted(str(entry["name"]), place(folder, str(entry["name"])), int(entry["bytes"])) for entry in listed]


def place(folder: Path, name: str) -> Path:
    """Where a file of this name goes; raises `ValueError`."""
    parts = PurePosixPath(name).parts
    odd = any(part in ("..", ".", "/") or part.startswith(".") or set(part) & set('\\:*?"<>|\0') for part in parts)
    if not parts or odd or name in (MARK, f"{MARK}{PART}") or name.endswith(PART):
        raise ValueError(name)
    return folder.joinpath(*parts)


def sums(folder: Path) -> dict[str, str]:
    """Name → SHA-256 of the files that a data folder lists; empty without a list."""
    return sums_in(folder / MANIFEST_NAME)


def sums_in(file: Path) -> dict[str, str]:
    """The same of a list that has another name still."""
    try:
        files = json.loads(file.read_text(encoding="utf-8"))["files"]
        return {str(name): str(entry["sha256"]) for name, entry in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def is_here(file: Wanted, before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether the copy has it as the server has it: then it is not sent again."""
    known = now.get(file.name)
    return known is not None and known == before.get(file.name) and file.target.is_file()


def others_than_listed(files: Sequence[Wanted], now: Mapping[str, str]) -> set[str]:
    """Names of those that are here in another state than the list's, which was fetched before them."""
    listed = [file for file in files if file.name in now and file.target.is_file()]
    return {file.name for file in listed if sha256_of(file.target) != now[file.name]}


def drop_what_left(folder: Path, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Files that the server has no more, such as those of somebody who was erased, go here too. Raises `OSError`."""
    gone = sorted(set(before) - set(now))
    for name in gone:
        with contextlib.suppress(ValueError):
            remove(place(folder, name))
    return gone


def mark_copy(folder: Path, server: Server) -> None:
    """Tells everybody who looks into the folder where it is from."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"server": server.shown, "address": server.address, "fetched_at": time.time()}
    (folder / MARK).write_text(json.dumps(told, indent=2), encoding="utf-8")


def drop_copy(folder: Path) -> None:
    """The whole copy; what it is a copy of stays at the server. Raises `OSError`, `ValueError` for what is none."""
    if not (folder / MARK).is_file():
        raise ValueError(str(folder))
    remove_folder(folder)
