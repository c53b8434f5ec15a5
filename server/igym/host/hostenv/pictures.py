"""What leaves for the screens: each picture as a whole for who has none, or as the change since the one before."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

Op = list[Any]
_SIZE = struct.Struct("<HH")
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Pictures:
    """The pictures of one view, numbered from 0. `change` and `whole` are `{kind, body}` of the newest one."""

    def __init__(self) -> None:
        self.number = -1
        self.change: dict[str, Any] | None = None
        self._lists = _Lists()
        self._pixels = _Pixels()
        self._shown: _Lists | _Pixels = self._lists

    def add(self, drawn: str, pixels: np.ndarray[Any, Any] | None) -> bool:
        """Take what a painter drew; False when it drew nothing."""
        if not drawn:
            return False
        self.number += 1
        if drawn.startswith('{"pixels"'):
            assert pixels is not None
            self._shown = self._pixels
            self.change = {"kind": "pixels_change", "body": self._pixels.add(pixels)}
        else:
            self._shown = self._lists
            self.change = {"kind": "list_change", "body": self._lists.add(json.loads(drawn)["ops"])}
        return True

    def whole(self) -> dict[str, Any] | None:
        """For a screen that shows nothing of this yet; None before the first picture."""
        still = self.still()
        return None if still is None else still()

    def still(self) -> Callable[[], dict[str, Any]] | None:
        """Makes `whole` of the picture as it is now, later and in any thread; None before the first picture."""
        if self.number < 0:
            return None
        kind, body = ("pixels" if self._shown is self._pixels else "list"), self._shown.still()
        return lambda: {"kind": kind, "body": body()}


class _Lists:
    """Draw lists. `standing` are the persistent objects as they were before the newest list, from back to front."""

    def __init__(self) -> None:
        self._last: list[Op] = []
        self._standing: dict[str, Op] = {}
        self._before: list[Op] = []

    def add(self, ops: list[Op]) -> bytes:
        change = changes(self._last, ops)
        self._before = [["clear"], *self._standing.values()]
        for op in ops:
            self._stand(op)
        self._last = ops
        return str(_encode({"ops": change})).encode()

    def _stand(self, op: Op) -> None:
        if op[0] == "clear":
            self._standing.clear()
        elif op[0] == "del":
            self._standing.pop(op[1], None)
        elif op[0] == "put":
            known = self._standing.get(op[1])
            # An object that stays what it was keeps its place among the others.
            if known is None or known[2] != op[2] or not op[4]:
                self._standing.pop(op[1], None)
            if op[4]:
                self._standing[op[1]] = op

    def still(self) -> Callable[[], bytes]:
        # Lists are replaced, never changed, by the next picture.
        picture = {"before": self._before, "ops": self._last}
        return lambda: str(_encode(picture)).encode()


def changes(last: list[Op], ops: list[Op]) -> list[Op]:
    """`ops` told by `last`: `["=", i, n]` are its n ops from i on, `["~", i, props]` its op i with other properties."""
    places = {op[1]: index for index, op in enumerate(last) if op[0] == "put"}
    told: list[Op] = []
    for op in ops:
        index = places.get(op[1]) if op[0] == "put" else None
        if index is None:
            told.append(op)
        elif last[index] == op:
            _repeat(told, index)
        else:
            told.append(_changed(index, last[index], op))
    return told


def _repeat(told: list[Op], index: int) -> None:
    run = told[-1] if told else None
    if run is not None and run[0] == "=" and run[1] + run[2] == index:
        run[2] += 1
    else:
        told.append(["=", index, 1])


def _changed(index: int, old: Op, new: Op) -> Op:
    if old[:6] != new[:6] or old[6].keys() != new[6].keys():
        return new
    return ["~", index, {name: value for name, value in new[6].items() if old[6][name] != value}]


class _Pixels:
    """RGBA bytes; a change is what they are combined with, by exclusive or. An empty one: nothing has changed."""

    def __init__(self) -> None:
        self._last: np.ndarray[Any, Any] | None = None

    def add(self, pixels: np.ndarray[Any, Any]) -> bytes:
        height, width = pixels.shape[:2]
        last = self._last
        if last is None or last.shape != pixels.shape:
            last = np.zeros_like(pixels)
        mask = np.bitwise_xor(last, pixels)
        self._last = pixels.copy()
        return _SIZE.pack(width, height) + (zlib.compress(mask.tobytes(), 1) if mask.any() else b"")

    def still(self) -> Callable[[], bytes]:
        assert self._last is not None
        last = self._last
        height, width = last.shape[:2]
        return lambda: _SIZE.pack(width, height) + zlib.compress(last.tobytes(), 1)
