"""The relay on the host, spoken to by an independent TURN client and by hand."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aioice import stun as their_stun
from aioice import turn as their_turn

from igym.host import stun_message as stun
from igym.host.turn import (
    ALLOCATE,
    CHANNEL_BIND,
    CHANNEL_NUMBER,
    CREATE_PERMISSION,
    LIFETIME,
    NONCE,
    PEER,
    REALM,
    REALM_NAME,
    REFRESH,
    RELAYED,
    TRANSPORT,
    Credentials,
    TurnServer,
    start_turn,
)

Message = stun.StunMessage


class Mailbox(asyncio.DatagramProtocol):
    """A UDP socket whose datagrams wait to be read."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.transport: Any = None
        self.gone = asyncio.Event()

    def connection_lost(self, error: Exception | None) -> None:
        self.gone.set()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.inbox.put_nowait(data)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.inbox.get(), 5)


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(b"secret")


@pytest.fixture
async def server(credentials: Credentials) -> AsyncIterator[TurnServer]:
    made = await start_turn(credentials, "127.0.0.1", "127.0.0.1", 0)
    yield made
    made.close()


@pytest.fixture
async def mailboxes() -> AsyncIterator[Any]:
    made: list[Mailbox] = []

    async def make() -> Mailbox:
        _, box = await asyncio.get_running_loop().create_datagram_endpoint(Mailbox, local_addr=("127.0.0.1", 0))
        made.append(box)
        return box

    yield make
    for box in made:
        box.transport.close()


async def their_endpoint(server: TurnServer, credentials: Credentials) -> tuple[Any, Mailbox]:
    username, password = credentials.issue()
    return await their_turn.create_turn_endpoint(  # type: ignore[return-value]
        Mailbox, server_addr=("127.0.0.1", server.port), username=username, password=password, lifetime=600
    )


