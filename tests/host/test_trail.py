"""The log as a chain: what was shown once cannot be removed or changed without being found out."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from igym.host.export.exporter import Exporter
from igym.host.export.manifest import Manifest
from igym.host.files.emptied import KEPT_RECORDS, emptied_text
from igym.host.replay.verify import check_trails
from igym.host.store.backup import back_up
from igym.host.store.rescue import rescue
from igym.host.store.store import EventRecord, RecordRow, SessionRecord, Store
from igym.host.store.store_reader import StoreReader
from igym.host.store.trail import START, code_of, plain_code

SESSION = SessionRecord("s1", 1.0, "42", '{"id": "x", "scenes": []}', "{}", "0.1")
ANSWER = json.dumps({"type": "message", "message": {"message": "answers", "payload": {"values": {"sad": "yes"}}}})


def group(seq: int, size: int = 2, participant: str = "p1") -> tuple[list[EventRecord], list[RecordRow]]:
    """Some answers and what the core wrote down about them."""
    seqs = range(seq, seq + size)
    events = [EventRecord(n, n + 0.1, "message", participant, ANSWER) for n in seqs]
    return events, [RecordRow(n, 0, n + 0.1, "answers", participant, None, "survey", '{"sad": "yes"}') for n in seqs]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Ten events of one session, in five groups."""
    place = tmp_path / "data" / "session.sqlite3"
    store = Store(place)
    await store.start_session(SESSION)
    for seq in range(0, 10, 2):
        await store.append_events("s1", *group(seq))
    store.close()
    return place


def code(path: Path) -> str:
    with StoreReader(path) as reader:
        head = reader.trail_head("s1")
        assert head is not None
        return head.code


def found(path: Path, *wanted: str) -> Any:
    with StoreReader(path) as reader:
        return reader.check_trail("s1", wanted)


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


async def more(path: Path, seq: int = 10) -> None:
    store = Store(path)
    await store.append_events("s1", *group(seq))
    store.close()


async def test_a_code_that_was_shown_holds_while_the_session_goes_on(path: Path) -> None:
    shown = code(path)
    assert found(path, shown).result == "whole"
    await more(path)
    assert code(path) != shown
    assert found(path, shown, code(path)).ok
    assert "12 events" in found(path).text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = replace(body, 'yes', 'no') WHERE seq = 3",
        "UPDATE events SET at = at + 1 WHERE seq = 3",
        "UPDATE events SET participant = 'p2' WHERE seq = 3",
        "DELETE FROM events WHERE seq = 3",
        "UPDATE records SET body = replace(body, 'yes', 'no') WHERE seq = 9",
        "DELETE FROM records WHERE seq = 0",
        "UPDATE records SET scene = 'other' WHERE seq = 5",
        "DELETE FROM trail WHERE last_seq = 3",
        "DELETE FROM trail WHERE last_seq = 1",
        "UPDATE trail SET head = lower(hex(randomblob(32))) WHERE last_seq = 9",
        "INSERT INTO events SELECT session, 50, at, type, participant, body FROM events WHERE seq = 3",
        "INSERT INTO records SELECT session, seq, 7, at, kind, participant, match, scene, body FROM records LIMIT 1",
        "DELETE FROM trail_items WHERE seq = 3",
        "UPDATE trail_items SET salt = randomblob(16) WHERE seq = 3",
    ],
)
async def test_whatever_is_changed_is_found(path: Path, statement: str) -> None:
    assert found(path).ok
    change(path, statement)
    assert found(path).result == "broken"


async def test_a_large_group_is_one_link_however_its_numbers_are_written(path: Path) -> None:
    """Times that are whole numbers, as no clock gives them, come back from the table with a point."""
    events, records = group(500, 200)
    store = Store(path)
    await store.append_events(
        "s1",
        [dataclasses.replace(event, at=int(event.at)) for event in reversed(events)],
        [dataclasses.replace(record, at=int(record.at)) for record in reversed(records)],
    )
    store.close()
    assert "210 events" in found(path).text
    assert found(path).result == "whole"


async def test_taking_off_the_end_is_found_by_the_code(path: Path) -> None:
    shown = code(path)
    tables = ("events", "records", "trail_items")
    change(path, *(f"DELETE FROM {table} WHERE seq >= 8" for table in tables), "DELETE FROM trail WHERE last_seq >= 8")
    assert found(path).ok, "nothing in the file tells"
    assert "removed or changed" in found(path, shown).text


