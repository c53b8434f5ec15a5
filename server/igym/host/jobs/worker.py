"""Takes jobs from the queue, one at a time, and runs for each the command that the session's own server would run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from igym.host.base.clock import steady_s
from igym.host.base.json_lines import line_of, read_line
from igym.host.base.own_thread import in_own_thread
from igym.host.base.spawn import Kind
from igym.host.children.child import LogLine
from igym.host.children.line_child import ChildEndedError, LineChild
from igym.host.jobs.kinds import ANSWERING, HANDED, placed
from igym.host.jobs.queue import BEAT_S, LEASE_S, Queue, Taken
from igym.host.jobs.shared_folder import words_below
from igym.host.ports import Runner

IDLE_S = 1.0
AGAIN_AFTER_S = 1.0
LOOK_S = 2 * BEAT_S
"""A disk that does not answer for so long is not there."""
KEPT_CHILDREN = 4
"""Processes that know a session already; the one used longest ago ends for another one."""
KILLED = -9
T = TypeVar("T")


class Worker:
    """`folders` hold the data folders of studies (`data/<experiment-id>`), as the servers of those studies see them."""

    def __init__(self, url: str, folders: tuple[Path, ...], runner: Runner, log: LogLine) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._folders = folders
        self._runner = runner
        self._log = log
        # Beating must not wait for a job's own statements.
        self._queue, self._heart = Queue(url), Queue(url)
        self._threads = ThreadPoolExecutor(2, "igym-jobs")
        self._children: dict[tuple[str, ...], LineChild] = {}
        self._taken: Taken | None = None
        self._child: LineChild | None = None
        self._homes: dict[str, Path] = {}
        self._look: asyncio.Future[dict[str, Path]] | None = None
        self._is_lost = False
        self._ends: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Until it is cancelled. A server of the database that is away is waited for."""
        beating = asyncio.create_task(self._beat())
        try:
            while True:
                try:
                    await self._next()
                except OSError as error:
                    self._log(f"the database server does not answer ({error})")
                    await asyncio.sleep(AGAIN_AFTER_S)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            for child in list(self._children.values()):
                await child.end()
            with contextlib.suppress(OSError):
                await self._apart(self._queue.leave, self.name)
            self._queue.close()
            self._heart.close()
            self._threads.shutdown(wait=False)

    async def _next(self) -> None:
        homes, begun = self._homes, steady_s()
        taken = await self._apart(self._queue.take, self.name, tuple(homes))
        if taken is None:
            await self._apart(self._queue.wait, IDLE_S)
            return
        # A server that starts meanwhile gives its folder another word.
        home = homes[taken.folder]
        self._taken, self._is_lost = taken, False
        self._hold(begun)
        try:
            code = await self._do(taken, home)
        except OSError:
            raise
        except Exception as error:
            # What nobody can do is done by nobody: whoever posted it hears so.
            self._log(f"{taken.job.kind} for {home.name} cannot be done: {error!r}")
            code = KILLED
        finally:
            self._taken = self._child = None
            self._let_go()
        done = not self._is_lost and await self._apart(self._queue.finish, self.name, taken, code)
        told = f"{taken.job.kind} for {home.name}: exit code {code}, {steady_s() - begun:.1f} s"
        self._log(told if done else f"{told}; it is no more this worker's")

    # -- one job

    async def _do(self, taken: Taken, home: Path) -> int:
        arguments = placed(taken.job.arguments, home)
        if taken.job.kind in ANSWERING:
            return await self._answer(taken, arguments)
        child = LineChild(self._runner, HANDED[taken.job.kind], arguments, self._log)
        self._child = child
        try:
            await child.start()
            self._end_if_lost(child)
            while (told := await child.read()) is not None and not self._is_lost:
                await self._say(taken, line_of(told))
            code = await child.exit_code()
        finally:
            await child.end()
        return KILLED if code is None else code

    async def _answer(self, taken: Taken, arguments: list[str]) -> int:
        """One request to a process that answers several, and knows the session from those before."""
        request: dict[str, Any] = read_line(taken.job.request or "")
        number = request.pop("id")
        child = await self._child_for(HANDED[taken.job.kind], arguments, taken.follows_own)
        self._child = child
        self._end_if_lost(child)
        saying: list[asyncio.Task[None]] = []

        def progress(told: dict[str, Any]) -> None:
            saying.append(asyncio.create_task(self._say(taken, line_of({"id": number, "progress": told}))))

        try:
            reply = await child.request(request, progress)
        except ChildEndedError:
            return await self._forget(child) or KILLED
        finally:
            await asyncio.gather(*saying)
        await self._say(taken, line_of({**reply, "id": number}))
        return 0

    async def _say(self, taken: Taken, line: str) -> None:
        if not await self._apart(self._queue.say, self.name, taken, line):
            self._lose()

    async def _child_for(self, kind: Kind, arguments: list[str], knows_it: bool) -> LineChild:
        key = (kind, *arguments)
        found = self._children.pop(key, None)
        if found is not None and not (knows_it and found.is_alive):
            # Somebody else has written files since.
            await found.end()
            found = None
        if found is None:
            found = LineChild(self._runner, kind, arguments, self._log)
            await found.start()
        self._children[key] = found
        for old in list(self._children)[:-KEPT_CHILDREN]:
            await self._children.pop(old).end()
        return found

    async def _forget(self, child: LineChild) -> int | None:
        self._children = {key: each for key, each in self._children.items() if each is not child}
        return await child.end()

    # -- alive

    async def _beat(self) -> None:
        while True:
            begun = steady_s()
            # What the database refuses is told by the other connection.
            with contextlib.suppress(OSError):
                await self._renew()
            self._homes = await self._seen()
            with contextlib.suppress(OSError):
                await self._apart(self._heart.beat, self.name, tuple(self._homes))
            await asyncio.sleep(max(0.0, BEAT_S - (steady_s() - begun)))

    async def _seen(self) -> dict[str, Path]:
        """The folders that are there; none while a disk fails or hangs, so that nobody hands out what needs it."""
        if self._look is None:
            self._look = in_own_thread(words_below, self._folders)
        # A look at a disk that hangs is waited for again and again: another one would hang as well.
        done, _ = await asyncio.wait({self._look}, timeout=LOOK_S)
        if not done:
            return {}
        look, self._look = self._look, None
        try:
            return look.result()
        except OSError:
            return {}

    async def _renew(self) -> None:
        taken, begun = self._taken, steady_s()
        if taken is None or self._is_lost:
            return
        is_given_up = await self._apart(self._heart.renew, self.name, taken)
        if self._taken is not taken or self._is_lost:
            return
        if is_given_up is None:
            self._lose()
            return
        self._hold(begun)
        if is_given_up and self._child is not None:
            self._child.interrupt()

    def _hold(self, since_s: float) -> None:
        """The job is this worker's; unless that is renewed it ends here before another one may begin it.

        `since_s`: when the database was asked, so its lease is no shorter than what is counted here.
        """
        self._let_go()
        left_s = LEASE_S - BEAT_S - (steady_s() - since_s)
        self._ends = asyncio.get_running_loop().call_later(max(0.0, left_s), self._lose)

    def _let_go(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def _lose(self) -> None:
        """The job is somebody else's, soon may be, or nobody wants it any more: what does it here ends at once."""
        self._is_lost = True
        if self._child is not None:
            self._child.kill()

    def _end_if_lost(self, child: LineChild) -> None:
        """It was lost while the process was still to be started."""
        if self._is_lost:
            child.kill()

    async def _apart(self, work: Callable[..., T], *args: Any) -> T:
        """In a thread: a server may be far away."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
