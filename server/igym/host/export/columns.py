"""An episode as columns, block by block: what CSV and Parquet are written from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from igym.host.export.episodes import EpisodeColumns, EpisodeKey, batches_of
from igym.host.export.kinds import json_text
from igym.host.store.store_reader import StoreReader


@dataclass(frozen=True)
class Block:
    """Consecutive frames `first … first + count - 1` as columns, in the order of `EpisodeColumns.names`."""

    first: int
    count: int
    columns: list[list[Any]]


def blocks_of(
    source: StoreReader, key: EpisodeKey, columns: EpisodeColumns, frames_at_once: int = 1
) -> Iterator[Block]:
    """Yield an episode's frames as columns, in blocks of at least so many frames; frames stored twice come once."""
    gathered: Block | None = None
    for block in _stored(source, key, columns):
        if gathered is None or gathered.first + gathered.count != block.first:
            if gathered is not None:
                yield gathered
            gathered = block
        else:
            for series, more in zip(gathered.columns, block.columns, strict=True):
                series.extend(more)
            gathered = Block(gathered.first, gathered.count + block.count, gathered.columns)
        if gathered.count >= frames_at_once:
            yield gathered
            gathered = None
    if gathered is not None:
        yield gathered


def _stored(source: StoreReader, key: EpisodeKey, columns: EpisodeColumns) -> Iterator[Block]:
    for batch, skip in batches_of(source, key):
        first, count = batch["first"] + skip, batch["count"] - skip
        frames = range(first, first + count)
        series: list[list[Any]] = [[value] * count for value in columns.own.values()]
        series += [[key.episode] * count, list(frames), [columns.time_s(frame) for frame in frames]]
        series += [(batch["parity"].get(name) or [None] * batch["count"])[skip:] for name in columns.parity]
        series += [[who] * count for who in columns.players.values()]
        series += [(batch["local"].get(name) or [None] * batch["count"])[skip:] for name in columns.local]
        yield Block(first, count, series)


def as_type(value: Any, kind: str) -> Any:
    """Return the value as a Parquet column of its kind holds it; JSON text where types are mixed."""
    if value is None:
        return None
    if kind == "json":
        return json_text(value)
    return float(value) if kind == "number" else value
