"""A process that may run elsewhere: whoever started it writes lines and reads lines, as with one on this computer."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from igym.host.base.spawn import Kind
from igym.host.jobs.handover import Handover, Wish
from igym.host.jobs.kinds import ANSWERING
from igym.host.jobs.queue import Job, Queue
from igym.host.ports import Runner, Running

KILLED = -9
ELSEWHERE = "folder"
"""A request that names a folder is about one on this computer."""


class Lines:
    """What is written to the process, as `asyncio.StreamWriter` takes it."""

    def __init__(self) -> None:
        self.orders: asyncio.Queue[bytes] = asyncio.Queue()
        self.wish = Wish()
        self._cancelled: set[int] = set()
        self._answering: int | None = None
        self._is_closed = False

    def write(self, data: bytes) -> None:
        for line in data.splitlines():
            if b'"cancel"' in line and "cancel" in (order := json.loads(line)):
                self._cancelled.add(order["cancel"])
                self._tell()
            self.orders.put_nowait(line)

    def answers(self, request: int) -> None:
        """From now on this one; it may have been cancelled before anybody looked at it."""
        self._answering = request
        self.wish.is_interrupted.clear()
        self._tell()

    def _tell(self) -> None:
        if self._answering in self._cancelled:
            self.wish.is_interrupted.set()

    async def drain(self) -> None:
        """There is always room."""

    def is_closing(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        self._is_closed = True


class HandedProcess:
    """`Running`. Each request, or the whole of a command that takes none, is a job if there is a worker."""

    def __init__(
        self, handover: Handover, threads: ThreadPoolExecutor, local: Runner, kind: Kind, moved: tuple[str, ...],
        arguments: list[str], pipe_bytes: int,
    ) -> None:  # fmt: skip
        """`moved` are the `arguments` as a worker gets them."""
        self.stdin = Lines()
        self.stdout = asyncio.StreamReader(limit=pipe_bytes)
        self.stderr = asyncio.StreamReader(limit=pipe_bytes)
        self.returncode: int | None = None
        self._handover, self._threads, self._runner = handover, threads, local
        self._queue: Queue = handover.queue()
        self._using = threading.Lock()
        self._kind: Kind = kind
        self._moved, self._arguments, self._pipe_bytes = moved, arguments, pipe_bytes
        self._prefers: str | None = None
        """The worker that did the last request, if nobody has done one since."""
        self._here: Running | None = None
        self._printing: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._working = asyncio.create_task(self._work())

    @property
    def pid(self) -> int:
        """0 while nothing of it runs on this computer."""
        return self._here.pid if self._here else 0

    def kill(self) -> None:
        self._working.cancel()
        self._end(KILLED)

    async def wait(self) -> int:
        await self._ended.wait()
        here = self._here
        if here is not None:
            await here.wait()
        assert self.returncode is not None
        return self.returncode

    def _end(self, code: int) -> None:
        if self.returncode is not None:
            return
        self.returncode = code
        self.stdin.close()
        self.stdin.wish.is_over.set()
        if self._here is not None and self._here.returncode is None:
            self._here.kill()
        self.stdout.feed_eof()
        if self._printing is None or self._printing.done():
            self.stderr.feed_eof()
        self._threads.submit(self._close_queue)
        self._ended.set()

    def _close_queue(self) -> None:
        with self._using:
            self._queue.close()

    def _do(self, job: Job, say: Callable[[str], None]) -> tuple[int, str] | None:
        with self._using:
            return self._handover.do(self._queue, job, self._prefers, say, self.stdin.wish)

    async def _work(self) -> None:
        try:
            code = await (self._answer() if self._kind in ANSWERING else self._run())
        except Exception as error:
            # Whoever waits for an answer must hear that there will be none.
            if self.returncode is None:
                self.stderr.feed_data(f"{type(error).__name__}: {error}\n".encode())
            code = KILLED
        self._end(code)

    # -- one after the other

    async def _answer(self) -> int:
        while True:
            line = await self.stdin.orders.get()
            order = json.loads(line)
            if "cancel" in order:
                continue
            self.stdin.answers(order["id"])
            code = None if ELSEWHERE in order else await self._elsewhere(line.decode())
            if code is None:
                code = await self._answered_here(line, order["id"])
            if code:
                return code

    async def _answered_here(self, line: bytes, number: int) -> int:
        """0, or the exit code of the process when it ended instead."""
        self._prefers = None
        here = await self._started()
        assert here.stdin is not None and here.stdout is not None
        here.stdin.write(line + b"\n")
        passing = asyncio.create_task(self._pass_cancel(here))
        try:
            while said := await here.stdout.readline():
                self.stdout.feed_data(said)
                told = json.loads(said)
                if told.get("id") == number and "progress" not in told:
                    return 0
        finally:
            passing.cancel()
        return await here.wait() or KILLED

    async def _pass_cancel(self, here: Running) -> None:
        """Nothing else is written while a request is answered."""
        while True:
            line = await self.stdin.orders.get()
            if here.stdin is not None and not here.stdin.is_closing():
                here.stdin.write(line + b"\n")

    # -- as a whole

    async def _run(self) -> int:
        code = await self._elsewhere(None)
        if code is not None:
            return code
        here = await self._started()
        assert here.stdout is not None
        while said := await here.stdout.readline():
            self.stdout.feed_data(said)
        return await here.wait()

    # -- where

    async def _elsewhere(self, request: str | None) -> int | None:
        """The exit code, or None when no worker did it."""
        loop = asyncio.get_running_loop()

        def say(line: str) -> None:
            loop.call_soon_threadsafe(self._hear, line)

        job = Job(self._kind, self._moved, request)
        done = await loop.run_in_executor(self._threads, self._do, job, say)
        if done is None:
            return None
        code, self._prefers = done
        if self._here is not None:
            # It knows nothing of what was written elsewhere.
            here, self._here = self._here, None
            here.kill()
            await here.wait()
        return code

    def _hear(self, line: str) -> None:
        if self.returncode is None:
            self.stdout.feed_data(line.encode() + b"\n")

    async def _started(self) -> Running:
        if self._here is None:
            self._here = await self._runner.start(self._kind, self._arguments, self._pipe_bytes)
            self._printing = asyncio.create_task(self._print(self._here))
        return self._here

    async def _print(self, here: Running) -> None:
        assert here.stderr is not None
        while said := await here.stderr.readline():
            self.stderr.feed_data(said)
        if self.returncode is not None:
            self.stderr.feed_eof()
