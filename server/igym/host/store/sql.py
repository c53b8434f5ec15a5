"""The little of a database that store and reader need, so that the same statements run on SQLite and PostgreSQL.

Statements mark their values with `?` or `:name`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, Protocol

MOST_AT_ONCE = 64
"""Rows in one statement; no library of SQLite takes fewer values than so many rows of ours have."""
Values = Sequence[Any] | Mapping[str, Any]


class Rows(Protocol):
    """What a statement gave; a row is read by the names of its columns or by their places."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Sql(Protocol):
    """One connection."""

    def execute(self, sql: str, values: Values = ..., /) -> Rows: ...

    def executemany(self, sql: str, values: Iterable[Values], /) -> Any: ...

    def close(self) -> None: ...


Work = Callable[[Any], Any]
"""What is done with a connection (`Sql`) within a transaction; its value goes to whoever asked for it."""


class Transactions(Protocol):
    """The one writing connection of a store; used by its thread alone."""

    @property
    def connection(self) -> Any: ...

    @property
    def epoch(self) -> int:
        """The number of this writer's turn."""

    def run(self, works: Sequence[Work]) -> list[Any]:
        """All of them in one transaction, or none: what one raises is raised when nothing of them is kept."""

    def stop_waiting(self) -> None:
        """From any thread: what cannot be known at once is no longer waited for."""

    def close(self) -> None: ...


def insert(connection: Sql, table: str, rows: Sequence[Sequence[Any]], unless: str = "") -> int:
    """Puts rows with all columns into a table; how many are new. `unless`: an `ON CONFLICT` clause.

    Many of them are one statement: at each, the store's thread lets Python's lock go, and has to get it back from a
    loop that is busy.
    """
    if not rows:
        return 0
    if not isinstance(connection, sqlite3.Connection):
        return _insert_on_server(connection, table, rows, unless)
    new = at = 0
    while at < len(rows):
        # Powers of two, of which the statements are few enough to be kept ready.
        count = min(MOST_AT_ONCE, 1 << (len(rows) - at).bit_length() - 1)
        values = list(chain.from_iterable(rows[at : at + count]))
        new += connection.execute(_inserting(table, len(rows[0]), count, unless), values).rowcount
        at += count
    return new


def _insert_on_server(connection: Sql, table: str, rows: Sequence[Sequence[Any]], unless: str) -> int:
    sql = _inserting(table, len(rows[0]), 1, unless)
    if unless:
        return sum(connection.execute(sql, row).rowcount for row in rows)
    connection.executemany(sql, rows)
    return len(rows)


@cache
def _inserting(table: str, columns: int, rows: int, unless: str) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"INSERT INTO {table} VALUES {', '.join([row] * rows)} {unless}".rstrip()


def each(connection: Sql, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
    """Rows of a result that may be longer than the memory; other statements may come in between."""
    if isinstance(connection, sqlite3.Connection):
        return iter(connection.execute(sql, values))
    held: Iterator[Any] = connection.each(sql, values)  # type: ignore[attr-defined]
    return held


def has_table(connection: Sql, name: str) -> bool:
    """Files may be older than a table; a server's tables are brought up to date before anybody reads them."""
    if not isinstance(connection, sqlite3.Connection):
        return True
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def has_column(connection: Sql, table: str, name: str) -> bool:
    """As `has_table`."""
    if not isinstance(connection, sqlite3.Connection):
        return True
    return name in {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
