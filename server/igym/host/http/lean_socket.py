"""The library's connection over a WebSocket, without a task and a timer for each packet that is read or sent.

With some hundred people in play these were an eighth of all that the loop had to do. One watchdog looks every few
seconds whether anything was read lately.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import cached_property
from typing import Any

from engineio import async_socket, exceptions
from engineio.packet import MESSAGE, UPGRADE, Packet

from igym.host.base.rates import Flow

ANNOUNCING = "45"
SMALL = 1024
"""Bytes or letters of a packet that is written at once, without waking the writer for it."""
LAST_WORDS_S = 5.0
"""What is still to be sent as a connection ends has so long; then its receiver has stopped reading."""


class LeanSocket(async_socket.AsyncSocket):  # type: ignore[misc]
    """Like the library's, whose way it goes for long polling and for whoever changes from that to a WebSocket."""

    _waits_since: float | None = None
    """When it began to wait for the next packet (the loop's seconds); None while one is being dealt with."""

    _idle: Any = None
    """The WebSocket, while its writer has nothing to do."""

    @cached_property
    def flow(self) -> Flow:
        """What has come in the bodies of requests."""
        return Flow(asyncio.get_running_loop().time())

    @property
    def _silence_s(self) -> float:
        """Whoever says nothing for longer is gone."""
        return float(self.server.ping_interval + self.server.ping_timeout)

    async def send(self, pkt: Packet) -> None:
        if self.closed or self.last_ping:
            # The library looks whether its ping has been waiting for too long.
            await super().send(pkt)
            return
        ws = self._idle
        if ws is not None and self.queue.empty() and len(pkt.data or "") < SMALL and ws.takes_more:
            try:
                await ws.send(pkt.encode())
                return
            except Exception:
                # Its writer finds that nobody is there, and ends the connection.
                self._idle = None
        self.queue.put_nowait(pkt)

    async def receive(self, pkt: Packet) -> None:
        """As the library, with a pause after each message: many of them come in one body.

        What was said first is begun first, and whoever says much does not keep the others waiting. Bytes that were
        announced belong to what announced them.
        """
        if pkt.packet_type == UPGRADE:
            # Who changes to a WebSocket says it there, before this. Each would be answered, also to who never reads.
            return
        await super().receive(pkt)
        if pkt.packet_type == MESSAGE and not (isinstance(pkt.data, str) and pkt.data.startswith(ANNOUNCING[1:])):
            await asyncio.sleep(0)

    async def poll(self) -> list[Packet]:
        """What is to be sent, at least one packet; none when the connection has ended."""
        try:
            async with asyncio.timeout(self._silence_s):
                return await self._to_send()
        except (TimeoutError, asyncio.CancelledError):
            raise exceptions.QueueEmpty from None

    async def _to_send(self) -> list[Packet]:
        """As `poll`, however long it takes."""
        packets = [await self.queue.get()]
        self.queue.task_done()
        if packets == [None]:
            return []
        while not self.queue.empty():
            packet = self.queue.get_nowait()
            self.queue.task_done()
            if packet is None:
                # The end is for whoever asks next: what stands before it is still sent.
                self.queue.put_nowait(None)
                break
            packets.append(packet)
        return packets

    async def _websocket_handler(self, ws: Any) -> None:
        if self.connected:  # type: ignore[has-type]
            await super()._websocket_handler(ws)
            return
        self.connected = self.upgraded = True
        reading, writing = asyncio.ensure_future(self._read_from(ws)), asyncio.ensure_future(self._write_to(ws))
        watching = asyncio.ensure_future(self._watch(reading))
        try:
            await asyncio.wait({reading})
        finally:
            # Also when the server stops, which cancels this.
            watching.cancel()
            reading.cancel()
            self.queue.put_nowait(None)
            try:
                await self._last_words(ws, writing)
            finally:
                await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def _watch(self, reading: asyncio.Future[None]) -> None:
        """Ends the reading of who has been silent for too long, or is no longer one of the server's."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.server.ping_interval)
            since = self._waits_since
            if since is not None and (self.closed or loop.time() - since >= self._silence_s):
                reading.cancel()
                return

    async def _last_words(self, ws: Any, writing: asyncio.Future[None]) -> None:
        await asyncio.wait({writing}, timeout=LAST_WORDS_S)
        if not writing.done():
            # Whatever waits for the receiver there hears that there is none.
            transport = ws.environ["aiohttp.request"].transport
            if transport is not None:
                transport.abort()
            await asyncio.wait({writing})

    async def _write_to(self, ws: Any) -> None:
        try:
            self._idle = ws
            while (packet := await self.queue.get()) is not None:
                self.queue.task_done()
                self._idle = None
                await ws.send(packet.encode())
                self._idle = ws
        except Exception:
            # Nobody reads any more; whoever reads there hears of the end in the same way.
            self.server.logger.info("%s: what was to be sent found nobody", self.sid)
        finally:
            self._idle = None
            with contextlib.suppress(Exception):
                await ws.close()

    async def _read_from(self, ws: Any) -> None:
        """Returns when nothing comes any more."""
        now = asyncio.get_running_loop().time
        announces = False
        while True:
            self._waits_since = now()
            try:
                data = await ws.wait()
                if data is None or len(data) > self.server.max_http_buffer_size:
                    return
                is_message = isinstance(data, bytes) or data.startswith(str(MESSAGE))
                packet = None if is_message else Packet(encoded_packet=data)
            except Exception:
                # Gone, or what came is no packet.
                return
            self._waits_since = None
            try:
                if packet is None:
                    await self._hear(data)
                else:
                    await self.receive(packet)
            except exceptions.UnknownPacketError:
                pass
            except exceptions.SocketIsClosedError:
                return
            except Exception:
                self.server.logger.exception("%s: what came could not be dealt with", self.sid)
            # What has come already is read without a pause: whoever sends much, and be it nothing that means anything,
            # must not keep the others waiting. Bytes that were announced belong to what announced them.
            announces = not announces and isinstance(data, str) and data.startswith(ANNOUNCING)
            if not announces:
                await asyncio.sleep(0)

    async def _hear(self, data: str | bytes) -> None:
        """Most of what comes, and without the packet and the coroutine that the library makes for each."""
        handler = self.server.handlers.get("message")
        if handler is not None:
            await handler(self.sid, data if isinstance(data, bytes) else data[1:])


async_socket.AsyncSocket = LeanSocket
