"""One that takes jobs, in a process of its own: `igym cluster jobs`."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil

from igym.host.base import spawn

LIMIT_S = 120.0
READY = "takes jobs of the sessions"


class JobWorker:
    """Everything here waits, so an asyncio test calls it in a thread."""

    def __init__(self, url: str, log: Path, *data: Path) -> None:
        self._log = log
        self._arguments = ["jobs", "--database", url, *(word for path in data for word in ("--data", str(path)))]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def done(self) -> list[str]:
        """What it has done, a line each."""
        return [line for line in self.log.splitlines() if ": exit code" in line and "no more this worker's" not in line]

    def start(self) -> None:
        """Returns when it takes jobs."""
        before = self.log.count(READY) if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                spawn.command("cluster", self._arguments), stdout=log, stderr=log, start_new_session=True,
                env=dict(os.environ),
            )  # fmt: skip
        ends_at = time.monotonic() + LIMIT_S
        while self.log.count(READY) == before:
            assert self._process.poll() is None, self.log
            assert time.monotonic() < ends_at, self.log
            time.sleep(0.05)

    def works(self) -> list[psutil.Process]:
        """Returns the processes of its jobs, when there are some."""
        assert self._process is not None
        ends_at = time.monotonic() + LIMIT_S
        while not (found := psutil.Process(self._process.pid).children(recursive=True)):
            assert time.monotonic() < ends_at, self.log
            time.sleep(0.02)
        return found

    def kill(self) -> None:
        """As a power cut would: what it had started ends as well."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(LIMIT_S)

    def close(self) -> None:
        """Asked to end, it ends well."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(LIMIT_S) == 0, self.log
