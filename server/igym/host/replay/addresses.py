"""Where what is played again is found: the page of a recording, the pieces of its pictures."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def opened_at(url: str, replay_id: str) -> str:
    """The address that opens one replay."""
    return f"{url}#{quote(replay_id)}"


def piece_path(folder: Path, player: int, number: int) -> Path:
    """`player`: the first of those who share the view."""
    return folder / f"{player}.{number}"
