"""Where a match on the host stood when the engine went down, from what is on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from igym.host.store_reader import StoreReader


def interrupted_episode(
    database: Path, session: str, match: str, episode: int, members: list[str]
) -> dict[str, Any] | None:
    """`{inputs, chain, stored}`: the longest run of frames any member has, its hash, and how many all have."""
    with StoreReader(database) as reader:
        runs = [_run(reader, session, match, episode, member) for member in members]
    longest = max(runs, key=lambda run: int(run["stored"]), default=None)
    if longest is None or longest["stored"] == 0:
        return None
    return {**longest, "stored": min(run["stored"] for run in runs)}


def _run(reader: StoreReader, session: str, match: str, episode: int, member: str) -> dict[str, Any]:
    inputs: dict[str, list[int]] = {}
    stored, chain = 0, ""
    for batch in reader.batches(session, match=match, participant=member, episode=episode):
        if batch.first > stored:
            break
        end = batch.first + len(next(iter(batch.rows["inputs"].values()), []))
        if end <= stored:
            continue
        for player, numbers in batch.rows["inputs"].items():
            inputs[player] = [*inputs.get(player, []), *numbers[stored - batch.first :]]
        stored, chain = end, batch.rows["chain"]
    return {"inputs": inputs, "chain": chain, "stored": stored}
