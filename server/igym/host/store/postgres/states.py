"""What else whoever goes on with a session needs: its last state, so that not all its events must be handled again, and
the key of the study's personal links."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.store.postgres.connection import PgSql
from igym.host.store.postgres.errors import ServerError
from igym.host.store.postgres.place import Place
from igym.host.store.postgres.schema import open_for_reading

# An older state never takes the place of a newer one, whoever makes it.
_PUT = """
INSERT INTO states VALUES (?, ?, ?) ON CONFLICT(session) DO UPDATE SET seq = excluded.seq, body = excluded.body
WHERE states.seq <= excluded.seq
"""


def put_state(place: Place, session: str, seq: int, path: Path) -> None:
    """The file at `path` is the state after event `seq`. Raises `OSError`."""
    with _opened(place) as connection:
        connection.execute(_PUT, (session, seq, path.read_bytes()))


def get_state(place: Place, session: str) -> bytes | None:
    """What was put last; None without one. Raises `OSError`."""
    with _opened(place) as connection:
        row = connection.execute("SELECT body FROM states WHERE session = ?", (session,)).fetchone()
    return None if row is None else bytes(row["body"])


def remove_state(place: Place, session: str) -> None:
    """Raises `OSError`."""
    with _opened(place) as connection:
        connection.execute("DELETE FROM states WHERE session = ?", (session,))


def agreed_key(place: Place, own: bytes | None) -> bytes | None:
    """The key that all servers of the study use: the first one that any of them had. Raises `OSError`."""
    with _opened(place) as connection:
        if own is not None:
            sql = "INSERT INTO meta VALUES ('link_key', ?) ON CONFLICT DO NOTHING"
            connection.execute(sql, (own.hex(),))
        row = connection.execute("SELECT value FROM meta WHERE key = 'link_key'").fetchone()
    return None if row is None else bytes.fromhex(row["value"])


@contextmanager
def _opened(place: Place) -> Iterator[PgSql]:
    try:
        connection = open_for_reading(place)
    except HostError as error:
        raise ServerError(error.text) from error
    try:
        yield connection
    finally:
        connection.close()
