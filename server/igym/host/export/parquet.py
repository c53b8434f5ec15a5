"""Parquet files of an episode and of a table, with typed columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from igym.host.export.columns import as_type, blocks_of
from igym.host.export.episodes import EpisodeKey, columns_of
from igym.host.export.exporter import Exporter
from igym.host.export.files import replacing
from igym.host.export.kinds import joined, kinds_in
from igym.host.export.matches import FRAMES_AT_ONCE
from igym.host.export.people import Table

if TYPE_CHECKING:
    from arro3.core import DataType, RecordBatch, Schema

TYPES = {
    "boolean": "bool", "integer": "int64", "number": "float64", "string": "string", "missing": "string",
    "json": "string",
}  # fmt: skip
COMPRESSION = "zstd(3)"


def parquet_file(exporter: Exporter, key: EpisodeKey, stem: Path) -> Path:
    """Writes an episode, a few thousand frames at a time."""
    path = stem.with_name(stem.name + ".parquet")
    columns = columns_of(exporter.source, key)
    kinds = columns.exact_kinds
    schema = _schema(columns.names, kinds)
    batches = (
        _batch(block.columns, kinds, schema) for block in blocks_of(exporter.source, key, columns, FRAMES_AT_ONCE)
    )
    with replacing(path) as stream:
        _write(stream, schema, batches)
    return path


def parquet_table(table: Table, stem: Path) -> Path:
    """Writes a whole table."""
    path = stem.with_name(stem.name + ".parquet")
    header, rows = table
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    kinds = [joined(kinds_in(series)) for series in columns]
    schema = _schema(header, kinds)
    with replacing(path) as stream:
        _write(stream, schema, [_batch(columns, kinds, schema)])
    return path


def _schema(names: Iterable[str], kinds: Iterable[str]) -> Schema:
    from arro3.core import Field, Schema

    return Schema([
        Field(name, _type(kind), metadata={"igym_type": kind}) for name, kind in zip(names, kinds, strict=True)
    ])  # fmt: skip


def _type(kind: str) -> DataType:
    from arro3.core import DataType

    made: DataType = getattr(DataType, TYPES[kind])()
    return made


def _batch(columns: Iterable[Sequence[Any]], kinds: Sequence[str], schema: Schema) -> RecordBatch:
    from arro3.core import Array, RecordBatch

    arrays = [
        Array([as_type(value, kind) for value in series], _type(kind))
        for series, kind in zip(columns, kinds, strict=True)
    ]
    return RecordBatch.from_arrays(arrays, schema=schema)


def _write(stream: IO[bytes], schema: Schema, batches: Iterable[RecordBatch]) -> None:
    """What is raised while the batches are made comes out as it is: the library makes a text of it."""
    from arro3.core import RecordBatchReader
    from arro3.io import write_parquet

    raised: list[BaseException] = []

    def watched() -> Iterator[RecordBatch]:
        try:
            yield from batches
        except BaseException as error:
            raised.append(error)
            raise

    try:
        write_parquet(RecordBatchReader.from_batches(schema, watched()), stream, compression=COMPRESSION)
    except Exception:
        if raised:
            raise raised[0] from None
        raise
