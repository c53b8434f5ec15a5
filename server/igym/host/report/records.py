"""What is on disk of an experiment's sessions: tables with their hashes, the list of all files, the newest backup."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from igym.host.export.files import sha256_of
from igym.host.export.manifest import MANIFEST_NAME
from igym.host.export.names import KIND_FOLDERS


@dataclass(frozen=True)
class FilesOnDisk:
    """`tables`: name below the data folder, bytes and SHA-256 of each; `files`: how many there are in all.

    `list_hash`: SHA-256 of `manifest.json`, which lists all of them; "" before the first export. `backup`: the name of
    the newest one, or "".
    """

    tables: tuple[tuple[str, int, str], ...]
    files: int
    list_hash: str
    backup: str


def files_on_disk(folder: Path, kind: str) -> FilesOnDisk:
    """Of the data folder, with the tables of one kind of sessions. It reads and hashes: not for a thread that draws."""
    tables = tuple(
        (file.relative_to(folder).as_posix(), file.stat().st_size, sha256_of(file))
        for file in sorted((folder / KIND_FOLDERS.get(kind, "")).glob("*.csv"))
    )
    listed = folder / MANIFEST_NAME
    whole = sha256_of(listed) if listed.is_file() else ""
    count = sum(file.is_file() for file in folder.rglob("*"))
    backups = sorted((folder / "backups").glob("*.sqlite3"), key=lambda file: file.stat().st_mtime)
    return FilesOnDisk(tables, count, whole, backups[-1].name if backups else "")
