"""A child process that speaks JSON lines: one request at a time, an answer with the same id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from igym.host.base.json_lines import line_of, read_line
from igym.host.base.spawn import Kind
from igym.host.children.child import Child, LogLine
from igym.host.ports import Runner, Running, Written
from igym.protocol.told import Told

LINE_LIMIT_BYTES = 64 * 1024 * 1024

Progress = Callable[[dict[str, Any]], None]


class ChildEndedError(Exception):
    """The child ended by itself before it answered."""


class LineChild(Child):
    """Lines and answers only: what they mean is known to the caller."""

    def __init__(self, runner: Runner, kind: Kind, arguments: Sequence[str], log: LogLine) -> None:
        super().__init__(runner, kind, arguments, log, LINE_LIMIT_BYTES)
        self._last_id = 0
        self._answering = False

    async def read(self) -> dict[str, Any] | None:
        """The next object of stdout; None at its end."""
        assert self._process is not None and self._process.stdout is not None
        try:
            line = await self._process.stdout.readline()
        except ValueError as error:  # what follows in the pipe is the rest of that line: the child cannot go on
            self._process.kill()
            most = LINE_LIMIT_BYTES // 1_000_000
            raise ChildEndedError(
                Told("it answered with more than {most} MB; return less, or write it to a file", most=most)
            ) from error
        return read_line(line) if line else None

    def write(self, fields: dict[str, Any]) -> None:
        """Hands a line over without waiting for room; a child that has gone gets nothing."""
        self.write_bytes(line_of(fields).encode() + b"\n")

    async def send(self, fields: dict[str, Any]) -> None:
        """Like `write`, and waits while the pipe is full."""
        self.write(fields)
        if self._process is not None and self._process.stdin is not None:
            try:
                await self._process.stdin.drain()
            except (BrokenPipeError, ConnectionResetError):
                pass  # its end is told by `read`

    async def request(self, fields: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
        """The child's answer; raises `ChildEndedError`. Lines `{"id", "progress": …}` before it go to `progress`."""
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            raise ChildEndedError(Told("the process has ended"))
        self._last_id += 1
        self._answering = True
        try:
            return await self._answer(process, process.stdin, fields, progress)
        finally:
            self._answering = False

    def interrupt(self) -> None:
        """Asks the child to give up the request it is working on; the request is still answered."""
        if self._answering:
            self.write({"cancel": self._last_id})

    async def _answer(
        self,
        process: Running,
        stdin: Written,
        fields: dict[str, Any],
        progress: Progress | None,
    ) -> dict[str, Any]:
        stdin.write(line_of({"id": self._last_id, **fields}).encode() + b"\n")
        try:
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ChildEndedError(Told("the process has ended")) from error
        while True:
            reply = await self.read()
            if reply is None:
                raise ChildEndedError(Told("the process ended by itself (exit code {code})", code=await process.wait()))
            if reply.get("id") != self._last_id:
                continue
            if "progress" not in reply:
                return reply
            if progress is not None:
                progress(reply["progress"])
