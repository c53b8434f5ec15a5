"""The tables on a server, the same as in `store_schema`, and the one that says who writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igym.host.base.errors import HostError
from igym.host.store.postgres.connection import PgSql, connect
from igym.host.store.postgres.errors import ServerError
from igym.host.store.postgres.place import Place
from igym.protocol.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA_VERSION = 3
"""That of `store_schema`: what is added there is added here."""
# `rowid` is the order in which rows came, as in SQLite; last, so that inserted values need not name their columns.
TABLES = """
CREATE TABLE IF NOT EXISTS meta(key text PRIMARY KEY, value text NOT NULL);
CREATE TABLE IF NOT EXISTS leader(
  one boolean PRIMARY KEY DEFAULT true CHECK (one), epoch bigint NOT NULL, holder text NOT NULL, pid integer NOT NULL,
  beat float8 NOT NULL);
CREATE TABLE IF NOT EXISTS sessions(
  id text PRIMARY KEY, started_at float8 NOT NULL, ended_at float8, seed text NOT NULL, experiment_json text NOT NULL,
  options_json text NOT NULL, app_version text NOT NULL, state text NOT NULL, erased_at float8);
CREATE TABLE IF NOT EXISTS events(
  session text NOT NULL, seq bigint NOT NULL, at float8 NOT NULL, type text NOT NULL, participant text,
  body text NOT NULL, PRIMARY KEY(session, seq));
CREATE TABLE IF NOT EXISTS records(
  session text NOT NULL, seq bigint NOT NULL, n bigint NOT NULL, at float8 NOT NULL, kind text NOT NULL,
  participant text, match text, scene text, body text NOT NULL, PRIMARY KEY(session, seq, n));
CREATE INDEX IF NOT EXISTS records_by_kind ON records(session, kind, participant);
CREATE INDEX IF NOT EXISTS records_by_match ON records(session, match, kind);
CREATE TABLE IF NOT EXISTS batches(
  session text NOT NULL, participant text NOT NULL, match text NOT NULL, scene text NOT NULL, visit bigint NOT NULL,
  episode bigint NOT NULL, seq bigint NOT NULL, first bigint NOT NULL, count bigint NOT NULL, body bytea NOT NULL,
  received_at float8 NOT NULL, rowid bigserial, PRIMARY KEY(session, participant, match, episode, first));
CREATE INDEX IF NOT EXISTS batches_by_match ON batches(session, match, episode, first);
CREATE INDEX IF NOT EXISTS batches_by_rowid ON batches(session, rowid);
CREATE TABLE IF NOT EXISTS telemetry(
  session text NOT NULL, participant text NOT NULL, at float8 NOT NULL, kind text NOT NULL, body text NOT NULL,
  rowid bigserial);
CREATE INDEX IF NOT EXISTS telemetry_by_participant ON telemetry(session, participant, kind, at);
CREATE TABLE IF NOT EXISTS console(
  session text NOT NULL, participant text NOT NULL, at float8 NOT NULL, level text NOT NULL, text text NOT NULL,
  rowid bigserial);
CREATE INDEX IF NOT EXISTS console_by_participant ON console(session, participant, at);
CREATE TABLE IF NOT EXISTS states(session text PRIMARY KEY, seq bigint NOT NULL, body bytea NOT NULL);
CREATE TABLE IF NOT EXISTS trail(
  session text NOT NULL, first_seq bigint NOT NULL, last_seq bigint NOT NULL, at float8 NOT NULL, head text NOT NULL,
  PRIMARY KEY(session, last_seq));
CREATE TABLE IF NOT EXISTS trail_items(
  session text NOT NULL, seq bigint NOT NULL, n bigint NOT NULL, salt bytea, kept bytea, PRIMARY KEY(session, seq, n));
"""
_FIRST = f"""
INSERT INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}') ON CONFLICT DO NOTHING;
INSERT INTO leader VALUES (true, 0, '', 0, 0) ON CONFLICT DO NOTHING;
"""


def explained(place: Place, work: Callable[[], PgSql]) -> PgSql:
    """What `work` gives; what the server refuses is raised as `HostError` in the researcher's words."""
    # Without the library `work` says so; its errors come after that.
    try:
        return work()
    except HostError:
        raise
    except Exception as error:
        if not is_of_server(error):
            raise
        raise HostError(
            "no_database",
            Told(
                "The PostgreSQL server of this study ({place}) cannot be used. Check that it runs, that its address, "
                "user and password are right, and that the user may create a schema there.",
                place=place.text,
            ),
            str(error),
        ) from error


def is_of_server(error: BaseException) -> bool:
    """Whether it is the server's, or the way's to it."""
    import psycopg

    return isinstance(error, psycopg.Error | ServerError)


def prepare(connection: PgSql, place: Place) -> None:
    """Makes schema and tables where there are none. Raises `HostError` for tables of a newer version."""
    from psycopg import sql

    with connection.raw.transaction():
        # Two servers that start at once would both find nothing there.
        connection.raw.execute("SELECT pg_advisory_xact_lock(hashtextextended('igym schema', 0))")
        connection.raw.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(place.schema)))
        connection.raw.execute((TABLES + _FIRST).encode())
    _refuse_newer(connection, place)


def open_for_reading(place: Place) -> PgSql:
    """Raises `HostError` when there is nothing, or nothing that this version can read."""

    def work() -> PgSql:
        made = connect(place)
        found = made.execute("SELECT to_regclass('leader') IS NOT NULL").fetchone()[0]
        if not found:
            made.close()
            raise HostError("no_data", Told("There is no recorded session on {place}.", place=place.text))
        return made

    connect_once = explained(place, work)
    _refuse_newer(connect_once, place)
    return connect_once


def _refuse_newer(connection: PgSql, place: Place) -> None:
    found = int(connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()[0])
    if found > SCHEMA_VERSION:
        connection.close()
        raise HostError(
            "database_damaged",
            Told(
                "The recordings on {place} were made by a newer version of Interactive Gym. Nothing was changed. "
                "Please update the app, or choose another database.",
                place=place.text,
            ),
            f"schema version {found}, this app knows {SCHEMA_VERSION}",
        )
