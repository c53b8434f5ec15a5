"""What a researcher finds on disk after an export."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igym.host.export.cells import cell
from igym.host.export.exporter import Exporter
from igym.host.export.manifest import NOTES_NAME, Manifest
from igym.host.export.steps import ExportCancelledError
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import StoreBuilder
from tests.parity import shared


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def export(builder: StoreBuilder, session: str = "s1") -> Exporter:
    exporter = Exporter(StoreReader(builder.path), builder.folder, session)
    exporter.export_all()
    return exporter


def rows(count: int, start: int = 0) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        ({"time_s": (start + n) / 30, "actions.a0": start + n, "rewards.a0": 0.5}, {"focused": True})
        for n in range(count)
    ]


def test_both_members_of_a_match_get_the_same_parity_columns_byte_for_byte(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", rows(30)).play(who, "m1", "duel", rows(5, 30), first=30)
    export(builder)

    ann, bob = (read_csv(tmp_path / "duel" / f"{who}_ep0.csv") for who in ("ann", "bob"))
    assert [row["frame"] for row in ann] == [str(n) for n in range(35)]
    assert [shared(r) for r in ann] == [shared(r) for r in bob]
    assert [float(row["time_s"]) for row in ann[:3]] == [0.0, 0.033333, 0.066667]
    assert (ann[0]["player_participants.0"], ann[0]["player_participants.1"]) == ("ann", "bob")
    compared = json.loads((tmp_path / "duel" / "m1_aggregated_metrics.json").read_text())
    assert compared["parity"] == "identical"
    assert compared["episodes"][0]["members"][0]["frames"] == 35


def test_observations_that_were_too_large_are_in_the_codebook(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", rows(30), left_out={"a1": 12_288})
    exporter = export(builder)
    exporter.export_tables()  # the codebook is made from the manifest, also when no rows are written
    lines = {line["column"]: line for line in read_csv(tmp_path / "codebook.csv")}
    assert lines["observations.a1"]["type"] == "left out"
    assert "max_observation_numbers=12288" in lines["observations.a1"]["meaning"]
    assert "observations.a0" not in lines
    assert Manifest(tmp_path).verify().ok


def test_a_difference_between_members_names_frame_and_column(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    other = rows(10)
    other[6][0]["rewards.a0"] = 0.75
    builder.play("ann", "m1", "duel", rows(10)).play("bob", "m1", "duel", other)
    export(builder)

    episode = json.loads((tmp_path / "duel" / "m1_aggregated_metrics.json").read_text())["episodes"][0]
    assert episode["parity"] == "differs at frame 6"
    assert episode["first_difference"]["columns"] == ["rewards.a0"]


def test_a_replay_follows_what_most_members_recorded_not_who_sent_most(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who, count, number in (("eve", 30, 9), ("ann", 10, 1), ("bob", 12, 1)):
        builder.play(who, "m1", "duel", rows(count), inputs={"0": [1] * 5 + [number] * (count - 5)})
    export(builder)
    body = json.loads((tmp_path / "replays" / "m1_ep0.igr.json").read_text())
    assert [one["participant"] for one in body["recorded"] if one["followed"]] == ["bob"]
    assert (body["frames"], body["inputs"]["0"]) == (12, [1] * 12)


def test_a_member_whose_rows_are_missing_is_a_difference(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    builder.play("ann", "m1", "duel", rows(10)).play("bob", "m1", "duel", rows(8))
    export(builder)
    episode = json.loads((tmp_path / "duel" / "m1_aggregated_metrics.json").read_text())["episodes"][0]
    assert episode["parity"] == "differs at frame 8"


def test_batches_that_overlap_or_repeat_give_each_frame_once(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").record("joined", "ann").record("scene_entered", "ann", scene="solo")
    builder.record(
        "match_formed", None, "m1", "solo", players=[{"player": 0, "agent": "a0", "participant": "ann"}], seed=1
    )
    builder.play("ann", "m1", "solo", rows(10)).play("ann", "m1", "solo", rows(10, 5), first=5)
    export(builder)
    found = read_csv(tmp_path / "solo" / "ann_ep0.csv")
    assert [int(row["frame"]) for row in found] == list(range(15))
    assert [int(row["actions.a0"]) for row in found] == list(range(15))


def test_an_info_that_first_appears_late_is_empty_before_and_ints_stay_ints(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").record("joined", "ann").record("scene_entered", "ann", scene="solo")
    builder.record("match_formed", None, "m1", "solo", players=[{"player": 0, "participant": "ann"}], seed=1)
    late = rows(3, 3)
    late[2][0]["infos.a0.hits"] = 4
    builder.play("ann", "m1", "solo", rows(3)).play("ann", "m1", "solo", late, first=3)
    export(builder)
    assert [row["infos.a0.hits"] for row in read_csv(tmp_path / "solo" / "ann_ep0.csv")] == ["", "", "", "", "", "4"]


def test_the_same_id_in_a_second_session_overwrites_nothing(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path)
    for session in ("s1", "s2"):
        builder.session(session).two_player_match(f"m-{session}", "duel", ("ann", "bob"))
        for who in ("ann", "bob"):
            builder.play(who, f"m-{session}", "duel", rows(4 if session == "s1" else 9))
        export(builder, session)
    assert len(read_csv(tmp_path / "duel" / "ann_ep0.csv")) == 4
    assert len(read_csv(tmp_path / "duel" / "ann_s2_ep0.csv")) == 9
    assert [row["session"] for row in read_csv(tmp_path / "participants.csv")] == ["s1", "s1", "s2", "s2"]


def test_ids_that_differ_only_in_case_do_not_share_a_file_across_sessions(tmp_path: Path) -> None:
    """On many disks `Ann` and `ann` are one name."""
    builder = StoreBuilder(tmp_path)
    for session, who in (("s1", "Ann"), ("s2", "ann")):
        builder.session(session).record("joined", who).record("scene_entered", who, scene="solo", visit=1)
        builder.record(
            "match_formed", None, f"m-{session}", "solo", players=[{"player": 0, "participant": who}], seed=1
        )
        builder.play(who, f"m-{session}", "solo", rows(3))
        export(builder, session)
    assert sorted(path.name for path in (tmp_path / "solo").glob("*.csv")) == ["Ann_ep0.csv", "ann_s2_ep0.csv"]


@pytest.mark.parametrize(
    "wicked", ["../../x", "..", "a/b", "C:\\x", "<b>hi</b>", "con", "ü" * 300, ".hidden", "a\x00b"]
)
def test_no_id_leaves_the_data_folder(tmp_path: Path, wicked: str) -> None:
    data = tmp_path / "data" / "demo"
    data.mkdir(parents=True)
    builder = StoreBuilder(data).session("s1").record("joined", wicked)
    builder.record("scene_entered", wicked, scene=wicked, visit=1)
    builder.record("answers", wicked, scene=wicked, visit=1, values={"q": 1}, timing={})
    builder.record("match_formed", None, wicked, wicked, players=[{"player": 0, "participant": wicked}], seed=1)
    builder.play(wicked, wicked, wicked, rows(2))
    export(builder)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["demo"]
    manifest = json.loads((data / "manifest.json").read_text())["files"]
    assert any(name.endswith("_ep0.csv") for name in manifest)


def test_answers_are_typed_with_the_times_of_each_field(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1", [{"id": "survey", "kind": "form", "metadata": {"wave": 2}}])
    builder.record("joined", "ann").record("scene_entered", "ann", scene="survey", visit=1)
    timing = {"shown_ms": 100, "submitted_ms": 5100, "first_change_ms": {"age": 900}, "submitted_at_ms": 2_000_123.4}
    builder.record("answers", "ann", scene="survey", visit=1, values={"age": 31, "why": 'a,\n"b"'}, timing=timing)
    builder.record("globals", "ann", values={"condition": "A"})
    builder.record("scene_left", "ann", scene="survey", visit=1)
    builder.record("globals", "ann", values={"paid": True}).record("scene_entered", "ann", scene="end", visit=2)
    builder.record("globals", "ann", values={"condition": "later"}).record("scene_left", "ann", scene="end", visit=2)
    builder.record("globals", "ann", values={"last": 1})
    export(builder)
    (answer,) = read_csv(tmp_path / "survey" / "ann.csv")
    assert (answer["session"], answer["participant"]) == ("s1", "ann")
    assert (answer["age"], answer["why"], answer["time_on_page_ms"]) == ("31", 'a,\n"b"', "5000")
    assert (answer["shown_at"], answer["submitted_at"]) == ("1995.123", "2000.123"), "seconds on the host's clock"
    assert (answer["first_change_ms.age"], answer["first_change_ms.why"]) == ("900", "")
    assert json.loads((tmp_path / "survey" / "ann_metadata.json").read_text())["metadata"] == {"wave": 2}
    assert json.loads((tmp_path / "survey" / "ann_globals.json").read_text())["globals"] == {
        "condition": "A",
        "paid": True,
    }
    last = json.loads((tmp_path / "end" / "ann_globals.json").read_text())["globals"]
    assert last == {"condition": "later", "paid": True, "last": 1}


def test_a_scene_may_ask_for_no_metadata_file(tmp_path: Path) -> None:
    scenes = [{"id": name, "kind": "static", "should_export_metadata": name == "told"} for name in ("told", "quiet")]
    builder = StoreBuilder(tmp_path).session("s1", scenes)
    builder.record("joined", "ann")
    for visit, name in enumerate(("told", "quiet"), start=1):
        builder.record("scene_entered", "ann", scene=name, visit=visit)
        builder.record("scene_left", "ann", scene=name, visit=visit)
    export(builder)
    assert (tmp_path / "told" / "ann_metadata.json").is_file()
    assert not (tmp_path / "quiet" / "ann_metadata.json").exists()


def test_every_column_of_every_csv_is_in_the_codebook_with_a_meaning(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", rows(3))
    export(builder)
    book = {(line["file"], line["column"]): line for line in read_csv(tmp_path / "codebook.csv")}
    for name in ("episode", "frame", "time_s", "actions.a0", "rewards.a0", "local.focused"):
        assert book["duel/<participant>_ep<N>.csv", name]["meaning"] not in ("", "Not described.")
    assert book["duel/<participant>_ep<N>.csv", "actions.a0"]["type"] == "integer"
    header = read_csv(tmp_path / "participants.csv")[0]
    assert all(("participants.csv", column) in book for column in header)


def test_the_manifest_names_a_changed_and_a_missing_file(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", rows(3))
    export(builder)
    assert Manifest(tmp_path).verify().ok
    path = tmp_path / "duel" / "ann_ep0.csv"
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.6", 1))
    (tmp_path / "duel" / "bob_ep0.csv").unlink()
    report = Manifest(tmp_path).verify()
    assert (report.changed, report.missing) == (("duel/ann_ep0.csv",), ("duel/bob_ep0.csv",))


def test_files_of_a_process_that_died_are_listed_by_the_one_that_goes_on(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", rows(3))
    written = Exporter(StoreReader(builder.path), builder.folder, "s1").export_match("m1")
    assert len(written) > 2
    with (tmp_path / NOTES_NAME).open("a") as notes:
        notes.write('{"name": "half a li')
    Exporter(StoreReader(builder.path), builder.folder, "s1").export_tables()
    found = Manifest(tmp_path).verify()
    assert found.ok
    assert not found.unlisted
    assert not (tmp_path / NOTES_NAME).exists()
    compared = json.loads((tmp_path / "duel" / "m1_aggregated_metrics.json").read_text())
    assert compared["parity"] == "identical"


def test_a_cancelled_export_leaves_only_whole_files(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    builder.play("ann", "m1", "duel", rows(3)).play("bob", "m1", "duel", rows(3))
    done: list[int] = []
    exporter = Exporter(StoreReader(builder.path), tmp_path, "s1")
    with pytest.raises(ExportCancelledError):
        exporter.export_all(lambda n, total, what: done.append(n), lambda: len(done) == 1)
    assert not list(tmp_path.rglob("*.part"))
    assert Manifest(tmp_path).verify().ok


VALUES = st.one_of(
    st.booleans(), st.integers(), st.floats(), st.text(min_size=1), st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def read_cell(text: str, kind: type) -> Any:
    """As a program does that knows the column's type."""
    if kind is bool:
        return {"true": True, "false": False}[text]
    if kind is float:
        return float(text)  # knows NaN and Infinity by these names
    return kind(text) if kind in (int, str) else json.loads(text)


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_a_cell_reads_back_as_the_value_it_was(value: Any) -> None:
    read = read_cell(cell(value), type(value))
    assert type(read) is type(value)
    assert (read == value) or (isinstance(value, float) and math.isnan(value) and math.isnan(read))
