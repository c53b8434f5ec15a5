"""A STUN binding responder (RFC 8489): tells a browser which address and port the host sees it at.

Without it, browsers on a plain-http LAN that has no default route find no usable candidate at all.
"""

from __future__ import annotations

import asyncio
import ipaddress
import struct
from typing import Any, cast

MAGIC_COOKIE = 0x2112A442
BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
XOR_MAPPED_ADDRESS = 0x0020
HEADER = struct.Struct("!HHI12s")


def binding_response(request: bytes, address: tuple[str, int]) -> bytes | None:
    """The answer to a binding request that came from `address`, or None when the datagram is nothing of the kind."""
    if len(request) < HEADER.size:
        return None
    kind, length, cookie, transaction = HEADER.unpack_from(request)
    if kind != BINDING_REQUEST or cookie != MAGIC_COOKIE or length != len(request) - HEADER.size or length % 4:
        return None
    attribute = xor_address(address, transaction)
    return HEADER.pack(BINDING_SUCCESS, len(attribute) + 4, MAGIC_COOKIE, transaction) + (
        struct.pack("!HH", XOR_MAPPED_ADDRESS, len(attribute)) + attribute
    )


def xor_address(address: tuple[str, int], transaction: bytes) -> bytes:
    """The value of an XOR-*-ADDRESS attribute."""
    host = ipaddress.ip_address(address[0])
    mask = (struct.pack("!I", MAGIC_COOKIE) + transaction)[: len(host.packed)]
    packed = bytes(a ^ b for a, b in zip(host.packed, mask, strict=True))
    return struct.pack("!BBH", 0, 1 if host.version == 4 else 2, address[1] ^ (MAGIC_COOKIE >> 16)) + packed


class StunResponder(asyncio.DatagramProtocol):
    """Answers binding requests, ignores everything else."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is none of asyncio's classes.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = binding_response(data, (addr[0], addr[1]))
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def start_stun(address: str, port: int) -> StunResponder:
    """Listens on UDP `port`, or on a free one when it is taken."""
    loop = asyncio.get_running_loop()
    for wanted in (port, 0):
        try:
            _, responder = await loop.create_datagram_endpoint(StunResponder, local_addr=(address, wanted))
            return responder
        except OSError:
            if wanted == 0:
                raise
    raise AssertionError("unreachable")
