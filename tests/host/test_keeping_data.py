"""Payments, retention and copies as the launcher asks a running engine for them; markers for recordings beside it."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pylsl
import pytest

import igym
from igym import cli
from igym.host.base.errors import HostError
from igym.host.base.markers import LslOutlet
from igym.host.engine.engine import Engine
from igym.host.export.manifest import Manifest
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.backup import back_up
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import PAIR, SURVEY, StartEngine
from tests.host.test_control import Attach, attach
from tests.parity import shared
from tests.waiting import until

__all__ = ["attach"]

PAID = SURVEY.replace(
    "experiment = Experiment(",
    """
def on_payment(context):
    words = len(context["answers"]["words"]["text"])
    return {"earnings": 5 + words / 100, "currency": "EUR", "reasons": ["5.00 for coming", f"{words} letters"]}

def on_answers(context):
    return {"globals": {"mood": {"happy": True}}, "attributes": {"letters": len(context["values"]["text"])}}

experiment = Experiment(callbacks={"on_payment": on_payment, "on_answers": on_answers},""",
)
DAY_S = 86_400


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def described(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    lines = json.loads((folder / "codebook.json").read_text("utf-8"))
    return {(line["file"], line["column"]): line for line in lines}


async def took_part(engine: Engine, seed: int = 3) -> str:
    person = SimulatedParticipant(engine.join_url, Behaviour(seed=seed))
    await person.run()
    return str(person.client.participant)


async def test_earnings_attributes_and_globals_reach_the_files_with_their_meaning(start_engine: StartEngine) -> None:
    engine = await start_engine(PAID)
    who = await took_part(engine)
    await engine.store.append_console(engine.begun.id, who, [(time.time(), "log", "hello")])
    await engine.store.append_telemetry(engine.begun.id, who, time.time(), "clock", '{"offset_ms": 1.5, "how": "ntp"}')
    await engine.runtime.submit(_command("end_session"))
    await engine.stop("done")

    [answer] = table(engine.folder / "words" / f"{who}.csv")
    letters = len(answer["text"])
    [paid] = table(engine.folder / "payments.csv")
    assert (paid["participant"], paid["status"], paid["currency"]) == (who, "finished", "EUR")
    assert float(paid["earnings"]) == 5 + letters / 100
    assert paid["reasons"] == f"5.00 for coming; {letters} letters"

    data = igym.load(engine.folder)
    assert data.participants["attribute.letters"].tolist() == [letters]
    assert data.payments["earnings"].dtype == "float64"
    assert {(row.kind, row.name): row.value for row in data.globals.itertuples()}[("globals", "mood")] == {
        "happy": True
    }
    assert data.console["text"].tolist() == ["hello"]
    measured = {(row.kind, row.name): (row.value, row.text) for row in data.telemetry.itertuples()}
    assert measured[("clock", "offset_ms")][0] == 1.5 and measured[("clock", "how")][1] == "ntp"

    book = described(engine.folder)
    wanted = [
        *(("payments.csv", name) for name in ("code", "status", "earnings", "currency", "reasons")),
        ("participants.csv", "attribute.letters"),
        ("thanks/<participant>_globals.json", "globals.mood"),
        ("thanks/<participant>_globals.json", "attributes.letters"),
        ("console_logs/<participant>.jsonl", "text"),
        ("telemetry/<participant>.csv", "value"),
        ("events.jsonl", "kind"),
    ]
    for key in wanted:
        assert book[key]["meaning"] not in ("", "Not described."), key
    assert book[("payments.csv", "earnings")]["type"] == "number"


def _command(name: str, **args: Any) -> Any:
    from igym.core.events import Command

    return Command(name, args, "", "test")


def aged(engine: Engine, session: str, days: int) -> None:
    """As if that session had ended so many days ago."""
    back = days * DAY_S
    with closing(sqlite3.connect(engine.store.path)) as connection:
        connection.execute("UPDATE events SET at = at - ? WHERE session = ?", (back, session))
        connection.execute(
            "UPDATE sessions SET started_at = started_at - ?, ended_at = ended_at - ? WHERE id = ?",
            (back, back, session),
        )
        connection.commit()


READ = """
import pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*"):
    if path.is_file() and sys.argv[2] in path.read_bytes().decode("latin-1"):
        print(path.name)
"""


async def ended_session(start_engine: StartEngine, days: int) -> tuple[Engine, str, str]:
    """A session of so many days ago: the engine it had, its only participant and what they wrote."""
    engine = await start_engine(PAID)
    who = await took_part(engine)
    await engine.runtime.submit(_command("end_session"))
    await engine.stop("done")
    aged(engine, engine.begun.id, days)
    [answer] = table(engine.folder / "words" / f"{who}.csv")
    return engine, who, answer["text"]


def holding(folder: Path, text: str) -> list[str]:
    """Files in which something can still be read.

    Read by another process: who closes a file loses all locks on it, also those of a store that is open here, and the
    next to open the recordings would cut off what the store has mapped into memory.
    """
    command = [sys.executable, "-c", READ, str(folder), text]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.splitlines()


async def test_old_sessions_are_shown_then_erased_with_a_receipt_and_the_running_one_is_kept(
    start_engine: StartEngine, attach: Attach
) -> None:
    old, _, text = await ended_session(start_engine, days=40)
    engine = await start_engine(PAID)
    launcher = await attach(engine)
    now_here = await took_part(engine, seed=4)
    before = holding(engine.folder, text)

    young = await launcher.command("retention", days=41)
    shown = await launcher.command("retention", days=30)
    unchanged = holding(engine.folder, text)
    refused = [await launcher.command("retention", days=days) for days in (0, "30", True, None)]
    erased = await launcher.command("retention", days=30, dry_run=False)
    again = await launcher.command("retention", days=30, dry_run=False)
    await engine.stop("done")

    assert young["result"]["sessions"] == [] and shown["result"]["dry_run"] is True
    [found] = shown["result"]["sessions"]
    assert (found["session"], found["participants"]) == (old.begun.id, 1) and found["files"] > 0
    assert unchanged == before and before
    assert {answer["code"] for answer in refused} == {"bad_argument"}
    receipt = json.loads((engine.folder / erased["result"]["receipt"]).read_text("utf-8"))
    assert receipt["sessions"][0]["session"] == old.begun.id and receipt["removed_files"]
    assert again["result"]["sessions"] == [] and again["result"]["receipt"] is None
    assert holding(engine.folder, text) == []
    assert (engine.folder / "words" / f"{now_here}.csv").is_file()
    rows = {row["session"]: row for row in table(engine.folder / "participants.csv")}
    assert rows[old.begun.id]["erased"] == "true" and rows[engine.begun.id]["erased"] == "false"
    paid = {row["session"]: row for row in table(engine.folder / "payments.csv")}
    assert float(paid[old.begun.id]["earnings"]) > 5, "what was paid is kept"
    assert Manifest(engine.folder).verify().ok
    told = await asyncio.to_thread(cli.main, ["withdraw", str(engine.folder), old.begun.id, "anybody"])
    assert told == 1


async def test_the_setting_erases_at_the_start_and_nothing_happens_without_it(start_engine: StartEngine) -> None:
    old, _, text = await ended_session(start_engine, days=40)
    without = await start_engine(PAID)
    await without.stop("done")
    assert holding(without.folder, text)

    engine = await start_engine(PAID, retention_days=30)
    await until(lambda: list((engine.folder / "retention").glob("*.json")))
    await engine.stop("done")
    assert holding(engine.folder, text) == []
    with StoreReader(engine.store.path) as reader:
        assert {row.id: row.erased_at is not None for row in reader.sessions()}[old.begun.id] is True


async def test_the_command_line_shows_first_and_erases_only_when_told(
    start_engine: StartEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    old, _, text = await ended_session(start_engine, days=40)
    folder = str(old.folder)
    back_up(old.folder / "session.sqlite3")
    (old.folder / "words" / ".p1.csv.x1.part").write_text(text, "utf-8")

    assert await asyncio.to_thread(cli.main, ["retention", folder, "--days", "30"]) == 0
    assert "Nothing was changed" in capsys.readouterr().out and holding(old.folder, text)
    assert await asyncio.to_thread(cli.main, ["retention", folder, "--days", "30", "--erase", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["event"] == "retention" and told["sessions"][0]["session"] == old.begun.id
    receipt = json.loads((old.folder / told["receipt"]).read_text("utf-8"))
    done = {entry["file"].split("/")[0]: entry["done"] for entry in receipt["copies"]}
    assert (done["backups"], done["words"]) == ("erased in it", "removed")
    assert holding(old.folder, text) == []
    assert await asyncio.to_thread(cli.main, ["retention", folder, "--days", "0"]) == 1

    running = await start_engine(PAID)
    assert await asyncio.to_thread(cli.main, ["retention", folder, "--days", "30", "--erase"]) == 1
    await running.stop("done")


async def test_a_copy_by_command_is_whole_and_reported(
    start_engine: StartEngine, attach: Attach, tmp_path: Path
) -> None:
    engine = await start_engine(PAID)
    launcher = await attach(engine)
    who = await took_part(engine)

    usual = await launcher.command("backup")
    relative = await launcher.command("backup", path="here.sqlite3")
    chosen = await launcher.command("backup", path=str(tmp_path / "mine.sqlite3"))
    twice = await launcher.command("backup", path=str(tmp_path / "mine.sqlite3"))

    assert Path(usual["result"]["path"]).parent == engine.folder / "backups"
    assert (relative["code"], twice["code"]) == ("bad_path", "exists")
    with StoreReader(Path(chosen["result"]["path"])) as reader:
        assert who in {record.participant for record in reader.records(engine.begun.id, kinds=("finished",))}


class Heard:
    """An outlet that keeps what it is given."""

    def __init__(self) -> None:
        self.markers: list[tuple[str, float]] = []

    def push(self, text: str, age_s: float) -> None:
        self.markers.append((text, age_s))


async def test_scenes_and_episodes_become_markers(start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    made: list[tuple[str, str]] = []

    def outlet(name: str, session: str) -> Heard:
        made.append((name, session))
        return heard

    monkeypatch.setattr("igym.host.engine.engine_parts.LslOutlet", outlet)
    engine = await start_engine(PAIR, markers="Lab1")
    pair = [SimulatedParticipant(engine.join_url, Behaviour(seed=n, frames=40)) for n in (1, 2)]
    await asyncio.gather(*(person.run() for person in pair))
    await engine.stop("done")

    assert made == [("Lab1", engine.begun.id)]
    texts = [text for text, _ in heard.markers]
    [match] = {text.split("/")[3] for text in texts if text.startswith("episode_")}
    for person in pair:
        who = person.client.participant
        own = [text for text in texts if text.split("/")[2] == who]
        assert own[0] == f"scene_entered/duel/{who}"
        for episode in (0, 1):
            start = own.index(f"episode_started/duel/{who}/{match}/{episode}")
            assert start < own.index(f"episode_ended/duel/{who}/{match}/{episode}")
    assert all(age_s >= 0 for _, age_s in heard.markers)
    both = [table(engine.folder / "duel" / f"{person.client.participant}_ep1.csv") for person in pair]
    left, right = ([shared(r) for r in rows] for rows in both)
    assert left == right and left


async def test_a_real_inlet_hears_the_markers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    name = f"igym-test-{tmp_path.name}"
    outlet = LslOutlet(name, "s1")
    [found] = await asyncio.to_thread(pylsl.resolve_byprop, "name", name, 1, 60.0)
    inlet = pylsl.StreamInlet(found)
    await asyncio.to_thread(inlet.open_stream, 60.0)
    outlet.push("scene_entered/duel/ann", 2.0)
    sample, at = await asyncio.to_thread(inlet.pull_sample, 60.0)
    now = pylsl.local_clock()
    inlet.close_stream()

    assert (found.type(), sample) == ("Markers", ["scene_entered/duel/ann"])
    assert at <= now - 2.0, "the moment it happened, not the moment it was sent"


async def test_without_the_library_the_engine_says_what_to_install(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(HostError) as failure:
        await start_engine(PAIR, markers="InteractiveGym")
    assert failure.value.code == "lsl_unavailable"
    assert "interactive-gym-desktop[lsl]" in failure.value.text
    await start_engine(PAIR)


def test_without_the_native_library_the_message_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pylsl.py").write_text("raise RuntimeError('LSL binary library file was not found')")
    monkeypatch.delitem(sys.modules, "pylsl")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(HostError) as failure:
        LslOutlet("x", "s1")
    assert failure.value.code == "lsl_unavailable" and "liblsl" in failure.value.text
