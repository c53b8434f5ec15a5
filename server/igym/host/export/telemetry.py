"""`telemetry/<participant>.csv`: every measurement of a participant's browser and connection, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igym.host.export.files import write_csv_columns
from igym.host.export.inputs import INPUT
from igym.host.export.kinds import json_text
from igym.host.export.layout import Layout
from igym.host.store.samples import round_trips, spread
from igym.host.store.store_reader import StoreReader

COLUMNS = {
    "session": "string",
    "participant": "string",
    "at": "number",
    "kind": "string",
    "scene": "string",
    "match": "string",
    "name": "string",
    "value": "number",
    "text": "string",
}
LINES_AT_ONCE = 10_000
Line = tuple[str, str, float, str, str | None, str | None, str, float | int | None, str | None]


def write_telemetry(source: StoreReader, layout: Layout) -> Iterator[Path]:
    """Write the files of a session's participants, where anything was measured."""
    answered: dict[str, list[tuple[float, float]]] = {}
    for participant, at, rtt_ms in round_trips(source.events(layout.session, types=("rtt",))):
        answered.setdefault(participant, []).append((at, rtt_ms))
    joined = source.records(layout.session, kinds=("joined",))
    for participant in dict.fromkeys(str(record.participant) for record in joined):
        lines = _lines(source, layout.session, participant, answered.get(participant, []))
        first = next(lines, None)
        if first is not None:
            path = layout.folder / "telemetry" / f"{layout.stem(participant)}.csv"
            names, kinds, session_kind = list(COLUMNS), list(COLUMNS.values()), layout.types.session_kind
            write_csv_columns(path, names, kinds, _blocks(first, lines), session_kind)
            layout.types[path] = layout.types.columns(names, kinds)
            yield path


def _blocks(first: Line, lines: Iterator[Line]) -> Iterator[list[tuple[Any, ...]]]:
    block = [first]
    for line in lines:
        block.append(line)
        if len(block) == LINES_AT_ONCE:
            yield list(zip(*block, strict=True))
            block = []
    if block:
        yield list(zip(*block, strict=True))


def _lines(source: StoreReader, session: str, participant: str, answered: list[tuple[float, float]]) -> Iterator[Line]:
    head = (session, participant)
    for _, at, kind, body in source.telemetry(session, participant=participant):
        if kind == INPUT:
            continue
        yield from ((*head, at, kind, body.get("scene"), body.get("match"), *part) for part in _flat("", body))
    for record in spread(source.records(session, kinds=("metrics",), participant=participant)):
        parts = _flat("", record.body.get("values", {}))
        yield from ((*head, record.at, "metrics", record.scene, record.match, *part) for part in parts)
    yield from ((*head, at, "rtt", None, None, "rtt_ms", rtt_ms, None) for at, rtt_ms in answered)


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, float | int | None, str | None]]:
    """`(name, number, text)` of every part of a nested measurement."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), inner)
    elif isinstance(value, bool):
        yield prefix, int(value), None
    elif isinstance(value, int | float):
        yield prefix, value, None
    elif value is not None:
        yield prefix, None, value if isinstance(value, str) else json_text(value)
