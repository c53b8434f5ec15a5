"""One wheel file: what it is called, which Pythons take it, what it needs. Nothing in it is ever run."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename


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
        raise WheelError(f"{path.name} is not named like a wheel (name-version-py3-none-any.whl).") from error
    headers = HeaderParser().parsestr(_metadata(path))
    if canonicalize_name(headers.get("Name", "")) != name:
        raise WheelError(f"{path.name} says inside that it is {headers.get('Name') or 'nameless'}.")
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
                raise WheelError(f"{path.name} has no package description inside; it is not a wheel.")
            return archive.read(member).decode("utf-8", "replace")
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise WheelError(f"{path.name} is damaged or incomplete; please get it again.") from error


def _check(path: Path, requires: tuple[str, ...]) -> None:
    for line in requires:
        try:
            Requirement(line)
        except InvalidRequirement as error:
            raise WheelError(f"{path.name} names a dependency that cannot be understood: {line}") from error
