"""How what is played again is asked for and found: the page of a recording, the pieces of its pictures."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

SHOW = "--show"
"""Begins the arguments of `igym verify` where it makes the pictures of one recording."""


def opened_at(url: str, replay_id: str) -> str:
    """The address that opens one replay."""
    return f"{url}#{quote(replay_id)}"


def piece_path(folder: Path, player: int, number: int) -> Path:
    """`player`: the first of those who share the view."""
    return folder / f"{player}.{number}"
