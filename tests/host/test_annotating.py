"""A stored session is named, noted, sorted among pilots, and erased by itself, by the commands the Data page uses."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from igym import cli
from igym.core.events import Command
from igym.host.engine.engine import Engine
from igym.host.export.manifest import Manifest
from igym.host.export.selection import annotation_of
from igym.host.export.selfcheck import check_tables
from igym.host.replay.verify import check_trails
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import SURVEY, StartEngine
from tests.host.test_keeping_data import holding, table, took_part


async def ended(start_engine: StartEngine, seed: int) -> tuple[Engine, str]:
    engine = await start_engine(SURVEY)
    who = await took_part(engine, seed)
    await engine.runtime.submit(Command("end_session", {}, "", "test"))
    await engine.stop("done")
    return engine, who


async def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = await asyncio.to_thread(cli.main, [*arguments, "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == (1 if told["event"] == "failed" else 0)
    return told


def sessions_in(path: Path) -> set[str]:
    return {row["session"] for row in table(path)}


async def test_a_session_becomes_a_pilot_with_all_its_files_and_back(
    start_engine: StartEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    first, one = await ended(start_engine, 3)
    second, other = await ended(start_engine, 4)
    folder, session = first.folder, first.begun.id
    told = await run(
        capsys, "annotate", str(folder), session, "--name", "Trial run", "--note", "no air", "--kind", "pilot"
    )
    assert (told["event"], told["kind"]) == ("annotated", "pilot") and told["removed"] > 0
    with StoreReader(folder / "session.sqlite3") as reader:
        assert annotation_of(reader, session) == ("Trial run", "no air")
    assert sessions_in(folder / "participants.csv") == {second.begun.id}
    assert sessions_in(folder / "_pilot" / "participants.csv") == {session}
    assert (folder / "_pilot" / "words" / f"{one}.csv").is_file() and not (folder / "words" / f"{one}.csv").exists()
    assert (folder / "words" / f"{other}.csv").is_file()
    assert Manifest(folder).verify().ok
    assert Manifest(folder).sessions[session] == {"kind": "pilot", "name": "Trial run", "profile": ""}
    for place in (folder, folder / "_pilot"):
        check = check_tables(place)
        assert check is not None and check.ok, check
    assert "no air" in (folder / "_pilot" / "events.jsonl").read_text("utf-8")

    refused = await run(capsys, "annotate", str(folder), session, "--kind", "rehearsal")
    assert refused["code"] == "bad_argument"
    assert (await run(capsys, "annotate", str(folder), session, "--kind", "study"))["kind"] == "study"
    assert sessions_in(folder / "participants.csv") == {session, second.begun.id}
    assert not list((folder / "_pilot" / "words").glob("*"))
    assert {finding.result for finding in check_trails(folder, None)} == {"whole"}


async def test_one_session_is_erased_with_its_note_and_the_others_stay(
    start_engine: StartEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    first, one = await ended(start_engine, 3)
    _, other = await ended(start_engine, 4)
    folder, session = first.folder, first.begun.id
    text, kept = (table(folder / "words" / f"{who}.csv")[0]["text"] for who in (one, other))
    await run(capsys, "annotate", str(folder), session, "--note", "Mr Smith complained")
    shown = await run(capsys, "retention", str(folder), "--session", session)
    assert shown["dry_run"] and [old["session"] for old in shown["sessions"]] == [session] and holding(folder, text)
    told = await run(capsys, "retention", str(folder), "--session", session, "--erase")
    receipt = json.loads((folder / told["receipt"]).read_text("utf-8"))
    assert [old["session"] for old in receipt["sessions"]] == [session] and receipt["removed_files"]
    assert holding(folder, text) == [] and holding(folder, "Mr Smith") == []
    assert holding(folder, kept) and (folder / "words" / f"{other}.csv").is_file()
    again = await run(capsys, "retention", str(folder), "--session", session, "--erase")
    assert again["code"] == "erased"
    assert (await run(capsys, "retention", str(folder), "--session", "nobody", "--erase"))["code"] == "unknown_session"
    assert (await run(capsys, "annotate", str(folder), session, "--name", "x"))["code"] == "erased"
