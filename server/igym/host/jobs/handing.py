"""The port `Runner` of a server with a database: commands that workers can run go to these, the others run here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from igym.host.base.spawn import Kind
from igym.host.children.child import LogLine
from igym.host.jobs.handed import HandedProcess
from igym.host.jobs.handover import Handover
from igym.host.jobs.kinds import HANDED, movable
from igym.host.ports import Runner, Running

AT_ONCE = 4


class HandingRunner:
    """Child processes on this computer, or jobs of workers where there are some that see the same data folder."""

    def __init__(self, local: Runner, url: str, home: Path, log: LogLine) -> None:
        self._local = local
        self._home = home
        loop = asyncio.get_running_loop()
        self._handover = Handover(url, home, lambda line: _from_thread(loop, log, line))
        self._threads = ThreadPoolExecutor(AT_ONCE, "igym-jobs")

    async def start(self, kind: Kind, arguments: Sequence[str], pipe_bytes: int) -> Running:
        moved = movable(arguments, self._home) if kind in HANDED else None
        if moved is None:
            return await self._local.start(kind, arguments, pipe_bytes)
        return HandedProcess(self._handover, self._threads, self._local, kind, moved, list(arguments), pipe_bytes)

    async def close(self) -> None:
        """After the processes: their threads end with them."""
        await asyncio.to_thread(self._threads.shutdown)


def _from_thread(loop: asyncio.AbstractEventLoop, log: LogLine, line: str) -> None:
    loop.call_soon_threadsafe(log, line)
