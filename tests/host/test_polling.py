"""Without WebSockets packets come in the bodies of requests: whole, in order, once each, or the connection ends."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from igym.host.base.rates import Flow
from igym.host.http import polling
from igym.host.sockets.bounded_sockets import MAX_MESSAGE_BYTES, BoundedServer
from tests.waiting import LIMIT_S, until

PLACE = "/participant"
HEAD = f'451-{PLACE},["rows",{{"_placeholder":true,"num":0}}]'
ROWS = bytes(range(256)) * 40
APART = "\x1e"


class Host:
    """A server that keeps what reaches it."""

    def __init__(self) -> None:
        self.server = BoundedServer()
        self.came: list[Any] = []
        self.left: list[str] = []
        self.url = ""
        self.server.on("connect", lambda sid, environ, auth=None: None, namespace=PLACE)
        self.server.on("disconnect", self._went, namespace=PLACE)
        self.server.on("*", self._take, namespace=PLACE)

    async def _take(self, name: str, sid: str, body: Any = None) -> None:
        self.came.append((name, body))

    async def _went(self, sid: str, reason: str) -> None:
        self.left.append(sid)

    async def start(self) -> web.AppRunner:
        app = web.Application()
        self.server.attach(app)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/socket.io/?EIO=4&transport=polling"
        return runner


class Page:
    """A page's connection by requests alone."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def open(self) -> None:
        opened = await (await self._http.get(self._url)).text()
        self._url += "&sid=" + json.loads(opened[1:])["sid"]
        assert await self.post(f"40{PLACE},".encode()) == 200
        await self.hears()

    async def post(self, *pieces: bytes, pause_s: float = 0.0) -> int:
        """The answer's status; the pieces of the body leave one after the other."""

        async def body() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece
                await asyncio.sleep(pause_s)

        length = {"Content-Length": str(sum(map(len, pieces)))}
        async with self._http.post(self._url, data=body(), headers=length) as answer:
            return answer.status

    async def hears(self) -> tuple[int, str]:
        async with self._http.get(self._url) as answer:
            return answer.status, await answer.text()

    async def post_in_part(self, body: bytes, sent: int) -> None:
        """The connection breaks when so much has left."""
        url = URL(self._url)
        _, writer = await asyncio.open_connection(url.host, url.port)
        head = f"POST {url.raw_path_qs} HTTP/1.1\r\nHost: {url.authority}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[:sent])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    runner = await host.start()
    yield host
    await runner.cleanup()


@pytest.fixture
async def page(host: Host) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession() as http:
        page = Page(http, host.url)
        await page.open()
        yield page


def encoded(data: bytes = ROWS) -> str:
    return "b" + base64.b64encode(data).decode()


async def test_a_body_that_comes_in_pieces_is_read_whole(host: Host, page: Page) -> None:
    body = (HEAD + APART + encoded()).encode()
    assert await page.post(body[:4000], body[4000:9001], body[9001:], pause_s=0.02) == 200
    await until(lambda: bool(host.came))
    assert host.came == [("rows", ROWS)]


async def test_many_packets_of_one_body_are_all_taken(host: Host, page: Page) -> None:
    told = [f'42{PLACE},["told",{number}]' for number in range(3000)]
    assert await page.post(APART.join(told).encode()) == 200
    await until(lambda: len(host.came) == 3000)
    assert host.came == [("told", number) for number in range(3000)]


WRONG: dict[str, str | bytes] = {
    "no packet": "nonsense",
    "half of a word in base 64": HEAD + APART + encoded()[:-3],
    "nothing": "",
    "a packet and no packet": HEAD + APART,
    "no text": b"\xff\xfe",
    "nested too deeply": "4" + "[" * 100_000,
    "too much": "4" + "2" * MAX_MESSAGE_BYTES,
    "text where bytes belong": HEAD + APART + f'42{PLACE},["told",1]',
    "bytes nobody announced": encoded(),
}


@pytest.mark.parametrize("kind", WRONG)
async def test_a_body_that_is_none_ends_the_connection_so_that_the_page_sends_all_again(
    kind: str, host: Host, page: Page
) -> None:
    body = WRONG[kind]
    status = await page.post(body if isinstance(body, bytes) else body.encode())
    assert len(host.left) == 1
    assert host.came == []
    assert (await page.post(f'42{PLACE},["told",1]'.encode()), host.came) == (400, [])
    assert status in (200, 400, 413)


@pytest.mark.parametrize("packet", ["2", "2probe", "6", "0{}", "1", f"41{PLACE}," + APART + "2"])
async def test_a_packet_that_belongs_to_no_body_is_answered_before_anything_is_fetched(
    packet: str, host: Host, page: Page
) -> None:
    assert await asyncio.wait_for(page.post(packet.encode()), LIMIT_S / 3) in (200, 400)
    assert len(host.left) == 1
    assert (await page.post(f'42{PLACE},["told",1]'.encode()), host.came) == (400, [])


async def test_a_body_whose_connection_broke_is_not_taken_for_a_whole_one(host: Host, page: Page) -> None:
    told = f'42{PLACE},["told",1]'
    await page.post_in_part((told + APART + told).encode(), len(told))
    await until(lambda: len(host.left) == 1)
    assert host.came == []


async def test_a_body_that_overtakes_another_ends_the_connection(host: Host, page: Page) -> None:
    slow = asyncio.create_task(page.post(HEAD.encode(), (APART + encoded()).encode(), pause_s=0.3))
    await asyncio.sleep(0.1)
    assert await page.post(f'42{PLACE},["told",1]'.encode()) == 400
    assert await slow == 400
    assert (host.came, len(host.left)) == ([], 1)


async def test_who_asks_again_before_the_answer_has_left_is_let_go(host: Host, page: Page) -> None:
    first = asyncio.create_task(page.hears())
    await until(lambda: bool(host.server.eio._polling), "the first waits for something to be told")
    assert (await page.hears())[0] == 400
    assert await first == (200, "")
    assert len(host.left) == 1 and not host.server.eio._polling


async def test_packets_of_bodies_count_before_they_are_looked_at(
    host: Host, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[tuple[int, int]] = []

    async def count(flow: Flow, size: int, frames: int) -> None:
        assert host.came == []
        waited.append((size, frames))

    monkeypatch.setattr(polling, "at_its_rate", count)
    told = f'42{PLACE},["told",1]'
    assert await page.post(APART.join([told] * 3).encode()) == 200
    assert waited == [(3 * len(told) + 2, 3)]


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
async def test_a_date_that_jumps_while_a_sign_of_life_is_awaited_ends_no_connection(
    jump_s: float, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.server.eio.ping_interval = 0.05
    own = time.time
    url = host.url.replace("polling", "websocket")
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as wire:
        await wire.receive()
        await wire.send_str(f"40{PLACE},")
        while (await wire.receive_str()) != "2":
            pass
        monkeypatch.setattr(time, "time", lambda: own() + jump_s)
        await host.server.emit("told", 1, namespace=PLACE)
        assert await wire.receive_str() == f'42{PLACE},["told",1]'
        await wire.send_str("3")
        assert await wire.receive_str() == "2", "the next one is asked for as ever"
    await until(lambda: len(host.left) == 1)
