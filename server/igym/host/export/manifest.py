"""The list of every exported file with its SHA-256, and its check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.host.export.files import sha256_of, write_json

MANIFEST_NAME = "manifest.json"
NOTES_NAME = ".manifest-notes.jsonl"
"""What an exporter noted since it wrote the list, a line each: another process goes on with it when that one dies."""
FORMAT = "igym-manifest/1"
_NOT_EXPORTS = (
    "session.sqlite3",
    "session.sqlite3-wal",
    "session.sqlite3-shm",
    "engine.json",
    "database.json",
    "engine.lock",
    "engine.log",
    "lab_check.json",
    "remote_passes.txt",
    "server.json",
    "shared_folder.txt",
    MANIFEST_NAME,
    NOTES_NAME,
)
# What the engine keeps for itself beside the exports.
_NOT_EXPORT_FOLDERS = ("checkpoints/", "backups/", "lab_check/")


@dataclass(frozen=True)
class ManifestReport:
    """What a check found: file names relative to the data folder."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True when every listed file is there, unchanged. Unlisted files are reported but do no harm."""
        return not (self.changed or self.missing)


class Manifest:
    """The manifest of one data folder. Not safe for two threads at once."""

    def __init__(self, folder: Path, *, keeps_notes: bool = False) -> None:
        """`keeps_notes`: for whoever writes many files before the list itself, which is long in a large study."""
        self.folder = folder
        self._notes = folder / NOTES_NAME if keeps_notes else None
        self._files: dict[str, dict[str, Any]] = {}
        self.trail: dict[str, dict[str, Any]] = {}
        """Session → head and code of its chain of events, as far as it was exported."""
        self.sessions: dict[str, dict[str, str]] = {}
        """Session → what it was for, what it is called and the profile it ran with ("" for none)."""
        path = folder / MANIFEST_NAME
        if path.is_file():
            try:
                found = json.loads(path.read_text("utf-8"))
                self._files, self.trail = found.get("files", {}), found.get("trail", {})
                self.sessions = found.get("sessions", {})
            except (OSError, ValueError):
                self._files = {}
        for note in self._left_over():
            self._take_up(note["name"], note["entry"])

    def note(self, path: Path, types: dict[str, str] | None = None, left_out: dict[str, int] | None = None) -> None:
        """Take up (or refresh) one written file, of a table also the type of each column.

        `left_out`: agent → numbers of its observations, where they were too many to record.
        """
        name = path.relative_to(self.folder).as_posix()
        self._files[name] = {"sha256": sha256_of(path), "bytes": path.stat().st_size}
        if types is not None:
            self._files[name]["columns"] = [list(column) for column in types.items()]
        if left_out:
            self._files[name]["left_out"] = left_out
        self._keep_note(name)

    def columns(self, name: str) -> dict[str, str] | None:
        """The type of each column of a listed table, in file order; None when it was not noted."""
        found = self._files.get(name, {}).get("columns")
        return None if found is None else dict(found)

    def left_out(self, name: str) -> dict[str, int]:
        """Agent → how many numbers its observations have that a listed file of rows does not hold."""
        return dict(self._files.get(name, {}).get("left_out", {}))

    def has(self, path: Path) -> bool:
        """Whether a file is listed."""
        return path.relative_to(self.folder).as_posix() in self._files

    def forget(self, path: Path) -> None:
        """Drop a file that was removed on purpose."""
        name = path.relative_to(self.folder).as_posix()
        if self._files.pop(name, None) is not None:
            self._keep_note(name)

    def forget_missing(self, below: str) -> None:
        """Drop what is listed of a removed file or folder, named relative to the data folder."""
        gone = [name for name in self._files if name == below or name.startswith(f"{below}/")]
        for name in gone:
            if not (self.folder / name).exists():
                del self._files[name]
                self._keep_note(name)

    def names(self, suffix: str) -> list[str]:
        """The listed files whose names end so, relative to the folder."""
        return sorted(name for name in self._files if name.endswith(suffix))

    def write(self) -> None:
        """Write `manifest.json`."""
        told = {"format": FORMAT, "trail": self.trail, "sessions": self.sessions, "files": self._files}
        write_json(self.folder / MANIFEST_NAME, told)
        if self._notes is not None:
            self._notes.unlink(missing_ok=True)

    def _take_up(self, name: str, entry: dict[str, Any] | None) -> None:
        if entry is None:
            self._files.pop(name, None)
        else:
            self._files[name] = entry

    def _keep_note(self, name: str) -> None:
        if self._notes is not None:
            with self._notes.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"name": name, "entry": self._files.get(name)}) + "\n")

    def _left_over(self) -> Iterator[dict[str, Any]]:
        """Of a process that died before it wrote the list; its last line may be half a line."""
        if self._notes is not None and self._notes.is_file():
            for line in self._notes.read_text(encoding="utf-8", errors="replace").splitlines():
                try:
                    note = json.loads(line)
                except ValueError:
                    continue
                if isinstance(note, dict) and "name" in note and "entry" in note:
                    yield note

    def verify(self) -> ManifestReport:
        """Compare the files on disk with the list."""
        changed, missing = [], []
        for name, entry in sorted(self._files.items()):
            path = self.folder / name
            if not path.is_file():
                missing.append(name)
            elif sha256_of(path) != entry["sha256"]:
                changed.append(name)
        return ManifestReport(tuple(changed), tuple(missing), tuple(self._unlisted()))

    def _unlisted(self) -> list[str]:
        found = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return sorted(
            name
            for name in found
            if name not in self._files
            and name not in _NOT_EXPORTS
            and not name.startswith(_NOT_EXPORT_FOLDERS)
            and not name.endswith(".part")
        )
