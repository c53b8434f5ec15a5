"""Erasing one participant or one session in a database, its chain kept: the same in the store and in its copies."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from igym.host.store import trail
from igym.host.store.sql import Sql, has_column

CONTENT_TABLES = ("batches", "telemetry", "console")
_EMPTY = """UPDATE records SET body = '{"erased":true}' WHERE """


def erase_participant(connection: Sql, session: str, participant: str, kept_records: Iterable[str]) -> dict[str, int]:
    """Delete one participant's rows, measurements and console lines and empty their records but `kept_records`.

    Returns the number of erased entries by table.
    """
    kept, key = tuple(kept_records), (session, participant)
    erased = {
        table: connection.execute(f"DELETE FROM {table} WHERE session = ? AND participant = ?", key).rowcount
        for table in CONTENT_TABLES
    }
    where = f"session = ? AND participant = ? AND kind NOT IN ({', '.join('?' * len(kept))})"
    bodies = connection.execute(f"SELECT seq, n, body FROM records WHERE {where}", (*key, *kept))
    # Before the bodies go: by their hashes alone the chain can be proved afterwards.
    trail.keep_hashes(connection, session, ((row["seq"], row["n"], row["body"]) for row in bodies.fetchall()))
    erased["records"] = connection.execute(_EMPTY + where, (*key, *kept)).rowcount
    return erased


def empty_events(connection: Sql, session: str, participant: str, emptied: Callable[[str], str | None]) -> int:
    """Replace event bodies by what `emptied` makes of them (None: kept); returns how many.

    Nobody may go on with the session afterwards: its events no longer say what happened.
    """
    sql = "SELECT seq, body FROM events WHERE session = ? AND participant = ?"
    rows = connection.execute(sql, (session, participant)).fetchall()
    found = [(emptied(row["body"]), row["seq"], row["body"]) for row in rows]
    trail.keep_hashes(connection, session, [(seq, trail.EVENT, old) for body, seq, old in found if body is not None])
    changed = [(body, session, seq) for body, seq, _ in found if body is not None]
    connection.executemany("UPDATE events SET body = ? WHERE session = ? AND seq = ?", changed)
    return len(changed)


def finish_session(connection: Sql, session: str, kept_records: Iterable[str], at: float) -> dict[str, int]:
    """Delete a session's events, empty its records but `kept_records` and mark it as erased; `at` in unix s."""
    kept = tuple(kept_records)
    where = f"session = ? AND kind NOT IN ({', '.join('?' * len(kept))})"
    erased = {"records": connection.execute(_EMPTY + where, (session, *kept)).rowcount}
    erased["events"] = connection.execute("DELETE FROM events WHERE session = ?", (session,)).rowcount
    if trail.has_trail(connection):
        # The heads stay; what they stood on is gone for good, salts included.
        connection.execute("DELETE FROM trail_items WHERE session = ?", (session,))
    connection.execute(
        "UPDATE sessions SET state = 'ended', ended_at = COALESCE(ended_at, ?) WHERE id = ?", (at, session)
    )
    if has_column(connection, "sessions", "erased_at"):
        connection.execute("UPDATE sessions SET erased_at = ? WHERE id = ?", (at, session))
    return erased
