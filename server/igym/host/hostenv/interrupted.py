"""Where a match on the host stood when the engine went down, from what is on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from igym.host.store.store_reader import StoreReader
from igym.host.store.stored_run import input_run


def interrupted_episode(
    database: Path, session: str, match: str, episode: int, members: list[str]
) -> dict[str, Any] | None:
    """`{inputs, chain, stored}`: the longest run of frames any member has, its hash, and how many all have."""
    with StoreReader(database) as reader:
        runs = [input_run(reader, session, match, episode, member) for member in members]
    longest = max(runs, key=lambda run: run.frames, default=None)
    if longest is None or longest.frames == 0:
        return None
    return {"inputs": longest.inputs, "chain": longest.chain, "stored": min(run.frames for run in runs)}
