"""However a connection sends, or stops reading, or says nothing at all: memory stays bounded and others are served."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from engineio.packet import Packet as EioPacket
from socketio.packet import EVENT, Packet

from igym.core.events import Event
from igym.host.base import rates
from igym.host.base.rates import Flow, Rate
from igym.host.engine.engine import Engine
from igym.host.http import lean_socket
from igym.host.http.polling import BETWEEN
from igym.host.inbox import Outcome
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import BROWSER, ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.sockets import bounded_sockets
from igym.host.sockets.bounded_sockets import RELAY_QUEUED, RELAY_QUEUED_BYTES, BoundedPacket, BoundedServer
from igym.host.sockets.own_pages import OwnPages
from igym.host.sockets.sockets import NAMESPACE
from igym.host.web import doorkeeper
from igym.host.web.doorkeeper import raise_file_limit
from igym.protocol.base import BinaryMessage
from igym.protocol.codec import SERVER_MESSAGES
from tests.host.conftest import PAIR, SURVEY, StartEngine
from tests.host.test_hostile_messages import arrived, facts
from tests.waiting import LIMIT_S, until

NewClient = Callable[[Engine], ParticipantClient]
SOCKET = "socket.io/?EIO=4&transport=websocket"
SILENT = 1100


@contextlib.asynccontextmanager
async def raw(client: ParticipantClient) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A participant's connection with nothing between the test and the wire."""
    async with (
        aiohttp.ClientSession(headers={"Cookie": client.cookie}) as http,
        http.ws_connect(client.url + "/" + SOCKET, max_msg_size=0) as wire,
    ):
        await wire.receive()
        await wire.send_str(f"40{NAMESPACE},")
        await wire.receive()
        yield wire


def broken() -> list[str | bytes]:
    return [
        "45999999999-/participant,[\"rows\",{\"_placeholder\":true,\"num\":0}]",
        "452-/participant,[\"rows\",{\"_placeholder\":true,\"num\":0}]",
        "450-/participant,[\"rows\"]",
        "45/participant,[\"rows\"]",
        "421-/participant,[\"rows\"]",
        "42/participant,[]",
        "42/participant,[1]",
        "42/participant,{\"a\":1}",
        "42/participant,[\"rows\"",
        "42/participant," + "[" * 100_000,
        "42/participant,[\"a\"," + "9" * 10_000 + "]",
        "44/participant,{}",
        "46999-/participant,[]",
        "49",
        "4",
        "4x",
        "9",
        "",
        "b",
        "4[" + "[" * 50_000,
        "3" + "[" * 50_000,
        b"\x00" * 100,
        b"",
        "451-/participant,[\"rows\",{\"_placeholder\":true,\"num\":7}]",
        "451-/participant,[\"rows\",{\"_placeholder\":true,\"num\":\"x\"}]",
        "42/elsewhere,[\"rows\"]",
        "42/participant,[\"connect\",{\"HTTP_COOKIE\":\"a=b\"}]",
        "42/participant,1[\"disconnect\",\"\"]",
        "451-/participant,[\"connect\",{\"_placeholder\":true,\"num\":0}]",
        "43/participant,99999[1]",
        "43/participant,[1]",
    ]  # fmt: skip


