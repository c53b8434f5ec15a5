"""One program of a cluster in a process of its own: `igym serve`, `igym cluster core|edge|jobs`."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from igym.host.base import spawn

LIMIT_S = 240.0


class Program:
    """Everything here waits, so an asyncio test calls it in a thread."""

    def __init__(self, log: Path, command: spawn.Kind, arguments: list[str]) -> None:
        self._log = log
        self._command = command
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    def begin(self, *more: str) -> None:
        """`more`: arguments for this time."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                spawn.command(self._command, [*self._arguments, *more]), stdout=log, stderr=log, start_new_session=True,
                env=dict(os.environ),
            )  # fmt: skip

    def wait_until(self, condition: Callable[[], object]) -> None:
        """The program goes on meanwhile."""
        ends_at = time.monotonic() + LIMIT_S
        while not condition():
            assert self._process is not None and self._process.poll() is None, self.log
            assert time.monotonic() < ends_at, self.log
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut would: what it had started ends as well."""
        self.process.kill()
        self.process.wait(LIMIT_S)

    def close(self) -> None:
        """Asked to end, it ends well."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(LIMIT_S) == 0, self.log
