"""A Redis server that fits is found or said to be none; what is published arrives after a silent loss, too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from redis.asyncio import from_url

from igym.host.base.errors import HostError
from igym.host.base.spawn import REDIS_VARIABLE
from igym.host.cluster import redis_bus
from igym.host.cluster.edge import Edge, EdgeOptions
from igym.host.cluster.redis_bus import RedisBus, checked_server
from tests.cluster.servers import Redis
from tests.host.conftest import SURVEY, StartEngine
from tests.ports import free_port
from tests.waiting import LIMIT_S, until


class Between:
    """Carries bytes to Redis and back; connections that were made before `deafen` carry nothing any more."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = 0

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    def deafen(self) -> None:
        self._turn += 1

    def close(self) -> None:
        self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_connection("127.0.0.1", self._port)
        turn = self._turn
        await asyncio.gather(self._copy(reader, to_redis, turn), self._copy(from_redis, writer, turn))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turn: int) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if turn == self._turn:
                    writer.write(data)
        writer.close()


async def test_a_listener_whose_connection_fell_silent_makes_another(
    bus: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_bus, "SILENT_S", 0.3)
    monkeypatch.setattr(redis_bus, "PING_EVERY_S", 0.1)
    between = Between(bus.port)
    listener, speaker = RedisBus(await between.start(), lambda _: None), RedisBus(bus.url, lambda _: None)
    came: list[bytes] = []
    listening = asyncio.create_task(listener.listen("channel", came.append))

    async def arrives(word: bytes) -> None:
        async with asyncio.timeout(30):
            while word not in came:
                await speaker.publish([("channel", word)])
                await asyncio.sleep(0.05)

    await arrives(b"first")
    between.deafen()
    await arrives(b"second")
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await listener.close()
    await speaker.close()
    between.close()


async def test_a_connection_that_closes_while_it_is_made_is_made_anew(
    bus: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, speaker, told = RedisBus(bus.url), RedisBus(bus.url), list[object]()
    listener._tell = told.append
    usual = listener.client.pubsub

    def closes_once(**options: Any) -> Any:
        made = usual(**options)

        async def closed(*_: str) -> None:
            # The words of uvloop 0.22.
            raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

        if not told:
            made.subscribe = closed
        return made

    monkeypatch.setattr(listener.client, "pubsub", closes_once)
    came: list[bytes] = []
    listening = asyncio.create_task(listener.listen("channel", came.append))
    async with asyncio.timeout(30):
        while not came:
            assert not listening.done()
            await speaker.publish([("channel", b"word")])
            await asyncio.sleep(0.05)
    assert told[:1] == ["away"]
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await listener.close()
    await speaker.close()


LAST_ID = "18446744073709551615-18446744073709551615"
"""After it a stream takes nothing any more."""


@pytest.mark.parametrize("spoil", ["another type", "the last number"])
async def test_what_stands_in_the_place_of_one_stream_costs_the_others_nothing(bus: Redis, spoil: str) -> None:
    told: list[str] = []
    ours = RedisBus(bus.url, log=told.append)
    came: list[bytes] = []
    async with from_url(bus.url) as stranger:
        assert await ours.append([("first", b"1"), ("second", b"1")])
        if spoil == "another type":
            await stranger.set("spoilt", "text")
        else:
            await stranger.xadd("spoilt", {"p": b"junk"}, id=LAST_ID)
        following = asyncio.create_task(ours.follow("spoilt", came.append))
        if spoil == "the last number":
            await until(lambda: came == [b"junk"], lambda: came)
        batch = [("first", b"2"), ("spoilt", b"2"), ("second", b"2")]

        await until_true(lambda: ours.append(batch))
        await until(lambda: b"2" in came, lambda: came)

        for stream in ("first", "second"):
            assert [parts[b"p"] for _, parts in await stranger.xrange(stream)][:2] == [b"1", b"2"]
        assert ours.is_there, "that is no fault of the server"
        assert told and all("spoilt" in line and "first" not in line and "second" not in line for line in told), told
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await ours.close()


async def until_true(ask: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not await ask():
            pass


async def test_a_redis_server_that_refuses_or_is_too_old_is_said_at_the_start(
    bus: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await checked_server(bus.url)
    monkeypatch.setattr(redis_bus, "NEEDED", (99, 0))
    with pytest.raises(HostError, match=r"of version \d+\.\d+"):
        await checked_server(bus.url)
    monkeypatch.undo()
    async with from_url(bus.url) as administrator:
        await administrator.config_set("requirepass", "right")
    for password in ("", "wrong"):
        monkeypatch.setenv(REDIS_VARIABLE, password)
        with pytest.raises(HostError, match="asks for a password"):
            await checked_server(bus.url)
        with pytest.raises(HostError, match="asks for a password"):
            await Edge(EdgeOptions(bus.url, port=free_port(), address="127.0.0.1")).start()
    monkeypatch.setenv(REDIS_VARIABLE, "right")
    await checked_server(bus.url)
    await checked_server(f"redis://127.0.0.1:{free_port()}/0")


WITH_PASSWORD = ("--requirepass", "right")
STUDY = {"public_url": "http://127.0.0.1/", "trusted_proxy": "127.0.0.1"}


@pytest.mark.parametrize("study", ["", "igym_survey"])
async def test_a_redis_server_that_comes_after_an_edge_is_asked_when_it_comes(bus: Redis, study: str) -> None:
    bus.crash()
    edge = Edge(EdgeOptions(bus.url, study, port=free_port(), address="127.0.0.1"))
    starting = asyncio.create_task(edge.start())
    await until(lambda: any("does not answer" in line["text"] for line, _ in edge.journal.recent), "it waits")
    await asyncio.to_thread(bus.start, *WITH_PASSWORD)
    with pytest.raises(HostError, match="asks for a password"):
        await starting


async def test_a_redis_server_that_comes_after_a_core_is_asked_when_it_comes(
    bus: Redis, start_on_file: StartEngine, own_url: str
) -> None:
    bus.crash()
    engine = await start_on_file(SURVEY, database=own_url, redis=bus.url, **STUDY)
    await until(lambda: "Redis does not answer" in str(engine.problems.to_json()), "the researcher is told")
    await asyncio.to_thread(bus.start, *WITH_PASSWORD)
    await asyncio.wait_for(engine.stopped.wait(), LIMIT_S)
    assert engine.has_failed
    assert any(redis_bus.WRONG_PASSWORD in line["text"] for line, _ in engine.journal.recent)


async def test_a_password_that_is_refused_in_mid_session_is_told_and_waited_for(
    start_behind_edge: StartEngine, bus: Redis, edges: list[Edge]
) -> None:
    engine = await start_behind_edge(SURVEY)
    bus.crash()
    await asyncio.to_thread(bus.start, *WITH_PASSWORD)
    await until(lambda: "Redis refuses the password" in str(engine.problems.to_json()), "the researcher is told")
    await until(lambda: any("refuses the password" in line["text"] for line, _ in edges[0].journal.recent), "the edge")
    bus.crash()
    await asyncio.to_thread(bus.start)
    await until(lambda: "Redis" not in str(engine.problems.to_json()) and edges[0].is_well, "all goes on")
