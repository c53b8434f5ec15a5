"""One of the servers that a study runs on, in a process of its own, with a port and a data folder of its own."""

from __future__ import annotations

import contextlib
import signal
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

from igym.host.base import spawn
from igym.host.store.store_reader import BatchKey, StoredBatch, StoreReader
from igym.host.store.store_schema import DATABASE
from tests.cluster.program import LIMIT_S, Program
from tests.cluster.servers import Redis


class StudyServer(Program):
    """`igym serve` behind the proxy at `url`, or `igym cluster core` behind edges that find it at `redis`."""

    def __init__(self, study: Path, data: Path, port: int, url: str, database: str, redis: Redis | None = None) -> None:
        self.data = data
        arguments = [
            *([] if redis is None else ["core", "--redis", redis.url]), str(study), "--data", str(data),
            "--port", str(port), "--address", "127.0.0.1", "--public-url", url,
            "--trusted-proxy", "127.0.0.1", "--database", database,
        ]  # fmt: skip
        super().__init__(data / "out.log", "serve" if redis is None else "cluster", arguments)

    @property
    def home(self) -> Path:
        """The experiment's data folder."""
        return next(path for path in self.data.iterdir() if path.is_dir())

    def start(self, *more: str) -> None:
        self.data.mkdir(exist_ok=True)
        for left_over in self.data.glob("*/engine.json"):
            left_over.unlink()
        self.begin(*more)

    def leads(self) -> None:
        """Returns when it does."""
        self.wait_until(lambda: list(self.data.glob("*/engine.json")))

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def exit_code(self) -> int:
        return self.process.wait(LIMIT_S)

    def end(self) -> None:
        """`igym end`: for everybody; all files are written when this returns."""
        command = [*spawn.command("engine")[:-1], "end", str(self.home), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=LIMIT_S)
        assert done.returncode == 0, done.stdout
        assert self.exit_code() == 0, self.log

    def close(self) -> None:
        """Whatever it does, also where it stands still."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.send(signal.SIGCONT)
                self._process.kill()
            self._process.wait(LIMIT_S)

    def batches(self) -> list[StoredBatch]:
        """All rows of the study on the server."""
        with StoreReader(self.home / DATABASE) as reader:
            return [batch for row in reader.sessions() for batch in reader.batches(row.id)]

    def stored(self) -> list[BatchKey]:
        """Where the rows of all its sessions lie now, without the rows."""
        with StoreReader(self.home / DATABASE) as reader:
            return [key for row in reader.sessions() for key in reader.batch_keys(row.id)]


class EdgeServer(Program):
    """`igym cluster edge` at a port of this computer."""

    def __init__(self, folder: Path, port: int, redis: Redis) -> None:
        self.url = f"http://127.0.0.1:{port}"
        arguments = [
            "edge", "--redis", redis.url, "--port", str(port), "--address", "127.0.0.1", "--trusted-proxy", "127.0.0.1"
        ]  # fmt: skip
        super().__init__(folder / f"edge{port}.log", "cluster", arguments)

    def start(self) -> None:
        self.begin()


def answers(url: str, trusting: ssl.SSLContext | None = None) -> None:
    """Returns when the proxy has seen that a server is well."""
    ends_at = time.monotonic() + LIMIT_S
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5, context=trusting):
            return
        assert time.monotonic() < ends_at, "no server is well"
        time.sleep(0.1)
