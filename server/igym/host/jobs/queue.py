"""The queue on the database server: jobs, who does them, and what they said.

A job belongs to a worker for a lease, which the worker renews; one whose lease has passed is anybody's again. What a
worker says counts only while the job is its own, by the number of the attempt.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from igym.host.base.version import app_version
from igym.host.store.postgres.connection import PgSql, connect, refusals
from igym.host.store.postgres.place import Place

SCHEMA = "igym-jobs"
"""No study's: theirs begin with `igym_`."""
LEASE_S = 6.0
BEAT_S = 1.5
PREFERRED_S = 2.0
"""So long a job waits for the worker that did the one before it and still knows the session."""
MOST_ATTEMPTS = 3
"""Of workers, each of which died of it or with it; then whoever posted it does it."""
FORGOTTEN_S = 600.0
CHANNEL = "igym_jobs"
NOW = "extract(epoch FROM clock_timestamp())"
_TABLES = """
CREATE TABLE IF NOT EXISTS workers(
  name text PRIMARY KEY, version text NOT NULL, folders text[] NOT NULL, beat float8 NOT NULL);
CREATE TABLE IF NOT EXISTS jobs(
  id bigserial PRIMARY KEY, folder text NOT NULL, version text NOT NULL, kind text NOT NULL, arguments text[] NOT NULL,
  request text, prefers text, queued_at float8 NOT NULL, worker text, attempts integer NOT NULL DEFAULT 0,
  until float8 NOT NULL DEFAULT 0, is_given_up boolean NOT NULL DEFAULT false, exit_code integer);
CREATE TABLE IF NOT EXISTS lines(
  id bigserial PRIMARY KEY, job bigint NOT NULL REFERENCES jobs ON DELETE CASCADE, line text NOT NULL);
CREATE INDEX IF NOT EXISTS lines_by_job ON lines(job, id);
"""
_TAKE = f"""
UPDATE jobs SET worker = ?, attempts = attempts + 1, until = {NOW} + {LEASE_S} WHERE id = (
  SELECT id FROM jobs WHERE exit_code IS NULL AND folder = ANY(?) AND version = ?
    AND (worker IS NULL OR until < {NOW}) AND attempts < {MOST_ATTEMPTS}
    AND (prefers IS NULL OR prefers = ? OR queued_at < {NOW} - {PREFERRED_S})
  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, folder, kind, arguments, request, prefers, attempts
"""
_OWN = "id = ? AND worker = ? AND attempts = ? AND exit_code IS NULL"


@dataclass(frozen=True)
class Job:
    """`arguments` name the data folder as `HOME`; `request`: a line for a command that answers several of them."""

    kind: str
    arguments: tuple[str, ...]
    request: str | None = None


@dataclass(frozen=True)
class Taken:
    """A job that is this worker's for now."""

    id: int
    folder: str
    job: Job
    attempt: int
    follows_own: bool
    """The same worker did the one before it, so what it knows of the session is still true."""


@dataclass(frozen=True)
class Progress:
    """What became of a job since the last look; `exit_code` is None until it is done."""

    lines: tuple[tuple[int, str], ...]
    exit_code: int | None
    worker: str | None
    attempts: int
    is_free: bool
    """Nobody does it at the moment."""
    waited_s: float


