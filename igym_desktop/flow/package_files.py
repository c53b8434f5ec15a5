"""What a study package may hold: bounds that are checked before anything is read, and names that fit every computer."""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from igym_desktop.flow.library import IGNORED_FOLDERS
from igym_desktop.i18n import tr

MOST_BYTES = 4_000_000_000
MOST_FILES = 10_000
MOST_LIST_BYTES = 4_000_000
"""Of the package's own list of files, and of the archive's directory."""
LONGEST_PATH, LONGEST_PART = 240, 120
NAMED_AT_MOST = 5

_READABLE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Other methods unpack a whole block at once, however large it becomes."""
_FORBIDDEN = frozenset('\\:*?"<>|')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
_DIRECTORY_END, _LOCATOR, _LARGE_END = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_LARGEST_END = 22 + 65_535


class PackageError(ValueError):
    """Why a study package is refused, in words for a person."""


def check_directory(package: Path) -> None:
    """Refuses an archive whose directory alone would fill the memory; raises `PackageError`."""
    with package.open("rb") as file:
        count, size = _directory(file, package.stat().st_size)
    if count > MOST_FILES + 1 or size > MOST_LIST_BYTES:
        raise PackageError(tr("The study package is too large to be one."))


def _directory(file: BinaryIO, length: int) -> tuple[int, int]:
    """(entries, bytes) of the archive's directory, as its end states them; (0, 0) when there is none."""
    start = max(0, length - _LARGEST_END)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_DIRECTORY_END)
    if at < 0 or len(tail) - at < 22:
        return 0, 0
    count, size = struct.unpack_from("<HI", tail, at + 10)
    # Archives beyond 2 GB state it once more, in wider numbers, and those are what a reader goes by.
    if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR:
        file.seek(struct.unpack_from("<Q", tail, at - 12)[0] if at >= 76 else start)
        large = file.read(56)
        beside = tail[at - 76 : at - 20] if at >= 76 else b""
        for end in (large, beside):
            if len(end) == 56 and end[:4] == _LARGE_END:
                more, wide = struct.unpack_from("<QQ", end, 32)
                count, size = max(count, more), max(size, wide)
    return count, size


def check_entries(entries: Sequence[zipfile.ZipInfo], list_name: str) -> None:
    """Refuses what cannot be unpacked safely, by what the directory states; raises `PackageError`."""
    if len({entry.filename for entry in entries}) != len(entries):
        raise PackageError(tr("The study package holds a file twice. Ask for the file again."))
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise PackageError(tr("The study package is locked with a password. Ask for one without."))
    if any(entry.compress_type not in _READABLE for entry in entries):
        raise PackageError(tr("The study package is packed in a way this app does not use. Ask for the file again."))
    size = sum(entry.file_size for entry in entries)
    listed = sum(entry.file_size for entry in entries if entry.filename == list_name)
    if size > MOST_BYTES or listed > MOST_LIST_BYTES or len(entries) > MOST_FILES + 1:
        raise PackageError(tr("The study package is too large to be one."))


def check_names(names: Iterable[str]) -> None:
    """Refuses names that do not fit every computer or do not belong into a study; raises `PackageError`."""
    names = sorted(names)
    wrong = [name for name in names if not fits_everywhere(name)]
    if wrong:
        raise PackageError(
            tr(
                "These files of the study package have names that do not work on every computer: {names}",
                names=shown(wrong),
            )
        )
    foreign = [name for name in names if not belongs(name)]
    if foreign:
        raise PackageError(
            tr(
                "These files do not belong into a study package (hidden files, data, other programs): {names}",
                names=shown(foreign),
            )
        )
    same = _colliding(names)
    if same:
        raise PackageError(
            tr(
                "These files of the study package would be one and the same on some computers: {names}",
                names=shown(same),
            )
        )


def belongs(name: str) -> bool:
    """False for hidden files and for folders that hold no sources: data, caches, version control."""
    parts = [part.casefold() for part in PurePosixPath(name).parts]
    return not any(part in IGNORED_FOLDERS or part.startswith(".") for part in parts)


def fits_everywhere(name: str) -> bool:
    """A path that stays inside the folder it is unpacked to and can be written and read on every system."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or name != path.as_posix() or len(name) > LONGEST_PATH:
        return False
    return all(map(_part_fits, path.parts))


def _part_fits(part: str) -> bool:
    if part == ".." or part[-1] in ". " or part[0] == " " or len(part) > LONGEST_PART:
        return False
    if any(letter in _FORBIDDEN or unicodedata.category(letter) in _INVISIBLE for letter in part):
        return False
    return not is_reserved(part)


def is_reserved(part: str) -> bool:
    """Names that Windows keeps for devices, whatever follows their first dot."""
    return _RESERVED.fullmatch(part.split(".")[0].rstrip()) is not None


def _colliding(names: Sequence[str]) -> list[str]:
    """Names (or a file and a folder) that differ only in ways some file systems do not see."""
    seen: dict[str, str] = {}
    found: set[str] = set()
    for name in names:
        # With Unicode's decomposed forms, as one system stores them, "é" is two letters.
        folded = unicodedata.normalize("NFC", name.casefold())
        if folded in seen:
            found |= {name, seen[folded]}
        seen.setdefault(folded, name)
    folders = _folders(names)
    found |= {seen[folded] for folded in folders if folded in seen}
    found |= {name for spellings in folders.values() if len(spellings) > 1 for name in spellings}
    return sorted(found)


def _folders(names: Iterable[str]) -> dict[str, set[str]]:
    """Folded path of every folder → the ways it is written."""
    found: dict[str, set[str]] = {}
    for name in names:
        for folder in PurePosixPath(name).parents[:-1]:
            written = folder.as_posix()
            found.setdefault(unicodedata.normalize("NFC", written.casefold()), set()).add(written)
    return found


def shown(names: Sequence[str]) -> str:
    """The first few names, with what cannot be seen written out."""
    some = [ascii(name)[1:-1] if not name.isprintable() else name for name in names[:NAMED_AT_MOST]]
    return ", ".join(name[:LONGEST_PART] for name in some)
