"""Which frames of a batch are new: what is stored stays as it is, whatever a browser sends of it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from igym.protocol.binary import CHECK_DIGITS, Rows


class Stored:
    """The frames of one episode that one participant has on disk, as disjoint ranges."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self.ranges = sorted(ranges)
        """(first, last), inclusive."""

    def missing(self, first: int, last: int) -> list[tuple[int, int]]:
        """The parts of `first` … `last` that are not stored."""
        found, at = [], first
        for start, end in self.ranges:
            if end < at:
                continue
            if start > last:
                break
            if start > at:
                found.append((at, start - 1))
            at = max(at, end + 1)
        return [*found, (at, last)] if at <= last else found

    def add(self, first: int, last: int) -> None:
        merged: list[tuple[int, int]] = []
        for start, end in sorted([*self.ranges, (first, last)]):
            if merged and start <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        self.ranges = merged


def part(rows: Rows, first: int, last: int) -> Rows:
    """The frames `first` … `last` of a batch, as a batch. A part that ends early knows the beginning of its chain."""
    if (first, last) == (rows.first, rows.last_frame):
        return rows
    begin, end = first - rows.first, last - rows.first + 1
    checks = rows.checks[begin * CHECK_DIGITS : end * CHECK_DIGITS]
    digits = len(rows.marks) // rows.count
    ends_early = last < rows.last_frame
    return rows.model_copy(
        update={
            "first": first,
            "count": end - begin,
            "parity": {name: cells[begin:end] for name, cells in rows.parity.items()},
            "local": {name: cells[begin:end] for name, cells in rows.local.items()},
            "inputs": {player: cells[begin:end] for player, cells in rows.inputs.items()},
            "checks": checks,
            "marks": rows.marks[begin * digits : end * digits],
            "chain": (checks[-CHECK_DIGITS:] or rows.chain) if ends_early else rows.chain,
        }
    )


def first_contradiction(rows: Rows, batches: Iterator[dict[str, Any]]) -> int | None:
    """The first frame of which the batch says something else than what is stored; None when they agree."""
    for stored in batches:
        begin, end = max(rows.first, stored["first"]), min(rows.last_frame, stored["first"] + stored["count"] - 1)
        if begin <= end:
            frame = _first_difference(rows, stored, begin, end)
            if frame is not None:
                return frame
    return None


def _first_difference(rows: Rows, stored: dict[str, Any], begin: int, end: int) -> int | None:
    for name in ("parity", "inputs"):
        own, known = getattr(rows, name), stored[name]
        for column in own.keys() | known.keys():
            for frame in range(begin, end + 1):
                if _cell(own, column, frame - rows.first) != _cell(known, column, frame - stored["first"]):
                    return frame
    return None


def _cell(columns: dict[str, list[Any]], name: str, index: int) -> str | None:
    """As text: not-a-number is itself here, and 1 is not true. A column that is not there holds nothing."""
    return repr(columns[name][index]) if name in columns and columns[name][index] is not None else None
