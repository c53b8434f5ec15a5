"""Frames and packets as bytes: what edges and the core say to each other, and who says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

import msgpack

from igym.host.cluster.line import Packet

VERSION = 2
"""Raised with every change of a frame; edge and core of different ones do not work together."""


Form = tuple[type | tuple[type, ...], ...]
NUMBER = (int, float)
TO_CORE: Mapping[str, Form] = {
    "ask": (int, str), "left": (str, str), "pings": (str, NUMBER, NUMBER, list), "bar": (str,), "gathered": (int,),
}  # fmt: skip
"""What has to stand behind the kind of a frame; behind an `ask` what that question has."""
QUESTIONS: Mapping[str, Form] = {"admit": (str, str, str), "take": (str, str, object), "time": ()}
TO_EDGE: Mapping[str, Form] = {
    "answer": (int, object), "send": (str, str, object), "close": (str,), "gone": (str,), "route": (str, list),
    "gather": (int, list), "over": (),
}  # fmt: skip


def pack(*parts: Any) -> bytes:
    """A frame: its kind, then what that kind has."""
    return bytes(msgpack.packb(parts))


def unpack(frame: bytes) -> list[Any]:
    """Raises `ValueError` or `TypeError` for what is none."""
    return list(msgpack.unpackb(frame, strict_map_key=False))


def read(frame: bytes, forms: Mapping[str, Form]) -> tuple[str, list[Any]]:
    """Its kind and what that has; raises `ValueError` or `TypeError` for anything else than one of these."""
    kind, *parts = unpack(frame)
    _has_form(kind, parts[:2] if kind == "ask" else parts, forms)
    if kind == "ask":
        _has_form(parts[1], parts[2:], QUESTIONS)
    return kind, parts


def _has_form(kind: Any, parts: list[Any], forms: Mapping[str, Form]) -> None:
    form = forms.get(kind)
    if form is None or len(parts) != len(form) or not all(map(isinstance, parts, form)):
        raise ValueError(f"{kind!r} with {[type(part).__name__ for part in parts]}")


def pack_packet(edge: str, packet: Packet) -> bytes:
    return bytes(msgpack.packb((edge, *astuple(packet))))


def unpack_packet(data: bytes) -> tuple[str, Packet]:
    """Whose line it is of, and the packet. Raises `ValueError` or `TypeError` for what is none."""
    edge, first, frames, taken, lacks = msgpack.unpackb(data)
    numbers = all(isinstance(number, int) and number >= 0 for number in (first, taken))
    if not (isinstance(edge, str) and numbers and isinstance(lacks, bool)):
        raise ValueError("no packet of a line")
    if not all(isinstance(frame, bytes) for frame in frames):
        raise ValueError("a packet of what are no frames")
    return edge, Packet(first, tuple(frames), taken, lacks)
