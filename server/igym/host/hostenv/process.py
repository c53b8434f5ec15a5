"""The engine's end of an env's process: starts it, reads what it says, ends it."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from igym.host import spawn
from igym.host.hostenv.pipe import packed, read_async

PRINTS_KEPT = 40
PIPE_BYTES = 1024 * 1024

LogLine = Callable[[str], None]


class EnvProcess:
    """One child; `limit_s` seconds without a word from it and `read` gives it up."""

    def __init__(self, folder: Path, log: LogLine) -> None:
        self._folder = folder
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._printing: asyncio.Task[None] | None = None
        self._prints: deque[str] = deque(maxlen=PRINTS_KEPT)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def last_prints(self) -> str:
        """The end of what it printed: when C code crashes, it is all there is."""
        return "\n".join(self._prints)

    async def start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *spawn.command("hostenv", [str(self._folder)]), stdin=pipe, stdout=pipe, stderr=pipe, limit=PIPE_BYTES,
            env=spawn.environment(os.environ),
        )  # fmt: skip
        self._printing = asyncio.create_task(self._forward_prints(self._process))

    async def read(self, limit_s: float) -> dict[str, Any] | None:
        """The next message; None when it has ended. Raises TimeoutError."""
        assert self._process is not None and self._process.stdout is not None
        async with asyncio.timeout(limit_s):
            return await read_async(self._process.stdout)

    def send(self, message: dict[str, Any]) -> None:
        """Never waits: orders are few and small, and a child that reads none is ended."""
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        process.stdin.write(packed(message))

    async def end(self) -> int | None:
        """Kills it if it still runs; its exit code. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.returncode is None:
            try:
                process.kill()
            except ProcessLookupError:
                pass
        code = await process.wait()
        if self._printing is not None:
            await asyncio.wait([self._printing], timeout=1.0)
            self._printing.cancel()
        transport = getattr(process, "_transport", None)
        if transport is not None:
            transport.close()
        return code

    async def ended(self) -> int | None:
        """Its exit code, once it has ended by itself."""
        return await self._process.wait() if self._process is not None else None

    async def _forward_prints(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.readline():
            line = chunk.decode("utf-8", "replace").rstrip()
            self._prints.append(line)
            self._log(line)
