"""The Psych-DS export keeps the published standard's rules, by its own check and by one that shares no code with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from igym.host.export import Exporter, write_format
from igym.host.export.psych_ds import validate_psych_ds
from igym.host.store_reader import StoreReader
from tests.host.export.psych_ds_rules import errors
from tests.host.export.store_builder import Row, StoreBuilder

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
