"""The recordings of a study as one SQLite file, wherever they are kept."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from igym.host.base.held_files import move
from igym.host.store import store_schema
from igym.host.store.backup import Progress, copy_database, temporary_beside
from igym.host.store.databases import open_for_reading
from igym.host.store.postgres.place import place_beside
from igym.host.store.sql import Sql, each

ROWS_AT_ONCE = 200
STAMPED = "meta"
"""The table of the version, which the copy has of its own."""


def copy_recordings(database: Path, target: Path, progress: Progress) -> None:
    """Of one moment; readable for this account alone. Raises `HostError` and leaves nothing behind."""
    if place_beside(database) is None:
        copy_database(database, target, progress)
    else:
        _copied_from_server(database, target, progress)
    target.chmod(0o600)


def _copied_from_server(database: Path, target: Path, progress: Progress) -> None:
    with temporary_beside(target) as part:
        with contextlib.closing(open_for_reading(database)) as source:
            _fill(source, part, progress)
        move(part, target)


def _fill(source: Sql, part: Path, progress: Progress) -> None:
    with contextlib.closing(store_schema.open_for_writing(part)) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # a copy that a crash cuts off is thrown away
        tables = [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        wanted = [name for name in tables if name != STAMPED and not name.startswith("sqlite_")]
        # One moment of all tables: what is stored meanwhile belongs to the next copy.
        source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for number, table in enumerate(wanted):
            progress(number, len(wanted), table)
            _carry(source, copy, table)
        source.execute("COMMIT")
        copy.execute("PRAGMA journal_mode=DELETE")


def _carry(source: Sql, copy: sqlite3.Connection, table: str) -> None:
    columns: Sequence[str] = [row["name"] for row in copy.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join("?" for _ in columns)
    ordered = " ORDER BY rowid" if table in ("batches", "telemetry", "console") else ""
    rows = iter(each(source, f"SELECT {', '.join(columns)} FROM {table}{ordered}"))
    copy.execute("BEGIN")
    while some := [tuple(row) for row in islice(rows, ROWS_AT_ONCE)]:
        copy.executemany(f"INSERT INTO {table} VALUES ({marks})", some)
    copy.execute("COMMIT")
