"""Calling a researcher's functions: one process, one order, a time limit for each.

Plain functions run one at a time, in the order they were asked; `async def` functions begin in that order and may
overlap while they wait. A function that is slow, hangs or kills the process costs its own limit and the variables of
experiment.py, nothing else: a fresh process takes over and goes on with the next call.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.children.child import LogLine
from igym.host.children.researcher_process import Answer, Call, LoadedExperiment, ResearcherProcess, plain_error
from igym.host.ports import Runner
from igym.protocol.told import Told, together

LOAD_LIMIT_S = 30.0
LONG_WAIT_S = 3.0
"""A call that has not begun after so long is told to the researcher."""
PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
"""Between processes that nobody waits for, when they end before a call has begun: doubled from one to the next."""
Tell = Callable[[str, str, str, str], None]
"""(key, level, title, text), as `HostProblems.report`."""

FORGOTTEN = Told(
    "What experiment.py keeps in variables of its own, such as counters, begins anew; what "
    "belongs to participants (globals, attributes, conditions) is kept."
)

ONE_AT_A_TIME = Told(
    "Functions run one at a time, in the order they were asked, and participants wait meanwhile. "
    "Make the slow one faster, or write it as “async def” when it waits for a file or a network."
)


class Researcher:
    """The one process with the researcher's code, and the queue before it."""

    def __init__(
        self, runner: Runner, folder: Path, options: list[str], log: LogLine, tell: Tell = lambda *_: None
    ) -> None:
        self._runner = runner
        self._folder = folder
        self._options = options
        self._log = log
        self._tell = tell
        self._waiting: deque[Call] = deque()
        self._something = asyncio.Event()
        self._process: ResearcherProcess | None = None
        self._working: asyncio.Task[None] | None = None
        self._idle_ends = 0
        """Processes that ended in a row before a call had begun in them."""

    async def start(self, limit_s: float = LOAD_LIMIT_S) -> LoadedExperiment:
        """Loads the experiment; raises `HostError` when that cannot be done."""
        self._process, loaded = await self._loaded(limit_s)
        self._working = asyncio.create_task(self._work())
        return loaded

    def ask(self, kind: str, function: str, context: dict[str, Any], limit_s: float) -> asyncio.Future[Answer]:
        """Queues a call; its answer comes once, as value or error. `limit_s` counts from when the function begins."""
        loop = asyncio.get_running_loop()
        call = Call(kind, function, context, limit_s, loop.create_future())
        self._waiting.append(call)
        self._something.set()
        told = loop.call_later(LONG_WAIT_S, self._tell_of_wait, call)
        call.answer.add_done_callback(lambda _: told.cancel())
        return call.answer

    async def close(self) -> None:
        """Ends the process; calls that are still open end with an error."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        if self._process is not None:
            await self._process.end()
        self._give_up(Told("the engine stopped before its turn"))

    async def _work(self) -> None:
        while True:
            if not self._has_process():
                await self._pause()
                await self._start_again()
            call = await self._next()
            if call is not None and self._process is not None and not await self._process.run(call):
                self._waiting.appendleft(call)

    async def _next(self) -> Call | None:
        """The call whose turn it is; None when there must be a new process first."""
        while True:
            while self._waiting and self._waiting[0].answer.done():
                self._waiting.popleft()
            if self._waiting:
                return self._waiting.popleft() if self._has_process() else None
            self._something.clear()
            await self._something.wait()
            # An idle process that ended is replaced, so that nobody has to wait for its start.
            if self._process is not None and not self._process.is_alive:
                return None

    async def _pause(self) -> None:
        """So that what ends again and again is not started at full speed; a call ends the pause."""
        if self._idle_ends == 0 or self._waiting:
            return
        self._something.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._something.wait(), pause_s(self._idle_ends))

    def _has_process(self) -> bool:
        return self._process is not None and self._process.is_alive

    async def _loaded(self, limit_s: float) -> tuple[ResearcherProcess, LoadedExperiment]:
        process = ResearcherProcess(self._runner, self._folder, self._options, self._log, self._process_ended)
        return process, await process.start(limit_s)

    async def _start_again(self) -> None:
        self._process = None
        try:
            self._process, _ = await self._loaded(LOAD_LIMIT_S)
        except (HostError, OSError) as error:
            text = error.text if isinstance(error, HostError) else str(error)
            self._tell("researcher:start", "error", Told("The experiment's functions could not be started again"), text)
            # Each of those waiting would fail the same way; whoever asks next tries again.
            self._give_up(text, "LoadError")

    def _give_up(self, why: str, kind: str = "ProcessError") -> None:
        while self._waiting:
            call = self._waiting.popleft()
            call.settle(Answer(error=plain_error(kind, Told("{function}: {why}", function=call.function, why=why))))

    # -- what the researcher is told

    def _process_ended(self, cause: str) -> None:
        self._something.set()
        has_begun = self._process is not None and self._process.has_begun
        self._idle_ends = 0 if has_begun else self._idle_ends + 1
        # Of those that end for nobody again and again the first tells enough.
        if self._idle_ends > 1:
            return
        title = Told("The experiment's functions were started again")
        self._tell(f"researcher:{cause}", "error", title, together(cause, FORGOTTEN))

    def _tell_of_wait(self, call: Call) -> None:
        if call.has_begun:
            return
        busy = self._process.busy_with if self._process is not None else None
        now = (
            Told("{function} was still running.", function=busy)
            if busy
            else Told("Their process was being started again.")
        )
        text = Told(
            "{function} waited more than {seconds} seconds for its turn.",
            function=call.function,
            seconds=f"{LONG_WAIT_S:g}",
        )
        title = Told("The experiment's functions wait for each other")
        self._tell(f"researcher_queue:{call.function}:{busy}", "warning", title, together(text, now, ONE_AT_A_TIME))


def pause_s(ends: int) -> float:
    """Before the next process, after so many that ended without a call."""
    return min(LONGEST_PAUSE_S, PAUSE_S * 2.0 ** min(ends - 1, 30))
