"""The relay on the host, spoken to by an independent TURN client and by hand."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aioice import stun as their_stun
from aioice import turn as their_turn

from igym.host.ice import stun_message as stun
from igym.host.ice.relay_guests import RelayGuests
from igym.host.ice.turn import (
    ALLOCATE,
    CHANNEL_BIND,
    CHANNEL_NUMBER,
    CREATE_PERMISSION,
    DATA_VALUE,
    LIFETIME,
    MAX_OF_ONE_GUEST,
    NONCE,
    PEER,
    REALM_NAME,
    REFRESH,
    RELAYED,
    SEND,
    TRANSPORT,
    TurnServer,
    start_turn,
)
from igym.host.ice.turn_allocation import MAX_PERMISSIONS
from igym.host.ice.turn_credentials import REALM, Credentials
from igym.protocol.server import Ice, ProbeStart
from tests.waiting import LIMIT_S

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
        return await asyncio.wait_for(self.inbox.get(), LIMIT_S)


PEERS_COMPUTER = "127.0.0.2"
"""Of 127.0.0.0/8, every address is this computer's; here only one of them counts as the host's."""


@pytest.fixture
def guests() -> RelayGuests:
    made = RelayGuests(Credentials(b"secret"), lambda: 0.0)
    made.came("p1", "127.0.0.1")
    made.came("p2", PEERS_COMPUTER)
    return made


@pytest.fixture
def credentials(guests: RelayGuests) -> Credentials:
    return guests.credentials


@pytest.fixture
async def server(guests: RelayGuests) -> AsyncIterator[TurnServer]:
    made = await start_turn(
        guests.credentials, "127.0.0.1", "127.0.0.1", 0, guests, lambda address: address in ("127.0.0.1", "192.0.2.1")
    )
    yield made
    made.close()


@pytest.fixture
async def mailboxes() -> AsyncIterator[Any]:
    made: list[Mailbox] = []

    async def make(address: str = "127.0.0.1") -> Mailbox:
        _, box = await asyncio.get_running_loop().create_datagram_endpoint(Mailbox, local_addr=(address, 0))
        made.append(box)
        return box

    yield make
    for box in made:
        box.transport.close()


async def their_endpoint(server: TurnServer, credentials: Credentials) -> tuple[Any, Mailbox]:
    username, password = credentials.issue("p1")
    return await their_turn.create_turn_endpoint(  # type: ignore[return-value]
        Mailbox, server_addr=("127.0.0.1", server.port), username=username, password=password, lifetime=600
    )


async def test_an_independent_client_is_relayed_both_ways(
    server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    peer = await mailboxes(PEERS_COMPUTER)
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
    await asyncio.wait_for(box.gone.wait(), LIMIT_S)


class Conversation:
    """A TURN client by hand, for what a well-behaved one never does."""

    def __init__(self, box: Mailbox, server: TurnServer, credentials: Credentials) -> None:
        self.box, self.server = box, server
        self.username, self.password = credentials.issue("p1")
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
    talk.username, talk.password = server.credentials.issue("p1", lifetime_s=60)
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
    peer = await mailboxes(PEERS_COMPUTER)
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


async def test_credentials_are_a_participants_own_and_end_when_they_leave(mailboxes: Any) -> None:
    now = 0.0
    guests = RelayGuests(Credentials(b"secret"), lambda: now)
    guests.came("p1", "127.0.0.1")
    server = await start_turn(guests.credentials, "127.0.0.1", "127.0.0.1", 0, guests)
    talk = Conversation(await mailboxes(), server, guests.credentials)
    assert talk.username.endswith(":p1")
    assert (await talk.allocate()).kind == ALLOCATE | stun.SUCCESS
    talk.username = talk.username.replace("p1", "p2")
    assert error_of(await talk.ask(REFRESH, {})) == 401
    talk.username = talk.username.replace("p2", "p1")
    guests.went("p1", "127.0.0.1")
    now = 60.0  # who lost the connection may come back
    assert (await talk.ask(REFRESH, {})).kind == REFRESH | stun.SUCCESS
    now = 600.0
    assert error_of(await talk.ask(REFRESH, {})) == 401
    server.close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.3", "192.0.2.1", "169.254.169.254", "10.0.0.7", "192.168.1.1", "224.0.0.1", "0.0.0.0", "255.255.255.255"],
)
async def test_only_people_who_are_here_are_reached(
    address: str, server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    """Not this computer's other addresses, not its network's devices, not the addresses of clouds' own services."""
    talk = Conversation(await mailboxes(), server, credentials)
    await talk.allocate()
    assert error_of(await talk.ask(CREATE_PERMISSION, talk.peer((address, 80)))) == 403
    bind = {**talk.peer((address, 80)), CHANNEL_NUMBER: struct.pack("!HH", 0x4000, 0)}
    assert error_of(await talk.ask(CHANNEL_BIND, bind)) == 403


