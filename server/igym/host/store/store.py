"""The one writer of `session.sqlite3`: an append-only log with group commit.

Callers on the event loop queue a write and await its future; the writer thread puts everything that has gathered
into one transaction, and the futures resolve only after that transaction is on disk.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.store import store_erasure, trail
from igym.host.store.databases import open_transactions
from igym.host.store.sql import Sql, Work, insert
from igym.host.store.storage_errors import explain_write_failure, write_failure_code

DELETED_AT_ONCE = 500


class StoreWriteError(HostError):
    """A transaction did not reach the disk; nothing of it was kept."""

    def __init__(self, error: Exception) -> None:
        super().__init__(write_failure_code(error), explain_write_failure(error), str(error))


@dataclass(frozen=True)
class EventRecord:
    """One handled event: `body` is its JSON text, `at` unix seconds."""

    seq: int
    at: float
    type: str
    participant: str | None
    body: str


@dataclass(frozen=True)
class RecordRow:
    """What the core wrote down about event `seq`, as its `n`-th remark; `body` is JSON text."""

    seq: int
    n: int
    at: float
    kind: str
    participant: str | None
    match: str | None
    scene: str | None
    body: str


@dataclass(frozen=True)
class BatchRecord:
    """One received batch of rows; `packed` is the msgpack batch as it came (compressed by the writer)."""

    participant: str
    match: str
    scene: str
    visit: int
    episode: int
    seq: int
    first: int
    count: int
    packed: bytes
    received_at: float


@dataclass(frozen=True)
class SessionRecord:
    """The facts of a session that never change once it has started."""

    id: str
    started_at: float
    seed: str
    experiment_json: str
    options_json: str
    app_version: str


@dataclass(slots=True)
class _Job:
    work: Work
    future: asyncio.Future[Any] | None
    loop: asyncio.AbstractEventLoop | None


@dataclass(slots=True)
class _Outcome:
    job: _Job
    value: Any = None
    error: Exception | None = field(default=None)


_PUT_SESSION = """
INSERT INTO sessions(id, started_at, seed, experiment_json, options_json, app_version, state)
VALUES (?, ?, ?, ?, ?, ?, 'running')
"""
_UNLESS_STORED = "ON CONFLICT(session, participant, match, episode, first) DO NOTHING"
"""What is stored stays: a batch that begins where another does brings nothing."""


class _PutBatch:
    """Puts one batch in; several that follow each other are put in together."""

    def __init__(self, session: str, record: BatchRecord) -> None:
        self._session = session
        self._record = record

    def __call__(self, connection: Sql) -> bool:
        return insert(connection, "batches", [self._row()], _UNLESS_STORED) == 1

    def _row(self) -> tuple[Any, ...]:
        r = self._record
        # Compressed in the writer's thread: on the loop everybody would wait for it.
        return (self._session, r.participant, r.match, r.scene, r.visit, r.episode, r.seq, r.first, r.count,
                zlib.compress(r.packed, 6), r.received_at)  # fmt: skip

    @staticmethod
    def all(works: Sequence[Any], connection: Sql) -> list[bool]:
        """What each of these `_PutBatch` gives."""
        connection.execute("SAVEPOINT batches")
        if insert(connection, "batches", [work._row() for work in works], _UNLESS_STORED) == len(works):
            connection.execute("RELEASE batches")
            return [True] * len(works)
        # Which of them were there already is told only of one at a time.
        connection.execute("ROLLBACK TO batches")
        return [work(connection) for work in works]


class Store:
    """Appends to one experiment's database from one thread.

    Every method returns a future of the running loop; it fails with `StoreWriteError` when the disk refuses.
    """

    def __init__(self, path: Path, lost: Callable[[], object] = lambda: None) -> None:
        """`lost` is called, in the writer's thread, when another server of ours writes on instead."""
        self.path = path
        self._transactions = open_transactions(path, lost)
        self._jobs: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        self._erased: set[tuple[str, str]] = set()
        """(session, participant) of whom nothing is put in any more, whatever their page goes on to say."""
        self._is_closed = False
        self._thread = threading.Thread(target=self._write_until_closed, name="igym-store", daemon=True)
        self._thread.start()

    # -- what may be written

    def start_session(self, record: SessionRecord) -> asyncio.Future[None]:
        values = (record.id, record.started_at, record.seed, record.experiment_json, record.options_json,
                  record.app_version)  # fmt: skip
        return self._execute(_PUT_SESSION, [values])

    def set_session_state(self, session: str, state: str, ended_at: float | None) -> asyncio.Future[None]:
        return self._execute("UPDATE sessions SET state = ?, ended_at = ? WHERE id = ?", [(state, ended_at, session)])

    def append_events(
        self, session: str, events: Iterable[EventRecord], records: Iterable[RecordRow]
    ) -> asyncio.Future[None]:
        """Events and what the core recorded about them, in one transaction and as one link of the session's chain."""
        event_rows = [(session, e.seq, e.at, e.type, e.participant, e.body) for e in events]
        record_rows = [(session, r.seq, r.n, r.at, r.kind, r.participant, r.match, r.scene, r.body) for r in records]

        def work(connection: Sql) -> None:
            insert(connection, "events", event_rows)
            insert(connection, "records", record_rows)
            # With its events or not at all: a link too many or too few looks like a log that was changed.
            trail.link(connection, session, event_rows, record_rows)

        return self._submit(work)

    def append_batch(self, session: str, record: BatchRecord) -> asyncio.Future[bool]:
        """Resolves to True when it brought frames, False when a batch that starts here is stored already, or whose it
        is was erased."""
        if (session, record.participant) in self._erased:
            return self._submit(lambda _: False)
        return self._submit(_PutBatch(session, record))

    def append_telemetry(self, session: str, participant: str, at: float, kind: str, body: str) -> asyncio.Future[None]:
        rows = [(session, participant, at, kind, body)]
        return self._execute("INSERT INTO telemetry VALUES (?, ?, ?, ?, ?)", self._unless_erased(rows))

    def append_console(
        self, session: str, participant: str, entries: Iterable[tuple[float, str, str]]
    ) -> asyncio.Future[None]:
        # A character that a server's texts cannot hold.
        rows = [(session, participant, at, level, text.replace("\0", "\ufffd")) for at, level, text in entries]
        return self._execute("INSERT INTO console VALUES (?, ?, ?, ?, ?)", self._unless_erased(rows))

    def erase_participant(
        self, session: str, participant: str, kept_records: Iterable[str]
    ) -> asyncio.Future[dict[str, int]]:
        """Deletes one participant's rows, measurements and console lines and empties their records but `kept_records`.

        What is appended of them later is left out. Resolves to the number of erased entries by table.
        """
        kept = tuple(kept_records)
        # Before it is queued: what is appended from now on would come behind it.
        self._erased.add((session, participant))
        return self._submit(lambda connection: store_erasure.erase_participant(connection, session, participant, kept))

    def empty_events(self, session: str, participant: str, emptied: Callable[[str], str | None]) -> asyncio.Future[int]:
        """Replaces event bodies by what `emptied` makes of them (None: kept). Only for a session that has ended."""

        return self._submit(lambda connection: store_erasure.empty_events(connection, session, participant, emptied))

    async def erase_session(self, session: str, kept_records: Iterable[str], at: float) -> dict[str, int]:
        """Deletes a session's rows, measurements, console lines and events, and empties its records but `kept_records`.

        In small steps, so that the writes of a running session come in between; marked as erased with the last one.
        Returns the number of erased entries by table. Done again after a failure, it goes on.
        """
        erased = dict.fromkeys(store_erasure.CONTENT_TABLES, 0)
        for table in erased:
            while deleted := await self._submit(_deleting(table, session)):
                erased[table] += deleted
        kept = tuple(kept_records)

        erased |= await self._submit(lambda connection: store_erasure.finish_session(connection, session, kept, at))
        return erased

    def close(self) -> None:
        """Writes what is queued, then ends the thread; safe to call twice."""
        if not self._is_closed:
            self._is_closed = True
            # First: a writer that waits for its server to come back would never come to the end of its queue.
            self._transactions.stop_waiting()
            for loop in list(self._gathered):
                self._hand_over(loop)
            self._jobs.put(None)
        self._thread.join()

    @property
    def epoch(self) -> int:
        """The number of this server's turn of writing; 0 for a file, which has one writer."""
        return self._transactions.epoch

    def beat(self) -> asyncio.Future[None]:
        """Shows whoever stands by that this program still does its work."""
        return self._submit(lambda _: None)

    # -- how it is written

    @property
    def _connection(self) -> Any:
        return self._transactions.connection

    def _unless_erased(self, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Of rows that begin with session and participant those that may be put in."""
        return [row for row in rows if row[:2] not in self._erased]

    def _execute(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> asyncio.Future[None]:
        def work(connection: Sql) -> None:
            connection.executemany(sql, rows)

        return self._submit(work)

    def _submit(self, work: Work) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        future.add_done_callback(_have_looked)
        if self._is_closed:
            future.set_exception(StoreWriteError(RuntimeError("the store is closed")))
            return future
        gathered = self._gathered.get(loop)
        if gathered is None:
            # Once in each turn of the loop: waking the writer costs more than what is queued.
            gathered = self._gathered[loop] = []
            loop.call_soon(self._hand_over, loop)
        gathered.append(_Job(work, future, loop))
        return future

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        jobs = self._gathered.pop(loop, None)
        if jobs:
            self._jobs.put(jobs)

    def _write_until_closed(self) -> None:
        closing = False
        while not closing:
            # Whatever has gathered while the last transaction was written shares the next: the more there is to
            # write, the fewer there are.
            handed = [self._jobs.get()]
            while not self._jobs.empty():
                handed.append(self._jobs.get())
            closing = None in handed
            jobs = [job for jobs in handed for job in jobs or ()]
            if jobs:
                _announce(self._commit(jobs))
        self._transactions.close()

    def _commit(self, jobs: list[_Job]) -> list[_Outcome]:
        try:
            return self._transaction(jobs)
        except Exception as error:
            if len(jobs) == 1:
                return [_Outcome(jobs[0], error=StoreWriteError(error))]
        # One bad write must not take its neighbours along.
        return [outcome for job in jobs for outcome in self._commit([job])]

    def _transaction(self, jobs: list[_Job]) -> list[_Outcome]:
        runs = [list(run) for _, run in groupby((job.work for job in jobs), lambda work: isinstance(work, _PutBatch))]
        values = chain.from_iterable(self._transactions.run([_together(run) for run in runs]))
        return [_Outcome(job, value=value) for job, value in zip(jobs, values, strict=True)]


def _together(works: Sequence[Work]) -> Work:
    """One work that gives what each of these gives; they are all puttings in of batches, or none is."""
    if len(works) > 1 and isinstance(works[0], _PutBatch):
        return partial(_PutBatch.all, works)
    return lambda connection: [work(connection) for work in works]


def _deleting(table: str, session: str) -> Work:
    sql = f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE session = ? LIMIT {DELETED_AT_ONCE})"
    return lambda connection: connection.execute(sql, (session,)).rowcount


def _have_looked(done: asyncio.Future[Any]) -> None:
    """A write nobody awaits must not end in "exception was never retrieved": the runtime reports failures itself."""
    if not done.cancelled():
        done.exception()


def _announce(outcomes: list[_Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        if outcome.job.loop is not None and not outcome.job.loop.is_closed():
            by_loop.setdefault(outcome.job.loop, []).append(outcome)
    # One call for the whole group: waking a loop from another thread costs more than what is done there.
    for loop, done in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, done)
        except RuntimeError:  # the loop closed between the check and the call
            continue


def _resolve(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        future = outcome.job.future
        if future is None or future.done():
            continue
        if outcome.error is not None:
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.value)
