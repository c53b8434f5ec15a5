"""The packages a game on the host runs with: by name, version and hash; those of the study are kept with the data."""

from __future__ import annotations

import hashlib
import platform
import sys
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions, packages_distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from igym.host.base.held_files import move
from igym.protocol.told import Told

SITE_PACKAGES = "site-packages"
KEPT_IN = Path("experiment") / "packages"
"""Below the data folder: a package is kept once, however many sessions use it."""
MOST_BYTES = 2 * 1024**3
REST = "files-of-no-package"
_LEFT_OUT = ("__pycache__", "bin")
Lock = list[dict[str, str]]


def host_lock(wanted: Iterable[str], imports: Iterable[str], folder: Path) -> Lock:
    """Everything a game on the host may import: the study's `site-packages`, and what it asks of this Python.

    Entries are `{source, name, version, file, sha256}`: `python`, the interpreter; `site-packages`, with `file` the
    archive that `keep` writes; `installed`, in the Python that runs this program, with the hash of its list of files.
    """
    own = [entry for entry, _ in _own_packages(folder)]
    there = {entry["name"] for entry in own}
    python = {"source": "python", "name": platform.python_implementation().lower(), "file": "", "sha256": ""}
    version = f"{platform.python_version()} ({sys.platform}, {platform.machine()})"
    return [{**python, "version": version}, *own, *_installed(wanted, imports, there)]


def keep(folder: Path, data: Path) -> None:
    """Copies the study's packages to the data folder, each once. Raises OSError, also when they are too large."""
    for entry, files in _own_packages(folder):
        target = data / KEPT_IN / entry["file"]
        if target.is_file():
            continue
        if sum(path.stat().st_size for path in files.values()) > MOST_BYTES:
            raise OSError(
                Told(
                    "the package {package} is larger than {most} GB", package=entry["name"], most=MOST_BYTES // 1024**3
                )
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".part")
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
            for name, path in files.items():
                archive.write(path, name)
        move(unfinished, target)


def unpack(lock: Lock, data: Path, target: Path) -> list[str]:
    """The kept packages of `lock` into `target`; what could not be had, a sentence part each."""
    for entry in _of(lock, SITE_PACKAGES):
        archive = data / KEPT_IN / entry["file"]
        if archive.is_file():
            with zipfile.ZipFile(archive) as source:
                source.extractall(target)
    return [*lacking(lock, data), *_changed(target, lock)]


def lacking(lock: Lock, data: Path) -> list[str]:
    """Packages of `lock` that are not kept in the folder `data`, a sentence part each."""
    return [
        Told(
            "the package {package} {version} is not in experiment/packages",
            package=entry["name"],
            version=entry["version"],
        )
        for entry in _of(lock, SITE_PACKAGES)
        if not (data / KEPT_IN / entry["file"]).is_file()
    ]


def _changed(unpacked: Path, lock: Lock) -> Iterator[str]:
    """Kept packages whose files are not those the match used."""
    found = {entry["name"]: entry["sha256"] for entry, _ in _packages_in(unpacked)}
    for entry in _of(lock, SITE_PACKAGES):
        if found.get(entry["name"], entry["sha256"]) != entry["sha256"]:
            yield Told("the package {package} was changed after the match", package=entry["name"])


def differences(lock: Lock) -> list[str]:
    """How this computer's Python differs from the one a match was played with, a sentence part each."""
    return [text for entry in lock if (text := _difference(entry)) is not None]


def _difference(entry: dict[str, str]) -> str | None:
    if entry["source"] == "python":
        version = f"{platform.python_version()} ({sys.platform}, {platform.machine()})"
        return (
            None
            if entry["version"] == version
            else Told("Python is {here} here, it was {was}", here=version, was=entry["version"])
        )
    if entry["source"] != "installed":
        return None
    try:
        here = distribution(entry["name"])
    except PackageNotFoundError:
        return Told(
            "the package {package} {version} is not installed here", package=entry["name"], version=entry["version"]
        )
    if here.version != entry["version"]:
        return Told(
            "{package} is {here} here, it was {was}", package=entry["name"], here=here.version, was=entry["version"]
        )
    return None


def _of(lock: Lock, source: str) -> Iterator[dict[str, str]]:
    return (entry for entry in lock if entry["source"] == source)


def _own_packages(folder: Path) -> Iterator[tuple[dict[str, str], dict[str, Path]]]:
    """Of each package in the study's `site-packages` its entry and its files."""
    return _packages_in(folder / SITE_PACKAGES)


def _packages_in(place: Path) -> Iterator[tuple[dict[str, str], dict[str, Path]]]:
    if not place.is_dir():
        return
    rest = {path.relative_to(place).as_posix(): path for path in sorted(place.rglob("*")) if _counts(path, place)}
    for dist in sorted(distributions(path=[str(place)]), key=_name_of):
        listed = {file.as_posix() for file in dist.files or ()}
        files = {name: rest.pop(name) for name in sorted(listed & rest.keys())}
        yield _entry(_name_of(dist), dist.version, files), files
    if rest:
        yield _entry(REST, "", rest), rest


def _counts(path: Path, place: Path) -> bool:
    return path.is_file() and not set(path.relative_to(place).parts) & set(_LEFT_OUT) and path.suffix != ".pyc"


def _entry(name: str, version: str, files: dict[str, Path]) -> dict[str, str]:
    digest = hashlib.sha256()
    for path in sorted(files):
        with files[path].open("rb") as stream:
            digest.update(path.encode() + b"\0" + hashlib.file_digest(stream, "sha256").digest())
    marked = digest.hexdigest()
    file = f"{name}-{version or 'x'}-{marked[:12]}.zip"
    return {"source": SITE_PACKAGES, "name": name, "version": version, "file": file, "sha256": marked}


def _name_of(dist: Distribution) -> str:
    return canonicalize_name(dist.metadata["Name"] or "unnamed")


def _installed(wanted: Iterable[str], imports: Iterable[str], there: set[str]) -> Lock:
    """What this Python has of the packages asked for and imported, with all they need in turn."""
    providers = packages_distributions()
    waiting = [*map(_required, wanted), *(name for module in imports for name in providers.get(module, ()))]
    found: dict[str, dict[str, str]] = {}
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found or name in there or not name:
            continue
        try:
            dist = distribution(name)
        except PackageNotFoundError:
            continue
        digest = hashlib.sha256((dist.read_text("RECORD") or "").encode()).hexdigest()
        found[name] = {"source": "installed", "name": name, "version": dist.version, "file": "", "sha256": digest}
        waiting += [_required(line) for line in dist.requires or () if "extra ==" not in line]
    return [found[name] for name in sorted(found)]


def _required(line: str) -> str:
    try:
        return Requirement(line).name
    except InvalidRequirement:
        return ""
