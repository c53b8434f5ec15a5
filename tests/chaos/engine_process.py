"""A real engine process under the test's control, as a launcher holds it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

from igym.host.base import spawn
from tests.ports import free_port

START_LIMIT_S = 120.0


class EngineProcess:
    """`igym engine` as a child: `ready` is its ready line, `lines` everything it said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[dict[str, Any]] = []
        self.ready: dict[str, Any] = {}

    @classmethod
    async def launch(cls, folder: Path, data: Path, *arguments: str, port: int = 0, token: str = "t") -> EngineProcess:
        where = ["--folder", str(folder), "--data", str(data), "--port", str(port or free_port())]
        argv = spawn.command("engine", [*where, "--address", "127.0.0.1", *arguments])
        pipe = asyncio.subprocess.PIPE
        environment = {**os.environ, "IGYM_CONTROL_TOKEN": token}
        process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, env=environment)
        return cls(process)

    async def until(self, event: str) -> dict[str, Any]:
        """The next line about `event`."""
        assert self._process.stdout is not None
        async with asyncio.timeout(START_LIMIT_S):
            while line := await self._process.stdout.readline():
                message: dict[str, Any] = json.loads(line)
                self.lines.append(message)
                if message["event"] == event:
                    return message
        raise AssertionError(f"the engine ended without “{event}”: {self.lines}")

    async def started(self) -> EngineProcess:
        self.ready = await self.until("ready")
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    async def kill(self) -> None:
        """As a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        await self._process.wait()

    def let_go(self) -> None:
        """The launcher is gone: its end of the pipe closes."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def terminate(self) -> None:
        self._process.terminate()

    async def exit_code(self) -> int:
        async with asyncio.timeout(START_LIMIT_S):
            while self._process.stdout is not None and await self._process.stdout.read(65536):
                pass
            return await self._process.wait()

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    async def close(self) -> None:
        if self.is_running:
            self._process.kill()
        await self._process.wait()
        transport = getattr(self._process, "_transport", None)
        if transport is not None:
            transport.close()
