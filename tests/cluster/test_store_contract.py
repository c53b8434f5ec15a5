"""What store and reader promise, asked of the SQLite file and of the tables on a server alike."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest

from igym.host.store.store import BatchRecord, EventRecord, RecordRow, SessionRecord, Store, StoreWriteError
from igym.host.store.store_reader import StoreReader

SESSION = SessionRecord("s1", 1.0, "42", '{"id": "study"}', '{"rules": 3}', "0.1")


def event(seq: int, **changes: Any) -> EventRecord:
    return EventRecord(**{"seq": seq, "at": seq + 0.1, "type": "tick", "participant": None, "body": "{}", **changes})


def record(seq: int, n: int = 0, **changes: Any) -> RecordRow:
    fields = {"seq": seq, "n": n, "at": 1.0, "kind": "joined", "participant": "p1", "match": None, "scene": "welcome",
              "body": "{}"}  # fmt: skip
    return RecordRow(**{**fields, **changes})


def batch(first: int = 0, count: int = 2, **changes: Any) -> BatchRecord:
    packed = bytes(msgpack.packb({"first": first, "count": count, "parity": {"a": list(range(count))}, "chain": "c"}))
    fields = {"participant": "p1", "match": "m1", "scene": "g", "visit": 1, "episode": 0, "seq": 0, "first": first,
              "count": count, "packed": packed, "received_at": 5.0}  # fmt: skip
    return BatchRecord(**{**fields, **changes})


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    made = Store(database)
    yield made
    made.close()


async def test_what_is_awaited_is_read_as_it_was_written(store: Store, database: Path) -> None:
    await store.start_session(SESSION)
    text = 'Ä "q" 100 % :id ? \u2603 \\u0000'
    await store.append_events("s1", [event(0), event(1, participant="p1")], [record(1, body=json.dumps({"t": text}))])
    assert await store.append_batch("s1", batch()) is True
    await store.append_telemetry("s1", "p1", 1.25, "metrics", '{"fps": 30}')
    await store.append_console("s1", "p1", [(1.0, "log", "a\0b"), (2.0, "error", "50 % ?")])

    with StoreReader(database) as reader:
        [row] = reader.sessions()
        assert (row.id, row.seed, row.experiment, row.options, row.state) == (
            "s1", "42", {"id": "study"}, {"rules": 3}, "running",
        )  # fmt: skip
        assert [(e.seq, e.at, e.participant) for e in reader.events("s1")] == [(0, 0.1, None), (1, 1.1, "p1")]
        assert [e.seq for e in reader.events("s1", after=0, types=("tick",))] == [1]
        assert [r.body for r in reader.records("s1", kinds=("joined",), participant="p1")] == [{"t": text}]
        assert [b.rows["parity"] for b in reader.batches("s1", from_frame=1)] == [{"a": [0, 1]}]
        assert list(reader.telemetry("s1", kind="metrics")) == [("p1", 1.25, "metrics", {"fps": 30})]
        assert [line[3] for line in reader.console("s1")] == ["a\ufffdb", "50 % ?"]
        assert (reader.last_seq("s1"), reader.last_seq("other"), reader.session("other")) == (1, -1, None)


async def test_a_batch_is_stored_once_and_kept_as_it_came_first(store: Store, database: Path) -> None:
    assert [await store.append_batch("s1", batch(count=count)) for count in (2, 2, 1, 3)] == [True, False, False, False]

    with StoreReader(database) as reader:
        assert [(b.first, b.count, b.rows["count"]) for b in reader.batches("s1")] == [(0, 2, 2)]


async def test_a_bad_write_takes_no_neighbour_along(store: Store, database: Path) -> None:
    await store.append_events("s1", [event(0)], [])
    writes = [store.append_events("s1", [event(seq)], []) for seq in (0, 1)]
    twice = store.append_events("s1", [event(2)], [record(2), record(2)])

    assert isinstance((await asyncio.gather(*writes, return_exceptions=True))[0], StoreWriteError)
    with pytest.raises(StoreWriteError):
        await twice
    with StoreReader(database) as reader:
        assert [e.seq for e in reader.events("s1")] == [0, 1]
        assert list(reader.records("s1")) == []


async def test_rows_are_counted_ordered_and_found_again(store: Store, database: Path) -> None:
    await store.start_session(SESSION)
    keys = [("p2", "m2", 0), ("p1", "m1", 2), ("p1", "m1", 0), ("p1", "m0", 0)]
    for participant, match, first in keys:
        await store.append_batch("s1", batch(first, participant=participant, match=match))
    await store.append_events("s1", [event(0)], [record(0, participant="p1", body='{"label": "Ä"}')])

    with StoreReader(database) as reader:
        assert [key.first for key in reader.newest_batches("s1")] == [0, 0, 2, 0]
        assert [key.match for key in reader.newest_batches("s1")] == ["m0", "m1", "m1", "m2"]
        assert sorted(reader.episodes("s1")) == [("g", "m0", 0, "p1"), ("g", "m1", 0, "p1"), ("g", "m2", 0, "p2")]
        assert reader.recorded_matches("s1", "p1", "g") == ["m1", "m0"]
        assert list(reader.frames_stored("s1")) == [
            ("p1", "m0", "g", 0, 2), ("p1", "m1", "g", 0, 4), ("p2", "m2", "g", 0, 2),
        ]  # fmt: skip
        assert (reader.frame_count("s1"), reader.episode_stamp("s1", "p1", "m1", 0)) == (8, (2, 4))
        sizes = reader.stored_by_participant("s1")
        assert sizes["p1"][0] > sizes["p2"][0] > 0
        assert reader.stored_bytes("s1") > sum(rows for rows, _ in sizes.values())


async def test_reading_goes_on_while_something_else_is_asked_and_written(store: Store, database: Path) -> None:
    for first in range(0, 400, 2):
        _ = store.append_batch("s1", batch(first))
    await store.append_batch("s1", batch(400))

    with StoreReader(database) as reader:
        for number, key in enumerate(reader.newest_batches("s1")):
            [_] = [b for b in reader.batches("s1", from_frame=key.first) if b.first == key.first]
            if number == 5:
                await store.append_batch("s1", batch(500))
                break
        assert reader.frame_count("s1") == 404


async def test_the_chain_holds_also_after_erasing_and_tells_of_a_change(store: Store, database: Path) -> None:
    await store.start_session(SESSION)
    await store.append_events("s1", [event(0, participant="p1", body='{"secret": 1}')], [record(0)])
    withdrawn = record(1, kind="withdrawn", body='{"erase": true}')
    await store.append_events("s1", [event(1, participant="p1")], [withdrawn, record(1, 1, body='{"secret": 2}')])
    await store.append_batch("s1", batch())

    erased = await store.erase_participant("s1", "p1", {"withdrawn"})
    assert erased == {"batches": 1, "telemetry": 0, "console": 0, "records": 2}
    emptied = '{"erased": true}'
    assert await store.empty_events("s1", "p1", lambda body: emptied if "secret" in body else None) == 1
    with StoreReader(database) as reader:
        head, finding = reader.trail_head("s1"), reader.check_trail("s1")
        assert head is not None and (head.events, head.before, head.last_seq) == (2, 0, 1)
        assert (finding.result, finding.erased_items) == ("whole", 3)

    await store._submit(lambda connection: connection.execute("UPDATE events SET at = 9 WHERE seq = 1"))
    with StoreReader(database) as reader:
        assert reader.check_trail("s1").result == "broken"


async def test_a_nought_with_a_sign_is_one_without_in_the_chain(store: Store, database: Path) -> None:
    """A file keeps no sign of it, a server does."""
    await store.start_session(SESSION)
    await store.append_events("s1", [event(0, at=-0.0)], [record(0, at=-0.0)])
    with StoreReader(database) as reader:
        assert reader.check_trail("s1").result == "whole"


async def test_a_session_is_ended_and_erased(store: Store, database: Path) -> None:
    await store.start_session(SESSION)
    await store.append_events("s1", [event(0)], [record(0), record(0, 1, kind="kept", body='{"a": 1}')])
    for first in range(0, 1200, 2):
        _ = store.append_batch("s1", batch(first))
    await store.set_session_state("s1", "ended", 9.5)

    assert await store.erase_session("s1", {"kept"}, 20.0) == {
        "batches": 600, "telemetry": 0, "console": 0, "records": 1, "events": 1,
    }  # fmt: skip
    with StoreReader(database) as reader:
        [row] = reader.sessions()
        assert (row.state, row.ended_at, row.erased_at) == ("ended", 9.5, 20.0)
        assert [r.body for r in reader.records("s1")] == [{"erased": True}, {"a": 1}]
        assert reader.check_trail("s1").result == "erased"
