"""Column types over a whole episode, and the batches as columns of that type: what Parquet needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from igym.host.export.cells import type_name
from igym.host.export.episodes import EpisodeColumns, EpisodeKey, batches_of
from igym.host.store_reader import StoreReader

_INT64 = 2**63


@dataclass(frozen=True)
class Block:
    """Consecutive frames `first … first + count - 1` as columns, in the order of `EpisodeColumns.names`."""

    first: int
    count: int
    columns: list[list[Any]]


def blocks_of(source: StoreReader, key: EpisodeKey, columns: EpisodeColumns) -> Iterator[Block]:
    """Yield an episode's frames as columns, one block a stored batch; frames stored twice come once."""
    next_frame = 0
    for batch in batches_of(source, key):
        skip = max(0, next_frame - batch["first"])
        count = batch["count"] - skip
        if count <= 0:
            continue
        first = batch["first"] + skip
        frames = range(first, first + count)
        series: list[list[Any]] = [[key.episode] * count, list(frames), [columns.time_s(frame) for frame in frames]]
        series += [(batch["parity"].get(name) or [None] * batch["count"])[skip:] for name in columns.parity]
        series += [[who] * count for who in columns.players.values()]
        series += [(batch["local"].get(name) or [None] * batch["count"])[skip:] for name in columns.local]
        yield Block(first, count, series)
        next_frame = first + count


def types_of(source: StoreReader, key: EpisodeKey, columns: EpisodeColumns) -> list[str]:
    """Return the type of each column over the whole episode: boolean, integer, number, string or json.

    Whole numbers and fractions in one column make it `number`; any other mixture, and whole numbers beyond 64 bits,
    `json`.
    """
    seen: list[set[str]] = [set() for _ in columns.names]
    for block in blocks_of(source, key, columns):
        for kinds, series in zip(seen, block.columns, strict=True):
            kinds.update({_narrow(value) for value in series})
    return [_joined(kinds - {"missing"}) for kinds in seen]


def as_type(value: Any, kind: str) -> Any:
    """Return the value as its column's type holds it; JSON text where types are mixed."""
    if value is None:
        return None
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return float(value) if kind == "number" else value


def _narrow(value: Any) -> str:
    name = type_name(value)
    return "json" if name == "integer" and not -_INT64 <= value < _INT64 else name


def _joined(kinds: set[str]) -> str:
    if not kinds:
        return "string"
    if kinds == {"integer", "number"}:
        return "number"
    return next(iter(kinds)) if len(kinds) == 1 else "json"
