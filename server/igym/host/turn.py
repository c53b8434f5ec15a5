"""A TURN relay over UDP (RFC 8656) on the host: keeps play fast where the network forbids browsers to talk directly.

Only who holds unexpired credentials of this session gets an allocation, and only addresses it asked for may send to it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from igym.host import stun_message as stun
from igym.host.datagrams import LastingDatagrams
from igym.host.stun_message import Address, StunMessage

ALLOCATE, REFRESH, SEND, DATA, CREATE_PERMISSION, CHANNEL_BIND = 3, 4, 6, 7, 8, 9
CHANNEL_NUMBER, LIFETIME, PEER, DATA_VALUE, REALM_NAME, NONCE, RELAYED, TRANSPORT = (
    0x000C, 0x000D, 0x0012, 0x0013, 0x0014, 0x0015, 0x0016, 0x0019,
)  # fmt: skip
UDP = 17
REALM = "interactive-gym"
DEFAULT_LIFETIME_S, LONGEST_LIFETIME_S, PERMISSION_S, CHANNEL_S = 600, 3600, 300, 600
CREDENTIAL_LIFETIME_S = 48 * 3600
MAX_ALLOCATIONS = 400
MAX_SEEN = 10_000
FIRST_CHANNEL, LAST_CHANNEL = 0x4000, 0x4FFF
LARGEST_DATAGRAM = 65_000


class Credentials:
    """Names that carry their own end, with passwords only this engine can make."""

    def __init__(self, secret: bytes | None = None, now: Callable[[], float] = time.time) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._now = now

    def issue(self, lifetime_s: float = CREDENTIAL_LIFETIME_S) -> tuple[str, str]:
        """`(username, password)`, good for so long."""
        username = f"{int(self._now() + lifetime_s)}:igym"
        return username, self._password(username)

    def key(self, username: str) -> bytes | None:
        """The signing key of a name that has not expired, or None."""
        expires, _, _ = username.partition(":")
        if not expires.isdigit() or len(expires) > 12 or int(expires) < self._now():
            return None
        return hashlib.md5(f"{username}:{REALM}:{self._password(username)}".encode()).digest()

    def _password(self, username: str) -> str:
        return base64.b64encode(hmac.new(self._secret, username.encode(), hashlib.sha1).digest()).decode()


@dataclass
class Allocation:
    """One client's relayed address; times are of the loop's clock."""

    client: Address
    username: str
    relay: LastingDatagrams
    address: Address
    expires: float
    transaction: bytes
    permissions: dict[str, float] = field(default_factory=dict)
    channels: dict[int, Address] = field(default_factory=dict)
    channel_of: dict[Address, int] = field(default_factory=dict)

    def admits(self, peer: Address, now: float) -> bool:
        return self.permissions.get(peer[0], 0.0) > now


class _RelaySocket(LastingDatagrams):
    """The relayed address: what peers send there goes to the client."""

    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._received(data, (addr[0], addr[1]))


class TurnServer(LastingDatagrams):
    """STUN and TURN on one port. `address` is what relayed addresses are told as, `bind` where they are opened."""

    def __init__(self, credentials: Credentials | None, address: str, bind: str) -> None:
        self.credentials = credentials
        self.allocations: dict[Address, Allocation] = {}
        self._address = address
        self._bind = bind
        self._nonce = secrets.token_hex(16).encode()
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening: set[Address] = set()
        self._seen: set[str] = set()
        self._answers: dict[int, Callable[[StunMessage, Allocation, bytes], None]] = {
            REFRESH: self._refresh,
            CREATE_PERMISSION: self._create_permission,
            CHANNEL_BIND: self._channel_bind,
        }

    # -- the socket

    @property
    def port(self) -> int:
        return int(self.get_extra_info("sockname")[1])

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for allocation in self.allocations.values():
            allocation.relay.close()
        self.allocations.clear()
        super().close()

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        client: Address = (addr[0], addr[1])
        if data[:1] and 0x40 <= data[0] <= 0x4F:
            self._from_channel(data, client)
            return
        message = stun.parse(data)
        if message is None:
            return
        if message.message_class == stun.REQUEST:
            self._request(message, client)
        elif message.kind == SEND | stun.INDICATION:
            self._send_indication(message, client)

    def _send(self, data: bytes, client: Address) -> None:
        self.sendto(data, client)

    # -- requests

    def _request(self, message: StunMessage, client: Address) -> None:
        if len(self._seen) < MAX_SEEN:
            self._seen.add(client[0])
        if message.method == 1:
            self._send(stun.binding_answer(message, client), client)
            return
        key = self._key(message)
        if key is None:
            self._challenge(message, client)
        elif message.method == ALLOCATE:
            self._allocate(message, client, key)
        else:
            self._on_allocation(message, client, key)

    def _on_allocation(self, message: StunMessage, client: Address, key: bytes) -> None:
        answer = self._answers.get(message.method)
        allocation = self._live(client)
        if answer is None:
            self._refuse(message, client, 400, "Bad Request", key)
        elif allocation is None or allocation.username != _username(message):
            self._refuse(message, client, 437, "Allocation Mismatch", key)
        else:
            answer(message, allocation, key)

    def _key(self, message: StunMessage) -> bytes | None:
        if self.credentials is None or message.attributes.get(NONCE) != self._nonce:
            return None
        key = self.credentials.key(_username(message))
        return key if key is not None and message.is_signed_with(key) else None

    def _challenge(self, message: StunMessage, client: Address) -> None:
        has_old_nonce = NONCE in message.attributes and message.attributes[NONCE] != self._nonce
        error = stun.error_code(438, "Stale Nonce") if has_old_nonce else stun.error_code(401, "Unauthorized")
        attributes = {stun.ERROR_CODE: error, REALM_NAME: REALM.encode(), NONCE: self._nonce}
        self._send(stun.build(message.method | stun.ERROR, message.transaction, attributes), client)

    def _refuse(self, message: StunMessage, client: Address, code: int, reason: str, key: bytes) -> None:
        attributes = {stun.ERROR_CODE: stun.error_code(code, reason)}
        self._send(stun.build(message.method | stun.ERROR, message.transaction, attributes, key), client)

    def _accept(self, message: StunMessage, client: Address, key: bytes, attributes: dict[int, bytes]) -> None:
        self._send(stun.build(message.method | stun.SUCCESS, message.transaction, attributes, key), client)

    def _allocate(self, message: StunMessage, client: Address, key: bytes) -> None:
        known = self._live(client)
        if known is not None and known.transaction == message.transaction:
            self._tell_allocation(message, known, key)
        elif known is not None or client in self._opening:
            self._refuse(message, client, 437, "Allocation Mismatch", key)
        elif message.attributes.get(TRANSPORT, b"\0")[:1] != bytes((UDP,)):
            self._refuse(message, client, 442, "Unsupported Transport Protocol", key)
        elif len(self.allocations) + len(self._opening) >= MAX_ALLOCATIONS:
            self._refuse(message, client, 486, "Allocation Quota Reached", key)
        else:
            self._opening.add(client)
            task = asyncio.get_running_loop().create_task(self._open(message, client, key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self, message: StunMessage, client: Address, key: bytes) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, relay = await loop.create_datagram_endpoint(
                lambda: _RelaySocket(lambda data, peer: self._from_peer(client, data, peer)),
                local_addr=(self._bind, 0),
            )
        except OSError:
            self._refuse(message, client, 508, "Insufficient Capacity", key)
            return
        finally:
            self._opening.discard(client)
        address = (self._address, int(relay.get_extra_info("sockname")[1]))
        expires = loop.time() + _lifetime(message)
        allocation = Allocation(client, _username(message), relay, address, expires, message.transaction)
        self.allocations[client] = allocation
        self._expire_later(client)
        self._tell_allocation(message, allocation, key)

    def _tell_allocation(self, message: StunMessage, allocation: Allocation, key: bytes) -> None:
        attributes = {
            RELAYED: stun.xor_address(allocation.address, message.transaction),
            stun.MAPPED: stun.xor_address(allocation.client, message.transaction),
            LIFETIME: struct.pack("!I", _lifetime(message)),
        }
        self._accept(message, allocation.client, key, attributes)

    def _refresh(self, message: StunMessage, allocation: Allocation, key: bytes) -> None:
        lifetime = _lifetime(message)
        if lifetime == 0:
            self._remove(allocation.client)
        else:
            allocation.expires = asyncio.get_running_loop().time() + lifetime
        self._accept(message, allocation.client, key, {LIFETIME: struct.pack("!I", lifetime)})

    def _create_permission(self, message: StunMessage, allocation: Allocation, key: bytes) -> None:
        peer = stun.read_xor_address(message.attributes.get(PEER, b""))
        if peer is None or not self._may_be_peer(peer):
            self._refuse(message, allocation.client, 403 if peer else 400, "Forbidden" if peer else "Bad Request", key)
            return
        allocation.permissions[peer[0]] = asyncio.get_running_loop().time() + PERMISSION_S
        self._accept(message, allocation.client, key, {})

    def _channel_bind(self, message: StunMessage, allocation: Allocation, key: bytes) -> None:
        peer = stun.read_xor_address(message.attributes.get(PEER, b""))
        value = message.attributes.get(CHANNEL_NUMBER, b"")
        number = struct.unpack("!H", value[:2])[0] if len(value) == 4 else 0
        if peer is None or not _channel_fits(allocation, number, peer):
            self._refuse(message, allocation.client, 400, "Bad Request", key)
        elif not self._may_be_peer(peer):
            self._refuse(message, allocation.client, 403, "Forbidden", key)
        else:
            allocation.channels[number], allocation.channel_of[peer] = peer, number
            allocation.permissions[peer[0]] = asyncio.get_running_loop().time() + CHANNEL_S
            self._accept(message, allocation.client, key, {})

    def _may_be_peer(self, peer: Address) -> bool:
        """Nobody may use the relay to knock at this computer's own doors, nor to leave the lab's network."""
        address = ipaddress.ip_address(peer[0])
        if address.is_loopback:
            return ipaddress.ip_address(self._address).is_loopback
        if address.is_multicast or address.is_unspecified:
            return False
        # Campus networks often have public addresses: then only of computers that have spoken to this host.
        return address.is_private or peer[0] == self._address or peer[0] in self._seen

    def _is_own_door(self, peer: Address) -> bool:
        """Of this computer itself only other relayed addresses may be reached."""
        if peer[0] != self._address or ipaddress.ip_address(self._address).is_loopback:
            return False
        return all(other.address != peer for other in self.allocations.values())

    # -- data

    def _send_indication(self, message: StunMessage, client: Address) -> None:
        peer = stun.read_xor_address(message.attributes.get(PEER, b""))
        data = message.attributes.get(DATA_VALUE)
        if peer is not None and data is not None:
            self._to_peer(client, data, peer)

    def _from_channel(self, data: bytes, client: Address) -> None:
        allocation = self._live(client)
        if allocation is None or len(data) < 4:
            return
        number, length = struct.unpack_from("!HH", data)
        peer = allocation.channels.get(number)
        if peer is not None and length <= len(data) - 4:
            self._to_peer(client, data[4 : 4 + length], peer)

    def _to_peer(self, client: Address, data: bytes, peer: Address) -> None:
        allocation = self._live(client)
        if allocation is None or not allocation.admits(peer, asyncio.get_running_loop().time()):
            return
        if not self._is_own_door(peer):
            allocation.relay.sendto(data, peer)

    def _from_peer(self, client: Address, data: bytes, peer: Address) -> None:
        allocation = self._live(client)
        if allocation is None or not allocation.admits(peer, asyncio.get_running_loop().time()):
            return
        if len(data) > LARGEST_DATAGRAM:
            return
        number = allocation.channel_of.get(peer)
        if number is not None:
            self._send(struct.pack("!HH", number, len(data)) + data, client)
            return
        transaction = secrets.token_bytes(12)
        attributes = {PEER: stun.xor_address(peer, transaction), DATA_VALUE: data}
        self._send(stun.build(DATA | stun.INDICATION, transaction, attributes), client)

    # -- time

    def _live(self, client: Address) -> Allocation | None:
        allocation = self.allocations.get(client)
        if allocation is not None and allocation.expires <= asyncio.get_running_loop().time():
            self._remove(client)
            return None
        return allocation

    def _expire_later(self, client: Address) -> None:
        allocation = self.allocations.get(client)
        if allocation is None or self._live(client) is None:
            return
        asyncio.get_running_loop().call_at(allocation.expires + 0.01, self._expire_later, client)

    def _remove(self, client: Address) -> None:
        allocation = self.allocations.pop(client, None)
        if allocation is not None:
            allocation.relay.close()


def _channel_fits(allocation: Allocation, number: int, peer: Address) -> bool:
    """A number stays with its peer and a peer with its number as long as the allocation lives."""
    free = allocation.channels.get(number, peer) == peer and allocation.channel_of.get(peer, number) == number
    return FIRST_CHANNEL <= number <= LAST_CHANNEL and free


def _username(message: StunMessage) -> str:
    return message.attributes.get(stun.USERNAME, b"").decode("utf-8", "replace")


def _lifetime(message: StunMessage) -> int:
    value = message.attributes.get(LIFETIME)
    wanted = struct.unpack("!I", value)[0] if value is not None and len(value) == 4 else DEFAULT_LIFETIME_S
    return min(int(wanted), LONGEST_LIFETIME_S)


async def start_turn(credentials: Credentials | None, address: str, bind: str, port: int) -> TurnServer:
    """Listens on UDP `port`, or on a free one when it is taken. Without credentials it answers STUN only."""
    loop = asyncio.get_running_loop()
    for wanted in (port, 0):
        try:
            _, server = await loop.create_datagram_endpoint(
                lambda: TurnServer(credentials, address, bind), local_addr=(bind, wanted)
            )
            return server
        except OSError:
            if wanted == 0:
                raise
    raise AssertionError("unreachable")