async def test_what_is_no_packet_ends_only_its_own_connection(
    start_engine: StartEngine, new_client: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    engine = await start_engine(SURVEY)
    neighbour, client = await arrived(engine, new_client), new_client(engine)
    await client.join()

    for packet in broken():
        async with raw(client) as wire:
            await (wire.send_str(packet) if isinstance(packet, str) else wire.send_bytes(packet))
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                for _ in range(20):
                    await wire.send_bytes(b"\x01" * 1000)
        assert (await neighbour.call("clock", {"t0_ms": 1.0}))["ok"], packet
        assert not [record for record in caplog.records if record.exc_info], f"{packet!r}: {caplog.text}"


def test_a_packet_announces_one_attachment_at_most() -> None:
    assert BoundedPacket(encoded_packet='51-/participant,["rows",{"_placeholder":true,"num":0}]').attachment_count == 1
    for count in (2, 45, 999_999_999):
        with pytest.raises(ValueError, match="attachments"):
            BoundedPacket(encoded_packet=f'5{count}-/participant,["rows",{{"_placeholder":true,"num":0}}]')


LIBRARYS_OWN = ("connect", "connect_error", "disconnect", "__disconnect_final", "*")


@pytest.mark.parametrize("namespace", ["", "/participant,", "/lab,", "/control,", "/monitor,"])
@pytest.mark.parametrize("name", LIBRARYS_OWN)
def test_no_page_says_what_the_library_says_itself(namespace: str, name: str) -> None:
    for packet in (f'2{namespace}["{name}",{{}}]', f'51-{namespace}7["{name}",{{"_placeholder":true,"num":0}}]'):
        with pytest.raises(ValueError, match="name"):
            BoundedPacket(encoded_packet=packet)
        assert BoundedPacket(encoded_packet=packet.replace(name, "hello")).data[0] == "hello"


class Handled:
    """A server of one namespace, and what its handlers were called for; `go` lets messages be dealt with."""

    def __init__(self, whole_views: tuple[str, ...] = ()) -> None:
        self.server, self.calls, self.go = BoundedServer(whole_views), list[str](), asyncio.Event()
        self.server.on("connect", self._connect, namespace="/p")
        self.server.on("disconnect", self._disconnect, namespace="/p")
        self.server.on("*", self._receive, namespace="/p")
        self.sid = ""

    async def _connect(self, sid: str, environ: Any, auth: Any = None) -> None:
        self.calls.append("connect")
        self.sid = sid

    async def _disconnect(self, sid: str, reason: str = "") -> None:
        self.calls.append("disconnect")

    async def _receive(self, name: str, sid: str, *arguments: Any) -> None:
        self.calls.append(name)
        await self.go.wait()

    @contextlib.asynccontextmanager
    async def wire(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with (
            self.listening() as port,
            aiohttp.ClientSession() as http,
            http.ws_connect(f"http://127.0.0.1:{port}/{SOCKET}") as wire,
        ):
            await wire.receive()
            await wire.send_str("40/p,")
            await wire.receive()
            yield wire

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        app = web.Application()
        self.server.attach(app)
        runner = web.AppRunner(app, shutdown_timeout=0.1)  # whose senders are held back at their rate for longer
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()


def _coroutines() -> set[str]:
    """Names of all that is waited for in the loop."""
    return set().union(*map(_waits_in, asyncio.all_tasks()))


def _waits_in(task: asyncio.Task[Any]) -> set[str]:
    names, waits = set[str](), cast(Any, task.get_coro())
    while waits is not None:
        names.add(getattr(waits, "__name__", ""))
        waits = getattr(waits, "cr_await", None)
    return names


@pytest.mark.parametrize("name", LIBRARYS_OWN)
async def test_who_says_the_librarys_own_is_let_go_and_no_handler_hears_it(name: str) -> None:
    handled = Handled()
    async with handled.wire() as wire:
        for _ in range(3):
            await wire.send_str(f'42/p,["{name}",{{"HTTP_COOKIE":"a=b"}}]')
        await until(lambda: "disconnect" in handled.calls, "the connection was ended")
    assert handled.calls == ["connect", "disconnect"]


async def test_who_goes_while_too_much_of_theirs_is_in_work_leaves_nothing_behind() -> None:
    handled = Handled()
    async with handled.wire() as wire:
        for _ in range(11):
            await wire.send_str('42/p,["x","' + "y" * 500_000 + '"]')
        await until(lambda: "_take_turn" in _coroutines(), "one waits for room")
        await handled.server.drop(handled.sid, "/p")
        handled.go.set()
        await until(lambda: not _coroutines() & {"_take_turn", "_handle_eio_message"}, "nobody waits for room")
    assert handled.calls[-1] == "disconnect" and not handled.server._in_work


async def test_a_packet_is_read_and_answered_without_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    handled, timers, loop = Handled(), list[float](), asyncio.get_running_loop()
    handled.go.set()
    begun = loop.call_at

    def call_at(when: float, *rest: Any, **named: Any) -> asyncio.TimerHandle:
        timers.append(when)
        return begun(when, *rest, **named)

    async with handled.wire() as wire:
        monkeypatch.setattr(loop, "call_at", call_at)
        for number in range(100):
            await wire.send_str(f'42/p,{number}["x",1]')
            assert (await wire.receive()).data == f"43/p,{number}[]"
        monkeypatch.undo()
    # Those of the whole connection, which are set every few seconds.
    assert len(timers) < 10


class Frames:
    """A connection that asks for compression as browsers do, and the frames that come over it as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def read(self) -> tuple[bool, bytes]:
        """Whether it is compressed, and what it carries."""
        first, length = await self._reader.readexactly(2)
        if length >= 126:
            length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8), "big")
        return bool(first & 0x40), await self._reader.readexactly(length)

    def send(self, text: str) -> None:
        """Masked with zeros, which change nothing."""
        self.writer.write(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text.encode())


@contextlib.asynccontextmanager
async def frames(port: int) -> AsyncIterator[Frames]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /{SOCKET} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    yield Frames(reader, writer)
    writer.close()


async def test_bytes_are_heard_whole_whether_or_not_somebody_waits_for_an_answer() -> None:
    handled, heard = Handled(), list[tuple[Any, ...]]()

    async def hear(name: str, sid: str, *arguments: Any) -> dict[str, Any]:
        heard.append((name, *arguments))
        return {"ok": True}

    handled.server.on("*", hear, namespace="/p")
    handled.server.at_once.add(("/p", "quick"))
    expected = list[tuple[Any, ...]]()
    async with handled.wire() as wire:
        for number in range(5):
            for name in ("quick", "slow"):
                for id in ("", str(number)):
                    await wire.send_str(f'451-/p,{id}["{name}",{{"_placeholder":true,"num":0}}]')
                    await wire.send_bytes(bytes((number,)))
                    expected.append((name, bytes((number,))))
                    if id:
                        assert (await wire.receive()).data == f'43/p,{id}[{{"ok":true}}]'
        await wire.send_str('42/p,7["last",{"n":1}]')
        assert (await wire.receive()).data == '43/p,7[{"ok":true}]'
    assert heard == [*expected, ("last", {"n": 1})]


async def test_what_comes_in_one_body_is_begun_in_the_order_in_which_it_was_said() -> None:
    handled = Handled()
    handled.server.at_once.add(("/p", "quick"))
    async with handled.listening() as port, aiohttp.ClientSession() as http:

        async def post(url: str, *said: str) -> None:
            async with http.post(url, data=BETWEEN.join(said)) as answer:
                assert answer.status == 200

        polled = f"http://127.0.0.1:{port}/{SOCKET.replace('websocket', 'polling')}"
        async with http.get(polled) as answer:
            polled += "&sid=" + json.loads((await answer.text())[1:])["sid"]
        await post(polled, "40/p,")
        handled.go.set()
        event, announced = '42/p,["{}",1]', '451-/p,["{}",{{"_placeholder":true,"num":0}}]'
        await post(polled, event.format("first"), event.format("quick"), announced.format("bytes"), "bYQ==",
                   event.format("last"))  # fmt: skip
        assert handled.calls == ["connect", "first", "quick", "bytes", "last"]


async def test_bytes_are_announced_as_the_library_does_it_each_time() -> None:
    handled = Handled()
    async with handled.wire() as wire:
        for number in range(3):
            for name in ("view", 'a "name"'):
                await handled.server.emit(name, bytes((number,)), to=handled.sid, namespace="/p")
                event = Packet(EVENT, namespace="/p", data=[name, bytes((number,))]).encode()
                assert [(await wire.receive()).data for _ in event] == [f"4{event[0]}", event[1]]


@pytest.mark.parametrize("packet", ["2", "6", "5", "9", '42/p,["quick"]', '451-/p,["x",{"_placeholder":true,"num":0}]'])
async def test_whatever_many_packets_say_others_have_their_turn_between_them(
    monkeypatch: pytest.MonkeyPatch, packet: str
) -> None:
    handled, turns, read = Handled(), [0], bounded_sockets._Wire.wait
    handled.go.set()
    handled.server.at_once.add(("/p", "quick"))

    async def others() -> None:
        while True:
            turns.append(0)
            await asyncio.sleep(0)

    async def wait(wire: Any) -> Any:
        data = await read(wire)
        turns[-1] += data is not None
        return data

    async with handled.listening() as port, frames(port) as wire:
        monkeypatch.setattr(bounded_sockets._Wire, "wait", wait)
        wire.send("40/p,")
        await until(lambda: handled.calls == ["connect"], "somebody is let in")
        elsewhere = asyncio.create_task(others())
        for _ in range(500):
            wire.send(packet)
        wire.send("1")
        await until(lambda: handled.calls[-1] == "disconnect", "all of it was read, or it was ended")
        elsewhere.cancel()
    assert max(turns) <= 2, "no more than what was announced together with what announced it"


SENT = {"a ping": 0x89, "a pong": 0x8A, "text": 0x81, "bytes": 0x82}


@pytest.mark.parametrize("kind", SENT)
async def test_frames_count_before_anything_is_made_of_them(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(rates, "FRAMES", Rate(0.001, 100))
    handled, read, pong = Handled(), list[str](), web.WebSocketResponse.pong
    handled.go.set()

    async def heard(*_: Any) -> None:
        read.append(kind)

    async def answer(wire: Any, message: bytes = b"") -> None:
        read.append(kind)
        await pong(wire, message)

    monkeypatch.setattr(handled.server, "_handle_eio_message", heard)
    handled.server.eio.handlers["message"] = heard
    monkeypatch.setattr(web.WebSocketResponse, "pong", answer)
    async with handled.listening() as port, frames(port) as wire:
        body = b"42" if kind == "text" else b""
        wire.writer.write(bytes((SENT[kind], 0x80 + len(body), 0, 0, 0, 0)) + body)
        await until(lambda: read or kind == "a pong", "the first is read")
        wire.writer.write((bytes((SENT[kind], 0x80 + len(body), 0, 0, 0, 0)) + body) * 200)
        await until(lambda: "at_its_rate" in _coroutines(), "it is read no faster")
        # So far, and no further for as long as a hundred more take.
        assert len(read) <= 101


async def test_others_have_their_turn_between_pings_of_the_websocket_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    handled, turns, pong = Handled(), [0], web.WebSocketResponse.pong

    async def others() -> None:
        while True:
            turns.append(0)
            await asyncio.sleep(0)

    async def answer(wire: Any, message: bytes = b"") -> None:
        turns[-1] += 1
        await pong(wire, message)

    monkeypatch.setattr(web.WebSocketResponse, "pong", answer)
    async with handled.listening() as port, frames(port) as wire:
        elsewhere = asyncio.create_task(others())
        ping, unasked = bytes((0x89, 0x80, 0, 0, 0, 0)), bytes((0x8A, 0x80, 0, 0, 0, 0))
        wire.writer.write((ping + unasked) * 500)
        await until(lambda: sum(turns) == 500, "each is answered")
        elsewhere.cancel()
    assert max(turns) == 1


async def test_others_have_their_turn_while_a_connection_is_ended_that_goes_on_to_send(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handled, turns, took, close = Handled(), 0, list[int](), bounded_sockets._Wire.close

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def counted(wire: Any) -> None:
        begun = turns
        await close(wire)
        took.append(turns - begun)

    monkeypatch.setattr(bounded_sockets._Wire, "close", counted)
    async with handled.listening() as port, frames(port) as wire:
        elsewhere = asyncio.create_task(others())
        wire.send("9")
        wire.writer.write(bytes((0x8A, 0x80, 0, 0, 0, 0)) * 500 + bytes((0x88, 0x80, 0, 0, 0, 0)))
        await until(lambda: bool(took), "it is ended")
        elsewhere.cancel()
    assert took[0] > 400, "about as many turns as there are frames"


async def test_who_asks_for_empty_answers_again_and_again_is_not_given_them() -> None:
    handled = Handled()
    async with handled.wire() as wire:
        for _ in range(100):
            await wire.send_str("5")
        await wire.send_str('42/p,1["x"]')
        handled.go.set()
        assert (await wire.receive_str()) == "43/p,1[]"
    async with handled.listening() as port, aiohttp.ClientSession() as http:
        polled = f"http://127.0.0.1:{port}/{SOCKET.replace('websocket', 'polling')}"
        async with http.get(polled) as answer:
            polled += "&sid=" + json.loads((await answer.text())[1:])["sid"]
        [connection] = [one for one in handled.server.eio.sockets.values() if not one.closed]
        await (await http.post(polled, data=BETWEEN.join(["5"] * 1000))).release()
        assert connection.queue.empty()


async def test_text_where_bytes_were_announced_ends_the_connection() -> None:
    handled = Handled()
    async with handled.wire() as wire:
        await wire.send_str('451-/p,["x",{"_placeholder":true,"num":0}]')
        await wire.send_str('42/p,["y"]')
        await until(lambda: "disconnect" in handled.calls, "the connection was ended")
    assert handled.calls == ["connect", "disconnect"]


async def test_a_handler_that_fails_ends_nobodys_connection(caplog: pytest.LogCaptureFixture) -> None:
    handled = Handled()

    async def fail(name: str, sid: str, *arguments: Any) -> None:
        handled.calls.append(name)
        if name != "last":
            raise ValueError("a fault of the program")

    handled.server.on("*", fail, namespace="/p")
    handled.server.at_once.add(("/p", "quick"))
    async with handled.wire() as wire:
        for name in ("quick", "slow", "last"):
            await wire.send_str(f'42/p,["{name}"]')
        await until(lambda: "last" in handled.calls, "what follows is heard")
        assert handled.calls == ["connect", "quick", "slow", "last"]
        assert not handled.server._in_work[next(iter(handled.server._in_work))].size
    assert "a fault of the program" in caplog.text


async def test_only_what_is_large_is_compressed_and_each_message_by_itself() -> None:
    handled = Handled()
    async with handled.listening() as port, frames(port) as wire:
        await wire.read()
        wire.send("40/p,")
        await wire.read()
        for text in ("small", "large" * 1000, "small again", "large" * 1000):
            await handled.server.emit("x", text, namespace="/p", to=handled.sid)
            compressed, data = await wire.read()
            assert compressed is text.startswith("large")
            # Made anew for each: what came before is not needed to read it.
            told = zlib.decompressobj(-15).decompress(data + b"\0\0\xff\xff") if compressed else data
            assert told.decode() == f'42/p,["x","{text}"]'


async def test_whoever_sends_to_a_page_that_reads_slowly_does_not_wait_for_it() -> None:
    handled = Handled()
    async with handled.wire() as wire:
        [connection] = handled.server.eio.sockets.values()
        await until(lambda: connection._idle is not None, "its writer has nothing to do")
        writer = connection._idle._sock._writer
        # As after more was sent than the way takes, of which the page has read the larger part.
        writer.protocol.pause_writing()
        writer._output_size = 1_000_000
        said = asyncio.create_task(handled.server.emit("x", "small", namespace="/p", to=handled.sid))
        for _ in range(5):
            await asyncio.sleep(0)
        assert said.done(), "what waits is the connection's own writer"
        writer.protocol.resume_writing()
        assert await wire.receive_str() == '42/p,["x","small"]'


async def test_what_is_written_at_once_overtakes_nothing() -> None:
    handled = Handled()
    async with handled.wire() as wire:
        sizes = [10, 5_000, 10, 100_000, *[10] * 50, 2_000, 10]
        for number, size in enumerate(sizes):
            await handled.server.emit("x", (number, "y" * size), namespace="/p", to=handled.sid)
            await handled.server.emit("x", (number, b"z" * size), namespace="/p", to=handled.sid)
        for number, size in enumerate(sizes):
            assert (await wire.receive()).data == f'42/p,["x",{number},"{"y" * size}"]'
            assert (await wire.receive()).data.startswith("451-/p,")
            assert (await wire.receive()).data == b"z" * size


async def test_who_stops_reading_is_let_go_before_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_sockets, "MOST_QUEUED_BYTES", 1024 * 1024)
    monkeypatch.setattr(lean_socket, "LAST_WORDS_S", 0.2)
    handled = Handled()
    async with handled.wire() as wire:
        wire._response.connection.transport.pause_reading()  # type: ignore[union-attr]
        async with asyncio.timeout(LIMIT_S):
            while "disconnect" not in handled.calls:
                await handled.server.emit("x", "y" * 100_000, namespace="/p", to=handled.sid)
                await asyncio.sleep(0)
        wire._response.close()


async def test_what_waits_for_a_receiver_is_no_more_than_a_page_that_is_loaded_again_is_told(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sum(kind.max_bytes for kind in SERVER_MESSAGES.values() if not issubclass(kind, BinaryMessage)) <= (
        bounded_sockets.MOST_QUEUED_BYTES
    )
    monkeypatch.setattr(lean_socket, "LAST_WORDS_S", 0.2)
    engine = await start_engine(SURVEY)
    client = new_client(engine)
    await client.join()
    async with raw(client) as wire:
        wire._response.connection.transport.pause_reading()  # type: ignore[union-attr]
        pages = cast(OwnPages, engine.pages)
        [connection] = pages.connections.all()
        [socket] = engine.server.eio.sockets.values()
        most = 0
        async with asyncio.timeout(LIMIT_S):
            while pages.connections.all():
                await engine.server.emit("x", "y" * 1_000_000, namespace=NAMESPACE, to=connection.sid)
                await asyncio.sleep(0)
                most = max(most, socket.queue.bytes)
        assert most <= bounded_sockets.MOST_QUEUED_BYTES + 1_000_100
        wire._response.close()
    told = [line for line, _ in engine.journal.recent if line["data"].get("participant") == client.participant]
    assert any("reads nothing" in line["text"] for line in told)
    back = await arrived(engine, new_client)
    assert (await back.call("clock", {"t0_ms": 1.0}))["ok"]


async def test_who_watches_the_whole_session_may_have_more_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_sockets, "MOST_QUEUED_BYTES", 1000)
    handled = Handled(whole_views=("/p",))
    async with handled.wire() as wire:
        for number in range(10):
            await handled.server.emit("x", (number, "y" * 5000), namespace="/p", to=handled.sid)
        for number in range(10):
            assert (await wire.receive_str()).startswith(f'42/p,["x",{number},')


async def test_a_connection_whose_task_is_broken_off_ends_in_order() -> None:
    handled = Handled()
    async with handled.wire() as wire:
        for _ in range(11):
            await wire.send_str('42/p,["x","' + "y" * 500_000 + '"]')
        await until(lambda: "_take_turn" in _coroutines(), "it is in the midst of a message")
        [task] = [task for task in asyncio.all_tasks() if "_websocket_handler" in _waits_in(task)]
        task.cancel()
        assert (await wire.receive()).type is aiohttp.WSMsgType.CLOSE
        await until(lambda: handled.calls[-1] == "disconnect", "its end was told")
        await until(lambda: not _coroutines() & {"_write_to", "_read_from", "_watch"}, "nothing of it is left")
        handled.go.set()


async def test_who_neither_reads_nor_answers_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean_socket, "LAST_WORDS_S", 0.2)
    monkeypatch.setattr(bounded_sockets, "MOST_QUEUED_BYTES", 48 * 1024 * 1024)
    handled = Handled()
    handled.server.eio.ping_interval = handled.server.eio.ping_timeout = 0.2
    async with handled.wire() as wire:
        wire._response.connection.transport.pause_reading()  # type: ignore[union-attr]
        for _ in range(200):
            await handled.server.emit("x", "y" * 100_000, namespace="/p", to=handled.sid)
        await until(lambda: "send" in _coroutines(), "the receiver does not keep up")
        await until(lambda: not _coroutines() & {"_write_to", "_read_from", "_watch"}, "nothing of it is left")
        wire._response.close()
    assert handled.calls == ["connect", "disconnect"]


async def test_a_close_that_fails_does_not_keep_the_connection() -> None:
    class Broken:
        async def send(self, message: str) -> None:
            raise ConnectionResetError

        async def close(self) -> None:
            self.closed = True
            raise RuntimeError("nobody there")

    handled, wire = Handled(), Broken()
    socket = lean_socket.LeanSocket(handled.server.eio, "a")
    await socket.queue.put(EioPacket(4, "x"))
    await asyncio.wait_for(socket._write_to(wire), LIMIT_S)
    assert wire.closed


async def test_what_is_said_where_nobody_was_let_in_does_not_count_as_in_work() -> None:
    handled = Handled()
    handled.go.set()
    async with handled.wire() as wire:
        for _ in range(11):
            await wire.send_str('42/elsewhere,["x","' + "y" * 500_000 + '"]')
        await wire.send_str('42/p,["after"]')
        await until(lambda: "after" in handled.calls, "messages are still dealt with")


@pytest.mark.parametrize(
    "data",
    [
        *(b"x", bytearray(b"x"), "", {}, [[]], ["x", 1, None, True, 2.5], [{"a": [1, {"b": b""}]}]),
        *({"rows": [{"a": 1}, {"a": [b"x"]}]}, {"rows": [{"a": 1}, {"a": ["x"]}]}),
    ],
)
def test_bytes_are_found_wherever_the_library_finds_them(data: Any) -> None:
    assert BoundedPacket.data_is_binary(data) is Packet.data_is_binary(data)


def test_a_flow_beyond_its_rate_waits_as_long_as_it_is_ahead() -> None:
    flow = Flow(0.0)
    assert flow.wait_s(8 * 1024 * 1024, 0.0) == 0.0
    assert flow.wait_s(1024 * 1024, 0.0) == pytest.approx(0.5)
    assert flow.wait_s(1024 * 1024, 10.0) == 0.0


async def test_a_partner_who_stopped_reading_gets_no_more_than_a_few_packets(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(PAIR)
    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=1500, speed=1)) for seed in (1, 2)]
    tasks = [asyncio.create_task(player.run()) for player in players]
    await until(lambda: any(match["state"] == "playing" for match in facts(engine)[1]))
    deaf = new_client(engine)
    deaf.cookie = players[1].client.cookie
    sender = players[0].client
    seats = engine.begun.session.state.matches["m001"].seats
    to = next(seat.player for seat in seats if seat.participant == players[1].client.participant)
    tasks[1].cancel()
    await asyncio.gather(tasks[1], return_exceptions=True)

    async with raw(deaf) as wire:
        await wire.send_str(f'42{NAMESPACE},1["hello",{_hello(deaf)}]')
        await until(lambda: engine.queries.live_connection(players[1].client.participant) is not None)
        wire._response.connection.transport.pause_reading()  # type: ignore[union-attr]
        # So much may come at once; more would come at the pace of `Flow`.
        for _ in range(500):
            await sender.send("relay", bytes((1, to)) + b"x" * 16_000)
        await sender.call("clock", {"t0_ms": 1.0})
        waiting = [socket.queue for socket in engine.server.eio.sockets.values()]
        held = [sum(len(packet.data or "") for packet in queue._queue) for queue in waiting]
        assert max(queue.qsize() for queue in waiting) <= RELAY_QUEUED + 100
        assert max(held) <= RELAY_QUEUED_BYTES + 200_000
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _hello(client: ParticipantClient) -> str:
    return json.dumps({"protocol": 1, "tab": client.tab, "browser": BROWSER, "visit": None})


async def test_who_answers_no_ping_of_the_connection_is_let_go(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)
    monkeypatch.setattr(engine.server.eio, "ping_interval", 0.2)
    monkeypatch.setattr(engine.server.eio, "ping_timeout", 0.2)
    client = new_client(engine)
    await client.join()
    async with raw(client) as wire:
        await until(lambda: engine.pages.connected == 1, "the connection stands")
        async with asyncio.timeout(LIMIT_S):
            while (await wire.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        await until(lambda: engine.pages.connected == 0, "nobody is there any more")


async def test_a_thousand_silent_connections_keep_nobody_out(start_engine: StartEngine, new_client: NewClient) -> None:
    assert raise_file_limit() > 3 * SILENT
    engine = await start_engine(SURVEY)
    held = [await _connected(engine) for _ in range(SILENT)]

    client = await arrived(engine, new_client)

    assert (await client.call("clock", {"t0_ms": 1.0}))["ok"]
    assert "One computer opens too many connections" in str(engine.problems.to_json())
    for _, writer in held:
        writer.close()


async def test_a_header_or_body_that_never_ends_is_given_up_and_a_slow_answer_is_not(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorkeeper, "HEADER_LIMIT_S", 0.3)
    monkeypatch.setattr(doorkeeper, "BODY_LIMIT_S", 0.3)
    engine = await start_engine(SURVEY)
    slow = [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ",
        b"POST /api/join HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{",
    ]
    held = [await _connected(engine, begin) for begin in slow]

    answers = await asyncio.wait_for(asyncio.gather(*(_all(reader) for reader, _ in held)), LIMIT_S)

    assert answers[:2] == [b"", b""] and b"408" in answers[2].splitlines()[0]
    for _, writer in held:
        writer.close()
    submit = engine.runtime.submit

    async def late(event: Event) -> Outcome:
        await asyncio.sleep(2 * doorkeeper.BODY_LIMIT_S)
        return await submit(event)

    monkeypatch.setattr(engine.runtime, "submit", late)
    client = await arrived(engine, new_client)
    assert list(engine.begun.session.state.participants) == [client.participant]
    assert (await client.call("clock", {"t0_ms": 1.0}))["ok"]


async def _connected(engine: Engine, begin: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", engine.ready.port, family=socket.AF_INET)  # type: ignore[attr-defined]
    writer.write(begin)
    return reader, writer


async def _all(reader: asyncio.StreamReader) -> bytes:
    found: Any = b""
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(4096):
            found += piece
            if b"408" in found:
                break
    return bytes(found)
