"""One that takes jobs, in a process of its own: `igym cluster jobs`."""

from __future__ import annotations

from pathlib import Path

import psutil

from tests.cluster.program import Program

READY = "takes jobs of the sessions"


class JobWorker(Program):
    """Of the sessions in `data`."""

    def __init__(self, url: str, log: Path, *data: Path) -> None:
        folders = [word for path in data for word in ("--data", str(path))]
        super().__init__(log, "cluster", ["jobs", "--database", url, *folders])

    @property
    def done(self) -> list[str]:
        """What it has done, a line each."""
        return [line for line in self.log.splitlines() if ": exit code" in line and "no more this worker's" not in line]

    def start(self) -> None:
        """Returns when it takes jobs."""
        before = self.log.count(READY) if self._log.exists() else 0
        self.begin()
        self.wait_until(lambda: self.log.count(READY) > before)

    def works(self) -> list[psutil.Process]:
        """Returns the processes of its jobs, when there are some."""
        found: list[psutil.Process] = []

        def are_there() -> bool:
            found[:] = psutil.Process(self.pid).children(recursive=True)
            return bool(found)

        self.wait_until(are_there)
        return found