async def test_the_hosts_own_doors_stay_shut_while_its_relays_are_open(
    server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    await talk.allocate()
    door, friend = await mailboxes(), await mailboxes(PEERS_COMPUTER)
    for peer in (door, friend):
        await talk.ask(CREATE_PERMISSION, talk.peer(peer.address))
    for peer in (door, friend):
        transaction = b"abcdefghijkl"
        attributes = {PEER: stun.xor_address(peer.address, transaction), DATA_VALUE: b"knock"}
        data = stun.build(SEND | stun.INDICATION, transaction, attributes)
        talk.box.transport.sendto(data, ("127.0.0.1", server.port))
    assert await friend.next() == b"knock"
    assert not door.inbox.qsize()


async def test_one_person_opens_few_relays_and_few_permissions(
    server: TurnServer, credentials: Credentials, guests: RelayGuests, mailboxes: Any
) -> None:
    talks = [Conversation(await mailboxes(), server, credentials) for _ in range(MAX_OF_ONE_GUEST + 1)]
    answers = [await talk.allocate() for talk in talks]
    assert {answer.kind for answer in answers[:-1]} == {ALLOCATE | stun.SUCCESS}
    assert error_of(answers[-1]) == 486
    other = Conversation(await mailboxes(), server, credentials)
    other.username, other.password = credentials.issue("p2")
    assert (await other.allocate()).kind == ALLOCATE | stun.SUCCESS
    for number in range(MAX_PERMISSIONS + 1):
        guests.came(f"x{number}", f"198.51.100.{number}")
    asked = [await talks[0].ask(CREATE_PERMISSION, talks[0].peer((f"198.51.100.{n}", 9))) for n in range(17)]
    assert [answer.kind for answer in asked[:-1]] == [CREATE_PERMISSION | stun.SUCCESS] * MAX_PERMISSIONS
    assert error_of(asked[-1]) == 508


@pytest.mark.parametrize(
    "name", ["\u00b2:p1", "9" * 12 + "\u0664:p1", ":", "", "\ud800".encode("utf-8", "surrogatepass").hex()]
)
async def test_odd_names_are_refused_and_the_relay_goes_on(
    name: str, server: TurnServer, credentials: Credentials, mailboxes: Any
) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    await talk.allocate()
    good, talk.username = talk.username, name
    assert error_of(await talk.ask(REFRESH, {})) == 401
    talk.username = good
    assert (await talk.ask(REFRESH, {})).kind == REFRESH | stun.SUCCESS


async def test_an_error_in_a_datagram_never_ends_the_listener(
    server: TurnServer, credentials: Credentials, mailboxes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Conversation(await mailboxes(), server, credentials)
    await talk.allocate()

    def broken(username: str) -> bytes:
        raise RuntimeError("a fault nobody thought of")

    with monkeypatch.context() as patched:
        patched.setattr(credentials, "key", broken)
        for _ in range(3):
            proof = {stun.USERNAME: b"x", REALM_NAME: REALM.encode(), NONCE: talk.nonce}
            talk.box.transport.sendto(stun.build(REFRESH, b"abcdefghijkl", proof, b"k"), ("127.0.0.1", server.port))
        # Answered in turn, so the broken ones have been handled by then.
        talk.box.transport.sendto(stun.build(1, b"abcdefghijkl", {}), ("127.0.0.1", server.port))
        assert await talk.box.next()
    assert (await talk.ask(REFRESH, {})).kind == REFRESH | stun.SUCCESS


def test_passwords_are_given_out_where_messages_leave_and_nowhere_else() -> None:
    guests = RelayGuests(Credentials(b"secret"))
    offer = guests.offer("192.0.2.1", 3478)
    assert "credential" not in json.dumps(offer)
    start = ProbeStart(probe="1", peer="p2", initiator=True, pings=3, connect_ms=1000, ice=Ice.model_validate(offer))
    one, other = (guests.personal(start, who).ice.turn for who in ("p1", "p2"))  # type: ignore[attr-defined]
    assert one["username"].endswith(":p1")
    assert one["credential"] != other["credential"]
    before = start.model_copy(update={"ice": Ice(stun="stun:s", turn={"urls": "turn:relay.of.another.start"})})
    assert guests.personal(before, "p1").ice == Ice(stun="stun:s")  # type: ignore[attr-defined]
