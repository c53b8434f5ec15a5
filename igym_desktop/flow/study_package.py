"""Study packages (`.igymz`): one file with a study's sources, profiles and wheels, checked when it is opened."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from igym.host.held_files import move
from igym_desktop.flow.library import IGNORED_FOLDERS
from igym_desktop.i18n import tr

SUFFIX = ".igymz"
MANIFEST = "igymz.json"
WHEELS = "wheels"
FORMAT = "igym-study/1"
MOST_BYTES = 4_000_000_000


def write_package(
    study: Path, target: Path, info: Mapping[str, Any], app_version: str, wheels: Sequence[Path] = ()
) -> Path:
    """Packs a study folder without its data; raises `ValueError` with a text for a person.

    `wheels` are those of this computer's store that its games need: they go into the package's own `wheels/`, where a
    computer without internet finds them.
    """
    target = target if target.suffix == SUFFIX else target.with_name(target.name + SUFFIX)
    temporary = target.with_name(target.name + ".new")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            hashes = {name: _add(archive, study / name, name) for name in _names(study)}
            lent = {f"{WHEELS}/{wheel.name}": wheel for wheel in wheels}
            hashes |= {name: _add(archive, wheel, name) for name, wheel in lent.items() if name not in hashes}
            manifest = {
                "format": FORMAT, "id": info.get("id"), "title": info.get("title"), "version": info.get("version"),
                "app_version": app_version, "files": hashes,
            }  # fmt: skip
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
        move(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ValueError(tr("The study package could not be written: {why}", why=error)) from error
    return target


def open_package(package: Path, studies: Path) -> Path:
    """Checks every file and unpacks into a folder of its own; raises `ValueError` with a text for a person."""
    try:
        with zipfile.ZipFile(package) as archive:
            manifest = _manifest(archive)
            _check(archive, manifest["files"])
            return _unpack(archive, manifest, studies)
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError, UnicodeDecodeError) as error:
        text = tr("{name} is not a study package, or it is damaged. Ask for the file again.", name=package.name)
        raise ValueError(text) from error
    except OSError as error:
        raise ValueError(tr("The study package could not be opened: {why}", why=error)) from error


def _names(study: Path) -> list[str]:
    found = (path.relative_to(study) for path in sorted(study.rglob("*")) if path.is_file())
    return [path.as_posix() for path in found if not (IGNORED_FOLDERS & set(path.parts)) and path.suffix != SUFFIX]


def _add(archive: zipfile.ZipFile, file: Path, name: str) -> str:
    content = file.read_bytes()
    archive.writestr(name, content)
    return hashlib.sha256(content).hexdigest()


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if manifest.get("format") != FORMAT or not isinstance(manifest.get("files"), dict):
        raise ValueError(tr("This study package was made by a newer version of the app. Update the app first."))
    return manifest


def _check(archive: zipfile.ZipFile, files: Mapping[str, str]) -> None:
    inside = {entry.filename for entry in archive.infolist()} - {MANIFEST}
    if inside != set(files) or "experiment.py" not in files or not all(map(_is_plain, files)):
        raise ValueError(tr("The study package's files are not those on its list. Ask for the file again."))
    if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
        raise ValueError(tr("The study package is too large to be one."))
    changed = [name for name, digest in files.items() if _hash(archive, name) != digest]
    if changed:
        raise ValueError(tr("These files of the study package were changed: {names}", names=", ".join(changed[:5])))


def _is_plain(name: str) -> bool:
    """A path that stays inside the folder it is unpacked to, on every system."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and not {"\\", ":"} & set(name) and name == path.as_posix()


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _unpack(archive: zipfile.ZipFile, manifest: Mapping[str, Any], studies: Path) -> Path:
    wanted = (
        "".join(letter for letter in str(manifest.get("id") or "study") if letter.isalnum() or letter in "_-")
        or "study"
    )
    target = next(path for path in _candidates(studies, wanted) if not path.exists())
    try:
        for name in manifest["files"]:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, place.open("wb") as out:
                shutil.copyfileobj(source, out)
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return target


def _candidates(studies: Path, wanted: str) -> list[Path]:
    return [studies / wanted, *(studies / f"{wanted}_{number}" for number in range(2, 10_000))]
