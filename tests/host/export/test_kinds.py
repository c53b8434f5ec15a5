"""Whose data the tables hold: people's, of studies; rehearsals and simulated participants when they are asked for."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import igym
from igym.host.base.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.selfcheck import check_tables
from igym.host.programs import export_main, replay_main
from igym.host.replay.files import find_replays
from igym.host.replay.verify import verify
from igym.host.report.facts import read_report
from igym.host.report.page import html_of
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import StoreBuilder

ROWS: Any = [({"rewards.a0": 1.0, "rewards.a1": 0.0}, {"focused": True})] * 3


def played(builder: StoreBuilder, match: str, people: tuple[str, str], simulated: set[str]) -> None:
    for who in people:
        builder.record("joined", who, label=who)
        if who in simulated:
            builder.record("simulated", who)
        builder.record("scene_entered", who, scene="duel", visit=1, scene_id="duel")
    players = [{"player": n, "agent": f"a{n}", "participant": who} for n, who in enumerate(people)]
    builder.record("match_formed", None, match, "duel", players=players, bots=[], seed=5)
    for who in people:
        builder.play(who, match, "duel", ROWS)
        builder.record("answers", who, scene="duel", visit=1, values={"fun": 3}, timing={})
        builder.record("earnings", who, amount=2.5, currency="EUR", reasons=[])
        builder.record("finished", who, reason="finished", outcome="finished")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study with people and programs, then a rehearsal."""
    builder = StoreBuilder(tmp_path).session("s1")
    builder.record("session_started", session_kind="study")
    played(builder, "m001", ("ann", "bob"), set())
    played(builder, "m002", ("sim-1", "sim-2"), {"sim-1", "sim-2"})
    played(builder, "m003", ("cat", "sim-3"), {"sim-3"})
    builder.session("s2").record("session_started", session_kind="study")
    builder.record("session_kind", session_kind="rehearsal")
    played(builder, "m001", ("sim-1", "sim-2"), {"sim-1", "sim-2"})
    builder.close()
    return tmp_path


def column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def test_an_export_holds_people_and_nobody_simulated(folder: Path) -> None:
    assert export_main.main([str(folder)]) == 0
    # sim-3 played with cat, whose data tell of it.
    assert column(folder / "participants.csv", "participant") == ["ann", "bob", "cat", "sim-3"]
    assert column(folder / "participants.csv", "simulated") == ["false", "false", "false", "true"]
    assert "sim-3" not in column(folder / "payments.csv", "participant")
    assert set(column(folder / "matches.csv", "match")) == {"m001", "m003"}
    assert not list(folder.glob("duel/sim-1*")) and list(folder.glob("duel/ann*"))
    assert "sim-1" not in (folder / "events.jsonl").read_text()
    assert not (folder / "_rehearsal").exists()
    check = check_tables(folder)
    assert check is not None and check.ok, check
    data = igym.load(folder)
    assert list(data.participants["participant"]) == ["ann", "bob", "cat"]
    assert set(data.rows["participant"]) == {"ann", "bob", "cat"}
    assert list(igym.load(folder, simulated=True).participants["participant"]) == ["ann", "bob", "cat", "sim-3"]


def test_simulated_participants_are_there_when_asked_for(folder: Path) -> None:
    assert export_main.main([str(folder), "--include-simulated"]) == 0
    assert len(column(folder / "participants.csv", "participant")) == 6
    assert len(column(folder / "payments.csv", "participant")) == 6
    assert set(column(folder / "matches.csv", "match")) == {"m001", "m002", "m003"}


