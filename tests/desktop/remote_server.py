"""`igym serve --remote` behind HAProxy, as a public study runs, on ports of this computer."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from igym.host.base import spawn
from igym.host.remote.pass_file import new_pass, write_passes
from igym.host.store.engine_file import read_engine_file
from igym.protocol.passes import Pass, link
from tests.cluster.proxy import haproxy
from tests.cluster.study_server import answers
from tests.host.conftest import write_experiment
from tests.ports import free_port

LIMIT_S = 120.0
PATH = "/lab1"


class RemoteServer:
    """Two places behind one address; the session runs at one of them at a time."""

    def __init__(self, folder: Path, source: str, address: str, ports: Sequence[int]) -> None:
        self.address = f"{address}{PATH}/"
        self.passes = folder / "passes"
        self.anna = new_pass("anna")
        self.admit(self.anna)
        self.home = folder / "server-data"
        self._study = write_experiment(folder / "their-study", source)
        self._ports, self._folder = ports, folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def link(self) -> str:
        return link(self.address, self.anna)

    @property
    def data(self) -> Path:
        """The experiment's data folder at the server."""
        return next(path for path in self.home.iterdir() if path.is_dir())

    def admit(self, *given: Pass) -> None:
        """These and nobody else."""
        write_passes(self.passes, {one.name: one for one in given})

    async def start(self, place: int = 0, *more: str) -> None:
        """Returns when it leads, and the proxy has seen that it does."""
        command = spawn.command("serve", [
            str(self._study), "--data", str(self.home), "--port", str(self._ports[place]), "--address", "127.0.0.1",
            "--public-url", self.address, "--trusted-proxy", "127.0.0.1", "--remote", str(self.passes), *more,
        ])  # fmt: skip
        for left_over in self.home.glob("*/engine.json"):
            left_over.unlink()
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env=dict(os.environ)
            )
        ends_at = time.monotonic() + LIMIT_S
        while not any(read_engine_file(path.parent) for path in self.home.glob("*/engine.json")):
            assert self._process.poll() is None and time.monotonic() < ends_at, self.log
            await asyncio.sleep(0.1)
        await asyncio.to_thread(answers, self.address.removesuffix(f"{PATH}/"))

    @property
    def log(self) -> str:
        return (self._folder / "server.log").read_text(encoding="utf-8")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(LIMIT_S)


@contextmanager
def remote_server(folder: Path, source: str) -> Iterator[RemoteServer]:
    ports = (free_port(), free_port())
    with haproxy(folder, ports) as address:
        server = RemoteServer(folder, source, address, ports)
        try:
            yield server
        finally:
            server.kill()
