"""Files of a running session: requests queue up, one child writes them, the tables follow when it is quiet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from igym.host.base.clock import steady_s
from igym.host.base.held_files import held_text
from igym.host.base.troubles import HostProblems
from igym.host.children.child import LogLine
from igym.host.children.line_child import LineChild, Progress
from igym.host.ports import Runner
from igym.protocol.told import Told

TABLES_AFTER_S = 2.0
TABLES_REST = 20.0
"""Times as long as writing the tables took they are left alone then: people who finish at any moment change them."""
TOLD_EVERY_S = 3.0
TABLES: dict[str, Any] = {"do": "tables"}
CHECK: dict[str, Any] = {"do": "check"}
LAST: dict[str, Any] = {"do": "last"}
DISAGREE = "tables disagree"
NOT_WRITTEN = Told("Files could not be written")
"""Title of the problem that names them."""
STOPPED: dict[str, Any] = {"error": {"code": "cancelled", "text": Told("The export was stopped before it began.")}}


class ExportFailedError(Exception):
    """`text` is for the researcher."""

    def __init__(self, text: str, traceback: str = "", code: str = "export_failed") -> None:
        super().__init__(text)
        self.text = text
        self.traceback = traceback
        self.code = code


@dataclass(eq=False)
class _Job:
    fields: dict[str, Any]
    done: asyncio.Future[Any]
    progress: Progress | None = field(default=None)
    is_stopped: bool = False


class Exports:
    """Owns the exporting child; it is started at the first request and again after a crash."""

    def __init__(self, database: Path, session: str, log: LogLine, problems: HostProblems, runner: Runner) -> None:
        self._arguments = [str(database), session]
        self._runner = runner
        self._log = log
        self._problems = problems
        self._folder = database.parent
        self._failed: set[str] = set()
        self._held: set[str] = set()
        self._child: LineChild | None = None
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._asked: list[_Job] = []
        self._tables_due: asyncio.TimerHandle | None = None
        self._tables_rest_to = 0.0
        """Until then (s of the steady clock) the tables stay as they are, unless the session is over."""
        self._check_wanted = False
        self._running: _Job | None = None
        self._working: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._working = asyncio.create_task(self._work())

    async def tell_what_is_left(self) -> None:
        """Says so in the log every few seconds until cancelled: whoever waits knows that work goes on."""
        while True:
            await asyncio.sleep(TOLD_EVERY_S)
            self._log(Told("Writing files: {number} still to be done", number=self._jobs.qsize() + 1))

    def file(self, **fields: Any) -> None:
        """Writes some files soon; a failure becomes a problem in the launcher, the data stay in the database."""
        job = self._put(fields, None)
        self._watch(job, fields)
        self._tables_soon()

    def check(self) -> None:
        """The session is over: its tables are held against its rows once they are written."""
        self._check_wanted = True
        # At once, and not when the tables have rested: whoever ended the session waits for them.
        if self._tables_due is not None:
            self._tables_due.cancel()
            self._tables_due = None
        self._tables_soon()

    def request(self, progress: Progress | None = None, **fields: Any) -> asyncio.Future[Any]:
        """Like `file`, with the child's answer; fails with `ExportFailedError`."""
        return self._put(fields, progress)

    def ask(self, progress: Progress | None, **fields: Any) -> asyncio.Future[Any]:
        """Like `request`, for what a researcher may `stop`; it fails with the code `cancelled` then."""
        done = self._put(fields, progress, self._asked)
        done.add_done_callback(self._forget)
        return done

    def stop(self) -> int:
        """Stops everything asked for, running or queued, and returns how much that is. Files already whole stay."""
        # Those that wait know it by their mark when their turn comes; only the one that runs has to be told.
        for job in self._asked:
            job.is_stopped = True
        if self._running in self._asked and self._child is not None:
            self._child.interrupt()
        return len(self._asked)

    async def finish(self) -> None:
        """Writes everything queued and the tables, then ends the child."""
        if self._tables_due is not None:
            self._tables_due.cancel()
        # One queue, in this order: the files of single people, the tables over all of them, the check that compares
        # them with the rows.
        self._watch(self._put(LAST, None), LAST)
        tables = self._put(TABLES, None)
        last = self._put(CHECK, None)
        telling = asyncio.create_task(self.tell_what_is_left())
        await asyncio.wait([tables, last])
        telling.cancel()
        self._report_failure(TABLES, tables)
        self._tell_check(last)
        await self.close()

    async def close(self) -> None:
        # Before the child: for the next job it would start another one.
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
            self._working = None
        if self._child is not None:
            await self._child.end()

    def _put(
        self, fields: dict[str, Any], progress: Progress | None, listed: list[_Job] | None = None
    ) -> asyncio.Future[Any]:
        job = _Job(fields, asyncio.get_running_loop().create_future(), progress)
        self._jobs.put_nowait(job)
        if listed is not None:
            listed.append(job)
        return job.done

    def _forget(self, done: asyncio.Future[Any]) -> None:
        self._asked = [job for job in self._asked if job.done is not done]

    def _tables_soon(self) -> None:
        if self._tables_due is None:
            rest_s = 0.0 if self._check_wanted else self._tables_rest_to - steady_s()
            delay_s = max(TABLES_AFTER_S, rest_s)
            self._tables_due = asyncio.get_running_loop().call_later(delay_s, self._tables_now)

    def _tables_now(self) -> None:
        self._tables_due = None
        self._watch(self._put(TABLES, None), TABLES)
        if self._check_wanted:
            self._put(CHECK, None).add_done_callback(self._tell_check)

    def _tell_check(self, done: asyncio.Future[Any]) -> None:
        self._report_failure(CHECK, done)
        found = None if done.cancelled() or done.exception() else done.result()
        if found is None:
            return
        self._log(found["text"])
        if found["ok"]:
            self._problems.solve(DISAGREE)
        else:
            text = Told(
                "{text} What was recorded is unchanged in session.sqlite3. Please report this.", text=found["text"]
            )
            self._problems.report(DISAGREE, "warning", Told("The exported tables disagree"), text)

    def _watch(self, done: asyncio.Future[Any], fields: dict[str, Any]) -> None:
        done.add_done_callback(partial(self._report_failure, fields))

    def _report_failure(self, fields: dict[str, Any], done: asyncio.Future[Any]) -> None:
        """Until these very files are written: that others were is no comfort."""
        error = None if done.cancelled() else done.exception()
        if isinstance(error, ExportFailedError):
            self._failed.add(_key(fields))
            self._problems.report(
                _key(fields),
                "warning",
                NOT_WRITTEN,
                Told(
                    "{text} Nothing is lost: the data are in session.sqlite3. Try “Export” on the Data page.",
                    text=error.text,
                ),
                error.traceback,
            )

    def _written(self, fields: dict[str, Any]) -> None:
        csv = "csv" in (fields.get("formats") or ["csv"])
        everything = fields.get("do") == "all" and csv and not fields.get("folder")
        for key in list(self._failed) if everything else [_key(fields)]:
            self._failed.discard(key)
            self._problems.solve(key)

    def _note_held(self, reply: dict[str, Any]) -> None:
        """Files that are open in another program, each a problem of its own until that file is replaced."""
        for path in reply.get("freed", ()):
            self._held.discard(path)
            self._problems.solve(f"held:{path}")
        for path in reply.get("held", ()):
            if path not in self._held:
                self._held.add(path)
                self._problems.report(
                    f"held:{path}", "warning", Told("A file is open in another program"), self._told(path)
                )

    def _told(self, path: str) -> str:
        file = Path(path)
        return held_text(file.relative_to(self._folder).as_posix() if file.is_relative_to(self._folder) else path)

    async def _work(self) -> None:
        while True:
            job = self._running = await self._jobs.get()
            try:
                value = await self._run(job)
            except ExportFailedError as error:
                _settle(job.done.set_exception, job, error)
            except asyncio.CancelledError:
                job.done.cancel()
                raise
            else:
                _settle(job.done.set_result, job, value)

    async def _run(self, job: _Job) -> Any:
        if self._child is None or not self._child.is_alive:
            self._child = LineChild(self._runner, "exporter", self._arguments, self._log)
        try:
            if not self._child.is_alive:
                await self._child.start()
            begun = steady_s()
            reply = STOPPED if job.is_stopped else await self._child.request(job.fields, job.progress)
            if job.fields is TABLES:
                self._tables_rest_to = steady_s() + TABLES_REST * (steady_s() - begun)
        # Whatever goes wrong belongs to this job: those who wait for the next ones must get their answers.
        except Exception as error:
            await self._child.end()
            raise ExportFailedError(Told("The exporting process stopped: {error}.", error=error)) from error
        self._note_held(reply)
        if "error" in reply:
            raise ExportFailedError(**reply["error"])
        self._written(job.fields)
        return reply["value"]


def _key(fields: dict[str, Any]) -> str:
    return f"export:{json.dumps(fields, sort_keys=True, default=str)}"


def _settle(how: Callable[[Any], None], job: _Job, value: Any) -> None:
    if not job.done.done():
        how(value)
