"""Wheel files and folders of them: what each is called, which Pythons take it, what it needs. None of it is run."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import Path
from urllib.parse import quote

import platformdirs
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from igym.host.base.held_files import move
from igym.protocol.told import Told

LARGEST_METADATA = 4_000_000
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class WheelError(Exception):
    """Why a file cannot be used as a wheel, for the researcher."""


@dataclass(frozen=True)
class Wheel:
    """A sound wheel. `name` is canonical, `tags` like "py3-none-any", `requires` the Requires-Dist lines."""

    name: str
    version: str
    file_name: str
    path: Path
    sha256: str
    tags: frozenset[str]
    requires: tuple[str, ...]
    requires_python: str


def read_wheel(path: Path) -> Wheel:
    """Reads a .whl file's name and metadata. Raises WheelError when it is damaged or wrongly named."""
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise WheelError(
            Told("{file} is not named like a wheel (name-version-py3-none-any.whl).", file=path.name)
        ) from error
    headers = HeaderParser().parsestr(_metadata(path))
    if canonicalize_name(headers.get("Name", "")) != name:
        raise WheelError(
            Told("{file} says inside that it is {name}.", file=path.name, name=headers.get("Name") or "nameless")
        )
    requires = tuple(headers.get_all("Requires-Dist", []))
    _check(path, requires)
    return Wheel(
        name,
        str(version),
        path.name,
        path,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        frozenset(map(str, tags)),
        requires,
        headers.get("Requires-Python", ""),
    )


def _metadata(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            member = next(
                (n for n in archive.namelist() if n.count("/") == 1 and n.endswith(".dist-info/METADATA")), None
            )
            if member is None:
                raise WheelError(Told("{file} has no package description inside; it is not a wheel.", file=path.name))
            # Other methods unpack a whole block at once, however large it becomes.
            packed = archive.getinfo(member)
            if packed.file_size > LARGEST_METADATA or packed.compress_type not in READABLE:
                raise WheelError(Told("{file} has a package description that cannot be one.", file=path.name))
            return archive.read(member).decode("utf-8", "replace")
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise WheelError(Told("{file} is damaged or incomplete; please get it again.", file=path.name)) from error


def _check(path: Path, requires: tuple[str, ...]) -> None:
    for line in requires:
        try:
            Requirement(line)
        except InvalidRequirement as error:
            raise WheelError(
                Told("{file} names a dependency that cannot be understood: {line}", file=path.name, line=line)
            ) from error


def wheel_url(file_name: str) -> str:
    """Where this host serves a wheel."""
    return f"/wheels/{quote(file_name)}"


def default_store_folder() -> Path:
    """Where "prepare offline" puts wheels: it outlives sessions and experiments."""
    return Path(platformdirs.user_data_dir("Interactive Gym", appauthor=False)) / "wheels"


@dataclass
class WheelStore:
    """Folders of wheels, read anew when their files change. The first folder is the one that new wheels go into."""

    folders: Sequence[Path]
    _read: dict[tuple[Path, int, int], Wheel | str] = field(default_factory=dict)

    def wheels(self) -> list[Wheel]:
        return [found for found in self._all().values() if isinstance(found, Wheel)]

    def unreadable(self) -> dict[str, str]:
        """File name → why it cannot be used."""
        return {path.name: found for path, found in self._all().items() if isinstance(found, str)}

    def file(self, file_name: str) -> Path | None:
        """The wheel of exactly this name, if the store has it; a path can never lead elsewhere."""
        return next((wheel.path for wheel in self.wheels() if wheel.file_name == file_name), None)

    def add(self, source: Path) -> Wheel:
        """Copies a wheel into the store. Raises WheelError when it is not a sound wheel."""
        read_wheel(source)
        folder = self.folders[0]
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / (source.name + ".part")
        unfinished.write_bytes(source.read_bytes())
        move(unfinished, folder / source.name)
        return read_wheel(folder / source.name)

    def _all(self) -> dict[Path, Wheel | str]:
        current: dict[tuple[Path, int, int], Wheel | str] = {}
        for path in self._paths():
            status = path.stat()
            key = (path, status.st_mtime_ns, status.st_size)
            current[key] = self._read.get(key) or _read_or_reason(path)
        self._read = current
        return {key[0]: found for key, found in current.items()}

    def _paths(self) -> Iterator[Path]:
        """Every wheel once; a file name in an earlier folder hides the same name in a later one."""
        seen: set[str] = set()
        for folder in self.folders:
            for path in sorted(folder.glob("*.whl")) if folder.is_dir() else []:
                if path.name not in seen:
                    seen.add(path.name)
                    yield path


def _read_or_reason(path: Path) -> Wheel | str:
    try:
        return read_wheel(path)
    except WheelError as error:
        return str(error)
