"""The same facts in every format, and back into pandas."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igym.data import load
from igym.host.export import parquet
from igym.host.export.columns import Block
from igym.host.export.exporter import Exporter
from igym.host.export.formats import write_jsonl, write_parquet, write_zip
from igym.host.export.psych_ds import validate_psych_ds, write_psych_ds
from igym.host.export.steps import ExportCancelledError
from igym.host.export.tables import TABLES
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import Row, StoreBuilder


def play_of_two(folder: Path, frames: list[Row]) -> Exporter:
    builder = StoreBuilder(folder).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", frames[:7]).play(who, "m1", "duel", frames[5:], first=5)
    exporter = Exporter(StoreReader(builder.path), folder, "s1")
    exporter.export_all()
    assert json.loads((folder / "duel" / "m1_aggregated_metrics.json").read_text())["parity"] == "identical"
    return exporter


SIMPLE: list[Row] = [
    ({"actions.a0": n, "rewards.a0": n / 4, "infos.a0.hit": n > 3}, {"rtt_ms": 1.5}) for n in range(12)
]

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4))


@given(st.lists(st.fixed_dictionaries({}, optional={f"infos.a.{k}": SCALARS for k in "xyz"}), min_size=8, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_types_and_alignment_survive_in_json_lines_and_parquet(
    tmp_path_factory: pytest.TempPathFactory, frames: list[dict[str, Any]]
) -> None:
    packable = [{k: v for k, v in frame.items() if not isinstance(v, int) or -(2**63) <= v < 2**63} for frame in frames]
    exporter = play_of_two(tmp_path_factory.mktemp("d"), [(frame, {}) for frame in packable])
    for path in (path for path in write_jsonl(exporter) if path.parent.name == "duel"):
        for line, frame in zip(map(json.loads, path.read_bytes().rstrip(b"\n").split(b"\n")), packable, strict=True):
            expected = {name: value for name, value in frame.items() if value is not None}
            assert repr({k: line[k] for k in sorted(line) if k.startswith("infos")}) == repr(
                dict(sorted(expected.items()))
            )
    for path in (path for path in write_parquet(exporter) if path.parent.name == "duel"):
        table = pq.read_table(path)
        assert table.column("frame").to_pylist() == list(range(len(packable)))
        for name in (column for column in table.column_names if column.startswith("infos")):
            kind = table.schema.field(name).metadata[b"igym_type"].decode()
            for read, frame in zip(table.column(name).to_pylist(), packable, strict=True):
                assert_same(read, frame.get(name), kind)


def assert_same(read: Any, wrote: Any, kind: str) -> None:
    if wrote is None:
        assert read is None
        return
    value = json.loads(read) if kind == "json" else read
    if kind == "number":
        wrote = float(wrote)
    assert type(value) is type(wrote)
    assert value == wrote or (math.isnan(value) and math.isnan(wrote))


def test_pandas_gets_typed_tables(tmp_path: Path) -> None:
    play_of_two(tmp_path, SIMPLE)
    data = load(tmp_path)
    assert list(data.participants["participant"]) == ["ann", "bob"]
    rows = data.rows[data.rows["participant"] == "bob"]
    assert list(rows["actions.a0"]) == list(range(12))
    assert rows["rewards.a0"].sum() == sum(n / 4 for n in range(12))
    assert rows["infos.a0.hit"].sum() == 8
    assert list(data.comparisons["parity"]) == ["identical"]
    assert set(data.events["kind"]) >= {"joined", "match_formed"}
    assert load(tmp_path, session="other").rows.empty


@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\x0b", "\x1c"])
def test_unusual_line_ends_in_an_answer_do_not_break_loading(tmp_path: Path, odd: str) -> None:
    builder = StoreBuilder(tmp_path).session("s1").record("joined", "ann").record("scene_entered", "ann", scene="ask")
    builder.record("answers", "ann", scene="ask", visit=1, values={"why": f"one{odd}two"}, timing={})
    Exporter(StoreReader(builder.path), tmp_path, "s1").export_all()
    data = load(tmp_path)
    assert list(data.answers["ask"]["why"]) == [f"one{odd}two"]
    assert [body["values"] for body in data.events["body"] if "values" in body] == [{"why": f"one{odd}two"}]


def test_loading_a_folder_without_an_export_says_which_folder_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"data/<experiment-id>"):
        load(tmp_path)


def test_the_zip_holds_every_listed_file(tmp_path: Path) -> None:
    exporter = play_of_two(tmp_path, SIMPLE)
    (path,) = write_zip(exporter)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
    listed = json.loads((tmp_path / "manifest.json").read_text())["files"]
    assert names == {f"{tmp_path.name}/{name}" for name in [*listed, "manifest.json"]}


def test_psych_ds_passes_and_a_broken_dataset_is_told_so(tmp_path: Path) -> None:
    exporter = play_of_two(tmp_path, SIMPLE)
    files = write_psych_ds(exporter)
    folder = next(path for path in files if path.name == "dataset_description.json").parent
    assert list(validate_psych_ds(folder)) == []
    data = next(path for path in files if path.suffix == ".csv" and "subject-" in path.name)
    data.write_text(data.read_text().replace("rewards.a0", "undeclared", 1) + "1\n")
    (folder / "data" / "Bad Name.csv").write_text("frame\n1\n")
    broken = " ".join(validate_psych_ds(folder))
    assert all(word in broken for word in ("undeclared", "Bad Name.csv", "longer or shorter"))


def test_cancel_stops_between_files_and_progress_counts_up(tmp_path: Path) -> None:
    exporter = play_of_two(tmp_path, SIMPLE)
    seen: list[tuple[int, int]] = []
    with pytest.raises(ExportCancelledError):
        write_parquet(exporter, lambda done, total, what: seen.append((done, total)), lambda: bool(seen))
    assert seen == [(1, 2 + len(TABLES))]
    assert len(list(tmp_path.rglob("*.parquet"))) == 1
    assert not list(tmp_path.rglob("*.part"))


def test_what_stops_an_export_within_an_episode_comes_out_as_it_was_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = play_of_two(tmp_path, SIMPLE)
    real = parquet.blocks_of

    def stopping(*asked: Any) -> Iterator[Block]:
        yield next(real(*asked))
        raise ExportCancelledError

    monkeypatch.setattr(parquet, "blocks_of", stopping)
    with pytest.raises(ExportCancelledError):
        write_parquet(exporter)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".parquet", ".part")]
