"""STUN messages (RFC 8489): reading, writing, and the signature that proves a shared password."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import struct
import zlib
from dataclasses import dataclass, field

MAGIC_COOKIE = 0x2112A442
HEADER = struct.Struct("!HHI12s")
REQUEST, INDICATION, SUCCESS, ERROR = 0x000, 0x010, 0x100, 0x110
CLASS_MASK = 0x110

MAPPED = 0x0020
USERNAME = 0x0006
INTEGRITY = 0x0008
ERROR_CODE = 0x0009
FINGERPRINT = 0x8028
FINGERPRINT_XOR = 0x5354554E
INTEGRITY_BYTES = 20

Address = tuple[str, int]


@dataclass
class StunMessage:
    """`kind` is method and class in one number; `attributes` keep their order, a repeated one keeps its first value."""

    kind: int
    transaction: bytes
    attributes: dict[int, bytes] = field(default_factory=dict)
    signed: bytes = b""
    """What the signature covers, when there is one."""

    @property
    def method(self) -> int:
        return self.kind & ~CLASS_MASK

    @property
    def message_class(self) -> int:
        return self.kind & CLASS_MASK

    def is_signed_with(self, key: bytes) -> bool:
        """Whether the message carries a signature made with `key`."""
        given = self.attributes.get(INTEGRITY)
        return given is not None and hmac.compare_digest(given, _signature(key, self.signed))


def parse(data: bytes) -> StunMessage | None:
    """The message in a datagram, or None when it is none."""
    if len(data) < HEADER.size:
        return None
    kind, length, cookie, transaction = HEADER.unpack_from(data)
    if kind & 0xC000 or cookie != MAGIC_COOKIE or length != len(data) - HEADER.size or length % 4:
        return None
    message = StunMessage(kind, transaction)
    return message if _read_attributes(data, message) else None


def _read_attributes(data: bytes, message: StunMessage) -> bool:
    at = HEADER.size
    while at + 4 <= len(data):
        name, size = struct.unpack_from("!HH", data, at)
        if at + 4 + size > len(data):
            return False
        if name == INTEGRITY and size == INTEGRITY_BYTES and INTEGRITY not in message.attributes:
            # The signature covers everything before it, with a length as if it were the last attribute.
            length = at + 4 + INTEGRITY_BYTES - HEADER.size
            message.signed = data[:2] + struct.pack("!H", length) + data[4:at]
            message.attributes[INTEGRITY] = data[at + 4 : at + 4 + size]
        elif not message.signed:  # what follows the signature is nobody's word
            message.attributes.setdefault(name, data[at + 4 : at + 4 + size])
        at += 4 + size + (-size % 4)
    return at == len(data)


def build(kind: int, transaction: bytes, attributes: dict[int, bytes], key: bytes | None = None) -> bytes:
    """The datagram, signed with `key` when there is one."""
    body = b"".join(_attribute(name, value) for name, value in attributes.items())
    if key is not None:
        length = len(body) + 4 + INTEGRITY_BYTES
        signed = HEADER.pack(kind, length, MAGIC_COOKIE, transaction) + body
        body += _attribute(INTEGRITY, _signature(key, signed))
    length = len(body) + 8
    data = HEADER.pack(kind, length, MAGIC_COOKIE, transaction) + body
    return data + _attribute(FINGERPRINT, struct.pack("!I", zlib.crc32(data) ^ FINGERPRINT_XOR))


def _attribute(name: int, value: bytes) -> bytes:
    return struct.pack("!HH", name, len(value)) + value + b"\0" * (-len(value) % 4)


def _signature(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha1).digest()


def xor_address(address: Address, transaction: bytes) -> bytes:
    """The value of an XOR-…-ADDRESS attribute."""
    host = ipaddress.ip_address(address[0])
    mask = (struct.pack("!I", MAGIC_COOKIE) + transaction)[: len(host.packed)]
    packed = bytes(a ^ b for a, b in zip(host.packed, mask, strict=True))
    return struct.pack("!BBH", 0, 1 if host.version == 4 else 2, address[1] ^ (MAGIC_COOKIE >> 16)) + packed


def read_xor_address(value: bytes) -> Address | None:
    """The IPv4 address in an XOR-…-ADDRESS attribute; None for anything else."""
    if len(value) != 8 or value[1] != 1:
        return None
    port, host = struct.unpack("!HI", value[2:])
    return str(ipaddress.ip_address(host ^ MAGIC_COOKIE)), port ^ (MAGIC_COOKIE >> 16)


def error_code(code: int, reason: str) -> bytes:
    """The value of an ERROR-CODE attribute."""
    return struct.pack("!HBB", 0, code // 100, code % 100) + reason.encode()


def binding_answer(message: StunMessage, address: Address) -> bytes:
    """Tells the sender of a binding request which address it was seen at."""
    mapped = {MAPPED: xor_address(address, message.transaction)}
    return build(message.method | SUCCESS, message.transaction, mapped)