async def test_a_past_made_anew_does_not_fit_the_code(path: Path, tmp_path: Path) -> None:
    """Somebody who knows everything about the format writes a whole new chain."""
    shown = code(path)
    forged = Store(tmp_path / "forged.sqlite3")
    await forged.start_session(SESSION)
    for seq in range(0, 10, 2):
        events, records = group(seq)
        await forged.append_events("s1", [e for e in events if e.seq != 3], [r for r in records if r.seq != 3])
    forged.close()
    assert found(tmp_path / "forged.sqlite3").ok
    assert not found(tmp_path / "forged.sqlite3", shown).ok


async def withdrawn(path: Path, participant: str = "p1") -> None:
    store = Store(path)
    record = RecordRow(10, 0, 10.5, "withdrawn", participant, None, None, '{"erase": true}')
    await store.append_events("s1", [EventRecord(10, 10.5, "command", None, "{}")], [record])
    await store.erase_participant("s1", participant, KEPT_RECORDS)
    await store.empty_events("s1", participant, emptied_text)
    store.close()


async def test_a_withdrawal_keeps_the_chain_and_leaves_nothing_to_guess_from(path: Path) -> None:
    shown = code(path)
    await withdrawn(path)
    told = found(path, shown)
    assert told.result == "whole"
    assert told.erased_items == 20
    connection = sqlite3.connect(path)
    salts = connection.execute("SELECT count(*) FROM trail_items WHERE kept IS NOT NULL AND salt IS NOT NULL")
    assert salts.fetchone()[0] == 0
    connection.close()
    assert b"sad" not in path.read_bytes()
    change(path, 'UPDATE records SET body = \'{"sad": "no"}\' WHERE seq = 3')
    assert found(path).result == "broken"


async def test_emptying_what_nobody_asked_for_is_found(path: Path) -> None:
    """A change in disguise: an entry emptied with its right hash kept, as erasing would."""
    store = Store(path)
    await store.erase_participant("s1", "p1", KEPT_RECORDS)
    store.close()
    assert "nobody is recorded to have asked" in found(path).text


async def test_copies_and_rescued_files_keep_the_chain(path: Path, tmp_path: Path) -> None:
    shown = code(path)
    for made in (tmp_path / "copy.sqlite3", tmp_path / "rescued.sqlite3"):
        (back_up if made.name == "copy.sqlite3" else rescue)(path, made)
        assert found(made, shown).ok
        await more(made)
        assert found(made, shown).ok


async def test_what_was_recorded_before_the_chain_opens_and_goes_on(path: Path) -> None:
    change(
        path, "DROP TABLE trail", "DROP TABLE trail_items", "UPDATE meta SET value = '2' WHERE key = 'schema_version'"
    )
    assert found(path).result == "none"
    assert "before the chain" in found(path).text
    assert not found(path, "AAAA-BBBB-CCCC-DDDD-EEEE").ok
    await more(path)
    assert found(path).result == "whole"
    assert "10 events were recorded before the chain" in found(path).text


async def test_an_erased_session_is_told_as_such(path: Path) -> None:
    store = Store(path)
    await store.erase_session("s1", KEPT_RECORDS, 5.0)
    store.close()
    assert found(path).result == "erased"


async def test_the_manifest_keeps_the_head_and_verify_takes_a_code_from_paper(path: Path) -> None:
    folder = path.parent
    with StoreReader(path) as reader:
        Exporter(reader, folder, "s1").export_tables()
    shown = Manifest(folder).trail["s1"]
    assert shown["code"] == code_of(shown["head"]) == code(path)
    on_paper = code(path).lower().replace("-", " ")
    await more(path)
    assert all(finding.ok for finding in check_trails(folder, None, on_paper))
    assert not all(finding.ok for finding in check_trails(folder, None, "AAAA-BBBB-CCCC-DDDD-EEEE"))
    tables = ("events", "records", "trail_items")
    change(path, *(f"DELETE FROM {table} WHERE seq >= 8" for table in tables), "DELETE FROM trail WHERE last_seq >= 8")
    assert [finding.result for finding in check_trails(folder, "s1")] == ["broken"]
    change(path, "DELETE FROM sessions")
    assert [finding.text for finding in check_trails(folder, None)] == ["Session s1 was removed from the log."]
    path.unlink()
    assert check_trails(folder, None) == []
    assert not check_trails(folder, None, on_paper)[0].ok


def test_codes_are_for_people() -> None:
    shown = code_of("ab" * 32)
    assert len(shown) == 24
    assert plain_code(f" {shown.lower().replace('-', '')} ") == shown
    assert plain_code(shown.replace("O", "0").replace("I", "1")) == shown
    assert START.startswith("igym-trail/")
