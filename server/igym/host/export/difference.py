"""Comparing what the members of a match recorded, while the match may still be running."""

from __future__ import annotations

from typing import Any

from igym.host.export.cells import cell
from igym.host.export.episodes import EpisodeKey, columns_of, episode_keys, rows_of
from igym.host.store.store_reader import StoreReader


def find_difference(source: StoreReader, session: str, match: str, episode: int) -> dict[str, Any]:
    """`{frame, columns, compared}`: the first frame on which the members' parity columns differ, None when none does.

    Compared are the frames all members have on disk.
    """
    keys = [key for key in episode_keys(source, session, match=match) if key.episode == episode]
    if len(keys) < 2:
        return {"frame": None, "columns": [], "compared": 0}
    return first_difference(source, keys)


def first_difference(source: StoreReader, keys: list[EpisodeKey]) -> dict[str, Any]:
    """`{frame, columns, compared}` of these members' rows of one episode, up to the end of the shortest."""
    names = [_parity_names(source, key) for key in keys]
    if any(other != names[0] for other in names[1:]):
        odd = set(names[0]).symmetric_difference(*names[1:])
        return {"frame": 0, "columns": sorted(odd), "compared": 0}
    return _compare(source, keys, names[0])


def _compare(source: StoreReader, keys: list[EpisodeKey], names: list[str]) -> dict[str, Any]:
    compared = 0
    shared = [(key, columns_of(source, key)) for key in keys]
    everyone = ((row[columns.parity_slice] for row in rows_of(source, key, columns)) for key, columns in shared)
    # The members may have sent different amounts so far.
    for rows in zip(*everyone, strict=False):
        cells = [[cell(value) for value in row] for row in rows]
        if any(other != cells[0] for other in cells[1:]):
            odd = [name for name, *values in zip(names, *cells, strict=True) if len(set(values)) > 1]
            frame = int(rows[0][names.index("frame")]) if "frame" in names else compared
            return {"frame": frame, "columns": odd, "compared": compared}
        compared += 1
    return {"frame": None, "columns": [], "compared": compared}


def _parity_names(source: StoreReader, key: EpisodeKey) -> list[str]:
    return list(columns_of(source, key).parity_names)
