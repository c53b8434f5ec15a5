"""A participant's connection that costs its computer little, so that hundreds of them fit beside what they measure."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from itertools import count
from typing import Any

import aiohttp

from igym.host.simulate.client import BROWSER, RETRY_S, ParticipantClient
from igym.host.sockets.connections import NAMESPACE
from igym.protocol.codec import RETRY_CODES
from igym.protocol.version import PROTOCOL_VERSION

CONNECT_S = 30.0
OPEN = f"0{NAMESPACE},"
DEFLATE_BITS = 15
PING, PONG = "2", "3"
PLACE = {"_placeholder": True, "num": 0}


class GoneError(ConnectionError):
    """The connection ended before there was an answer."""


class PlainClient(ParticipantClient):
    """Speaks Socket.IO over one WebSocket itself: no task, timer or wait for each message."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._http: aiohttp.ClientSession | None = None
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count()
        self.losses = 0

    async def _connect(self) -> None:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CONNECT_S))
        address = f"{self.url}/socket.io/?transport=websocket&EIO=4"
        # Compressed, as browsers ask for it: that is a part of what they cost.
        self._ws = ws = await self._http.ws_connect(
            address, headers={"Cookie": self.cookie}, max_msg_size=0, compress=DEFLATE_BITS
        )
        await ws.receive_str()
        await ws.send_str(f"4{OPEN}")
        # Where many come at once this may take longer than the first look for a sign of life.
        while (answer := await ws.receive_str()) == PING:
            await ws.send_str(PONG)
        if not answer.startswith(f"4{OPEN}"):
            raise GoneError(answer[:200])
        self._reading = asyncio.create_task(self._read(ws))
        self.connections += 1
        hello = {"protocol": PROTOCOL_VERSION, "tab": self.tab, "browser": BROWSER, "visit": self.visit}
        if (await self.call("hello", hello)).get("ok"):
            self.greeted.set()

    async def _leave(self) -> None:
        self.greeted.clear()
        ws, http, reading = self._ws, self._http, self._reading
        self._ws = self._http = self._reading = None
        if reading is not None and reading is not asyncio.current_task():
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        for closing in (ws, http):
            if closing is not None:
                with suppress(Exception):
                    await closing.close()
        self._give_up()

    async def _return(self) -> None:
        while self._wanted and not self.greeted.is_set():
            await self._leave()
            await asyncio.sleep(RETRY_S)
            with suppress(aiohttp.ClientError, OSError, TimeoutError, TypeError):
                await self._connect()

    def _give_up(self) -> None:
        asked, self._asked = self._asked, {}
        for answer in asked.values():
            if not answer.done():
                answer.set_exception(GoneError("the connection ended"))

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        binary: list[Any] | None = None
        async for message in ws:
            if message.type is aiohttp.WSMsgType.BINARY and binary is not None:
                await self._received(binary[0], message.data)
                binary = None
            elif message.type is aiohttp.WSMsgType.TEXT:
                text = message.data
                if text == PING:
                    await ws.send_str(PONG)
                elif text.startswith("42"):
                    await self._received(*json.loads(text[text.index("[") :]))
                elif text.startswith("43"):
                    self._answered(text)
                elif text.startswith("45"):
                    binary = json.loads(text[text.index("[") :])
        self.losses += self._wanted
        self.greeted.clear()
        self._give_up()
        if self._wanted and (self._returning is None or self._returning.done()):
            self._returning = asyncio.create_task(self._return())

    def _answered(self, text: str) -> None:
        begin = text.index("[")
        answer = self._asked.pop(int(text[len(f"43{NAMESPACE},") : begin]), None)
        if answer is not None and not answer.done():
            answer.set_result(json.loads(text[begin:]))

    async def _put(self, number: str, name: str, payload: Any) -> None:
        ws = self._ws
        if ws is None or ws.closed:
            raise GoneError("there is no connection")
        try:
            if isinstance(payload, bytes):
                await ws.send_str(f"451-{NAMESPACE},{number}{json.dumps([name, PLACE])}")
                await ws.send_bytes(payload)
            else:
                await ws.send_str(f"42{NAMESPACE},{number}{json.dumps([name] if payload is None else [name, payload])}")
        except (aiohttp.ClientError, OSError) as error:
            raise GoneError(str(error)) from error

    async def send(self, name: str, payload: Any = None) -> None:
        with suppress(GoneError):
            await self._put("", name, payload)

    async def call(self, name: str, payload: Any = None) -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            await self._put(str(number), name, payload)
        except GoneError:
            del self._asked[number]
            raise
        return dict((await answer or [{}])[0] or {})

    async def deliver(self, name: str, payload: Any = None) -> dict[str, Any]:
        while True:
            await self.greeted.wait()
            with suppress(GoneError):
                ack = await self.call(name, payload)
                if ack.get("ok") or ack.get("code") not in RETRY_CODES:
                    return ack
            await asyncio.sleep(RETRY_S)
