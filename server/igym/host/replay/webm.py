"""A WebM file from encoded pictures: one track of VP8 or VP9, a cluster for each key frame, a table to seek by.

Browsers encode but write no files. The container is small enough to be written here; see the Matroska specification,
RFC 9559, whose element names are used.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

APP = b"Interactive Gym Desktop"
MS_NS = 1_000_000
LONGEST_CLUSTER_MS = 30_000
"""Blocks tell their time from their cluster's on in 16 bits of ms."""


@dataclass(frozen=True)
class Picture:
    """One encoded frame; `at_ms` from the beginning."""

    data: bytes
    at_ms: float
    is_key: bool


def webm(pictures: list[Picture], codec: str, width: int, height: int, duration_ms: float) -> bytes:
    """The whole file; `codec` is "vp8" or "vp9". The first picture must be a key frame."""
    info = _master(
        0x1549A966,
        _uint(0x2AD7B1, MS_NS), _float(0x4489, duration_ms), _text(0x4D80, APP), _text(0x5741, APP),
    )  # fmt: skip
    video = _master(0xE0, _uint(0xB0, width), _uint(0xBA, height))
    name = {"vp8": b"V_VP8", "vp9": b"V_VP9"}[codec]
    entry = _master(0xAE, _uint(0xD7, 1), _uint(0x73C5, 1), _uint(0x83, 1), _uint(0x9C, 0), _text(0x86, name), video)
    head = info + _master(0x1654AE6B, entry)
    clusters = list(_clusters(pictures))
    cues = _cues(clusters, len(head))
    body = head + b"".join(data for _, data in clusters) + cues
    ebml = _master(
        0x1A45DFA3,
        _uint(0x4286, 1), _uint(0x42F7, 1), _uint(0x42F2, 4), _uint(0x42F3, 8), _text(0x4282, b"webm"),
        _uint(0x4287, 4), _uint(0x4285, 2),
    )  # fmt: skip
    return ebml + _element(0x18538067, body)


def _clusters(pictures: Iterable[Picture]) -> Iterable[tuple[int, bytes]]:
    """(time in ms, element) of each cluster."""
    start, blocks = 0, list[bytes]()
    for picture in pictures:
        at = round(picture.at_ms)
        if blocks and (picture.is_key or at - start > LONGEST_CLUSTER_MS):
            yield start, _master(0x1F43B675, _uint(0xE7, start), *blocks)
            blocks = []
        if not blocks:
            start = at
        flags = 0x80 if picture.is_key else 0
        blocks.append(_element(0xA3, b"\x81" + (at - start).to_bytes(2, "big") + bytes([flags]) + picture.data))
    if blocks:
        yield start, _master(0x1F43B675, _uint(0xE7, start), *blocks)


def _cues(clusters: list[tuple[int, bytes]], offset: int) -> bytes:
    """Where each cluster lies, counted from the segment's content on."""
    points = []
    for at, data in clusters:
        places = _master(0xB7, _uint(0xF7, 1), _uint(0xF1, offset))
        points.append(_master(0xBB, _uint(0xB3, at), places))
        offset += len(data)
    return _master(0x1C53BB6B, *points)


def _element(identifier: int, data: bytes) -> bytes:
    size = (len(data) | 1 << 56).to_bytes(8, "big")
    return identifier.to_bytes((identifier.bit_length() + 7) // 8, "big") + size + data


def _master(identifier: int, *parts: bytes) -> bytes:
    return _element(identifier, b"".join(parts))


def _uint(identifier: int, value: int) -> bytes:
    return _element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _float(identifier: int, value: float) -> bytes:
    return _element(identifier, struct.pack(">d", value))


def _text(identifier: int, value: bytes) -> bytes:
    return _element(identifier, value)
