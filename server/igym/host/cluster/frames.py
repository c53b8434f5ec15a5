"""Frames and packets as bytes: what edges and the core say to each other, and who says it."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import msgpack

from igym.host.cluster.line import Packet

VERSION = 1
"""Raised with every change of a frame; edge and core of different ones do not work together."""


def pack(*parts: Any) -> bytes:
    """A frame: its kind, then what that kind has."""
    return bytes(msgpack.packb(parts))


def unpack(frame: bytes) -> list[Any]:
    return list(msgpack.unpackb(frame, strict_map_key=False))


def pack_packet(edge: str, packet: Packet) -> bytes:
    return bytes(msgpack.packb((edge, *astuple(packet))))


def unpack_packet(data: bytes) -> tuple[str, Packet]:
    """Whose line it is of, and the packet."""
    edge, first, frames, *rest = msgpack.unpackb(data)
    return edge, Packet(first, tuple(frames), *rest)
