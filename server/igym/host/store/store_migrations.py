"""Bringing an older `session.sqlite3` up to the tables this program knows, after a copy of it was made."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from igym.host.store.backup import BACKUPS, copy_database

# version found → what leads to the next one; a step once released never changes.
STEPS: dict[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE sessions ADD COLUMN erased_at REAL",
        "CREATE INDEX IF NOT EXISTS records_by_match ON records(session, match, kind)",
    ),
    # New tables are made when the file is opened; what was recorded before the chain stays outside it.
    2: (),
}


def migrate(connection: sqlite3.Connection, path: Path, found: int, wanted: int) -> Path:
    """All steps from version `found` to `wanted` in one transaction; returns the copy made before.

    Raises `HostError` when no copy could be made and `sqlite3.Error` when a step fails: nothing is changed then.
    """
    copy = path.parent / BACKUPS / f"before_schema{wanted}_{datetime.now():%Y%m%d-%H%M%S-%f}.sqlite3"
    copy_database(path, copy)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for version in range(found, wanted):
            for statement in STEPS[version]:
                connection.execute(statement)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (str(wanted),))
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return copy
