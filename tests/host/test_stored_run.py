"""Batches that overlap, repeat and leave gaps become one run of frames, whoever reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igym.host.store.store import BatchRecord, Store
from igym.host.store.store_reader import StoredBatch, StoreReader
from igym.host.store.stored_run import InputRun, fresh, input_run, told_by_most

SENT = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 8)), max_size=8).map(sorted)


def stored(first: int, count: int) -> StoredBatch:
    return StoredBatch("p", "m", "g", 1, 0, 0, first, count, 0.0, {})


@given(SENT, st.integers(0, 6))
def test_each_frame_comes_once_and_in_order(sent: list[tuple[int, int]], known: int) -> None:
    parts = [(batch.first + skip, batch.first + batch.count) for batch, skip in fresh(map_stored(sent), known)]
    frames = [frame for begin, end in parts for frame in range(begin, end)]
    everything = {frame for first, count in sent for frame in range(first, first + count)}
    assert frames == sorted(frame for frame in everything if frame >= known)
    assert all(begin < end for begin, end in parts)


def map_stored(sent: list[tuple[int, int]]) -> list[StoredBatch]:
    return [stored(first, count) for first, count in sent]


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """Frames 0 to 9, some of them sent twice, then a gap."""
    path = tmp_path / "session.sqlite3"
    store = Store(path)
    for first, count in ((0, 4), (2, 2), (3, 7), (12, 2)):
        numbers = list(range(first, first + count))
        rows: dict[str, Any] = {"inputs": {"0": numbers, "1": [-n for n in numbers]}, "chain": f"after {first + count}"}
        packed = bytes(msgpack.packb({"first": first, "count": count, **rows}))
        await store.append_batch("s1", BatchRecord("p1", "m1", "g", 1, 0, first, first, count, packed, 5.0))
    store.close()
    return path


@pytest.mark.parametrize(("first", "frames"), [(0, 10), (3, 7), (12, 2), (10, 0), (20, 0)])
async def test_a_run_ends_at_the_first_gap(database: Path, first: int, frames: int) -> None:
    with StoreReader(database) as reader:
        run = input_run(reader, "s1", "m1", 0, "p1", first=first)
    assert run.frames == frames
    assert run.inputs.get("0", []) == list(range(first, first + frames))
    assert run.inputs.get("1", []) == [-n for n in range(first, first + frames)]
    assert run.chain == (f"after {first + frames}" if frames else "")


def run_of(*numbers: int) -> InputRun:
    return InputRun({"0": list(numbers), "1": [0] * len(numbers)}, len(numbers))


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([run_of(1, 2, 3), run_of(1, 2)], [1, 2, 3]),
        ([run_of(1, 2), run_of(1, 9, 9, 9, 9)], [1]),
        ([run_of(1, 2, 3), run_of(1, 9, 9, 9, 9, 9), run_of(1, 2)], [1, 2, 3]),
        ([run_of(1, 2), run_of(), run_of(1, 2, 3)], [1, 2, 3]),
        ([run_of()], []),
        ([], []),
    ],
)
def test_who_sent_most_is_not_believed_for_it(runs: list[InputRun], told: list[int]) -> None:
    found = told_by_most(runs)
    assert (found.inputs.get("0", []), found.frames) == (told, len(told))
