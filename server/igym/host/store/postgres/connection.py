"""A connection to PostgreSQL that takes the statements of the store and gives rows as SQLite does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from igym.host.base.errors import HostError
from igym.host.store.postgres.errors import ServerError
from igym.host.store.postgres.place import Place
from igym.host.store.sql import Rows, Values
from igym.protocol.told import Told

if TYPE_CHECKING:
    import psycopg

HELD_ROWS = 50
"""Fetched at once where a result may be longer than the memory; one may be a quarter of a megabyte."""
GONE_AFTER_S = 10
"""Without a sign of the server for so long, the connection counts as lost."""
NEEDS_EXTRA = Told(
    "The data of this study are on a PostgreSQL server, and this program cannot speak to one. Install it with the "
    "extra “cluster”: pip install 'interactive-gym-desktop[cluster]'."
)
_MARK = re.compile(r"'[^']*'|\?|(?<!:):([a-z_]+)|%")


class Row(tuple[Any, ...]):
    """Values in the order of the columns, also by name."""

    names: Mapping[str, int]

    def keys(self) -> list[str]:
        return list(self.names)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names[key] if isinstance(key, str) else key)


def _rows_by_name(cursor: psycopg.Cursor[Any]) -> Any:
    names = {column.name: at for at, column in enumerate(cursor.description or ())}
    return type("NamedRow", (Row,), {"names": names})


class PgSql:
    """`Sql` over one psycopg connection; `search_path` is the schema of the place."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.raw = connection
        self._results = 0

    def execute(self, sql: str, values: Values = (), /) -> Rows:
        with refusals():
            return self.raw.execute(translated(sql).encode(), values)

    def executemany(self, sql: str, values: Iterable[Values], /) -> Any:
        with refusals(), self.raw.cursor() as cursor:
            cursor.executemany(translated(sql).encode(), values)

    def each(self, sql: str, values: Sequence[Any]) -> Iterator[Any]:
        """Rows of a long result: the server keeps it, and other statements may come in between."""
        self._results += 1
        with refusals(), self.raw.cursor(f"result_{self._results}", withhold=True) as cursor:
            cursor.itersize = HELD_ROWS
            cursor.execute(translated(sql).encode(), values)
            yield from cursor

    def close(self) -> None:
        self.raw.close()


@contextmanager
def refusals() -> Iterator[None]:
    """What the library raises is raised as `ServerError`."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise ServerError(str(error)) from error


def translated(sql: str) -> str:
    """The marks of values as psycopg has them; what only SQLite knows is left out."""

    def mark(found: re.Match[str]) -> str:
        if found[0][0] in "'%":
            return found[0].replace("%", "%%")
        return f"%({found[1]})s" if found[1] else "%s"

    return _MARK.sub(mark, sql.replace(" NOT INDEXED", ""))


def connect(place: Place) -> PgSql:
    """Raises `psycopg.OperationalError` when the server cannot be reached, `HostError` without psycopg."""
    try:
        import psycopg
    except ImportError as error:
        raise HostError("bad_database", NEEDS_EXTRA, str(error)) from error
    from psycopg import sql

    made = psycopg.connect(
        place.url, autocommit=True, row_factory=_rows_by_name, connect_timeout=GONE_AFTER_S, application_name="igym",
        keepalives_idle=GONE_AFTER_S, keepalives_interval=2, keepalives_count=3,
        tcp_user_timeout=GONE_AFTER_S * 1000,
    )  # fmt: skip
    made.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(place.schema)))
    return PgSql(made)
