"""The tables of `session.sqlite3`, and opening a database file safely."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.store.damaged_file import count_readable
from igym.host.store.not_kept import no_data
from igym.host.store.store_migrations import migrate
from igym.protocol.told import Told

DATABASE = "session.sqlite3"
SCHEMA_VERSION = 3
BUSY_TIMEOUT_S = 5.0

TABLES = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions(
  id TEXT PRIMARY KEY, started_at REAL NOT NULL, ended_at REAL, seed TEXT NOT NULL, experiment_json TEXT NOT NULL,
  options_json TEXT NOT NULL, app_version TEXT NOT NULL, state TEXT NOT NULL, erased_at REAL);
CREATE TABLE IF NOT EXISTS events(
  session TEXT NOT NULL, seq INTEGER NOT NULL, at REAL NOT NULL, type TEXT NOT NULL, participant TEXT,
  body TEXT NOT NULL, PRIMARY KEY(session, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records(
  session TEXT NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL,
  participant TEXT, match TEXT, scene TEXT, body TEXT NOT NULL, PRIMARY KEY(session, seq, n)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_kind ON records(session, kind, participant);
CREATE INDEX IF NOT EXISTS records_by_match ON records(session, match, kind);
CREATE TABLE IF NOT EXISTS batches(
  session TEXT NOT NULL, participant TEXT NOT NULL, match TEXT NOT NULL, scene TEXT NOT NULL, visit INTEGER NOT NULL,
  episode INTEGER NOT NULL, seq INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, body BLOB NOT NULL,
  received_at REAL NOT NULL, PRIMARY KEY(session, participant, match, episode, first));
CREATE INDEX IF NOT EXISTS batches_by_match ON batches(session, match, episode, first);
CREATE TABLE IF NOT EXISTS telemetry(
  session TEXT NOT NULL, participant TEXT NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS telemetry_by_participant ON telemetry(session, participant, kind, at);
CREATE TABLE IF NOT EXISTS console(
  session TEXT NOT NULL, participant TEXT NOT NULL, at REAL NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS console_by_participant ON console(session, participant, at);
CREATE TABLE IF NOT EXISTS trail(
  session TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, at REAL NOT NULL, head TEXT NOT NULL,
  PRIMARY KEY(session, last_seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trail_items(
  session TEXT NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL, salt BLOB, kept BLOB,
  PRIMARY KEY(session, seq, n)) WITHOUT ROWID;
"""
SIZES = (
    ("records", "records", "1000000 1000000 5 1"),
    ("records", "records_by_kind", "1000000 1000000 30000 30"),
    ("records", "records_by_match", "1000000 1000000 200 10"),
    ("batches", "sqlite_autoindex_batches_1", "100000 100000 100 50 20 1"),
    ("batches", "batches_by_match", "100000 100000 200 40 2"),
)
"""(table, index, entries in all and per value of its first columns): what SQLite is to expect of a session.

Without it SQLite takes a session for ten rows, and reads all of it for each question about one person or match.
"""
_STAMP = f"INSERT INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}') ON CONFLICT(key) DO NOTHING;"


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection ready for the one writer; raises `HostError` in the researcher's words."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path)
        keep_private(path)
    except (OSError, sqlite3.Error) as error:
        raise _explain(path, error) from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise _explain(path, error) from error
    except HostError:
        connection.close()
        raise
    return connection


def keep_private(path: Path) -> None:
    """What participants said is for the owner of the account alone, where the system knows such modes."""
    with contextlib.suppress(OSError):  # a share of another owner: its own rules hold
        path.parent.chmod(0o700)
        path.chmod(0o600)


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A read-only connection, also to older tables; readers never hold up the writer (WAL)."""
    if not path.is_file():
        raise no_data(path.parent)
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S,
                                     isolation_level=None, check_same_thread=False)  # fmt: skip
        connection.row_factory = sqlite3.Row
        found = stored_version(connection)
    except sqlite3.Error as error:
        raise _explain(path, error) from error
    if found is not None and found > SCHEMA_VERSION:
        connection.close()
        raise _too_new(path, found)
    return connection


def stored_version(connection: sqlite3.Connection) -> int | None:
    """The version of the tables in a file; None for a file without tables."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        return None
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    return None if row is None else int(row["value"])


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    # What is erased on request must not stay readable in the file's free space.
    connection.execute("PRAGMA secure_delete=ON")
    _check_integrity(connection, path)
    found = stored_version(connection)
    if found is not None and found > SCHEMA_VERSION:
        raise _too_new(path, found)
    if found is not None and found < SCHEMA_VERSION:
        migrate(connection, path, found, SCHEMA_VERSION)
    connection.executescript(f"BEGIN IMMEDIATE; {TABLES} {_STAMP} COMMIT;")
    _tell_sizes(connection)


def _tell_sizes(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    # Of one small table: it makes the table of sizes, which cannot be made otherwise.
    connection.execute("ANALYZE meta")
    connection.execute("DELETE FROM sqlite_stat1")
    connection.executemany("INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES (?, ?, ?)", SIZES)
    connection.execute("COMMIT")


def _too_new(path: Path, found: int) -> HostError:
    return HostError(
        "database_damaged",
        Told(
            "The recordings in {file} were made by a newer version of Interactive Gym. Nothing was "
            "changed. Please update the app, or choose another data folder.",
            file=path,
        ),
        f"schema version {found}, this app knows {SCHEMA_VERSION}",
    )


def _check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
    if found != ["ok"]:
        raise _damaged(path, "; ".join(found))


def _damaged(path: Path, details: str) -> HostError:
    try:
        saved = str(count_readable(path))
    except sqlite3.Error:
        saved = Told("Nothing of it can be read.")
    return HostError(
        "database_damaged",
        Told(
            "The recordings file {file} is damaged, so nothing was started and nothing was changed. "
            "{saved} The files exported so far are whole. Copy the whole folder to a safe place. `igym "
            "rescue` with this folder writes what can be read to a new file. To start with an empty one, "
            "move session.sqlite3 (and the files beginning with that name) out of the folder, or choose "
            "another data folder.",
            file=path,
            saved=saved,
        ),
        details,
    )


def _explain(path: Path, error: Exception) -> HostError:
    text = str(error).lower()
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text):
        return _damaged(path, str(error))
    if "locked" in text:
        return HostError(
            "already_running",
            Told(
                "Another program is using {file}. Close it (perhaps a second Interactive Gym, or a database "
                "viewer) and try again.",
                file=path,
            ),
            str(error),
        )
    return HostError(
        "no_write_permission",
        Told(
            "The data folder {folder} cannot be written. Check that it exists, that the disk is not full "
            "or write-protected, and that you may write there, or choose another data folder in the "
            "settings.",
            folder=path.parent,
        ),
        str(error),
    )
