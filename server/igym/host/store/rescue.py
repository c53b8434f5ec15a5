"""Writing what a damaged recordings file still holds to a new one."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from igym.host.store.damaged_file import TABLES, Found, open_damaged, readable_rows
from igym.host.store.store_schema import open_for_writing
from igym.protocol.told import Told

RESCUED = "session_rescued.sqlite3"


def rescue(path: Path, target: Path) -> Found:
    """Writes every readable entry to a new file at `target`; the damaged one stays as it is.

    Raises `FileExistsError` when there is such a file already.
    """
    if target.exists():
        raise FileExistsError(Told("{name} exists already and was left as it is.", name=target))
    counts = dict.fromkeys(TABLES, 0)
    with contextlib.closing(open_damaged(path)) as source, contextlib.closing(open_for_writing(target)) as made:
        made.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            for row in readable_rows(source, table):
                counts[table] += _put(made, table, row)
        made.execute("COMMIT")
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Found(counts)


def _put(made: sqlite3.Connection, table: str, row: dict[str, Any]) -> int:
    names, places = ", ".join(row), ", ".join("?" * len(row))
    try:
        return made.execute(f"INSERT OR IGNORE INTO {table}({names}) VALUES ({places})", tuple(row.values())).rowcount
    except sqlite3.Error:  # a row whose values are not what they should be
        return 0
