"""UDP endpoints that go on hearing after an error.

Under Windows asyncio reads a datagram socket no further once the system has reported an error on it, such as a peer
that has closed its port. The endpoint is then opened again on the same address: clients know its port.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

GOES_DEAF = sys.platform == "win32"
REOPEN_AFTER_S = (0.0, 0.01, 0.05, 0.2, 1.0, 5.0)


class LastingDatagrams(asyncio.DatagramProtocol):
    """A datagram protocol that can be used like its own transport, and outlives it."""

    _transport: asyncio.DatagramTransport | None = None
    _reopening: asyncio.Task[None] | None = None
    _closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is none of asyncio's classes.
        self._transport = cast(asyncio.DatagramTransport, transport)
        if self._closed:
            self._transport.close()

    def error_received(self, exc: Exception) -> None:
        if GOES_DEAF and self._reopening is None and not self.is_closing():
            self._reopening = asyncio.get_running_loop().create_task(self._reopen())
            self._reopening.add_done_callback(self._reopened)

    def sendto(self, data: bytes, addr: tuple[str, int]) -> None:
        """Lost like any datagram while the endpoint is being opened again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, addr)

    def get_extra_info(self, name: str) -> Any:
        assert self._transport is not None
        return self._transport.get_extra_info(name)

    def is_closing(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._closed = True
        if self._reopening is not None:
            self._reopening.cancel()
        if self._transport is not None:
            self._transport.close()

    async def _reopen(self) -> None:
        assert self._transport is not None
        address = self._transport.get_extra_info("sockname")
        self._transport.abort()
        for wait_s in REOPEN_AFTER_S:
            # The old socket is closed in the loop's next turn; before that its port is taken.
            await asyncio.sleep(wait_s)
            try:
                await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=address)
                return
            except OSError:
                continue

    def _reopened(self, _: asyncio.Task[None]) -> None:
        self._reopening = None
