"""Study packages (`.igymz`): one file with a study's sources, profiles and wheels, checked when it is opened."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from igym.host.base.held_files import move
from igym.host.packages.wheels import WheelError, read_wheel
from igym_desktop.flow.library import SOURCES, give_own_id
from igym_desktop.flow.package_files import (
    MOST_BYTES,
    PackageError,
    belongs,
    check_directory,
    check_entries,
    check_names,
    is_reserved,
    shown,
)
from igym_desktop.i18n import tr

SUFFIX = ".igymz"
MANIFEST = "igymz.json"
WHEELS = "wheels"
REPLACED = "_replaced"
"""Where studies go that a package took the place of."""
FORMAT = "igym-study/1"
LONGEST_TITLE, LONGEST_FOLDER = 200, 60
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class PackageContents:
    """What a checked package holds. `files`: path → bytes; `digest` stands for exactly these contents."""

    title: str
    study_id: str
    app_version: str
    files: Mapping[str, int]
    digest: str

    @property
    def code(self) -> list[str]:
        """The Python files, which the app runs."""
        return [name for name in self.files if name.endswith(".py")]

    @property
    def wheels(self) -> list[str]:
        """The Python packages it brings along."""
        return [name for name in self.files if name.endswith(".whl")]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(self.files.values())


def write_package(
    study: Path, target: Path, info: Mapping[str, Any], app_version: str, wheels: Sequence[Path] = ()
) -> Path:
    """Packs a study folder without its data; raises `ValueError` with a text for a person.

    `wheels` are those of this computer's store that its games need: they go into the package's own `wheels/`, where a
    computer without internet finds them.
    """
    target = target if target.suffix == SUFFIX else target.with_name(target.name + SUFFIX)
    temporary = target.with_name(target.name + ".new")
    lent = {f"{WHEELS}/{wheel.name}": wheel for wheel in wheels}
    try:
        files = {**lent, **{name: study / name for name in _names(study)}}
        # What could not be opened again must not be written.
        check_names(files)
        if sum(file.stat().st_size for file in files.values()) > MOST_BYTES:
            raise PackageError(tr("The study is too large for a study package."))
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            hashes = {name: _add(archive, file, name) for name, file in files.items()}
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


def read_contents(package: Path) -> PackageContents:
    """Checks a package without unpacking it or running any of it; raises `ValueError` with a text for a person."""
    with _opened(package) as archive:
        return _contents(archive)


def open_package(
    package: Path, studies: Path, agreed: str, *, apart: bool = False, instead: Path | None = None
) -> Path:
    """Checks every file again and unpacks into a folder of its own; raises `ValueError` with a text for a person.

    `agreed` is the `digest` of the contents that somebody was shown and trusts. A study of the same id: `apart` gives
    the new one an id of its own, `instead` names the folder it takes the place of, which is kept aside.
    """
    with _opened(package) as archive:
        contents = _contents(archive)
        if contents.digest != agreed:
            raise PackageError(tr("The study package was changed since you looked at it. Open it again."))
        opened = _unpack(archive, contents, studies)
        if apart:
            give_own_id(opened, contents.title)
        return _in_place_of(instead, opened) if instead is not None else opened


def _in_place_of(old: Path, new: Path) -> Path:
    """The old folder goes aside under the day's date, its profiles stay with it; nothing is lost."""
    aside = old.parent / REPLACED
    aside.mkdir(exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    move(old, aside / f"{old.name}_{stamp}")
    move(new, old)
    return old


@contextmanager
def _opened(package: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever goes wrong inside is told in words for a person."""
    try:
        check_directory(package)
        with zipfile.ZipFile(package) as archive:
            check_entries(archive.infolist(), MANIFEST)
            yield archive
    except (ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError, LookupError, RuntimeError) as error:
        if isinstance(error, PackageError):
            raise
        if isinstance(error, OSError):
            raise PackageError(tr("The study package could not be opened: {why}", why=error)) from error
        text = tr("{name} is not a study package, or it is damaged. Ask for the file again.", name=package.name)
        raise PackageError(text) from error


def _names(study: Path) -> list[str]:
    found = (path.relative_to(study).as_posix() for path in sorted(study.rglob("*")) if path.is_file())
    return [name for name in found if belongs(name) and not name.endswith(SUFFIX)]


def _add(archive: zipfile.ZipFile, file: Path, name: str) -> str:
    content = file.read_bytes()
    archive.writestr(name, content)
    return hashlib.sha256(content).hexdigest()


def _contents(archive: zipfile.ZipFile) -> PackageContents:
    text = archive.read(MANIFEST)
    manifest = _manifest(text)
    files: dict[str, str] = manifest["files"]
    sizes = {entry.filename: entry.file_size for entry in archive.infolist() if entry.filename != MANIFEST}
    if set(sizes) != set(files) or not any(source in files for source in SOURCES):
        raise PackageError(tr("The study package's files are not those on its list. Ask for the file again."))
    check_names(files)
    changed = [name for name, digest in files.items() if _hash(archive, name) != digest]
    if changed:
        raise PackageError(tr("These files of the study package were changed: {names}", names=shown(changed)))
    _check_wheels(archive, [name for name in files if name.casefold().endswith(".whl")])
    about = {key: _plain(manifest.get(key)) for key in ("title", "id", "app_version")}
    ordered = {name: sizes[name] for name in sorted(sizes)}
    return PackageContents(about["title"], about["id"], about["app_version"], ordered, hashlib.sha256(text).hexdigest())


def _manifest(text: bytes) -> dict[str, Any]:
    manifest = json.loads(text)
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if isinstance(manifest, dict) and manifest.get("format") != FORMAT:
        raise PackageError(tr("This study package was made by a newer version of the app. Update the app first."))
    if not isinstance(files, dict) or not all(isinstance(h, str) and _HASH.fullmatch(h) for h in files.values()):
        raise PackageError(tr("The study package's list of files cannot be read. Ask for the file again."))
    return dict(manifest)


def _plain(value: object) -> str:
    """A short text without anything that cannot be seen; empty for whatever is no text."""
    text = value if isinstance(value, str) else ""
    return "".join(letter for letter in text[:LONGEST_TITLE] if letter.isprintable()).strip()


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _check_wheels(archive: zipfile.ZipFile, names: Sequence[str]) -> None:
    """A file called a wheel is one: it is served to every browser of a session."""
    with tempfile.TemporaryDirectory(prefix="igymz-") as folder:
        for name in names:
            place = Path(folder) / PurePosixPath(name).name
            with archive.open(name) as source, place.open("wb") as out:
                shutil.copyfileobj(source, out)
            try:
                read_wheel(place)
            except WheelError as error:
                text = tr("A Python package in the study package is none: {names}", names=shown([name]))
                raise PackageError(text) from error
            place.unlink()


def _unpack(archive: zipfile.ZipFile, contents: PackageContents, studies: Path) -> Path:
    studies.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(studies).free < contents.size:
        raise PackageError(tr("There is not enough room on this disk for the study package."))
    target = next(path for path in _candidates(studies, _folder_name(contents.study_id)) if not path.exists())
    try:
        for name in contents.files:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, place.open("xb") as out:
                shutil.copyfileobj(source, out)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return target


def _folder_name(study_id: str) -> str:
    kept = "".join(letter for letter in study_id if letter.isalnum() or letter in "_-")[:LONGEST_FOLDER]
    name = unicodedata.normalize("NFC", kept)
    return "study" if not name or is_reserved(name) else name


def _candidates(studies: Path, wanted: str) -> list[Path]:
    return [studies / wanted, *(studies / f"{wanted}_{number}" for number in range(2, 10_000))]
