"""How two computers know that they look at the same data folder: by a word that lies in it."""

from __future__ import annotations

import secrets
from pathlib import Path

from igym.host.base.held_files import write_private

WORD_FILE = "shared_folder.txt"
WORD_BYTES = 16


def new_word(home: Path) -> str:
    """Put into an experiment's data folder in the place of an earlier one. Raises `OSError`."""
    word = secrets.token_hex(WORD_BYTES)
    write_private(home / WORD_FILE, word, mode=0o644)
    return word


def read_word(home: Path) -> str | None:
    """None where there is none."""
    try:
        found = (home / WORD_FILE).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return found if len(found) == 2 * WORD_BYTES else None


def words_below(folders: tuple[Path, ...]) -> dict[str, Path]:
    """Word → the experiment's data folder, of all in these folders (`data/<experiment-id>`)."""
    homes = [home for folder in folders if folder.is_dir() for home in folder.iterdir()]
    return {word: home for home in homes if (word := read_word(home)) is not None}
