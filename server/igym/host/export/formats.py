"""The other formats of one session, under `exports/<session>/` of the data folder: Parquet, JSON lines, one zip."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from igym.host.export.episodes import EpisodeKey, columns_of, episode_keys, rows_of
from igym.host.export.exporter import Exporter
from igym.host.export.files import replacing, utf8
from igym.host.export.kinds import json_text
from igym.host.export.names import safe_name
from igym.host.export.parquet import parquet_file, parquet_table
from igym.host.export.people import Table, people_of
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.export.tables import TABLES
from igym.protocol.told import Told

ALL_SESSIONS = "all-sessions"
"""The folder beside the sessions' own for what holds several of them; it goes when something of one was erased."""


def shared_files(folder: Path) -> list[Path]:
    """Files that hold several sessions at once."""
    place = folder / "exports" / ALL_SESSIONS
    return sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else []


def folder_of(exporter: Exporter, name: str) -> Path:
    """Where a format's files go."""
    return exporter.folder / "exports" / safe_name(exporter.row.id) / name


def write_parquet(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write each table and each episode as one Parquet file with typed columns."""
    return list(_each(exporter, "parquet", parquet_file, parquet_table, progress, cancelled))


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
            what = Told(
                "{format}: {participant}, episode {episode}",
                format=key.scene,
                participant=key.participant,
                episode=key.episode,
            )
            with exporter.part(Told("{format}: {what}", format=name, what=what)):
                plain = exporter.layout.episode(
                    key.scene, key.participant, key.episode, match_suffix=exporter.match_suffix(key)
                )
                path = folder_of(exporter, name) / plain.relative_to(exporter.folder).with_suffix("")
                yield write(exporter, key, path)
            steps.done(what)
        people = {exporter.row.id: people_of(exporter.source, exporter.row.id)}
        for table, make in TABLES.items():
            with exporter.part(Told("{format}: table {table}", format=name, table=table)):
                yield write_table(make(exporter.source, people), folder_of(exporter, name) / table)
            steps.done(table)


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
