"""The pipes between the engine and an env's process: msgpack maps, each after its length (4 bytes, big-endian)."""

from __future__ import annotations

import asyncio
import os
import struct
import threading
from pathlib import Path
from typing import IO, Any

import msgpack

MAX_MESSAGE_BYTES = 256 * 1024 * 1024
_LENGTH = struct.Struct(">I")


def packed(message: dict[str, Any]) -> bytes:
    body = bytes(msgpack.packb(message))
    return _LENGTH.pack(len(body)) + body


class Outlet:
    """The child's way to the engine; messages of several threads do not mix."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def __call__(self, message: dict[str, Any]) -> None:
        data = packed(message)
        with self._lock:
            self._stream.write(data)
            self._stream.flush()


def take_over_pipes() -> tuple[IO[bytes], Outlet]:
    """(messages in, messages out) over stdin and stdout; what is printed, by C code too, goes to stderr from now on."""
    outlet = Outlet(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    inlet = os.fdopen(os.dup(0), "rb")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return inlet, outlet


def read(inlet: IO[bytes]) -> dict[str, Any] | None:
    """The next message, blocking; None when the engine is gone."""
    head = inlet.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = inlet.read(length)
    return dict(msgpack.unpackb(body)) if len(body) == length else None


async def read_async(stream: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message of a child; None when it has ended."""
    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        if length > MAX_MESSAGE_BYTES:
            return None
        return dict(msgpack.unpackb(await stream.readexactly(length), strict_map_key=False))
    except asyncio.IncompleteReadError:
        return None
