"""What the players of a recorded game on the host saw: every picture of an episode, laid down in pieces on the disk.

A piece holds some frames of one view. Its first picture is whole, so that any piece can be shown without the others.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

from igym.host.hostenv.pictures import Pictures
from igym.host.hostenv.views import View, Views
from igym.host.replay.addresses import piece_path
from igym.protocol.binary import HostView

PIECE_FRAMES = 32
PIECE_BYTES = 24_000_000
"""Of RGBA: so much a page holds of one piece."""
LEAST_FREE_BYTES = 1_000_000_000
"""Of the disk that is left to everything else."""
_LENGTH = struct.Struct("<I")


class Roll:
    """The piece of one view that is being filled. An empty picture: nothing was ever drawn."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._entries: list[bytes] = []
        self._has_pixels = False
        self.bytes = 0

    def add(self, frame: int, is_new: bool) -> None:
        """The view's picture after `frame`; `is_new`: it is another than the one before."""
        picture = self._told(self.view.pictures, is_new)
        self._entries.append(self._payload(frame, picture) if picture else b"")
        pixels = self.view.painter.pixels
        self.bytes += 0 if pixels is None else pixels.nbytes

    def take(self) -> bytes:
        """The piece, zlib of its pictures one after the other, each behind its length; the next one is begun."""
        entries, self._entries, self._has_pixels, self.bytes = self._entries, [], False, 0
        return zlib.compress(b"".join(_LENGTH.pack(len(entry)) + entry for entry in entries), 1)

    def _told(self, pictures: Pictures, is_new: bool) -> dict[str, Any] | None:
        change = pictures.change
        if is_new and self._has_pixels and change is not None and change["kind"] == "pixels_change":
            return change
        # Whole, a draw list needs none of those before it, and costs little more than a change does.
        whole = pictures.whole()
        self._has_pixels = whole is not None and whole["kind"] == "pixels"
        return whole

    def _payload(self, frame: int, picture: dict[str, Any]) -> bytes:
        return HostView(match="replay", number=len(self._entries), frame=frame, at_ms=0.0, **picture).payload()


class Reel:
    """The pictures of one episode, all views beside each other: see `piece_path`."""

    def __init__(self, folder: Path, views: Views, most_bytes: int) -> None:
        self._folder = folder
        self._views = views
        self._rolls = [Roll(view) for view in views.all]
        self._left = most_bytes
        self._frames = 0
        self.pieces = 0
        self.bytes = 0
        """Of the newest piece on the disk."""
        self.is_full = False
        """There is no room for more: nothing is drawn any longer."""

    def before_step(self) -> None:
        if not self.is_full:
            self._views.before_step()

    def draw(self, frame: int) -> bool:
        """The pictures after `frame` (-1: before the first); whether that ended a piece."""
        if self.is_full:
            return False
        drawn = self._views.draw()
        for roll in self._rolls:
            roll.view.sounds = []
            roll.add(frame, roll.view in drawn)
        self._frames += 1
        # Before the first frame, one picture more: a page is told frames, and each has its picture.
        if self._frames < PIECE_FRAMES + (self.pieces == 0) and sum(roll.bytes for roll in self._rolls) < PIECE_BYTES:
            return False
        return frame >= 0 and self.flush()

    def flush(self) -> bool:
        """Whether there was something to lay down, and room for it."""
        if not self._frames or self.is_full:
            return False
        self._frames = 0
        pieces = {roll.view.players[0]: roll.take() for roll in self._rolls}
        self.bytes = sum(map(len, pieces.values()))
        self._left -= self.bytes
        if self._left < 0 or shutil.disk_usage(self._folder).free < LEAST_FREE_BYTES + self.bytes:
            self.is_full = True
            return False
        for player, piece in pieces.items():
            piece_path(self._folder, player, self.pieces).write_bytes(piece)
        self.pieces += 1
        return True
