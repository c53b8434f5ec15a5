"""The Psych-DS export keeps the published standard's rules, by its own check and by one that shares no code with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from igym.host.export.exporter import Exporter
from igym.host.export.psych_ds import validate_psych_ds
from igym.host.files.export_formats import write_format
from igym.host.store.store_reader import StoreReader
from tests.host.export.psych_ds_rules import errors
from tests.host.export.store_builder import Row, StoreBuilder
from tests.host.export.test_exporter import read_csv

PEOPLE = ("ann b.", "Bob_2", "bob2", "ä")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Ids that file names of the standard cannot hold, two of which would look alike; odd columns; an erased person."""
    builder = StoreBuilder(tmp_path).session("s1")
    rows: list[Row] = [({"infos.a0.said": 'x,"y"\r\nz', "observations.a0.0": None}, {"focused": True})] * 3
    for number, pair in enumerate((PEOPLE[:2], PEOPLE[2:])):
        builder.two_player_match(f"m{number}", "duel_r2", pair)
        for who in pair:
            builder.play(who, f"m{number}", "duel_r2", rows)
    builder.record("withdrawn", PEOPLE[0], reason="asked", erase=True)
    builder.close()
    with StoreReader(builder.path) as reader:
        write_format(Exporter(reader, tmp_path, "s1"), "psych-ds")
    return tmp_path / "exports" / "s1" / "psych-ds"


def test_the_dataset_has_no_error_by_either_reading(dataset: Path) -> None:
    assert errors(dataset) == []
    assert list(validate_psych_ds(dataset)) == []
    assert len(list(dataset.glob("data/subject-*_data.csv"))) == len(PEOPLE)


IDS = ("participant", "match", "scene", "last_scene", "player_participants.0", "player_participants.1")


def test_every_table_is_there_with_participants_and_ids_are_spelled_in_one_way(tmp_path: Path) -> None:
    """Questionnaires, consent, visits, matches, payments, events and rows join by what stands in file names."""
    builder = StoreBuilder(tmp_path).session("s1")
    builder.two_player_match("m_1", "duel_r2", ("Bob_2", "bob2"))
    for who in ("Bob_2", "bob2"):
        builder.record("scene_entered", who, scene="con sent", visit=2)
        builder.record("answers", who, scene="con sent", visit=2, values={"agree": True, "age": 30}, timing={})
        builder.record("earnings", who, amount=2.5, currency="EUR", reasons=["came"])
        builder.play(who, "m_1", "duel_r2", [({"rewards.a0": 1.0}, {"focused": True})] * 3)
    builder.close()
    with StoreReader(builder.path) as reader:
        exporter = Exporter(reader, tmp_path, "s1")
        write_format(exporter, "psych-ds")
    assert not exporter.failures
    data = tmp_path / "exports" / "s1" / "psych-ds" / "data"
    assert errors(data.parent) == []
    tables = {path.name: read_csv(path) for path in data.glob("*.csv")}
    contents = ("participants", "payments", "scenes", "matches", "episodes", "answers", "answerswide", "events")
    for content in contents:
        assert tables[f"content-{content}_data.csv"], content
        assert "participant" in tables[f"content-{content}_data.csv"][0], content
    assert len([name for name in tables if name.startswith("subject-")]) == 2

    ids = tables["content-identifiers_data.csv"]
    known = {row["id"]: row["recorded_id"] for row in ids}
    assert {known[row["participant"]] for row in tables["content-participants_data.csv"]} == {"Bob_2", "bob2"}
    for name, rows in tables.items():
        for row in rows:
            assert {row[column] for column in IDS if row.get(column)} <= known.keys(), name
    for name in (name for name in tables if name.startswith("subject-")):
        words = dict(part.split("-") for part in name.removesuffix("_data.csv").split("_"))
        first = tables[name][0]
        assert (first["participant"], first["scene"], first["match"]) == (
            words["subject"], words["task"], words["match"],
        )  # fmt: skip
    scene = next(row["id"] for row in ids if row["recorded_id"] == "con sent")
    assert {f"{scene}.agree", f"{scene}.age"} <= set(tables["content-answerswide_data.csv"][0])
    [match, _] = tables["content-matches_data.csv"]
    assert match["partner"] in known and match["partner"] != match["participant"]


def rename(folder: Path) -> None:
    path = next(folder.glob("data/subject-*.csv"))
    path.rename(path.with_name("Subject_1.csv"))


def forget_column(folder: Path) -> None:
    path = next(folder.glob("data/subject-*.csv"))
    for described in (folder / "dataset_description.json", path.with_suffix(".json")):
        value = json.loads(described.read_text())
        value["variableMeasured"] = [each for each in value["variableMeasured"] if each["name"] != "frame"]
        described.write_text(json.dumps(value))


def lengthen_row(folder: Path) -> None:
    path = next(folder.glob("data/subject-*.csv"))
    path.write_text(path.read_text() + ",".join("1" * 40) + "\n")


def untype(folder: Path) -> None:
    path = folder / "dataset_description.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "@type": "Thing"}))


@pytest.mark.parametrize("breaking", [rename, forget_column, lengthen_row, untype])
def test_both_readings_notice_what_is_broken(dataset: Path, breaking: Callable[[Path], Any]) -> None:
    breaking(dataset)
    assert errors(dataset) != []
    assert list(validate_psych_ds(dataset)) != []


def test_every_format_of_a_second_session_leaves_the_first_ones_files(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path)
    rows: list[Row] = [({"rewards.a0": 1.0}, {"focused": True})]
    before: dict[Path, bytes] = {}
    for session in ("s1", "s2"):
        builder.session(session).two_player_match("m1", "duel", ("ann", "bob"))
        for who in ("ann", "bob"):
            builder.play(who, "m1", "duel", rows)
            builder.record("metrics", who, "m1", "duel", values={"fps": 30, "session": session})
        with StoreReader(builder.path) as reader:
            exporter = Exporter(reader, tmp_path, session)
            for form in ("csv", "parquet", "jsonl", "psych-ds", "bids", "zip"):
                write_format(exporter, form)
        own = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path]
        shared = {"duel.jsonl"}
        changed = [path.name for path in own if path in before and before[path] != path.read_bytes()]
        assert set(changed) <= shared
        before = {path: path.read_bytes() for path in own}
    builder.close()
    assert {"ann_ep0.csv", "ann_s2_ep0.csv"} <= {path.name for path in before}
    assert {"ann.csv", "ann_s2.csv"} == {path.name for path in before if path.parent.name == "telemetry"} - {
        "bob.csv",
        "bob_s2.csv",
    }
