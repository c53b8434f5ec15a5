"""Reading what a damaged recordings file still holds."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.protocol.told import Told

TABLES = ("sessions", "events", "records", "batches", "telemetry", "console", "meta", "trail", "trail_items")


@dataclass(frozen=True)
class Found:
    """How many entries of each table could be read."""

    counts: dict[str, int]

    def __str__(self) -> str:
        if not any(self.counts.values()):
            return Told("Nothing of it can be read.")
        parts = {"sessions": "sessions", "events": "events", "records": "records", "batches": "batches of rows"}
        listed = ", ".join(f"{self.counts[table]} {words}" for table, words in parts.items())
        return Told("Of it can be read: {parts}.", parts=listed)


def count_readable(path: Path) -> Found:
    """What a copy made by `rescue` would hold. Never writes to the damaged file."""
    with contextlib.closing(open_damaged(path)) as connection:
        return Found({table: sum(1 for _ in readable_rows(connection, table)) for table in TABLES})


def open_damaged(path: Path) -> sqlite3.Connection:
    """A read-only connection that asks nothing of the file."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    # Text that was overwritten is not worth losing the rest of its table for.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


def readable_rows(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """From the front up to the damage, then from the back up to it; each row once."""
    order = _order(connection, table)
    if order is None:
        return
    seen: set[tuple[Any, ...]] = set()
    for direction in ("ASC", "DESC"):
        by = ", ".join(f"{column} {direction}" for column in order)
        try:
            for row in connection.execute(f"SELECT {', '.join(order)}, * FROM {table} NOT INDEXED ORDER BY {by}"):
                key = tuple(row)[: len(order)]
                if key in seen:
                    break
                seen.add(key)
                yield {name: row[name] for name in row.keys()[len(order) :]}
            else:
                return
        except sqlite3.Error:
            continue


def _order(connection: sqlite3.Connection, table: str) -> list[str] | None:
    """The columns by which a table lies on disk; None when the table cannot even be named."""
    try:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        row = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    except sqlite3.Error:
        return None
    if not columns or row is None:
        return None
    if "WITHOUT ROWID" not in row["sql"]:
        return ["rowid"]
    return [column["name"] for column in sorted(columns, key=lambda c: c["pk"]) if column["pk"]]
