"""A lab check in a process of its own, as the launcher starts it."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT_S = 120.0
Table = dict[str, Any]


class LabProcess:
    """`igym labcheck` on a folder; `until` reads its tables as they come."""

    def __init__(self, study: Path, data_root: Path, *options: str) -> None:
        where = ["--folder", str(study), "--data", str(data_root), "--port", "0", "--address", "127.0.0.1"]
        argv = [sys.executable, "-m", "igym.cli", "labcheck", *where, *options]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[Table | None] = queue.Queue()
        self.table: Table = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.first = self._next(time.monotonic() + LIMIT_S)
        self.url = str(self.first.get("url", ""))

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def _next(self, deadline: float) -> Table:
        found = self._lines.get(timeout=max(0.1, deadline - time.monotonic()))
        if found is None:
            raise RuntimeError(f"the lab check ended with code {self._process.wait()}")
        return found

    def until(self, holds: Callable[[Table], bool]) -> Table:
        """The first table for which `holds`; `AssertionError` with the last one when it never comes."""
        deadline = time.monotonic() + LIMIT_S
        while not (self.table and holds(self.table)):
            try:
                self.table = self._next(deadline)
            except queue.Empty:
                raise AssertionError(f"it never came; the last table: {self.table}") from None
        return self.table

    def order(self, **order: Any) -> None:
        """One order as the launcher gives it."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self.table = {}

    def end(self) -> int:
        """Lets go of it, as a launcher that closes the check does; its exit code."""
        assert self._process.stdin
        self._process.stdin.close()
        return self._process.wait(timeout=120)

    def close(self) -> None:
        """Ends it whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(LIMIT_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
