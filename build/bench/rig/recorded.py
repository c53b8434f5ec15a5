"""How play went, from the rows and the telemetry that an engine stored."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from igym.host.store.samples import spread
from igym.host.store.store_reader import StoreReader
from tests.browser.engine_process import EngineProcess

Columns = dict[str, list[Any]]
"""Column → one value a frame."""


def columns_by_episode(engine: EngineProcess) -> dict[tuple[str, int], dict[str, list[Any]]]:
    """(participant, episode) → column → one value a frame.

    The browser's own columns (`timestamp_ms`, …) as they are, the columns all members share (`actions.left`, …) too.
    """
    found: dict[tuple[str, int], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for batch in engine.batches():
        for kind in ("local", "parity"):
            for name, values in batch.rows[kind].items():
                found[batch.participant, batch.episode][name].extend(values)
    return {key: dict(columns) for key, columns in found.items()}


def metrics(engine: EngineProcess) -> dict[str, list[dict[str, Any]]]:
    """Participant → what their browser told about its play, once a second."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with StoreReader(engine.folder / "session.sqlite3") as reader:
        for record in spread(reader.records(engine.session, kinds=("metrics",))):
            found[record.participant or ""].append(record.body["values"])
    return dict(found)


def counted(engine: EngineProcess) -> dict[str, Columns]:
    """Participant → what their browser counted since its start, once a second.

    `timestamp_ms` when it was told, `bytes_out`, `frame`, `rollbackFrames`, and `waits`: ticks without a frame.
    """
    found: dict[str, Columns] = defaultdict(lambda: defaultdict(list))
    with StoreReader(engine.folder / "session.sqlite3") as reader:
        for record in spread(reader.records(engine.session, kinds=("metrics",))):
            values = record.body["values"]
            if "stalls" not in values:
                continue
            one = found[record.participant or ""]
            one["timestamp_ms"].append(record.at * 1000)
            one["waits"].append(values["stalls"] + values["skips"])
            for name in ("bytes_out", "frame", "rollbackFrames"):
                one[name].append(values[name])
    return dict(found)


def between(columns: Columns, from_ms: float, to_ms: float) -> Columns:
    """The frames of a stretch of time; `frame` numbers them."""
    numbered = {"frame": list(range(len(columns["timestamp_ms"]))), **columns}
    kept = [at for at, stamp in enumerate(columns["timestamp_ms"]) if stamp is not None and from_ms <= stamp <= to_ms]
    whole = {name: values for name, values in numbered.items() if len(values) > max(kept, default=-1)}
    return {name: [values[at] for at in kept] for name, values in whole.items()}


def intervals(stamps: Sequence[float | None]) -> list[float]:
    """ms from each frame to the next."""
    known = [stamp for stamp in stamps if stamp is not None]
    return [later - earlier for earlier, later in itertools.pairwise(known)]


def rate(stamps: Sequence[float | None]) -> float:
    """Frames a second over the whole of it."""
    gaps = intervals(stamps)
    return 1000 * len(gaps) / sum(gaps)
