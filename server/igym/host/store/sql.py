"""The little of a database that store and reader need, so that the same statements run on SQLite and PostgreSQL.

Statements mark their values with `?` or `:name`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

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
