"""The other formats of one session, under `exports/<session>/` of the data folder: Parquet, JSON lines, one zip."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from igym.host.errors import HostError
from igym.host.export.columns import as_type, blocks_of
from igym.host.export.episodes import EpisodeKey, columns_of, episode_keys, rows_of
from igym.host.export.exporter import Exporter
from igym.host.export.files import replacing, utf8
from igym.host.export.kinds import joined, json_text, kinds_in
from igym.host.export.matches import FRAMES_AT_ONCE
from igym.host.export.names import safe_name
from igym.host.export.people import Table, people_of
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.export.tables import TABLES

_ARROW: dict[str, Any] = {
    "boolean": "bool", "integer": "int64", "number": "double", "string": "string", "missing": "string",
    "json": "string",
}  # fmt: skip
NO_PARQUET = (
    "Parquet files cannot be written here: the library for them (pyarrow) is not made for this kind of computer. "
    "CSV, JSON lines and zip can be written, and another computer can export this data folder as Parquet."
)


def folder_of(exporter: Exporter, name: str) -> Path:
    """Where a format's files go."""
    return exporter.folder / "exports" / safe_name(exporter.row.id) / name


def write_parquet(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write each table and each episode as one Parquet file with typed columns."""
    if find_spec("pyarrow") is None:
        raise HostError("no_parquet", NO_PARQUET)
    return list(_each(exporter, "parquet", _parquet_file, _parquet_table, progress, cancelled))


def write_jsonl(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write each table and each episode as JSON lines: one object a line or frame, only the keys that it has."""
    return list(_each(exporter, "jsonl", _jsonl_file, _jsonl_table, progress, cancelled))


def write_zip(exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False) -> list[Path]:
    """Write everything the manifest lists, and the manifest, as one zip file."""
    names = [*exporter.manifest.names(""), "manifest.json"]
    names = [name for name in names if not name.startswith("exports/") and (exporter.folder / name).is_file()]
    steps = Steps(len(names), progress, cancelled)
    path = exporter.folder / "exports" / f"{safe_name(exporter.row.id)}.zip"
    with replacing(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            _add(archive, exporter.folder / name, f"{exporter.folder.name}/{name}", steps)
            steps.done(name)
    return [path]


def _add(archive: zipfile.ZipFile, path: Path, name: str, steps: Steps) -> None:
    """Like `ZipFile.write`, but can be stopped within a long file."""
    entry = zipfile.ZipInfo.from_file(path, name)
    entry.compress_type = archive.compression
    with path.open("rb") as source, archive.open(entry, "w") as target:
        while block := source.read(ZIP_BLOCK_BYTES):
            target.write(block)
            steps.check()


ZIP_BLOCK_BYTES = 64 * 1024
EpisodeWriter = Callable[[Exporter, EpisodeKey, Path], Path]
TableWriter = Callable[[Table, Path], Path]


def _each(
    exporter: Exporter,
    name: str,
    write: EpisodeWriter,
    write_table: TableWriter,
    progress: Progress | None,
    cancelled: Cancelled,
) -> Iterator[Path]:
    keys = episode_keys(exporter.source, exporter.row.id)
    steps = Steps(len(TABLES) + len(keys), progress, cancelled)
    with steps.watching(exporter.source):
        for key in keys:
            what = f"{key.scene}: {key.participant}, episode {key.episode}"
            with exporter.part(f"{name}: {what}"):
                plain = exporter.layout.episode(
                    key.scene, key.participant, key.episode, match_suffix=exporter.match_suffix(key)
                )
                path = folder_of(exporter, name) / plain.relative_to(exporter.folder).with_suffix("")
                yield write(exporter, key, path)
            steps.done(what)
        people = {exporter.row.id: people_of(exporter.source, exporter.row.id)}
        for table, make in TABLES.items():
            with exporter.part(f"{name}: table {table}"):
                yield write_table(make(exporter.source, people), folder_of(exporter, name) / table)
            steps.done(table)


def _parquet_file(exporter: Exporter, key: EpisodeKey, stem: Path) -> Path:
    # Windows on ARM has none, and nothing else needs it.
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = stem.with_name(stem.name + ".parquet")
    columns = columns_of(exporter.source, key)
    kinds = columns.exact_kinds
    fields = [
        pa.field(name, pa.type_for_alias(_ARROW[kind]), metadata={"igym_type": kind})
        for name, kind in zip(columns.names, kinds, strict=True)
    ]
    schema = pa.schema(fields)
    with replacing(path) as stream, pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for block in blocks_of(exporter.source, key, columns, FRAMES_AT_ONCE):
            series = [[as_type(v, kind) for v in column] for column, kind in zip(block.columns, kinds, strict=True)]
            arrays = [pa.array(values, field.type) for values, field in zip(series, fields, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return path


def _parquet_table(table: Table, stem: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = stem.with_name(stem.name + ".parquet")
    header, rows = table
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    kinds = [joined(kinds_in(series)) for series in columns]
    fields = [
        pa.field(name, pa.type_for_alias(_ARROW[kind]), metadata={"igym_type": kind})
        for name, kind in zip(header, kinds, strict=True)
    ]
    arrays = [
        pa.array([as_type(value, kind) for value in series], field.type)
        for series, kind, field in zip(columns, kinds, fields, strict=True)
    ]
    with replacing(path) as stream:
        pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), stream, compression="zstd")
    return path


def _jsonl_table(table: Table, stem: Path) -> Path:
    path = stem.with_name(stem.name + ".jsonl")
    header, rows = table
    lines = ({name: value for name, value in zip(header, row, strict=True) if value is not None} for row in rows)
    with replacing(path) as stream:
        for line in lines:
            stream.write(utf8(json_text(line) + "\n"))
    return path


def _jsonl_file(exporter: Exporter, key: EpisodeKey, stem: Path) -> Path:
    path = stem.with_name(stem.name + ".jsonl")
    columns = columns_of(exporter.source, key)

    names = columns.names
    with replacing(path) as stream:
        for row in rows_of(exporter.source, key, columns):
            found = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            stream.write(utf8(json_text(found) + "\n"))
    return path