async def test_an_independent_client_is_relayed_both_ways(
    server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    peer = await mailboxes()
    transport, client = await their_endpoint(server, credentials)
    relayed = transport.get_extra_info("sockname")

    transport.sendto(b"to the peer", peer.address)
    assert await peer.next() == b"to the peer"
    peer.transport.sendto(b"and back", relayed)
    assert await client.next() == b"and back"
    await closed(transport, client)


async def test_two_clients_reach_each_other_through_the_relay(server: TurnServer, credentials: Credentials) -> None:
    one, inbox_one = await their_endpoint(server, credentials)
    other, inbox_other = await their_endpoint(server, credentials)

    other.sendto(b"opens the door", one.get_extra_info("sockname"))
    one.sendto(b"hello", other.get_extra_info("sockname"))
    assert await inbox_other.next() == b"hello"
    other.sendto(b"hello yourself", one.get_extra_info("sockname"))
    received = [await inbox_one.next()]
    if received == [b"opens the door"]:
        received.append(await inbox_one.next())
    assert received[-1] == b"hello yourself"
    await closed(one, inbox_one)
    await closed(other, inbox_other)


async def closed(transport: Any, box: Mailbox) -> None:
    """Their client gives its allocation back before it is gone."""
    transport.close()
    await asyncio.wait_for(box.gone.wait(), 5)


class Conversation:
    """A TURN client by hand, for what a well-behaved one never does."""

    def __init__(self, box: Mailbox, server: TurnServer, credentials: Credentials) -> None:
        self.box, self.server = box, server
        self.username, self.password = credentials.issue()
        self.nonce = b""
        self.number = 0

    async def ask(self, method: int, attributes: dict[int, bytes], signed: bool = True) -> Message:
        self.number += 1
        transaction = struct.pack("!III", 0, 0, self.number)
        proof = {stun.USERNAME: self.username.encode(), REALM_NAME: REALM.encode(), NONCE: self.nonce}
        key = their_turn.make_integrity_key(self.username, REALM, self.password) if signed else None
        data = stun.build(method, transaction, {**attributes, **(proof if signed else {})}, key)
        self.box.transport.sendto(data, ("127.0.0.1", self.server.port))
        answer = stun.parse(await self.box.next())
        assert answer is not None and answer.transaction == transaction
        return answer

    async def allocate(self) -> Message:
        challenge = await self.ask(ALLOCATE, {TRANSPORT: b"\x11\0\0\0"}, signed=False)
        self.nonce = challenge.attributes[NONCE]
        return await self.ask(ALLOCATE, {TRANSPORT: b"\x11\0\0\0"})

    def peer(self, address: tuple[str, int]) -> dict[int, bytes]:
        return {PEER: stun.xor_address(address, struct.pack("!III", 0, 0, self.number + 1))}


def error_of(message: Message) -> int:
    value = message.attributes[stun.ERROR_CODE]
    return value[2] * 100 + value[3]


async def test_without_credentials_nothing_is_relayed(
    server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    challenge = await talk.ask(ALLOCATE, {TRANSPORT: b"\x11\0\0\0"}, signed=False)
    assert error_of(challenge) == 401
    talk.nonce = challenge.attributes[NONCE]
    talk.password = "guessed"
    assert error_of(await talk.ask(ALLOCATE, {TRANSPORT: b"\x11\0\0\0"})) == 401
    assert server.allocations == {}


async def test_credentials_end(server: TurnServer, mailboxes: Any) -> None:
    now = 1000.0
    server.credentials = Credentials(b"secret", lambda: now)
    talk = Conversation(await mailboxes(), server, server.credentials)
    talk.username, talk.password = server.credentials.issue(lifetime_s=60)
    assert (await talk.allocate()).kind == ALLOCATE | stun.SUCCESS
    now = 1061.0
    assert error_of(await talk.ask(REFRESH, {LIFETIME: struct.pack("!I", 600)})) == 401


async def test_an_old_nonce_is_named_and_the_new_one_works(
    server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    talk.nonce = b"from before the restart"
    stale = await talk.ask(ALLOCATE, {TRANSPORT: b"\x11\0\0\0"})
    assert error_of(stale) == 438
    talk.nonce = stale.attributes[NONCE]
    assert (await talk.ask(ALLOCATE, {TRANSPORT: b"\x11\0\0\0"})).kind == ALLOCATE | stun.SUCCESS


async def test_only_invited_peers_get_through(server: TurnServer, credentials: Credentials, mailboxes: Any) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    peer = await mailboxes()
    relayed = stun.read_xor_address((await talk.allocate()).attributes[RELAYED])
    peer.transport.sendto(b"uninvited", relayed)

    assert (await talk.ask(CREATE_PERMISSION, talk.peer(peer.address))).kind == CREATE_PERMISSION | stun.SUCCESS
    peer.transport.sendto(b"invited", relayed)

    indication = stun.parse(await talk.box.next())
    assert indication is not None and b"invited" in indication.attributes.values()
    assert not talk.box.inbox.qsize()


async def test_foreign_addresses_bad_channels_and_second_allocations_are_refused(
    server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    assert error_of(await _unallocated(talk)) == 437
    await talk.allocate()
    assert error_of(await talk.ask(ALLOCATE, {TRANSPORT: b"\x11\0\0\0"})) == 437
    assert error_of(await talk.ask(CREATE_PERMISSION, talk.peer(("8.8.8.8", 53)))) == 403
    assert error_of(await talk.ask(CREATE_PERMISSION, {})) == 400
    for number in (0x3FFF, 0x5000):
        bind = {**talk.peer(("127.0.0.1", 9)), CHANNEL_NUMBER: struct.pack("!HH", number, 0)}
        assert error_of(await talk.ask(CHANNEL_BIND, bind)) == 400
    assert error_of(await talk.ask(0x00F, {})) == 400


async def _unallocated(talk: Conversation) -> Message:
    challenge = await talk.ask(REFRESH, {}, signed=False)
    talk.nonce = challenge.attributes[NONCE]
    return await talk.ask(REFRESH, {})


async def test_an_allocation_ends_when_it_is_given_up(
    server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    await talk.allocate()
    assert len(server.allocations) == 1
    assert (await talk.ask(REFRESH, {LIFETIME: struct.pack("!I", 0)})).kind == REFRESH | stun.SUCCESS
    assert server.allocations == {}


async def test_noise_is_survived(server: TurnServer, credentials: Credentials, mailboxes: Any) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    await talk.allocate()
    target = ("127.0.0.1", server.port)
    for noise in (
        b"",
        b"\x40",
        b"\x40\x00\xff\xff",
        b"\x00\x16" + b"\0" * 30,
        b"x" * 1400,
        b"\x00\x03\x00\x08" + b"\0" * 24,
    ):
        talk.box.transport.sendto(noise, target)
    binding = their_stun.Message(their_stun.Method.BINDING, their_stun.Class.REQUEST)
    talk.box.transport.sendto(bytes(binding), target)
    answer = their_stun.parse_message(await talk.box.next())
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == talk.box.address


def test_messages_of_another_implementation_are_read_and_theirs_read_ours() -> None:
    key = b"0123456789abcdef"
    theirs = their_stun.Message(their_stun.Method.ALLOCATE, their_stun.Class.REQUEST)
    theirs.attributes["USERNAME"] = "somebody"
    theirs.add_message_integrity(key)
    parsed = stun.parse(bytes(theirs))
    assert parsed is not None and parsed.is_signed_with(key) and not parsed.is_signed_with(b"other")

    ours = stun.build(ALLOCATE | stun.SUCCESS, b"abcdefghijkl", {LIFETIME: struct.pack("!I", 600)}, key)
    read = their_stun.parse_message(ours)
    read.check_message_integrity(key)
    assert read.attributes["LIFETIME"] == 600
