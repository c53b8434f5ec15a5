"""UDP goes on after an error, where asyncio would read no further: Windows, once a peer has closed its port."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from igym.host.ice import datagrams
from igym.host.ice import stun_message as stun
from igym.host.ice.datagrams import LastingDatagrams
from igym.host.ice.turn import TurnServer, start_turn
from tests.waiting import until

RESET = ConnectionResetError(10054, "An existing connection was forcibly closed by the remote host")


def go_deaf(endpoint: LastingDatagrams) -> None:
    """As Windows' loop does: the error is told, and nothing is read from that socket any more."""
    transport: Any = endpoint._transport
    transport._loop._remove_reader(transport._sock_fd)
    endpoint.error_received(RESET)


@pytest.fixture(autouse=True)
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagrams, "GOES_DEAF", True)


class Asker(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answers: list[bytes] = []

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.answers.append(data)


async def is_answered(server: TurnServer, port: int) -> None:
    transport, asker = await asyncio.get_running_loop().create_datagram_endpoint(Asker, remote_addr=("127.0.0.1", port))
    # Sent again and again, as browsers do: what comes while the endpoint is opened again is lost.
    for _ in range(100):
        transport.sendto(stun.build(1, bytes(12), {}))
        with contextlib.suppress(AssertionError):
            await until(lambda: asker.answers, "answer", 0.1)
            break
    transport.close()
    assert asker.answers


async def test_stun_answers_on_the_same_port_after_an_error() -> None:
    server = await start_turn(None, "127.0.0.1", "127.0.0.1", 0)
    port = server.port
    await is_answered(server, port)
    for _ in range(3):
        go_deaf(server)
        await is_answered(server, port)
    assert server.port == port
    server.close()


async def test_errors_that_come_together_open_it_once_again_and_a_closed_one_stays_closed() -> None:
    opened: list[object] = []

    class Counting(LastingDatagrams):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            opened.append(transport)
            super().connection_made(transport)

    loop = asyncio.get_running_loop()
    _, endpoint = await loop.create_datagram_endpoint(Counting, local_addr=("127.0.0.1", 0))
    go_deaf(endpoint)
    go_deaf(endpoint)
    await until(lambda: len(opened) == 2, "opened again")
    endpoint.close()
    endpoint.error_received(RESET)
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(opened) == 2


async def test_a_relay_goes_on_relaying(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[bytes] = []

    class Relay(LastingDatagrams):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            received.append(data)

    loop = asyncio.get_running_loop()
    _, relay = await loop.create_datagram_endpoint(Relay, local_addr=("127.0.0.1", 0))
    address = relay.get_extra_info("sockname")
    _, peer = await loop.create_datagram_endpoint(Relay, local_addr=("127.0.0.1", 0))
    go_deaf(relay)
    await until(lambda: relay._reopening is None, "opened again")
    peer.sendto(b"from the peer", address)
    await until(lambda: received == [b"from the peer"], "datagram")
    relay.sendto(b"and back", peer.get_extra_info("sockname"))
    await until(lambda: received == [b"from the peer", b"and back"], "answer")
    relay.close()
    peer.close()
