"""The one writer: what it acknowledges is on disk, what fails is said, neighbours do not suffer."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest

from igym.host.base.errors import HostError
from igym.host.store.backup import back_up
from igym.host.store.store import BatchRecord, EventRecord, RecordRow, SessionRecord, Store, StoreWriteError
from igym.host.store.store_reader import StoreReader

SESSION = SessionRecord("s1", 1.0, "42", "{}", "{}", "0.1")


def event(seq: int, **changes: Any) -> EventRecord:
    return EventRecord(**{"seq": seq, "at": float(seq), "type": "tick", "participant": None, "body": "{}", **changes})


def batch(first: int = 0, count: int = 2, **changes: Any) -> BatchRecord:
    packed = bytes(msgpack.packb({"first": first, "count": count, "parity": {"a": list(range(count))}}))
    fields = {"participant": "p1", "match": "m1", "scene": "g", "visit": 1, "episode": 0, "seq": 0, "first": first,
              "count": count, "packed": packed, "received_at": 5.0}  # fmt: skip
    return BatchRecord(**{**fields, **changes})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "session.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    made = Store(path)
    yield made
    made.close()


async def test_what_is_awaited_is_readable_by_others(store: Store, path: Path) -> None:
    await store.start_session(SESSION)
    record = RecordRow(1, 0, 1.0, "joined", "p1", None, "welcome", json.dumps({"label": "Ä"}))
    await store.append_events("s1", [event(0), event(1, participant="p1")], [record])
    await store.append_batch("s1", batch())
    await store.append_telemetry("s1", "p1", 1.0, "metrics", '{"fps": 30}')
    await store.append_console("s1", "p1", [(1.0, "log", "hello"), (2.0, "error", "oh")])

    with StoreReader(path) as reader:
        assert [row.seed for row in reader.sessions()] == ["42"]
        assert [e.seq for e in reader.events("s1")] == [0, 1]
        assert [r.body for r in reader.records("s1", kinds=("joined",), participant="p1")] == [{"label": "Ä"}]
        assert [b.rows["parity"] for b in reader.batches("s1")] == [{"a": [0, 1]}]
        assert [entry[3] for entry in reader.telemetry("s1", kind="metrics")] == [{"fps": 30}]
        assert [entry[3] for entry in reader.console("s1")] == ["hello", "oh"]


async def test_many_writes_share_a_transaction(store: Store, path: Path) -> None:
    await store.start_session(SESSION)
    commits: list[str] = []
    store._connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    await asyncio.gather(*(store.append_batch("s1", batch(first=n * 2)) for n in range(200)))

    assert len(commits) < 100
    with StoreReader(path) as reader:
        assert len(reader.batch_keys("s1")) == 200


async def test_the_writer_is_woken_once_for_all_that_comes_in_a_turn_of_the_loop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.start_session(SESSION)
    hand_over, handed = store._hand_over, list[int]()

    def counted(loop: asyncio.AbstractEventLoop) -> None:
        handed.append(len(store._gathered[loop]))
        hand_over(loop)

    monkeypatch.setattr(store, "_hand_over", counted)
    for first in (0, 3):
        turn = [store.append_batch("s1", batch(first=2 * n)) for n in range(first, first + 3)]
        assert await asyncio.gather(*turn) == [True, True, True]
    assert handed == [3, 3]


async def test_what_comes_in_the_turn_in_which_the_store_is_closed_is_written(store: Store, path: Path) -> None:
    await store.start_session(SESSION)
    last = store.append_batch("s1", batch())
    store.close()
    assert await last is True
    with StoreReader(path) as reader:
        assert len(reader.batch_keys("s1")) == 1


async def test_a_batch_sent_twice_is_stored_once_and_a_longer_one_replaces_nothing(store: Store, path: Path) -> None:
    assert await store.append_batch("s1", batch(count=2)) is True
    assert await store.append_batch("s1", batch(count=2)) is False
    assert await store.append_batch("s1", batch(count=1)) is False
    assert await store.append_batch("s1", batch(count=3)) is False

    with StoreReader(path) as reader:
        assert [(b.first, b.count, b.rows["count"]) for b in reader.batches("s1")] == [(0, 2, 2)]


async def test_batches_that_are_put_in_together_are_each_told_whether_they_brought_something(
    store: Store, path: Path
) -> None:
    await store.append_batch("s1", batch(first=40))
    # No batch is looked at before all of them are there: this one gathers them behind it.
    held = threading.Event()
    holding = store._submit(lambda _: held.wait())

    firsts = [*range(0, 300, 2), 20]
    put = [store.append_batch("s1", batch(first=first)) for first in firsts]
    held.set()
    await holding

    assert await asyncio.gather(*put) == [first != 40 for first in firsts[:-1]] + [False]
    with StoreReader(path) as reader:
        assert [b.first for b in reader.batches("s1")] == list(range(0, 300, 2))


async def test_many_batches_are_few_statements(store: Store, path: Path) -> None:
    statements: list[str] = []
    store._connection.set_trace_callback(statements.append)
    held = threading.Event()
    holding = store._submit(lambda _: held.wait())

    put = [store.append_batch("s1", batch(first=2 * n)) for n in range(200)]
    held.set()
    await holding

    assert all(await asyncio.gather(*put))
    # However many of them the writer found when it first looked.
    assert len([sql for sql in statements if "batches" in sql]) < 40


async def test_one_bad_write_does_not_take_its_neighbours_along(store: Store, path: Path) -> None:
    await store.append_events("s1", [event(0)], [])
    same_again = store.append_events("s1", [event(0)], [])
    good = store.append_events("s1", [event(1)], [])

    with pytest.raises(StoreWriteError):
        await same_again
    await good

    with StoreReader(path) as reader:
        assert [e.seq for e in reader.events("s1")] == [0, 1]


async def test_an_event_and_its_records_come_together_or_not_at_all(store: Store, path: Path) -> None:
    twice = RecordRow(0, 0, 1.0, "x", None, None, None, "{}")
    with pytest.raises(StoreWriteError):
        await store.append_events("s1", [event(0)], [twice, twice])

    with StoreReader(path) as reader:
        assert list(reader.events("s1")) == []


async def test_a_full_disk_is_named_and_nothing_is_half_written(store: Store, path: Path) -> None:
    await store.append_events("s1", [event(0)], [])
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreWriteError) as failure:
        await store.append_events("s1", [event(n, body="x" * 4000) for n in range(1, 200)], [])
    assert failure.value.code == "disk_full"
    assert "Free some space" in failure.value.text

    store._connection.execute("PRAGMA max_page_count = 1000000")
    await store.append_events("s1", [event(1)], [])
    with StoreReader(path) as reader:
        assert [e.seq for e in reader.events("s1")] == [0, 1]


async def test_a_locked_file_is_named(store: Store, path: Path) -> None:
    await store.start_session(SESSION)
    store._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreWriteError) as failure:
            await store.append_events("s1", [event(0)], [])
    finally:
        other.close()
    assert failure.value.code == "locked"


def test_a_damaged_file_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database at all, and rather long for one" * 100)
    before = path.read_bytes()

    with pytest.raises(HostError) as failure:
        Store(path)

    assert failure.value.code == "database_damaged"
    assert path.read_bytes() == before


async def test_damage_inside_the_file_is_found_when_it_is_opened(path: Path) -> None:
    store = Store(path)
    await store.append_events("s1", [event(n, body="x" * 500) for n in range(200)], [])
    store.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 6000] = b"\xff" * 6000
    path.write_bytes(bytes(content))

    with pytest.raises(HostError) as failure:
        Store(path)
    assert failure.value.code == "database_damaged"


def test_a_newer_schema_is_refused(path: Path) -> None:
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    connection.close()

    with pytest.raises(HostError, match="newer version"):
        Store(path)


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(HostError) as failure:
        Store(tmp_path / "file" / "session.sqlite3")
    assert failure.value.code == "no_write_permission"


async def test_writes_after_closing_fail_instead_of_hanging(store: Store) -> None:
    store.close()
    with pytest.raises(StoreWriteError):
        await store.append_events("s1", [event(0)], [])


async def test_a_backup_is_a_whole_database(store: Store, tmp_path: Path) -> None:
    await store.start_session(SESSION)
    await store.append_events("s1", [event(0)], [])
    back_up(store.path, tmp_path / "copy" / "backup.sqlite3")

    with StoreReader(tmp_path / "copy" / "backup.sqlite3") as reader:
        assert [e.seq for e in reader.events("s1")] == [0]


async def test_erasing_takes_one_persons_content_and_keeps_the_partners(store: Store, path: Path) -> None:
    records = [
        RecordRow(0, n, 1.0, kind, person, None, None, '{"values": {"x": 1}}')
        for n, (kind, person) in enumerate([("answers", "p1"), ("answers", "p2"), ("match_ended", "p1")])
    ]
    await store.append_events("s1", [event(0)], records)
    await store.append_batch("s1", batch())
    await store.append_batch("s1", batch(participant="p2"))

    counts = await store.erase_participant("s1", "p1", {"match_ended"})

    assert counts["batches"] == 1 and counts["records"] == 1
    with StoreReader(path) as reader:
        bodies = {(r.kind, r.participant): r.body for r in reader.records("s1")}
        assert bodies[("answers", "p1")] == {"erased": True}
        assert bodies[("answers", "p2")] == bodies[("match_ended", "p1")] == {"values": {"x": 1}}
        assert [b.participant for b in reader.batches("s1")] == ["p2"]


async def test_nothing_of_whoever_was_erased_is_put_in_later(store: Store, path: Path) -> None:
    erased = store.erase_participant("s1", "p1", ())
    said = [(1.0, "log", "said")]
    for person in ("p1", "p2"):
        assert await store.append_batch("s1", batch(participant=person)) == (person == "p2")
        await store.append_telemetry("s1", person, 1.0, "clock", "{}")
        await store.append_console("s1", person, said)
    assert await erased == {"batches": 0, "telemetry": 0, "console": 0, "records": 0}
    with sqlite3.connect(path) as connection:
        for table in ("batches", "telemetry", "console"):
            assert connection.execute(f"SELECT participant FROM {table}").fetchall() == [("p2",)], table
    connection.close()


async def test_batches_are_stored_compressed(store: Store, path: Path) -> None:
    long = batch(packed=bytes(msgpack.packb({"a": [0] * 5000})))
    await store.append_batch("s1", long)
    with sqlite3.connect(path) as connection:
        (body,) = connection.execute("SELECT body FROM batches").fetchone()
    connection.close()
    assert len(body) < 500
    assert zlib.decompress(body) == long.packed


def test_what_is_asked_about_one_person_or_match_is_found_by_index(tmp_path: Path) -> None:
    """However long the session is: never by going through all of it."""
    path = tmp_path / "session.sqlite3"
    Store(path).close()
    Store(path).close()  # opened again it knows as much
    asked: list[str] = []
    with StoreReader(path) as reader:
        reader._connection.set_trace_callback(asked.append)
        person, match = {"participant": "p"}, {"match": "m"}
        for filters in ({"kinds": ("a",)}, person, person | {"kinds": ("a", "b")}, match | {"kinds": ("a", "b")},
                        person | match | {"kinds": ("a",)}, person | {"kinds": ("a", "b"), "scene": "s"},
                        {"kinds": ("a", "b"), "after": 7}):  # fmt: skip
            assert list(reader.records("s", **filters)) == []  # type: ignore[arg-type]
        assert list(reader.batches("s", match="m")) == []
        assert list(reader.batches("s", match="m", participant="p", episode=1)) == []
        assert list(reader.telemetry("s", participant="p")) == list(reader.console("s", participant="p")) == []
        assert reader.episodes("s", match="m") == reader.recorded_matches("s", "p", "scene") == []
        reader._connection.set_trace_callback(None)
        assert len(asked) == 13
        for sql in asked:
            steps = [row["detail"] for row in reader._connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
            searched = [step for step in steps if "SEARCH" in step]
            assert searched and not [step for step in searched if step.endswith("(session=?)")], (sql, steps)
            assert not [step for step in steps if "SCAN" in step and "subquery" not in step], (sql, steps)


async def test_what_is_new_is_added_to_who_was_put_into_which_match(tmp_path: Path) -> None:
    store = Store(tmp_path / "session.sqlite3")
    await store.start_session(SessionRecord("s", 1.0, "42", "{}", "{}", "0.1"))

    async def formed(seq: int, match: str, scene: str, *people: str) -> None:
        body = json.dumps({"players": [{"participant": who} for who in people]})
        record = RecordRow(seq, 0, 1.0, "match_formed", None, match, scene, body)
        await store.append_events("s", [EventRecord(seq, 1.0, "tick", None, "{}")], [record])

    await formed(0, "m1", "duel", "ann", "bob")
    with StoreReader(store.path) as reader:
        assert reader.formed_matches("s", "ann", "duel") == ["m1"]
        await formed(1, "m2", "duel", "ann", "cem")
        await formed(2, "m3", "solo", "ann")
        assert reader.formed_matches("s", "ann", "duel") == ["m1", "m2"]
        assert reader.formed_matches("s", "bob", "duel") == ["m1"] and reader.formed_matches("s", "dora", "duel") == []
    store.close()
