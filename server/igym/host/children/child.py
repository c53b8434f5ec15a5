"""What runs beside the engine: started with this program's own variables, its prints told, its end made sure of."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from igym.host.base import spawn
from igym.host.ports import Runner, Running

PRINTS_KEPT = 40
LAST_PRINTS_S = 1.0

LogLine = Callable[[str], None]


class LocalRunner:
    """Child processes on this computer."""

    async def start(self, kind: spawn.Kind, arguments: Sequence[str], pipe_bytes: int) -> Running:
        begin = partial(
            asyncio.create_subprocess_exec,
            *spawn.command(kind, arguments), stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=pipe_bytes,
            env=spawn.environment(os.environ), **spawn.aside(),
        )  # fmt: skip
        process = await begin()
        # Ctrl-C in a terminal reaches a process that is being made before it has left our group.
        return await begin() if process.returncode == -signal.SIGINT else process


class Child:
    """Plumbing that does not know what is said; `LineChild` and `EnvProcess` do. Prints (stderr) go to `log`."""

    def __init__(
        self, runner: Runner, kind: spawn.Kind, arguments: Sequence[str], log: LogLine, pipe_bytes: int
    ) -> None:
        """`pipe_bytes`: how much of what it says is held before somebody reads it."""
        self._runner = runner
        self._kind = kind
        self._arguments = list(arguments)
        self._log = log
        self._pipe_bytes = pipe_bytes
        self._process: Running | None = None
        self._printing: asyncio.Task[None] | None = None
        self._prints: deque[str] = deque(maxlen=PRINTS_KEPT)

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def last_prints(self) -> str:
        """The end of what it printed: when C code crashes, it is all there is."""
        return "\n".join(self._prints)

    async def start(self) -> None:
        self._process = await self._runner.start(self._kind, self._arguments, self._pipe_bytes)
        self._printing = asyncio.create_task(self._forward_prints(self._process))

    def write_bytes(self, data: bytes) -> None:
        """Hands it over without waiting for room; a child that has gone gets nothing."""
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(data)

    async def exit_code(self) -> int | None:
        """Waits for the child's end."""
        return await self._process.wait() if self._process is not None else None

    def kill(self) -> None:
        """Ends the child without waiting."""
        if self._process is not None and self._process.returncode is None:
            try:
                self._process.kill()
            except ProcessLookupError:
                pass

    async def end(self) -> int | None:
        """Kills the child if it still runs and closes its pipes; its exit code. Safe to call twice."""
        self.kill()
        process, self._process = self._process, None
        if process is None:
            return None
        code = await process.wait()
        if self._printing is not None:
            # The last prints of a process that crashed are the ones that explain it.
            await asyncio.wait([self._printing], timeout=LAST_PRINTS_S)
            self._printing.cancel()
        transport = getattr(process, "_transport", None)
        if transport is not None:
            transport.close()
        return code

    async def _forward_prints(self, process: Running) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.readline():
            line = chunk.decode("utf-8", "replace").rstrip()
            self._prints.append(line)
            self._log(line)
