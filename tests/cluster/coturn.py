"""coturn, started as `deploy/` starts it, on this computer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aioice import stun, turn

from tests.cluster.servers import LIMIT_S
from tests.ports import free_port

START = Path(__file__).parents[2] / "deploy" / "coturn" / "start.sh"
REALM = "study.example.org"
HERE = "127.0.0.1"


class Mailbox(asyncio.DatagramProtocol):
    """What arrives waits to be read."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.gone = asyncio.Event()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.inbox.put_nowait(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.gone.set()

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.inbox.get(), LIMIT_S)


@contextmanager
def coturn(folder: Path, secret_file: Path, *more: str, address: str = HERE) -> Iterator[int]:
    """The port at which it answers; `more` goes to its command line."""
    port, folder = free_port(), folder / "coturn"
    folder.mkdir()
    relayed = free_port()
    environment = {
        **os.environ, "TMPDIR": str(folder), "TURN_SECRET_FILE": str(secret_file), "TURN_REALM": REALM,
        "TURN_MIN_PORT": str(relayed), "TURN_MAX_PORT": str(relayed + 40),
    }  # fmt: skip
    command = ["sh", str(START), "-p", str(port), "-L", address, "-E", address, *more]
    with (folder / "coturn.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
        try:
            _answers((address, port), process)
            yield port
        finally:
            process.terminate()
            process.wait(LIMIT_S)


def _answers(address: tuple[str, int], process: subprocess.Popen[bytes]) -> None:
    """Returns when it answers STUN, as browsers ask it for their own address."""
    ends_at = time.monotonic() + LIMIT_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.05)
        while True:
            assert process.poll() is None and time.monotonic() < ends_at, "coturn did not start"
            request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
            with contextlib.suppress(OSError):
                asking.sendto(bytes(request), address)
                asking.recv(1500)
                return


async def allocated(port: int, username: str, password: str) -> tuple[Any, Mailbox]:
    """A relayed address at this server; raises aioice's `TransactionFailed` when it gives none."""
    return await turn.create_turn_endpoint(  # type: ignore[return-value]
        Mailbox, server_addr=(HERE, port), username=username, password=password, lifetime=600
    )


async def given_back(transport: Any, box: Mailbox) -> None:
    transport.close()
    await asyncio.wait_for(box.gone.wait(), LIMIT_S)
