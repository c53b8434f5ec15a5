"""One server at a time writes a study's tables: whoever holds the lock, under the number of its turn (the epoch).

The lock ends with its holder's connection. A holder that stands still is noticed by its beat and loses the connection;
what it may still send under its old epoch is refused by the database.
"""

from __future__ import annotations

import os
import socket
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from igym.host.base.errors import HostError
from igym.host.store.postgres.connection import PgSql, connect
from igym.host.store.postgres.errors import LostError
from igym.host.store.postgres.place import Place
from igym.host.store.postgres.schema import explained, is_of_server, prepare
from igym.protocol.told import Told

LOCKS = 0x6967796D
"""The first number of our locks; the second one is the schema's."""
SILENT_AFTER_S = 8.0
"""A leader that has not beaten for so long stands still. Longer than any pause of a healthy one."""
LOOK_EVERY_S = 1.0
NOW = "extract(epoch FROM clock_timestamp())"


@dataclass(frozen=True)
class Leading:
    """A connection that holds the lock."""

    connection: PgSql
    epoch: int
    pid: int
    """The server's process of this connection."""


def lead(place: Place) -> Leading:
    """Becomes the leader. Raises `HostError` "already_running" when there is one."""

    def work() -> PgSql:
        made = connect(place)
        prepare(made, place)
        return made

    connection = explained(place, work)
    if not _take_lock(connection, place):
        holder = connection.execute("SELECT holder FROM leader").fetchone()[0]
        connection.close()
        raise HostError(
            "already_running",
            Told(
                "Another server ({holder}) runs this study on {place}. With --standby this one waits and goes on when "
                "that one is gone.",
                holder=holder or "?",
                place=place.text,
            ),
        )
    row = connection.execute(
        f"UPDATE leader SET epoch = epoch + 1, holder = ?, pid = pg_backend_pid(), beat = {NOW} RETURNING epoch, pid",
        (f"{socket.gethostname()}, process {os.getpid()}",),
    ).fetchone()
    return Leading(connection, int(row["epoch"]), int(row["pid"]))


def lead_again(place: Place, before: Leading) -> Leading | None:
    """After a lost connection: the same turn goes on. None while the lock is not free; raises `LostError` for good."""
    connection = connect(place)
    row = connection.execute("SELECT epoch, pid FROM leader").fetchone()
    if row["epoch"] != before.epoch:
        connection.close()
        raise LostError
    if not _take_lock(connection, place):
        # Ours, if the server has not noticed yet that the old connection is dead.
        if _holder(connection, place) == row["pid"]:
            connection.execute("SELECT pg_terminate_backend(?)", (row["pid"],))
        connection.close()
        return None
    sql = f"UPDATE leader SET pid = pg_backend_pid(), beat = {NOW} WHERE epoch = ? RETURNING pid"
    renewed = connection.execute(sql, (before.epoch,)).fetchone()
    if renewed is None:
        connection.close()
        raise LostError
    return Leading(connection, before.epoch, int(renewed["pid"]))


def stand_by(place: Place, goes_on: Callable[[], bool] = lambda: True, *, begins: bool = False) -> None:
    """Returns when a session runs on this study's tables and nobody leads it. Blocks; ends when `goes_on` says no.

    `begins`: also when there has been no session at all.
    """
    while goes_on():
        try:
            if _is_free(place, begins):
                return
        except HostError:
            raise
        except Exception as error:
            if not is_of_server(error):
                raise
            # The server is away: whoever leads cannot write either.
        time.sleep(LOOK_EVERY_S)


def _is_free(place: Place, begins: bool) -> bool:
    connection = connect(place)
    try:
        if not connection.execute("SELECT to_regclass('leader') IS NOT NULL").fetchone()[0]:
            return begins
        waits = "SELECT count(*) FILTER (WHERE state <> 'ended') > 0 OR (? AND count(*) = 0) FROM sessions"
        return bool(connection.execute(waits, (begins,)).fetchone()[0]) and not _is_led(connection, place)
    finally:
        connection.close()


def _is_led(connection: PgSql, place: Place) -> bool:
    """Whether somebody holds the lock; a holder that stands still is made to let go."""
    holder = _holder(connection, place)
    if holder is None:
        return False
    silent = connection.execute(
        f"SELECT 1 FROM leader WHERE pid = ? AND {NOW} - beat > ?", (holder, SILENT_AFTER_S)
    ).fetchone()
    if silent is not None:
        connection.execute("SELECT pg_terminate_backend(?)", (holder,))
    return True


def _holder(connection: PgSql, place: Place) -> int | None:
    """The server's process of the connection that holds the lock."""
    row = connection.execute(
        """SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint = ? AND
           objid::bigint = ? AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""",
        (LOCKS, _number(place) % 2**32),
    ).fetchone()
    return None if row is None else int(row["pid"])


def _take_lock(connection: PgSql, place: Place) -> bool:
    return bool(connection.execute("SELECT pg_try_advisory_lock(?, ?)", (LOCKS, _number(place))).fetchone()[0])


def _number(place: Place) -> int:
    """Of the schema's name, as the signed number of four bytes that PostgreSQL takes."""
    found = zlib.crc32(place.schema.encode())
    return found - 2**32 if found >= 2**31 else found
