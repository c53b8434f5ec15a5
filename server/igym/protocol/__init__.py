"""Every message between server and browser, as frozen types: the one source of truth for both sides."""

from igym.protocol.base import BinaryMessage, Message, ProtocolError
from igym.protocol.codec import (
    CLIENT_MESSAGES,
    LAB_CLIENT_MESSAGES,
    LAB_SERVER_MESSAGES,
    RETRY_CODES,
    SERVER_MESSAGES,
    decode,
    decode_from_server,
    decode_lab,
    decode_lab_from_server,
    encode,
)
from igym.protocol.version import PROTOCOL_VERSION

__all__ = [
    "PROTOCOL_VERSION",
    "Message",
    "BinaryMessage",
    "ProtocolError",
    "CLIENT_MESSAGES",
    "SERVER_MESSAGES",
    "LAB_CLIENT_MESSAGES",
    "LAB_SERVER_MESSAGES",
    "RETRY_CODES",
    "decode",
    "decode_lab",
    "decode_lab_from_server",
    "decode_from_server",
    "encode",
]
