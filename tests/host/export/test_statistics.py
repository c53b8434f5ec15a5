"""Excel, SPSS and Stata read what was recorded: numbers, texts, times, what was asked and what a number stands for."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from igym.experiment.design import Design
from igym.experiment.experiment import Experiment
from igym.experiment.scenes import (
    ChoiceField,
    ConsentField,
    DateField,
    Form,
    NumberField,
    ScaleField,
    TextField,
)
from igym.experiment.stager import Stager
from igym.host.export.exporter import Exporter
from igym.host.export.foreign import RESERVED, legal_names
from igym.host.export.statistics import NAMES
from igym.host.files.export_formats import write_format
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import StoreBuilder

LONG = "Ein langer Satz über Größe." * 40
QUESTIONS = [
    TextField("why", "Why <b>this</b>\none?"),
    NumberField("age", "How old are you?", whole=True),
    ChoiceField("side", "Which side?", choices={"left": "Left one", "right": "Right one"}),
    ChoiceField("kinds", "Which kinds?", choices=["cats", "dogs", "eels"], multiple=True),
    ScaleField("fun", "Was it fun?", points=5, labels=("not at all", "very much")),
    DateField("day", "Which day?"),
    ConsentField("agree", "I agree", required=False),
]
ANN = {"why": LONG, "age": 31, "side": "right", "kinds": ["cats", "eels"], "fun": 4, "day": "2026-02-03", "agree": True}
BOB = {"why": "=1+1", "age": None, "side": "left", "kinds": [], "fun": 1, "day": None, "agree": False}


def recorded(folder: Path) -> Exporter:
    """Two people who played together and answered; one of them has left half of it empty."""
    experiment = Experiment(
        id="demo", title="Größe", stager=Stager([Form("ask", questions=QUESTIONS)]),
        design=Design({"speed": ["slow", "fast"]}),
    )  # fmt: skip
    builder = StoreBuilder(folder).session("s1", experiment=experiment)
    builder.two_player_match("m1", "duel", ("ann", "bob"))
    for who, level, answers in (("ann", "fast", ANN), ("bob", "slow", BOB)):
        builder.record("attributes", who, values={"speed": level}, condition=True)
        rows = [({"actions.a0": n, "rewards.a0": 0.5}, {"rtt_ms": 1.5}) for n in range(3)]
        builder.play(who, "m1", "duel", rows)
        builder.record("scene_entered", who, scene="ask_r1", spec="ask", visit=2)
        builder.record("answers", who, scene="ask_r1", visit=2, values=answers, timing={})
        builder.record("finished", who, code="C1" if who == "ann" else None)
    builder.close()
    return Exporter(StoreReader(builder.path), folder, "s1")


def by_person(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["participant"]: row for row in table.to_dict("records")}


@pytest.mark.parametrize(("form", "suffix"), [("spss", ".sav"), ("stata", ".dta")])
def test_what_was_recorded_is_there_with_labels(tmp_path: Path, form: str, suffix: str) -> None:
    exporter = recorded(tmp_path)
    write_format(exporter, form)
    assert exporter.failures == []
    read: Any = pyreadstat.read_sav if form == "spss" else pyreadstat.read_dta
    table, told = read(tmp_path / "exports" / "s1" / form / f"participants{suffix}")
    people = by_person(table)
    end = "." if form == "spss" else "_"
    ask = f"ask_r1{end}"
    assert people["ann"][f"{ask}why"] == LONG
    assert people["bob"][f"{ask}why"] == "=1+1", "no spreadsheet: as it was typed"
    assert people["ann"][f"{ask}age"] == 31 and pd.isna(people["bob"][f"{ask}age"])
    assert people["ann"][f"{ask}day"] == datetime.date(2026, 2, 3)
    joined = people["ann"]["joined_at_iso"]
    assert abs(joined.replace(tzinfo=datetime.UTC).timestamp() - people["ann"]["joined_at"]) < 0.01
    labels = dict(zip(told.column_names, told.column_labels, strict=True))
    assert labels[f"{ask}why"] == "Why this one?" and labels[f"{ask}fun"] == "Was it fun?"
    assert labels["participant"].startswith("Id of the person")
    values = told.variable_value_labels
    assert values[f"{ask}side"] == {1: "Left one", 2: "Right one"} and people["ann"][f"{ask}side"] == 2
    assert values[f"{ask}fun"] == {1: "not at all", 5: "very much"} and people["ann"][f"{ask}fun"] == 4
    assert values[f"condition{end}speed"] == {1: "slow", 2: "fast"}, "in the design's order, not the alphabet's"
    assert people["bob"][f"condition{end}speed"] == 1
    assert values["status"][people["ann"]["status"]] == "finished"
    assert [people["ann"][f"{ask}kinds{end}{kind}"] for kind in ("cats", "dogs", "eels")] == [1, 0, 1]
    assert labels[f"{ask}kinds{end}dogs"] == "Which kinds?: dogs"
    assert people["ann"][f"{ask}agree"] == 1 and values[f"{ask}agree"] == {0: "no", 1: "yes"}
    assert "Größe" in (told.file_label or "")


def test_a_list_of_a_question_that_nobody_knows_is_what_it_is_and_no_ticks(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").record("joined", "ann").record("scene_entered", "ann", scene="q")
    builder.record("order_shown", "ann", scene="q", visit=1, field="best", order=["x", "y", "z"])
    values = {"said": ["a", "b", "a"], "best": ["z", "x", "y"]}
    builder.record("answers", "ann", scene="q", visit=1, values=values, timing={})
    builder.close()
    write_format(Exporter(StoreReader(builder.path), tmp_path, "s1"), "spss")
    table, _ = pyreadstat.read_sav(tmp_path / "exports" / "s1" / "spss" / "participants.sav")
    (ann,) = table.to_dict("records")
    assert {name: value for name, value in ann.items() if name.startswith("q.")} == {
        "q.said": "a; b; a", "q.best": "z; x; y", "q.best.x": 2, "q.best.y": 3, "q.best.z": 1,
    }  # fmt: skip


def test_stata_files_are_what_pandas_takes_for_one(tmp_path: Path) -> None:
    exporter = recorded(tmp_path)
    for path in write_format(exporter, "stata"):
        if path.suffix == ".dta":
            assert len(pd.read_stata(path, convert_categoricals=False)), path.name


@pytest.mark.parametrize(("form", "suffix"), [("spss", ".sav"), ("stata", ".dta")])
def test_each_table_has_as_many_lines_as_its_csv(tmp_path: Path, form: str, suffix: str) -> None:
    exporter = recorded(tmp_path)
    exporter.export_all()
    write_format(exporter, form)
    folder = tmp_path / "exports" / "s1" / form
    read: Any = pyreadstat.read_sav if form == "spss" else pyreadstat.read_dta
    seen = 0
    for name in NAMES:
        plain = pd.read_csv(tmp_path / f"{name}.csv")
        file = folder / f"{name}{suffix}"
        assert file.is_file() is bool(len(plain)), f"{name}: only tables with lines"
        if len(plain):
            table, _ = read(file)
            assert len(table) == len(plain) and len(table.columns) >= len(plain.columns)
            seen += 1
    assert seen >= 4
    described = pd.read_csv(folder / "variables.csv")
    fun = described[described["column"] == "ask_r1.fun"].iloc[0]
    assert fun["label"] == "Was it fun?" and fun["values"] == "1 = not at all; 5 = very much"


def test_a_workbook_has_times_numbers_and_texts_and_runs_nothing(tmp_path: Path) -> None:
    exporter = recorded(tmp_path)
    [path] = write_format(exporter, "xlsx")
    assert path == tmp_path / "exports" / "s1" / "xlsx" / "s1.xlsx" and exporter.failures == []
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == "participants" and book.sheetnames[-1] == "codebook"
    page = book["participants"]
    header = [cell.value for cell in page[1]]
    ann, bob = ({name: row[at] for at, name in enumerate(header)} for row in list(page.rows)[1:])
    assert ann["joined_at_iso"].is_date and bob["ask_r1.day"].value is None
    assert ann["ask_r1.day"].value == datetime.datetime(2026, 2, 3)
    assert (
        ann["ask_r1.age"].value == 31 and ann["ask_r1.side"].value == "right" and ann["condition.speed"].value == "fast"
    )
    assert bob["ask_r1.why"].data_type == "s" and bob["ask_r1.why"].value == "=1+1"
    assert ann["ask_r1.kinds.eels"].value is True and ann["ask_r1.why"].value == LONG
    told = {(row[0].value, row[1].value): row[2].value for row in book["codebook"].rows}
    assert told["participants", "ask_r1.fun"] == "Was it fun? (1 = not at all; 5 = very much)"
    assert not list(tmp_path.rglob("*.part"))


def test_texts_longer_than_a_file_takes_are_cut_within_no_character(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").record("joined", "ann").record("scene_entered", "ann", scene="q")
    builder.record("answers", "ann", scene="q", visit=1, values={"text": "ä" * 40_000, "half": "a\ud83d"}, timing={})
    builder.close()
    exporter = Exporter(StoreReader(builder.path), tmp_path, "s1")
    for form in ("spss", "stata", "xlsx"):
        write_format(exporter, form)
    assert exporter.failures == []
    folder = tmp_path / "exports" / "s1"
    sav, _ = pyreadstat.read_sav(folder / "spss" / "participants.sav")
    dta, _ = pyreadstat.read_dta(folder / "stata" / "participants.dta")
    assert sav["q.text"][0] == "ä" * (32_767 // 2) and dta["q_text"][0] == "ä" * 40_000
    assert sav["q.half"][0] == dta["q_half"][0] == "a\\ud83d"


NAMED = ["a.b", "A_b", "a b", "größe", "1st", "all"]


def test_names_are_legal_and_stay_apart() -> None:
    found = legal_names([*NAMED, "x" * 70, "x" * 71, "日本"], 32, dots=False, reserved=RESERVED)
    assert found[:6] == ["a_b", "A_b_2", "a_b_3", "grosse", "v_1st", "all_2"]
    assert len({name.upper() for name in found}) == len(found) and all(1 <= len(name) <= 32 for name in found)
    assert legal_names(["order.a>b", "x."], 64, dots=True, reserved=RESERVED) == ["order.a_b", "x"]
