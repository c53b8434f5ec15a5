"""What is erased on request is erased in every copy that the app made, and the receipt accounts for each."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from igym import cli
from igym.core.events import Command
from igym.host.base.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.manifest import Manifest
from igym.host.files import copies
from igym.host.files.export_formats import FORMATS, write_format
from igym.host.replay.files import find_replays
from igym.host.replay.verify import Verified, verify
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.backup import back_up
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import PAIR, SURVEY, StartEngine
from tests.host.export.store_builder import StoreBuilder
from tests.host.test_control import Attach, attach

__all__ = ["attach"]

MAIL = "anna.lindqvist@example.org"
HEARD = """
def on_answers(context):
    return {"attributes": {"said": "They said: " + context.answers["words"]["text"]}}
"""
TALK = HEARD + PAIR.replace("Experiment(", 'Experiment(callbacks={"on_answers": on_answers}, ', 1).replace(
    "GymScene, EndScene", "GymScene, EndScene, TextBox"
).replace('GymScene("duel")', 'TextBox("words", question="A few words?"),\n        GymScene("duel")', 1)


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folder, and every file within a zip."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path.name}/{name}", archive.read(name)) for name in archive.namelist())


def holding(folder: Path, *texts: str) -> list[str]:
    return [name for name, content in contents(folder) if any(text.encode() in content for text in texts)]


def answer_of(database: Path, participant: str) -> str:
    with StoreReader(database) as reader:
        [session] = reader.sessions()
        [record] = reader.records(session.id, kinds=("answers",), participant=participant)
    return str(record.body["values"]["text"])


def left_in(database: Path, participant: str) -> tuple[int, bool, str]:
    """(batches of the person, whether the chain holds, what it says)."""
    with StoreReader(database) as reader:
        [session] = reader.sessions()
        trail = reader.check_trail(session.id)
        return sum(1 for _ in reader.batches(session.id, participant=participant)), trail.ok, trail.text


async def test_whoever_is_erased_after_the_session_is_in_no_copy_any_more(start_engine: StartEngine) -> None:
    engine = await start_engine(TALK)
    pair = [SimulatedParticipant(engine.join_url, Behaviour(seed=n, frames=40)) for n in (1, 2)]
    await asyncio.gather(pair[0].run(params={"mail": MAIL}), pair[1].run())
    gone, stays = (person.client.participant for person in pair)
    engine.journal.warning("test", f"Something about {MAIL}")
    session = engine.begun.id
    await engine.runtime.submit(Command("end_session"))
    await engine.stop("done")
    folder, database = engine.folder, engine.folder / "session.sqlite3"
    text = answer_of(database, gone)
    kept = (folder / "duel" / f"{stays}_ep0.csv").read_bytes()
    scatter(folder, gone, session, text)
    with StoreReader(database) as reader:
        for name in FORMATS:
            write_format(Exporter(reader, folder, session), name)
    assert await asyncio.to_thread(cli.main, ["report", str(folder)]) == 0
    found = holding(folder, text, MAIL)
    assert {name.split("/")[0] for name in found} >= {"backups", "exports", "experiment", "words", "session.sqlite3"}

    assert await asyncio.to_thread(cli.main, ["withdraw", str(folder), session, gone, "--reason", "asked"]) == 0

    assert holding(folder, text, MAIL) == []
    named = {Path(name).name for name, _ in contents(folder) if gone in name}
    came = {f"sub-{gone}_task-pair_events.json", f"sub-{gone}_task-pair_events.tsv"}
    assert named <= {f"{gone}.json", f"{gone}_multiplayer_metrics.json", *came}, "that they took part, and no more"
    assert (folder / "duel" / f"{stays}_ep0.csv").read_bytes() == kept, "the partner's own file stays as it was"
    for path in (database, *folder.glob("backups/*.sqlite3"), folder / "session_rescued.sqlite3"):
        batches, holds, told = left_in(path, gone)
        assert (batches, holds) == (0, True), f"{path.name}: {told}"
    check_receipt(json.loads((folder / "withdrawals" / f"{gone}.json").read_text("utf-8")), session)
    report = Manifest(folder).verify()
    assert report.ok, report
    exports = folder / "exports" / session
    assert list((exports / "parquet").rglob(f"{stays}*.parquet")), "formats are there again, without them"
    assert "Withdrawn (n = 1)" in (exports / "report" / "report.html").read_text("utf-8")
    assert not list((folder / "exports" / "all-sessions").rglob("*.html")), "of all sessions, to be asked for anew"
    assert verified(folder).is_sound

    assert await asyncio.to_thread(cli.main, ["withdraw", str(folder), session, stays, "--reason", "asked"]) == 0

    assert not list(folder.rglob("*_aggregated_metrics.json")) and not list(folder.glob("replays/*"))
    last = verified(folder)
    assert last.is_sound and last.outcome == "nothing", last.text()
    assert "Nothing is left of 1 match: the data of those who played it were erased." in last.text()
    with pytest.raises(HostError) as refused:
        find_replays(folder)
    assert refused.value.code == "without_replay" and "were erased" in refused.value.text


def verified(folder: Path) -> Verified:
    return verify(folder, None, None, lambda *_: None, lambda: False)


def scatter(folder: Path, gone: str, session: str, text: str) -> None:
    """Copies of every kind."""
    back_up(folder / "session.sqlite3")
    back_up(folder / "session.sqlite3", folder / "session_rescued.sqlite3")
    inside = folder / "experiment" / session / "sources" / "earlier"
    inside.mkdir(parents=True)
    shutil.copy(folder / "session.sqlite3", inside / "session.sqlite3")
    (folder / "words" / f".{gone}.csv.x1.part").write_text(text, "utf-8")
    (folder / "words" / f"{gone} (new).csv").write_text(text, "utf-8")


def check_receipt(receipt: dict[str, Any], session: str) -> None:
    done = {entry["file"]: entry["done"] for entry in receipt["copies"]}
    assert done["session_rescued.sqlite3"] == "erased in it"
    assert [done[name] for name in done if name.startswith("backups/")] == ["erased in it"]
    assert done[f"experiment/{session}/sources/earlier"] == "removed"
    assert any(name.endswith(".part") and what == "removed" for name, what in done.items())
    assert done["engine.log"].endswith("lines removed")
    for name in ("parquet", "jsonl", "xlsx", "spss", "stata", "psych-ds", "bids"):
        assert done[f"exports/{session}/{name}"] == "written anew without it"
    assert done[f"exports/{session}.zip"] == "written anew without it"


async def test_a_copy_made_after_the_withdrawal_in_the_running_session_is_erased_at_its_end(
    start_engine: StartEngine, attach: Attach
) -> None:
    engine = await start_engine(SURVEY)
    launcher = await attach(engine)
    person = SimulatedParticipant(engine.join_url, Behaviour(seed=3))
    await person.run(params={"mail": MAIL})
    gone = person.client.participant
    text = answer_of(engine.store.path, gone)
    assert (await launcher.command("withdraw", "asked", participant=gone, erase=True))["ok"]
    made = await launcher.command("backup")
    assert made["ok"], made
    await launcher.command("end_session")
    await engine.stop("ended")

    assert list((engine.folder / "backups").glob("*.sqlite3"))
    assert holding(engine.folder, text, MAIL) == []
    receipt = json.loads((engine.folder / "withdrawals" / f"{gone}.json").read_text("utf-8"))
    done = {entry["file"].split("/")[0]: entry["done"] for entry in receipt["copies"]}
    assert done["backups"] == done["session.sqlite3"] == "erased in it"
    assert Manifest(engine.folder).verify().ok


async def test_a_copy_that_cannot_be_changed_is_told_and_stops_nothing(
    start_engine: StartEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = await start_engine(SURVEY)
    person = SimulatedParticipant(engine.join_url, Behaviour(seed=3))
    await person.run()
    await engine.stop("done")
    (engine.folder / "backups").mkdir(exist_ok=True)
    (engine.folder / "backups" / "old.sqlite3").write_bytes(b"not a database at all" * 100)
    gone = person.client.participant
    assert await asyncio.to_thread(cli.main, ["withdraw", str(engine.folder), engine.begun.id, gone]) == 0
    receipt = json.loads((engine.folder / "withdrawals" / f"{gone}.json").read_text("utf-8"))
    [told] = [entry["done"] for entry in receipt["copies"] if entry["file"] == "backups/old.sqlite3"]
    assert "remove it yourself" in told
    [still] = [entry["done"] for entry in receipt["copies"] if entry["file"] == "session.sqlite3"]
    assert "until it is ended" in still, "this session can still be gone on with"
    assert "backups/old.sqlite3" in capsys.readouterr().out


@pytest.mark.parametrize("has_chain", [True, False])
def test_a_copy_of_before_the_chain_is_erased_too(tmp_path: Path, has_chain: bool) -> None:
    builder = StoreBuilder(tmp_path).session("s1")
    builder.record("joined", "ann", label="Ann Smith").record("answers", "ann", values={"text": "a secret"})
    builder.record("joined", "bob", label="Bob Jones")
    copy = tmp_path / "backups" / "before_schema3.sqlite3"
    back_up(builder.path, copy)
    if not has_chain:
        with closing(sqlite3.connect(copy)) as old:
            old.executescript("DROP TABLE trail; DROP TABLE trail_items; UPDATE meta SET value = '1';")
    builder.record("withdrawn", "ann", erase=True)
    builder.close()
    with StoreReader(builder.path) as reader:
        told = copies.erase_participant(reader, "s1", "ann")
        again = copies.erase_participant(reader, "s1", "ann")
    assert told == again == [{"file": "backups/before_schema3.sqlite3", "done": "erased in it"}]
    assert b"a secret" not in copy.read_bytes() and b"Ann Smith" not in copy.read_bytes()
    assert b"Bob Jones" in copy.read_bytes()
