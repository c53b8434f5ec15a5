"""Whatever an env may give comes out of every format as it went in, on its frame, with its type."""

from __future__ import annotations

import csv
import json
import math
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import igym
from igym.host.export.exporter import Exporter
from igym.host.export.psych_ds import validate_psych_ds
from igym.host.files.export_formats import write_format
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import Row, StoreBuilder
from tests.parity import shared

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.sampled_from(["x", "0", "10", "2", "a b", 'quo"te', "com,ma", "ünï", "line\nbreak", "per.iod"])
simple = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    texts,
    st.sampled_from(["1", "true", "NaN", "[1]", "-0", "null", "\r", "\n", '"', ",", " ", "\u2028"]),
)
nested = st.recursive(simple, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
# Columns of one kind, as envs mostly give, and columns of anything.
kinds = st.sampled_from(
    [st.booleans() | st.none(), st.integers(-9, 9) | st.none(), st.floats() | st.none(),
     st.floats() | st.integers(-9, 9), st.integers(-(2**63), 2**64 - 1), texts | st.none(), nested]
)  # fmt: skip
columns = st.dictionaries(
    st.builds("{}.{}.{}".format, st.sampled_from(["observations", "infos"]), st.sampled_from(["a0", "a1"]), names),
    kinds,
    min_size=1,
    max_size=4,
)


@st.composite
def episodes(draw: st.DrawFn) -> list[Row]:
    """Up to 8 frames; an agent may be absent and a key missing in any of them."""
    given_columns = draw(columns)
    rows: list[Row] = []
    for _ in range(draw(st.integers(1, 8))):
        present = draw(st.sets(st.sampled_from(sorted(given_columns))))
        rows.append(({name: draw(given_columns[name]) for name in sorted(present)}, {"focused": draw(st.booleans())}))
    return rows


def built(folder: Path, rows: list[Row]) -> StoreBuilder:
    builder = StoreBuilder(folder).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        cut = len(rows) // 2
        for first, part in ((0, rows[:cut]), (cut, rows[cut:])):
            if part:
                builder.play(who, "m1", "duel", part, first=first)
    return builder


def stored(builder: StoreBuilder, who: str) -> list[dict[str, Any]]:
    """The frames as the event log's batches hold them: what everything else is traced back to."""
    with StoreReader(builder.path) as reader:
        found = []
        for batch in reader.batches("s1", participant=who):
            for offset in range(batch.count):
                parity = {name: series[offset] for name, series in batch.rows["parity"].items()}
                local = {f"local.{name}": series[offset] for name, series in batch.rows["local"].items()}
                found.append({**parity, **local, "frame": batch.first + offset})
        return found


KEYS = ("session", "scene", "match", "participant", "player", "agent")
EMPTY_TEXT_IS_MISSING = "a CSV cell without anything in it"
FRACTIONS = "whole numbers in a column of fractions are fractions"
Loose = frozenset[str]
EXACTLY: Loose = frozenset()


def same(found: Any, wanted: Any, loose: Loose = EXACTLY) -> bool:
    """Equal, and of the same type."""
    if wanted is None or (wanted == "" and EMPTY_TEXT_IS_MISSING in loose):
        return found is None
    if FRACTIONS in loose and type(wanted) is int and isinstance(found, float):
        return found == wanted
    if type(found) is not type(wanted):
        return False
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[name], wanted[name]) for name in wanted)
    return repr(found) == repr(wanted)


def check(found: list[dict[str, Any]], wanted: list[dict[str, Any]], loose: Loose) -> None:
    assert len(found) == len(wanted)
    for row, source in zip(found, wanted, strict=True):
        for name, value in source.items():
            assert same(row.get(name), value, loose), (name, row.get(name), value)
        # Every other cell is the episode's own: nothing comes from nowhere.
        own = {"episode", "time_s", "player_participants.0", "player_participants.1", *KEYS}
        assert {name for name, value in row.items() if value is not None} <= own | source.keys()


def csv_rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Read with Python's own reader and the types the manifest tells."""
    kinds_of = dict(json.loads((folder / "manifest.json").read_text())["files"][name]["columns"])
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {column: value_of(text, kinds_of[column]) for column, text in row.items()}


def value_of(text: str, kind: str) -> Any:
    if text == "":
        return None
    if kind == "string":
        return text
    if kind == "number":
        return int(text) if text.lstrip("-").isdigit() else float(text)
    return json.loads(text)


