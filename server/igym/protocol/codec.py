"""``decode`` untrusted payloads into messages, ``encode`` messages into Socket.IO arguments."""

from types import ModuleType
from typing import Any, TypeAlias

from pydantic import ValidationError

from igym.protocol import binary, client, lab, server
from igym.protocol.base import BinaryMessage, Message, ProtocolError
from igym.protocol.plain_json import json_size as json_size

Registry: TypeAlias = dict[str, type[Message]]
RETRY_CODES = ("busy", "closed", "storage", "try_again")
"""Refusals after which the same message is sent again; every other one is final."""


def _collect(direction: str, *modules: ModuleType) -> Registry:
    classes = [
        item
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Message) and item.name and item.direction == direction
    ]
    return {item.name: item for item in classes}


CLIENT_MESSAGES: Registry = _collect("client", client, server, binary)
SERVER_MESSAGES: Registry = _collect("server", client, server, binary)
_LAB_SHARED = ("pong", "signal", "relay", "ping", "signal_in", "relay_in", "refused")
LAB_CLIENT_MESSAGES: Registry = _collect("client", lab) | {
    name: kind for name, kind in CLIENT_MESSAGES.items() if name in _LAB_SHARED
}
"""What a seat's page sends during the lab check."""
LAB_SERVER_MESSAGES: Registry = _collect("server", lab) | {
    name: kind for name, kind in SERVER_MESSAGES.items() if name in _LAB_SHARED
}


def decode(name: str, payload: object) -> Message | ProtocolError:
    """A browser's message, or why it is none. Never raises, whatever the payload is."""
    return _decode(CLIENT_MESSAGES, name, payload)


def decode_from_server(name: str, payload: object) -> Message | ProtocolError:
    """A server's message as a simulated participant or a test reads it."""
    return _decode(SERVER_MESSAGES, name, payload)


def decode_lab(name: str, payload: object) -> Message | ProtocolError:
    """A message of the lab check from a seat's page, or why it is none. Never raises."""
    return _decode(LAB_CLIENT_MESSAGES, name, payload)


def decode_lab_from_server(name: str, payload: object) -> Message | ProtocolError:
    """A message of the lab check as a simulated seat or a test reads it."""
    return _decode(LAB_SERVER_MESSAGES, name, payload)


def encode(message: Message) -> tuple[str, Any]:
    """``(event name, argument)`` for Socket.IO."""
    return message.name, message.payload()


def _decode(registry: Registry, name: str, payload: object) -> Message | ProtocolError:
    kind = registry.get(name)
    if kind is None:
        return ProtocolError("unknown_message", f"there is no message {str(name)[:60]!r}")
    if issubclass(kind, BinaryMessage):
        return _decode_binary(kind, payload)
    return _decode_json(kind, {} if payload is None else payload)


def _decode_binary(kind: type[BinaryMessage], payload: object) -> Message | ProtocolError:
    if not isinstance(payload, bytes | bytearray | memoryview):
        return ProtocolError("wrong_type", f"{kind.name} must be binary")
    data = bytes(payload)
    if len(data) > kind.max_bytes:
        return _oversized(kind)
    try:
        return kind.from_bytes(data)
    except ValidationError as error:
        return ProtocolError("malformed", f"{kind.name}: {_explain(error)}")
    except ValueError as error:
        return ProtocolError("malformed", f"{kind.name}: {error}")


def _decode_json(kind: type[Message], payload: object) -> Message | ProtocolError:
    if not isinstance(payload, dict):
        return ProtocolError("wrong_type", f"{kind.name} must be an object")
    try:
        if json_size(payload, kind.max_bytes) > kind.max_bytes:
            return _oversized(kind)
    except ValueError as error:
        return ProtocolError("malformed", f"{kind.name}: {error}")
    try:
        return kind.model_validate(payload)
    except ValidationError as error:
        return ProtocolError("malformed", f"{kind.name}: {_explain(error)}")


def _oversized(kind: type[Message]) -> ProtocolError:
    return ProtocolError("oversized", f"{kind.name} may have at most {kind.max_bytes} bytes")


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])[:80]
    return f"{where}: {first['msg']}"[:200] if where else first["msg"][:200]
