"""coturn, started as `deploy/` starts it, on this computer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aioice import stun, turn

from tests.cluster.servers import LIMIT_S, free_port

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


@contextlib.asynccontextmanager
async def coturn(folder: Path, secret_file: Path, *more: str) -> AsyncIterator[int]:
    """The port at which it answers; `more` goes to its command line."""
    port, folder = free_port(), folder / "coturn"
    folder.mkdir()
    relayed = free_port()
    environment = {
        **os.environ, "TMPDIR": str(folder), "TURN_SECRET_FILE": str(secret_file), "TURN_REALM": REALM,
        "TURN_MIN_PORT": str(relayed), "TURN_MAX_PORT": str(relayed + 40),
    }  # fmt: skip
    command = ["sh", str(START), "-p", str(port), "-L", HERE, "-E", HERE, *more]
    with (folder / "coturn.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
        try:
            await _answers(port, process)
            yield port
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, LIMIT_S)


async def _answers(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when it answers STUN, as the page's browser asks for it."""
    loop = asyncio.get_running_loop()
    transport, box = await loop.create_datagram_endpoint(Mailbox, remote_addr=(HERE, port))
    try:
        async with asyncio.timeout(LIMIT_S):
            while box.inbox.empty():
                assert process.poll() is None, "coturn did not start"
                request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
                transport.sendto(bytes(request))
                await asyncio.sleep(0.05)
    finally:
        transport.close()


async def allocated(port: int, username: str, password: str) -> tuple[Any, Mailbox]:
    """A relayed address at this server; raises aioice's `TransactionFailed` when it gives none."""
    return await turn.create_turn_endpoint(  # type: ignore[return-value]
        Mailbox, server_addr=(HERE, port), username=username, password=password, lifetime=600
    )


async def given_back(transport: Any, box: Mailbox) -> None:
    transport.close()
    await asyncio.wait_for(box.gone.wait(), LIMIT_S)