def test_a_rehearsal_has_tables_of_its_own_that_name_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export_main.main([str(folder), "--kind", "all"]) == 0
    apart = folder / "_rehearsal"
    tables = [path for path in apart.rglob("*.csv") if "session" in path.read_text("utf-8").partition("\n")[0]]
    assert len(tables) >= 9
    for path in tables:
        assert set(column(path, "session_kind")) <= {"rehearsal"}, path
        assert set(column(path, "session")) <= {"s2"}, path
    assert column(apart / "participants.csv", "participant") == ["sim-1", "sim-2"]
    assert {json.loads(line)["session_kind"] for line in (apart / "events.jsonl").read_text().splitlines()} == {
        "rehearsal"
    }
    assert "session_kind" not in (folder / "participants.csv").read_text().partition("\n")[0]
    check = check_tables(apart)
    assert check is not None and check.ok, check
    described = {
        (row["file"], row["column"]): row["meaning"] for row in json.loads((folder / "codebook.json").read_text())
    }
    assert "rehearsal" in described["_rehearsal/participants.csv", "session_kind"]
    data = igym.load(folder, kind="rehearsal")
    assert list(data.participants["participant"]) == ["sim-1", "sim-2"] and len(data.rows) == 6
    assert str(data.rows["frame"].dtype) == "Int64", "the manifest's types hold for it too"
    assert set(igym.load(folder).participants["session"]) == {"s1"}

    assert export_main.main([str(folder), "--kind", "pilot"]) == 1
    assert "No session here is a pilot; there are: rehearsal, study." in capsys.readouterr().err


def test_whoever_was_left_out_is_told_wherever_somebody_looks_for_their_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A study in which only programs took part has tables without a line; none of them says that nobody was there."""
    builder = StoreBuilder(tmp_path).session("s1")
    played(builder, "m001", ("sim-1", "sim-2"), {"sim-1", "sim-2"})
    builder.close()
    assert export_main.main([str(tmp_path)]) == 0
    told = "2 simulated participants are left out, as in every study and pilot. --include-simulated takes them in."
    assert told in capsys.readouterr().out

    found = verify(tmp_path, None, None, lambda *_: None, lambda: False)
    assert (found.outcome, found.exit_code) == ("simulated", 7), found.text()
    assert "1 episode of simulated participants is left out of the files" in found.text()
    assert replay_main.main([str(tmp_path)]) == 1
    assert "1 episode of simulated participants is left out of the files" in capsys.readouterr().err
    assert igym.load(tmp_path).participants.empty
    report = html_of(read_report(tmp_path), 0.0, "en")
    assert "2 simulated participants are left out of all numbers." in report
    with pytest.raises(HostError) as refused:
        read_report(tmp_path, kind="pilot")
    assert "No session here is a pilot; there are: study." in refused.value.text

    assert export_main.main([str(tmp_path), "--include-simulated"]) == 0
    assert "left out" not in capsys.readouterr().out
    found = verify(tmp_path, "s1", None, lambda *_: None, lambda: False)
    assert found.outcome == "simulated" and "1 was simulated" in found.text() and "left out" not in found.text()
    assert [replay.described()["parity"] for replay in find_replays(tmp_path)] == ["identical"]
    with pytest.raises(HostError, match=r"There is no session s7 here\. There are: s1\."):
        verify(tmp_path, "s7", None, lambda *_: None, lambda: False)


def test_what_was_never_exported_is_told_where_replays_are_looked_for(folder: Path) -> None:
    """A study with people and programs, and a rehearsal, of which nothing was written yet."""
    with pytest.raises(HostError) as refused:
        find_replays(folder)
    assert refused.value.code == "no_replays", "an export helps"
    assert "1 episode of simulated participants is left out" in refused.value.text
    assert "3 episodes have no replay here yet: igym export writes them." in refused.value.text
    assert export_main.main([str(folder)]) == 0
    found = verify(folder, "s1", None, lambda *_: None, lambda: False)
    assert "1 episode of simulated participants is left out" in found.text() and "yet" not in found.text()


def test_a_session_that_is_named_is_exported_whatever_it_was_for(folder: Path) -> None:
    assert export_main.main([str(folder), "--session", "s2"]) == 0
    assert column(folder / "_rehearsal" / "participants.csv", "session") == ["s2", "s2"]
    assert not (folder / "participants.csv").exists()


def test_recordings_are_compared_whoever_played(folder: Path) -> None:
    with StoreReader(folder / "session.sqlite3") as reader:
        exporter = Exporter(reader, folder, "s1")
        assert {key.match for key in exporter.everyone.batch_keys("s1")} == {"m001", "m002", "m003"}
        assert {key.match for key in exporter.source.batch_keys("s1")} == {"m001", "m003"}
