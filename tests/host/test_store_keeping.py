"""Older files brought up to date, newer ones refused, damaged ones saved from, copies made while writing goes on."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from igym import cli
from igym.host.base.errors import HostError
from igym.host.store import backup
from igym.host.store.backup import back_up
from igym.host.store.rescue import rescue
from igym.host.store.store import EventRecord, RecordRow, SessionRecord, Store
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import SCHEMA_VERSION
from tests.host.test_store import SESSION, batch, event

VERSION_1 = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sessions(
  id TEXT PRIMARY KEY, started_at REAL NOT NULL, ended_at REAL, seed TEXT NOT NULL, experiment_json TEXT NOT NULL,
  options_json TEXT NOT NULL, app_version TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE events(
  session TEXT NOT NULL, seq INTEGER NOT NULL, at REAL NOT NULL, type TEXT NOT NULL, participant TEXT,
  body TEXT NOT NULL, PRIMARY KEY(session, seq)) WITHOUT ROWID;
CREATE TABLE records(
  session TEXT NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL,
  participant TEXT, match TEXT, scene TEXT, body TEXT NOT NULL, PRIMARY KEY(session, seq, n)) WITHOUT ROWID;
CREATE INDEX records_by_kind ON records(session, kind, participant);
CREATE TABLE batches(
  session TEXT NOT NULL, participant TEXT NOT NULL, match TEXT NOT NULL, scene TEXT NOT NULL, visit INTEGER NOT NULL,
  episode INTEGER NOT NULL, seq INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, body BLOB NOT NULL,
  received_at REAL NOT NULL, PRIMARY KEY(session, participant, match, episode, first));
CREATE TABLE telemetry(
  session TEXT NOT NULL, participant TEXT NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE console(
  session TEXT NOT NULL, participant TEXT NOT NULL, at REAL NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL);
INSERT INTO meta VALUES ('schema_version', '1');
INSERT INTO sessions VALUES ('old', 1.0, 2.0, '42', '{"id": "demo"}', '{}', '0.1', 'ended');
INSERT INTO events VALUES ('old', 0, 1.5, 'tick', NULL, '{}');
INSERT INTO records VALUES ('old', 0, 0, 1.5, 'joined', 'ann', NULL, NULL, '{"label": "ann"}');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def old(folder: Path) -> Path:
    """A file as the first version of the tables had it."""
    folder.mkdir()
    path = folder / "session.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(VERSION_1)
    return path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    made = Store(folder / "session.sqlite3")
    yield made
    made.close()


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()[0])


async def test_an_older_file_is_copied_then_brought_up_to_date_and_goes_on(old: Path) -> None:
    store = Store(old)
    try:
        await store.start_session(SESSION)
    finally:
        store.close()

    assert version(old) == str(SCHEMA_VERSION)
    with StoreReader(old) as reader:
        assert [(row.id, row.seed, row.erased_at) for row in reader.sessions()] == [
            ("old", "42", None),
            ("s1", "42", None),
        ]
        assert [record.body for record in reader.records("old")] == [{"label": "ann"}]
    [copy] = (old.parent / "backups").glob("*.sqlite3")
    assert version(copy) == "1"
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT id FROM sessions").fetchall() == [("old",)]

    Store(old).close()
    assert len(list((old.parent / "backups").glob("*.sqlite3"))) == 1, "brought up to date once"


def test_an_older_file_can_be_read_and_exported_without_being_changed(old: Path) -> None:
    before = old.read_bytes()
    with StoreReader(old) as reader:
        assert [row.erased_at for row in reader.sessions()] == [None]
    assert cli.main(["export", str(old.parent)]) == 0
    assert old.read_bytes() == before
    assert (old.parent / "participants.csv").is_file()


def test_a_file_that_cannot_be_copied_is_not_changed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_copy", no_room)
    with pytest.raises(HostError) as failure:
        Store(old)
    assert failure.value.code == "disk_full"
    assert version(old) == "1"
    assert list((old.parent / "backups").iterdir()) == []


def test_a_step_that_fails_leaves_the_older_file(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ALTER TABLE sessions ADD COLUMN erased_at REAL")
    with pytest.raises(HostError):
        Store(old)
    assert version(old) == "1"


def test_a_newer_file_is_refused_for_reading_too(old: Path) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("UPDATE meta SET value = '999'")
    before = old.read_bytes()
    for opened in (Store, StoreReader):
        with pytest.raises(HostError, match="newer version of Interactive Gym"):
            opened(old)
    assert old.read_bytes() == before


async def test_a_copy_is_of_one_moment_while_writing_goes_on(store: Store, folder: Path) -> None:
    await store.start_session(SESSION)
    await store.append_events("s1", [event(n, body=json.dumps("x" * 2000)) for n in range(3000)], [])
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int, _: str) -> None:
        seen.append((done, total))

    copying = asyncio.create_task(asyncio.to_thread(back_up, store.path, None, progress))
    written = 3000
    while not copying.done():
        await store.append_events("s1", [event(written, body=json.dumps("y" * 2000))], [])
        written += 1
    result = await copying

    path = Path(result["path"])
    assert (path.parent, path.stat().st_size) == (folder / "backups", result["bytes"])
    assert seen[-1][0] == seen[-1][1]
    with StoreReader(path) as reader:
        seqs = [found.seq for found in reader.events("s1")]
    assert seqs == list(range(len(seqs))) and 3000 <= len(seqs) <= written
    assert [each.name for each in path.parent.iterdir()] == [path.name], "no companions, nothing half done"


def test_a_copy_never_overwrites(store: Store, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = folder / "mine.sqlite3"
    mine.write_text("precious")
    assert cli.main(["backup", str(folder), "--to", str(mine), "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["code"] == "exists"
    assert mine.read_text() == "precious"
    assert cli.main(["backup", str(folder), "--to", str(folder / "other.sqlite3"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1]["event"] == "backed_up" and lines[0]["event"] == "progress"
    assert cli.main(["backup", str(folder / "nowhere")]) == 1


async def damaged(folder: Path) -> Path:
    """A file with a hole in the middle of its rows."""
    path = folder / "session.sqlite3"
    store = Store(path)
    await store.start_session(SessionRecord("s1", 1.0, "42", '{"id": "demo"}', "{}", "0.1"))
    joined = [RecordRow(n, 0, 1.0, "joined", f"p{n}", None, None, '{"label": "x"}') for n in range(20)]
    await store.append_events("s1", [EventRecord(n, 1.0, "tick", None, "{}") for n in range(20)], joined)
    for n in range(400):
        await store.append_batch("s1", batch(first=2 * n, packed=os.urandom(900)))
    store.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 5 * 4096] = b"\xff" * (5 * 4096)
    path.write_bytes(bytes(content))
    return path


async def test_a_damaged_file_is_reported_with_what_is_saved_and_can_be_rescued(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = await damaged(folder)
    before = path.read_bytes()
    with pytest.raises(HostError) as failure:
        Store(path)
    assert failure.value.code == "database_damaged"
    assert "1 sessions, 20 events, 20 records" in failure.value.text

    assert cli.main(["rescue", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert path.read_bytes() == before
    with StoreReader(Path(told["path"])) as reader:
        assert len(list(reader.events("s1"))) == 20
        saved = reader.batch_keys("s1")
        assert len(saved) == told["counts"]["batches"] and 200 < len(saved) < 400
        firsts = [key.first for key in saved]
        assert (min(firsts), max(firsts)) == (0, 798), "from both sides of the hole"
    assert cli.main(["rescue", str(folder)]) == 1, "the rescued file is not overwritten"


def test_a_file_that_is_no_database_says_that_nothing_can_be_read(folder: Path) -> None:
    folder.mkdir()
    path = folder / "session.sqlite3"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(HostError, match="Nothing of it can be read"):
        Store(path)
    assert set(rescue(path, folder / "new.sqlite3").counts.values()) == {0}
