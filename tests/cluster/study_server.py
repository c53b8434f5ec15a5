"""One of the servers that a study runs on, in a process of its own, with a port and a data folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

from igym.host.base import spawn
from igym.host.store.store_reader import StoredBatch, StoreReader
from igym.host.store.store_schema import DATABASE
from tests.cluster.servers import Redis

LIMIT_S = 240.0


class StudyServer:
    """`igym serve` behind the proxy at `url`, or `igym cluster core` behind edges that find it at `redis`.

    Everything here waits, so an asyncio test calls it in a thread.
    """

    def __init__(self, study: Path, data: Path, port: int, url: str, database: str, redis: Redis | None = None) -> None:
        self.data = data
        self._command = "serve" if redis is None else "cluster"
        self._arguments = [
            *([] if redis is None else ["core", "--redis", redis.url]), str(study), "--data", str(data),
            "--port", str(port), "--address", "127.0.0.1", "--public-url", url,
            "--trusted-proxy", "127.0.0.1", "--database", database,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """The experiment's data folder."""
        return next(path for path in self.data.iterdir() if path.is_dir())

    @property
    def log(self) -> str:
        return (self.data / "out.log").read_text(encoding="utf-8")

    def start(self, *more: str) -> None:
        self.data.mkdir(exist_ok=True)
        for left_over in self.data.glob("*/engine.json"):
            left_over.unlink()
        with (self.data / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                spawn.command(self._command, [*self._arguments, *more]), stdout=log, stderr=log, start_new_session=True,
                env=dict(os.environ),
            )  # fmt: skip

    def leads(self) -> None:
        """Returns when it does."""
        ends_at = time.monotonic() + LIMIT_S
        while not list(self.data.glob("*/engine.json")):
            assert self._process is not None and self._process.poll() is None, self.log
            assert time.monotonic() < ends_at, self.log
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.kill()

    def exit_code(self) -> int:
        assert self._process is not None
        return self._process.wait(LIMIT_S)

    def end(self) -> None:
        """`igym end`: for everybody; all files are written when this returns."""
        command = [*spawn.command("engine")[:-1], "end", str(self.home), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=LIMIT_S)
        assert done.returncode == 0, done.stdout
        assert self.exit_code() == 0, self.log

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.send(signal.SIGCONT)
                self._process.kill()
            self._process.wait(LIMIT_S)

    def batches(self) -> list[StoredBatch]:
        """All rows of the study on the server."""
        with StoreReader(self.home / DATABASE) as reader:
            return [batch for row in reader.sessions() for batch in reader.batches(row.id)]


class EdgeServer:
    """`igym cluster edge` at a port of this computer. Everything here waits, as above."""

    def __init__(self, folder: Path, port: int, redis: Redis) -> None:
        self._log = folder / f"edge{port}.log"
        self.url = f"http://127.0.0.1:{port}"
        self._arguments = [
            "edge", "--redis", redis.url, "--port", str(port), "--address", "127.0.0.1", "--trusted-proxy", "127.0.0.1"
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                spawn.command("cluster", self._arguments), stdout=log, stderr=log, start_new_session=True
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(LIMIT_S)

    def close(self) -> None:
        """Asked to end, it ends well."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(LIMIT_S) == 0, self.log


def answers(url: str, trusting: ssl.SSLContext | None = None) -> None:
    """Returns when the proxy has seen that a server is well."""
    ends_at = time.monotonic() + LIMIT_S
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5, context=trusting):
            return
        assert time.monotonic() < ends_at, "no server is well"
        time.sleep(0.1)
