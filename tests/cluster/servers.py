"""Servers that the tests need, started on loopback ports with their data in a temporary folder, and ended with them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

LIMIT_S = 120.0
USER = "igym"


def _tool(name: str) -> str:
    """Debian keeps PostgreSQL's programs in a folder for each version."""
    known = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(known[-1]) if known else shutil.which(name) or name


class Postgres:
    """One PostgreSQL server. As root it runs as nobody else's user: the program refuses to be root."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._as_other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if _is_root() else []
        self._process: subprocess.Popen[bytes] | None = None
        if self._as_other:
            shutil.chown(folder, "postgres", "postgres")
        subprocess.run(
            [*self._as_other, _tool("initdb"), "-D", str(folder / "data"), "-U", USER, "--auth=trust", "-E", "UTF8"],
            check=True, stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def tool(self, name: str) -> str:
        """The path of a program of its version."""
        return _tool(name)

    def start(self) -> None:
        """Returns when it answers."""
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_other, _tool("postgres"), "-D", str(self.folder / "data"), "-p", str(self.port),
                 "-k", "", "-h", "127.0.0.1", "-c", "max_connections=60", "-c", "shared_buffers=32MB"],
                stdout=log, stderr=log, cwd="/",
            )  # fmt: skip
        ask = [_tool("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        ends_at = time.monotonic() + LIMIT_S
        while subprocess.run(ask, check=False).returncode != 0:
            assert time.monotonic() < ends_at and self._process.poll() is None, "PostgreSQL did not start"
            time.sleep(0.05)

    def crash(self) -> None:
        """As if the power went: nothing is written any more, no goodbye is said."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        self._end(signal.SIGINT)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            process.wait(LIMIT_S)


class Redis:
    """One Redis server that keeps nothing on the disk: after a crash it knows nothing any more."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *more: str) -> None:
        """Returns when it answers. `more`: arguments for this time."""
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                 "--dir", str(self._folder), *more],
                stdout=log, stderr=log,
            )  # fmt: skip
        ends_at = time.monotonic() + LIMIT_S
        while not _is_open(self.port):
            assert time.monotonic() < ends_at and self._process.poll() is None, "Redis did not start"
            time.sleep(0.02)

    def crash(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            process.wait(LIMIT_S)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def redis(folder: Path) -> Iterator[Redis]:
    server = Redis(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def postgres() -> Iterator[Postgres]:
    # Not pytest's folder: only root may go into that, and the server is somebody else.
    base = Path(tempfile.mkdtemp(prefix="igym-pg-"))
    base.chmod(0o755)
    folder = base / "server"
    folder.mkdir()
    server = Postgres(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(base, ignore_errors=True)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