class Queue:
    """One connection to it. Every method raises `OSError` when the server does not answer."""

    def __init__(self, url: str) -> None:
        self._place = Place(url, SCHEMA)
        self._connection: PgSql | None = None

    @property
    def _sql(self) -> PgSql:
        if self._connection is None or self._connection.raw.closed:
            with refusals():
                self._connection = _opened(self._place)
        return self._connection

    def close(self) -> None:
        """Safe to call twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError), refusals():
                connection.close()

    def wait(self, seconds: float) -> None:
        """Until something was posted or done, or so long: what is there is looked up, never concluded from a call."""
        with refusals():
            for _ in self._sql.raw.notifies(timeout=seconds, stop_after=1):
                pass

    # -- whoever has work

    def has_worker(self, folder: str) -> bool:
        """Somebody who sees this folder is alive and has the same version."""
        sql = f"SELECT 1 FROM workers WHERE ? = ANY(folders) AND version = ? AND beat > {NOW} - {LEASE_S}"
        return self._sql.execute(sql, (folder, app_version())).fetchone() is not None

    def post(self, folder: str, job: Job, prefers: str | None) -> int:
        """The number of the job. It is there and the workers are called, or neither."""
        row = self._sql.execute(
            f"""WITH made AS (
                  INSERT INTO jobs(folder, version, kind, arguments, request, prefers, queued_at)
                  VALUES (?, ?, ?, ?, ?, ?, {NOW}) RETURNING id)
                SELECT id, pg_notify(?, '') FROM made""",
            (folder, app_version(), job.kind, list(job.arguments), job.request, prefers, CHANNEL),
        ).fetchone()
        return int(row["id"])

    def progress(self, job: int, after_line: int) -> Progress | None:
        """None when there is no such job any more."""
        row = self._sql.execute(
            f"""SELECT exit_code, worker, attempts, worker IS NULL OR until < {NOW} AS is_free, {NOW} - queued_at AS age
                FROM jobs WHERE id = ?""",
            (job,),
        ).fetchone()
        if row is None:
            return None
        # After that: of a job that is done, every line is there.
        said = self._sql.execute("SELECT id, line FROM lines WHERE job = ? AND id > ? ORDER BY id", (job, after_line))
        lines = tuple((int(line["id"]), str(line["line"])) for line in said)
        return Progress(lines, row["exit_code"], row["worker"], row["attempts"], row["is_free"], row["age"])

    def take_back(self, job: int) -> bool:
        """Whoever posted it does it: False when a worker has it, or has done it."""
        sql = f"DELETE FROM jobs WHERE id = ? AND exit_code IS NULL AND (worker IS NULL OR until < {NOW}) RETURNING id"
        return self._sql.execute(sql, (job,)).fetchone() is not None

    def give_up(self, job: int) -> None:
        """Asks the worker to stop; it still answers."""
        self._sql.execute("UPDATE jobs SET is_given_up = true WHERE id = ?", (job,))
        self._call()

    def remove(self, job: int) -> None:
        """Whoever does it stops without a word."""
        self._sql.execute("DELETE FROM jobs WHERE id = ?", (job,))
        self._call()

    # -- workers

    def beat(self, name: str, folders: Iterable[str]) -> None:
        self._sql.execute(
            f"""INSERT INTO workers VALUES (?, ?, ?, {NOW}) ON CONFLICT(name)
                DO UPDATE SET folders = excluded.folders, beat = excluded.beat""",
            (name, app_version(), list(folders)),
        )
        self._sql.execute(f"DELETE FROM workers WHERE beat < {NOW} - {FORGOTTEN_S}")
        # Whoever asked for these is gone: a server that waits takes back what nobody has begun.
        self._sql.execute(f"DELETE FROM jobs WHERE queued_at < {NOW} - {FORGOTTEN_S} AND until < {NOW}")

    def leave(self, name: str) -> None:
        """What it had begun is anybody's again."""
        self._sql.execute("DELETE FROM workers WHERE name = ?", (name,))
        self._sql.execute("UPDATE jobs SET worker = NULL WHERE worker = ? AND exit_code IS NULL", (name,))
        self._call()

    def take(self, name: str, folders: Iterable[str]) -> Taken | None:
        """The oldest job that is nobody's. Two workers never get the same one."""
        row = self._sql.execute(_TAKE, (name, list(folders), app_version(), name)).fetchone()
        if row is None:
            return None
        job = Job(row["kind"], tuple(row["arguments"]), row["request"])
        return Taken(int(row["id"]), row["folder"], job, int(row["attempts"]), row["prefers"] == name)

    def renew(self, name: str, taken: Taken) -> bool | None:
        """Whether it is to be given up; None when it is this worker's no more."""
        sql = f"UPDATE jobs SET until = {NOW} + {LEASE_S} WHERE {_OWN} RETURNING is_given_up"
        row = self._sql.execute(sql, (taken.id, name, taken.attempt)).fetchone()
        return None if row is None else bool(row["is_given_up"])

    def say(self, name: str, taken: Taken, line: str) -> bool:
        """False when it is this worker's no more."""
        sql = f"INSERT INTO lines(job, line) SELECT id, ? FROM jobs WHERE {_OWN} RETURNING id"
        return self._sql.execute(sql, (line, taken.id, name, taken.attempt)).fetchone() is not None

    def finish(self, name: str, taken: Taken, exit_code: int) -> bool:
        """False when it was this worker's no more: what it did is done once more by whoever has it now."""
        sql = f"UPDATE jobs SET exit_code = ? WHERE {_OWN} RETURNING id"
        done = self._sql.execute(sql, (exit_code, taken.id, name, taken.attempt)).fetchone() is not None
        self._call()
        return done

    def _call(self) -> None:
        self._sql.execute("SELECT pg_notify(?, '')", (CHANNEL,))


def _opened(place: Place) -> PgSql:
    from psycopg import sql

    made = connect(place)
    with made.raw.transaction():
        # Two that start at once would both find nothing there.
        made.raw.execute("SELECT pg_advisory_xact_lock(hashtextextended('igym schema', 0))")
        made.raw.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(place.schema)))
        made.raw.execute(_TABLES.encode())
    made.raw.execute(f"LISTEN {CHANNEL}".encode())
    return made
