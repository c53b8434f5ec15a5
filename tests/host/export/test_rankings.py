"""A list that was put in order: the tables have the order given, the order shown, and the place of each item."""

from __future__ import annotations

import json
from pathlib import Path

import pyreadstat
import pytest

from igym.core.effects import Record
from igym.experiment.scenes import EndScene, Form, NumberField, Ranking
from igym.host.export.exporter import Exporter
from igym.host.files.export_formats import write_format
from igym.host.store.store_reader import StoreReader
from tests.core.experiments import make
from tests.core.world import World
from tests.host.export.store_builder import StoreBuilder
from tests.host.export.test_exporter import read_csv

STUDY = make(
    Ranking("fruit", question="Best first", items={"a": "Apple", "b": "Banana", "c": "Cherry"}),
    Form("more", questions=[NumberField("ranking", "A number of that name")]),
    EndScene("end"),
)


@pytest.fixture
def exporter(tmp_path: Path) -> Exporter:
    """Two people put three things in order, as the core wrote it down."""
    world = World(STUDY)
    for person, order in zip(world.arrive(2), ("cab", "bca"), strict=True):
        person.send_answers(ranking=list(order))
        person.send_answers(ranking=5)
    builder = StoreBuilder(tmp_path).session("s1", experiment=STUDY)
    for number, record in enumerate(world.of(Record)):
        builder.written(10 + number, 0, 2000.0 + number, record)
    builder.close()
    return Exporter(StoreReader(builder.path), tmp_path / "data", "s1")


def test_the_page_s_table_has_what_was_given_and_what_was_shown(exporter: Exporter) -> None:
    exporter.export_all()
    (first,) = read_csv(exporter.folder / "fruit" / f"{people(exporter)[0]}.csv")
    assert json.loads(first["ranking"]) == ["c", "a", "b"]
    assert sorted(json.loads(first["shown_order.ranking"])) == ["a", "b", "c"]
    assert float(first["time_on_page_ms"]) == 1500
    (other,) = read_csv(exporter.folder / "more" / f"{people(exporter)[0]}.csv")
    assert other["ranking"] == "5.0" and "shown_order.ranking" not in other


def test_the_tables_of_answers_have_them_as_text(exporter: Exporter) -> None:
    exporter.export_all()
    lines = [line for line in read_csv(exporter.folder / "answers.csv") if line["scene"] == "fruit"]
    assert [line["value"] for line in lines] == ["c; a; b", "b; c; a"]
    shown = {
        record.participant: record.body["order"] for record in exporter.source.records("s1", kinds=("order_shown",))
    }
    assert [line["shown_order"] for line in lines] == ["; ".join(shown[line["participant"]]) for line in lines]
    others = [line for line in read_csv(exporter.folder / "answers.csv") if line["scene"] == "more"]
    assert [line["shown_order"] for line in others] == ["", ""]
    wide = read_csv(exporter.folder / "answers_wide.csv")
    assert [line["fruit.ranking"] for line in wide] == ["c; a; b", "b; c; a"]


def test_statistics_programs_get_the_place_of_each_item(exporter: Exporter) -> None:
    written = write_format(exporter, "spss")
    (path,) = [path for path in written if path.name == "participants.sav"]
    table, meta = pyreadstat.read_sav(path)
    columns = [f"fruit.ranking.{value}" for value in "abc"]
    assert table[columns].to_numpy().tolist() == [[2, 3, 1], [3, 1, 2]]
    assert meta.column_names_to_labels["fruit.ranking.a"] == "Best first: a"
    assert "fruit.ranking.a" not in meta.variable_value_labels


def test_whoever_has_withdrawn_keeps_no_table_back(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1", experiment=STUDY)
    builder.record("joined", "ann").record("order_shown", "ann", scene="fruit", erased=True)
    builder.record("answers", "ann", scene="fruit", erased=True)
    builder.close()
    exporter = Exporter(StoreReader(builder.path), tmp_path / "data", "s1")
    exporter.export_all()
    assert read_csv(exporter.folder / "answers.csv") == []


def people(exporter: Exporter) -> list[str]:
    return [str(record.participant) for record in exporter.source.records("s1", kinds=("answers",), scene="fruit")]
