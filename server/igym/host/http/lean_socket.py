"""The library's connection over a WebSocket, without a task, a timer and a future for each packet.

With some hundred people in play these were an eighth of all that the loop had to do.
"""

from __future__ import annotations

import asyncio
from typing import Any

from engineio import async_socket, exceptions
from engineio.packet import Packet


class LeanSocket(async_socket.AsyncSocket):  # type: ignore[misc]
    """Like the library's, whose way it goes for long polling and for whoever changes from that to a WebSocket."""

    @property
    def _silence_s(self) -> float:
        """Whoever says nothing for longer is gone."""
        return float(self.server.ping_interval + self.server.ping_timeout)

    async def poll(self) -> list[Packet]:
        """What is to be sent, at least one packet; none when the connection has ended."""
        try:
            async with asyncio.timeout(self._silence_s):
                packets = [await self.queue.get()]
        except (TimeoutError, asyncio.CancelledError):
            raise exceptions.QueueEmpty from None
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
        writing = asyncio.ensure_future(self._write_to(ws))
        await self._read_from(ws)
        await self.queue.put(None)
        await writing
        await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def _write_to(self, ws: Any) -> None:
        try:
            while packets := await self.poll():
                for packet in packets:
                    await ws.send(packet.encode())
        except exceptions.QueueEmpty:
            pass
        except Exception:
            # Nobody reads any more; whoever reads there hears of the end in the same way.
            self.server.logger.info("%s: what was to be sent found nobody", self.sid)
        await ws.close()

    async def _read_from(self, ws: Any) -> None:
        """Returns when nothing comes any more."""
        while True:
            try:
                async with asyncio.timeout(self._silence_s):
                    data = await ws.wait()
                if data is None or len(data) > self.server.max_http_buffer_size:
                    return
                packet = Packet(encoded_packet=data)
            except (Exception, asyncio.CancelledError):
                # Silent for too long, gone, or what came is no packet.
                return
            try:
                await self.receive(packet)
            except exceptions.UnknownPacketError:
                continue
            except exceptions.SocketIsClosedError:
                return
            except Exception:
                self.server.logger.exception("%s: what came could not be dealt with", self.sid)
            # What has come already is read without a pause: whoever sends much must not keep the others waiting.
            await asyncio.sleep(0)


async_socket.AsyncSocket = LeanSocket