def from_pandas(value: Any) -> Any:
    import pandas as pd

    if value is None or value is pd.NA:
        return None
    return value.item() if hasattr(value, "item") else value


@given(episodes())
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_every_format_gives_back_what_the_log_holds(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        builder = built(folder, rows)
        builder.close()
        with StoreReader(builder.path) as reader:
            exporter = Exporter(reader, folder, "s1")
            for form in ("csv", "parquet", "jsonl", "psych-ds", "bids", "zip"):
                write_format(exporter, form)
        loaded = igym.load(folder)
        parity = {}
        for who in ("ann", "bob"):
            wanted = stored(builder, who)
            check(list(csv_rows(folder, f"duel/{who}_ep0.csv")), wanted, frozenset({EMPTY_TEXT_IS_MISSING}))
            check(
                parquet_rows(folder / "exports" / "s1" / "parquet" / "duel" / f"{who}_ep0.parquet"),
                wanted,
                frozenset({FRACTIONS}),
            )
            lines = (folder / "exports" / "s1" / "jsonl" / "duel" / f"{who}_ep0.jsonl").read_bytes().split(b"\n")[:-1]
            check([json.loads(line) for line in lines], wanted, EXACTLY)
            check_loaded(loaded.rows[loaded.rows["participant"] == who], wanted)
            with (folder / "duel" / f"{who}_ep0.csv").open(encoding="utf-8", newline="") as stream:
                parity[who] = [[*shared(row).values()] for row in csv.DictReader(stream)]
            described = {line["column"] for line in json.loads((folder / "codebook.json").read_text())}
            assert {column for row in wanted for column in row} <= described
        assert parity["ann"] == parity["bob"]
        psych = folder / "exports" / "s1" / "psych-ds"
        assert list(validate_psych_ds(psych)) == []
        [copy] = psych.glob("data/subject-ann_*_data.csv")
        assert copy.read_bytes() == (folder / "duel" / "ann_ep0.csv").read_bytes()
        with zipfile.ZipFile(folder / "exports" / "s1.zip") as archive:
            assert archive.testzip() is None
            assert archive.read(f"{folder.name}/duel/bob_ep0.csv") == (folder / "duel" / "bob_ep0.csv").read_bytes()
        assert exporter.manifest.verify().ok


def parquet_rows(path: Path) -> list[dict[str, Any]]:
    table = pq.read_table(path)
    mixed = {field.name for field in table.schema if field.metadata[b"igym_type"] == b"json"}
    return [
        {name: json.loads(value) if name in mixed and value is not None else value for name, value in row.items()}
        for row in table.to_pylist()
    ]


def check_loaded(table: Any, wanted: list[dict[str, Any]]) -> None:
    assert len(table) == len(wanted)
    for name in {name for row in wanted for name in row}:
        for found, row in zip(table[name], wanted, strict=True):
            value, found = row.get(name), from_pandas(found)
            if isinstance(found, float) and math.isnan(found) and value is None:
                continue  # pandas has one word for both in a column of fractions
            assert same(found, value, frozenset({EMPTY_TEXT_IS_MISSING, FRACTIONS})), (name, found, value)


def test_text_with_half_a_character_does_not_stop_an_export(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").record("joined", "ann", label="ann")
    builder.record("scene_entered", "ann", scene="text", visit=1)
    builder.record("answers", "ann", scene="text", visit=1, values={"why": "a\ud83d"}, timing={})
    builder.record("globals", "ann", scene="text", values={"mood": "\ud83d"})
    with StoreReader(builder.path) as reader:
        Exporter(reader, tmp_path, "s1").export_all()
    builder.close()
    assert igym.load(tmp_path).answers["text"]["why"].tolist() == ["a\\ud83d"]


@pytest.mark.parametrize("digits", ["9007199254740993", "18446744073709551615"])
def test_whole_numbers_keep_every_digit(tmp_path: Path, digits: str) -> None:
    rows: list[Row] = [({"infos.a0.id": int(digits)}, {}), ({"infos.a0.id": None}, {})]
    with StoreReader(built(tmp_path, rows).path) as reader:
        Exporter(reader, tmp_path, "s1").export_all()
    assert [from_pandas(value) for value in igym.load(tmp_path).rows["infos.a0.id"]][:2] == [int(digits), None]
