"""Putting files in their places where other programs hold them open: Excel, virus scanners, cloud folders.

Windows refuses to replace or remove a file that somebody has open; a scanner lets go within a moment, Excel does not.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from igym.protocol.told import Told

WAITS_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
IN_THE_WAY = (PermissionError, IsADirectoryError)
ASIDE = " (new)"


def move(source: Path, target: Path) -> None:
    """`source` takes the place of `target`; tried for about 1.5 seconds. Raises `OSError` when it stays held."""
    _patiently(lambda: source.replace(target))


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """In place of what was there; `mode`: who else may read it. Raises `OSError` when it stays held.

    Readable by nobody else from its first moment, and whole when it appears: others may read it at any time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    if mode != 0o600:
        temporary.chmod(mode)
    move(temporary, path)


def remove_folder(path: Path) -> None:
    """Removes a folder with all that is in it. Raises `OSError` when a file in it stays held."""
    _patiently(lambda: shutil.rmtree(path))


def remove(path: Path) -> None:
    """Removes a file if it is there; tried as long. Raises `OSError` when it stays held."""
    _patiently(lambda: path.unlink(missing_ok=True))


def _patiently(act: Callable[[], object]) -> None:
    for wait_s in WAITS_S:
        try:
            act()
            return
        except IN_THE_WAY:
            time.sleep(wait_s)
    act()


def aside_of(path: Path) -> Path:
    """Where the newest version of a file goes that cannot be replaced: `participants (new).csv`."""
    return path.with_name(f"{path.stem}{ASIDE}{path.suffix}")


def plain_name(name: str) -> str:
    """The name of the file that `name` stands in for, or the same name."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem.removesuffix(ASIDE)}{dot}{suffix}" if dot else name


def held_text(name: str) -> str:
    """What happened to a file that is open elsewhere, and what to do."""
    return Told(
        "The file {name} is open in another program, so its newest version was written beside it as "
        "{beside}. Close it there (Excel keeps files locked) and press “Export” on the Data page: "
        "then it is replaced and the second file removed. All other files were written.",
        name=name,
        beside=aside_of(Path(name)).name,
    )


def not_removed_text(name: str) -> str:
    """What to do when a file of somebody's data cannot be removed."""
    return Told(
        "The file {name} is open in another program and could not be removed. Close it there (Excel "
        "keeps files locked) and do this again.",
        name=name,
    )
