"""The engine's end of an env's process: what the two say to each other, and how long it may be silent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from igym.host.children.child import Child, LogLine
from igym.host.hostenv.pipe import packed, read_async
from igym.host.ports import Runner

PIPE_BYTES = 1024 * 1024


class EnvProcess(Child):
    """One child; `limit_s` seconds without a word from it and `read` gives it up."""

    def __init__(self, runner: Runner, folder: Path, log: LogLine) -> None:
        super().__init__(runner, "hostenv", [str(folder)], log, PIPE_BYTES)

    async def read(self, limit_s: float) -> dict[str, Any] | None:
        """The next message; None when it has ended. Raises TimeoutError."""
        assert self._process is not None and self._process.stdout is not None
        async with asyncio.timeout(limit_s):
            return await read_async(self._process.stdout)

    def send(self, message: dict[str, Any]) -> None:
        """Never waits: orders are few and small, and a child that reads none is ended."""
        self.write_bytes(packed(message))
