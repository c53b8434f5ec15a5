"""Pieces of a reel read as a page reads them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igym.protocol.binary import HostView

Picture = list[Any] | bytes
"""The ops of a draw list with what stood before it, or RGBA."""


def pictures_of(piece: bytes) -> Iterator[tuple[int, Picture]]:
    """(frame, picture); an empty picture has frame -2 and is empty."""
    data, at, last = zlib.decompress(piece), 0, b""
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        at += 4 + size
        if not size:
            yield -2, []
            continue
        view = HostView.from_bytes(data[at - size : at])
        if view.kind == "list":
            body = json.loads(view.body)
            yield view.frame, [*body["before"], *body["ops"]]
            continue
        told = zlib.decompress(view.body[4:]) if view.body[4:] else bytes(len(last))
        last = told if view.kind == "pixels" else bytes(a ^ b for a, b in zip(last, told, strict=True))
        yield view.frame, last


def reel_of(folder: Path, player: int = 0) -> dict[int, Picture]:
    """All pictures of one view by their frame."""
    paths = sorted(folder.glob(f"{player}.*"), key=lambda path: int(path.suffix[1:]))
    return {frame: picture for path in paths for frame, picture in pictures_of(path.read_bytes())}
