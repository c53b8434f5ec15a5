"""Which commands may run on another computer: those that need the database and the data folder, and nothing else of a
session that runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from igym.host.base.spawn import Kind

HANDED: dict[str, Kind] = {"exporter": "exporter", "checkpoint": "checkpoint", "verify": "verify"}
ANSWERING = frozenset({"exporter"})
"""They answer one line after the other; each is a job of its own."""
HOME = "{home}"
"""Stands for the data folder, which may have another path on another computer."""


def movable(arguments: Sequence[str], home: Path) -> tuple[str, ...] | None:
    """The arguments with `HOME`; None when they speak of anything but this data folder."""
    if not arguments or not Path(arguments[0]).is_relative_to(home):
        return None
    below = Path(arguments[0]).relative_to(home).as_posix()
    return (HOME if below == "." else f"{HOME}/{below}", *arguments[1:])


def placed(arguments: Sequence[str], home: Path) -> list[str]:
    """The other way round."""
    first = home.joinpath(*arguments[0].split("/")[1:])
    return [str(first), *arguments[1:]]
