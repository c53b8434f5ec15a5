"""Where a study's data are: in the SQLite file of its data folder, or on the server that is named beside its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.store import store_schema
from igym.host.store.postgres.connection import NEEDS_EXTRA
from igym.host.store.postgres.place import place_beside
from igym.host.store.sql import Sql, Transactions, Work


def open_for_reading(database: Path) -> Sql:
    """A connection that reads alone; raises `HostError` when there is nothing to read."""
    place = place_beside(database)
    if place is None:
        return store_schema.open_for_reading(database)
    from igym.host.store.postgres import schema

    return schema.open_for_reading(place)


def open_transactions(database: Path, lost: Callable[[], object]) -> Transactions:
    """The one writer; raises `HostError` when there is another one. `lost`: on a server its turn may end."""
    place = place_beside(database)
    if place is None:
        return FileTransactions(database)
    try:
        from igym.host.store.postgres.writing import ServerTransactions
    except ImportError as error:
        raise HostError("bad_database", NEEDS_EXTRA, str(error)) from error

    return ServerTransactions(place, lost)


class FileTransactions:
    """`Transactions` in a SQLite file."""

    def __init__(self, path: Path) -> None:
        self.connection = store_schema.open_for_writing(path)

    @property
    def epoch(self) -> int:
        return 0

    def run(self, works: Sequence[Work]) -> list[Any]:
        # The lock to write from the beginning: one that is asked for later, by a transaction that has read, may be
        # refused.
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            values = [work(self.connection) for work in works]
            self.connection.execute("COMMIT")
        except Exception:
            # After some errors, a full disk for one, SQLite has rolled back by itself.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        return values

    def stop_waiting(self) -> None:
        """A file tells at once what became of a transaction."""

    def close(self) -> None:
        try:
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:  # a full disk or a reader: the next opening does it
            pass
        self.connection.close()
