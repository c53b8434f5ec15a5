"""A TURN relay over UDP (RFC 8656) on the host: keeps play fast where the network forbids browsers to talk directly.

Only who is here and holds unexpired credentials of this session gets an allocation, a few at most. It reaches other
relayed addresses and computers of people who are here, if it asked for them; never this computer's own doors.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from igym.host.base.network import OwnAddresses
from igym.host.ice import stun_message as stun
from igym.host.ice.datagrams import LastingDatagrams
from igym.host.ice.stun_message import Address, StunMessage
from igym.host.ice.turn_allocation import Allocation
from igym.host.ice.turn_credentials import REALM, Credentials, guest_of

ALLOCATE, REFRESH, SEND, DATA, CREATE_PERMISSION, CHANNEL_BIND = 3, 4, 6, 7, 8, 9
CHANNEL_NUMBER, LIFETIME, PEER, DATA_VALUE, REALM_NAME, NONCE, RELAYED, TRANSPORT = (
    0x000C, 0x000D, 0x0012, 0x0013, 0x0014, 0x0015, 0x0016, 0x0019,
)  # fmt: skip
UDP = 17
DEFAULT_LIFETIME_S, LONGEST_LIFETIME_S, PERMISSION_S, CHANNEL_S = 600, 3600, 300, 600
MAX_ALLOCATIONS = 400
MAX_OF_ONE_GUEST = 16
"""A browser opens one for each network card and each partner."""
REPORTED_ERRORS = 20
LARGEST_DATAGRAM = 65_000


class Guests(Protocol):
    """Who is here: they alone are relayed for, and their addresses alone are relayed to."""

    def is_here(self, guest: str) -> bool: ...

    def is_reachable(self, address: str) -> bool: ...


class _RelaySocket(LastingDatagrams):
    """The relayed address: what peers send there goes to the client."""

    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        with _survived("a datagram of a peer"):
            self._received(data, (addr[0], addr[1]))


class TurnServer(LastingDatagrams):
    """STUN and TURN on one port. `address` is what relayed addresses are told as, `bind` where they are opened."""

    def __init__(
        self, credentials: Credentials | None, address: str, bind: str, guests: Guests | None = None,
        is_own: Callable[[str], bool] | None = None,
    ) -> None:  # fmt: skip
        self.credentials = credentials if guests is not None else None
        self._guests = guests
        self._is_own = is_own or OwnAddresses().has
        self.allocations: dict[Address, Allocation] = {}
        self._address = address
        self._bind = bind
        self._nonce = secrets.token_hex(16).encode()
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening: dict[Address, str] = {}
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
        # An error that left here would close the socket for everybody.
        with _survived("a datagram"):
            self._received(data, (addr[0], addr[1]))

    def _received(self, data: bytes, client: Address) -> None:
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
        username = _username(message)
        key = self.credentials.key(username)
        signed = key is not None and message.is_signed_with(key)
        return key if signed and self._is_here(username) else None

    def _is_here(self, username: str) -> bool:
        return self._guests is not None and self._guests.is_here(guest_of(username))

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
            # Its answer was lost: a client repeats a request under the same transaction, and must get the same.
            self._tell_allocation(message, known, key)
        elif known is not None or client in self._opening:
            self._refuse(message, client, 437, "Allocation Mismatch", key)
        elif message.attributes.get(TRANSPORT, b"\0")[:1] != bytes((UDP,)):
            self._refuse(message, client, 442, "Unsupported Transport Protocol", key)
        elif not self._has_room_for(guest_of(_username(message))):
            self._refuse(message, client, 486, "Allocation Quota Reached", key)
        else:
            # Counted from here on: more requests come while the socket is opened, and the quota holds for them as
            # well.
            self._opening[client] = guest_of(_username(message))
            task = asyncio.get_running_loop().create_task(self._open(message, client, key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _has_room_for(self, guest: str) -> bool:
        held = [guest_of(known.username) for known in self.allocations.values()] + list(self._opening.values())
        return len(held) < MAX_ALLOCATIONS and held.count(guest) < MAX_OF_ONE_GUEST

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
            self._opening.pop(client, None)
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
        now = asyncio.get_running_loop().time()
        if not allocation.has_room_for(peer[0], now):
            self._refuse(message, allocation.client, 508, "Insufficient Capacity", key)
            return
        allocation.permissions[peer[0]] = now + PERMISSION_S
        self._accept(message, allocation.client, key, {})

    def _channel_bind(self, message: StunMessage, allocation: Allocation, key: bytes) -> None:
        peer = stun.read_xor_address(message.attributes.get(PEER, b""))
        value = message.attributes.get(CHANNEL_NUMBER, b"")
        number = struct.unpack("!H", value[:2])[0] if len(value) == 4 else 0
        now = asyncio.get_running_loop().time()
        has_room = peer is not None and allocation.has_room_for(peer[0], now)
        if peer is None or not allocation.channel_fits(number, peer):
            self._refuse(message, allocation.client, 400, "Bad Request", key)
        elif not self._may_be_peer(peer):
            self._refuse(message, allocation.client, 403, "Forbidden", key)
        elif not has_room or not allocation.has_room_for_channel(number):
            self._refuse(message, allocation.client, 508, "Insufficient Capacity", key)
        else:
            allocation.channel_ends[number] = now + CHANNEL_S
            allocation.channels[number], allocation.channel_of[peer] = peer, number
            allocation.permissions[peer[0]] = now + CHANNEL_S
            self._accept(message, allocation.client, key, {})

    def _may_be_peer(self, peer: Address) -> bool:
        """Computers of people who are here, and this one for its relays alone (see `_is_own_door`)."""
        address = ipaddress.ip_address(peer[0])
        if address.is_multicast or address.is_unspecified or address.is_link_local:
            return False
        if peer[0] == self._address:
            return True
        if self._is_own(peer[0]):
            return False
        return self._guests is not None and self._guests.is_reachable(peer[0])

    def _is_own_door(self, peer: Address) -> bool:
        """Of this computer itself only other relayed addresses may be reached."""
        if peer[0] != self._address and not self._is_own(peer[0]):
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
        if allocation is None:
            return None
        if allocation.expires <= asyncio.get_running_loop().time() or not self._is_here(allocation.username):
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


def _username(message: StunMessage) -> str:
    return message.attributes.get(stun.USERNAME, b"").decode("utf-8", "replace")


def _lifetime(message: StunMessage) -> int:
    value = message.attributes.get(LIFETIME)
    wanted = struct.unpack("!I", value)[0] if value is not None and len(value) == 4 else DEFAULT_LIFETIME_S
    return min(int(wanted), LONGEST_LIFETIME_S)


_reported = 0


@contextmanager
def _survived(what: str) -> Iterator[None]:
    """An error while handling what somebody sent is logged, the first few times, and goes no further."""
    global _reported
    try:
        yield
    except Exception:
        _reported += 1
        if _reported <= REPORTED_ERRORS:
            logging.getLogger("igym.turn").exception("%s could not be handled", what)


async def start_turn(
    credentials: Credentials | None, address: str, bind: str, port: int, guests: Guests | None = None,
    is_own: Callable[[str], bool] | None = None,
) -> TurnServer:  # fmt: skip
    """Listens on UDP `port`, or on a free one when it is taken. Without credentials or guests it answers STUN only."""
    loop = asyncio.get_running_loop()
    for wanted in (port, 0):
        try:
            _, server = await loop.create_datagram_endpoint(
                lambda: TurnServer(credentials, address, bind, guests, is_own), local_addr=(bind, wanted)
            )
            return server
        except OSError:
            if wanted == 0:
                raise
    raise AssertionError("unreachable")
