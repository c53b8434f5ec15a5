"""Each table as an analyst reads it: one line for each thing that happened, with the same keys everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import igym
from igym.host.export.codebook import ROW_MEANINGS
from igym.host.export.exporter import Exporter
from igym.host.export.meanings import ANSWER_MEANINGS, TELEMETRY_MEANINGS
from igym.host.export.table_meanings import TABLES
from igym.host.export.tables import TABLES as EXPORTED
from igym.host.files.export_formats import write_format
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import Row, StoreBuilder
from tests.host.export.test_exporter import read_csv

DUEL = {
    "id": "duel", "kind": "gym",
    "policies": {"mapping": [{"agent": agent, "policy": {"kind": kind}} for agent, kind in
                             (("a0", "human"), ("a1", "human"), ("net", "onnx"), ("dice", "random"))]},
}  # fmt: skip


def frames(count: int, *, guessed: int = 0, reward: float = 0.5) -> list[Row]:
    return [
        ({"rewards.a0": reward}, {"predicted.1": n < guessed, "rollback_frames": int(n < guessed), "rtt_ms": 10.0 + n,
                                  "transport": "relay" if n == 0 else "p2p", "stall_ms": 0.5})
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ann and Bob fill in a page and play; Bob is cut off; Ann reloads, looks away and finishes."""
    builder = StoreBuilder(tmp_path).session("s1", [DUEL])
    plan = {"draws": [{"node": "order_1", "outcome": "b>a", "per": "participant"}]}
    for who in ("ann", "bob"):
        builder.record("joined", who, label=who.title(), seat=f"lab-{who}", language="en")
        builder.record("plan_drawn", who, seed=1, plan=plan, counts={})
        builder.record("attributes", who, values={"condition": "red"}, condition=True)
        builder.record("attributes", who, values={"speed": "fast"}, condition=True)
        builder.record("attributes", who, values={"lucky": 7})
        builder.record("browser", who, new_page=True, user_agent="Firefox")
        builder.record("connection", who, state="connected")
    builder.record("scene_entered", "ann", scene="ask", visit=1, index=0, scene_kind="form")
    builder.record("focus", "ann", hidden=True, blurred=True, at_ms=1)
    builder.record("focus", "ann", hidden=False, blurred=True, at_ms=1)
    builder.record("focus", "ann", hidden=False, blurred=False, at_ms=1)
    builder.record("connection", "ann", state="away", reason="transport close")
    builder.record("browser", "ann", new_page=True, user_agent="Firefox")
    builder.record("connection", "ann", state="connected")
    timing = {"shown_ms": 100, "submitted_ms": 5100, "first_change_ms": {"age": 900}}
    values = {"age": 31, "why": "=1+1", "likes": ["tea", "jam"], "none": None, "sure": True}
    builder.record("answers", "ann", scene="ask", visit=1, values=values, timing=timing)
    builder.record("scene_left", "ann", scene="ask", visit=1, submitted=True, timing=timing)
    builder.record("branch", "ann", branch="way", choice="left")
    for who in ("ann", "bob"):
        builder.record("scene_entered", who, scene="duel", visit=2, index=1, scene_kind="gym")
    players = [{"player": n, "agent": f"a{n}", "participant": who} for n, who in enumerate(("ann", "bob"))]
    builder.record("match_formed", None, "m1", "duel", players=players, bots=["net", "dice"], seed=5, group="g1")
    for who in ("ann", "bob"):
        builder.record("episode_started", who, "m1", "duel", episode=0)
    builder.play("ann", "m1", "duel", frames(10, guessed=3)).play("bob", "m1", "duel", frames(8))
    scores = {"a0": 5.0, "a1": 1.5}
    builder.record("episode_ended", "ann", "m1", "duel", episode=0, frames=10, reason="terminated", scores=scores,
                   partial=False)  # fmt: skip
    builder.record("connection", "bob", state="away", reason="transport close")
    builder.record("match_ended", None, "m1", "duel", reason="connection lost", who=["bob"])
    builder.record("episode_ended", "bob", "m1", "duel", episode=0, frames=3, reason="connection lost", partial=True)
    builder.record("parity", None, "m1", "duel", episode=0, result="identical")
    builder.record("attributes", "ann", values={"condition": "blue"}, condition=True)
    builder.record("finished", "ann", reason="end", code="C0DE").record("scene_left", "ann", scene="duel", visit=2)
    builder.record("dropped", "bob", reason="connection lost").record("scene_left", "bob", scene="duel", visit=1)
    builder.close()
    with StoreReader(builder.path) as reader:
        Exporter(reader, tmp_path, "s1").export_all()
    return tmp_path


def line(folder: Path, name: str, **wanted: str) -> dict[str, str]:
    [found] = [row for row in read_csv(folder / name) if wanted.items() <= row.items()]
    return found


def part(row: dict[str, str], *names: str) -> list[str]:
    return [row[name] for name in names]


def test_participants_tell_condition_order_times_reloads_and_disconnections(folder: Path) -> None:
    ann, bob = read_csv(folder / "participants.csv")
    assert part(ann, "condition", "condition.speed", "order.order_1", "branch.way", "attribute.lucky") == [
        "blue", "fast", "b>a", "left", "7",
    ]  # fmt: skip
    assert part(ann, "status", "reloads", "disconnections", "episodes", "partial_episodes") == [
        "finished", "1", "0", "1", "0",
    ]  # fmt: skip
    assert part(bob, "status", "reloads", "disconnections", "episodes", "partial_episodes") == [
        "dropped", "0", "1", "1", "1",
    ]  # fmt: skip
    assert float(ann["time_in_study_s"]) == float(ann["ended_at"]) - float(ann["joined_at"])
    assert re.fullmatch(r"1970-01-01T00:3\d:\d\d\.000Z", ann["joined_at_iso"])


def test_a_visit_tells_how_long_the_page_was_in_front_hidden_left_and_gone(folder: Path) -> None:
    ask = line(folder, "scenes.csv", participant="ann", scene="ask")
    # Each record of the fixture is one second after the one before.
    assert part(ask, "duration_s", "hidden_s", "blurred_s", "gone_s", "active_s") == ["8.0", "1.0", "1.0", "1.0", "5.0"]
    assert part(ask, "visit", "kind", "reloads", "submitted", "time_on_page_ms") == ["1", "form", "1", "true", "5000"]
    assert part(ask, "condition", "order.order_1") == ["red", "b>a"]
    assert float(ask["left_at"]) - float(ask["entered_at"]) == 8.0


def test_a_line_for_each_member_of_a_match_names_partners_and_counts_the_rows(folder: Path) -> None:
    ann, bob = (line(folder, "matches.csv", participant=who) for who in ("ann", "bob"))
    assert part(ann, "player", "agent", "seat", "partner", "partner_kind") == [
        "0", "a0", "lab-ann", "bob net dice", "human policy bot",
    ]  # fmt: skip
    assert part(ann, "frames", "absent_frames", "predicted_frames", "rollback_frames") == ["10", "0", "3", "3"]
    assert part(bob, "frames", "absent_frames", "predicted_frames", "rollback_frames") == ["8", "2", "0", "0"]
    assert part(ann, "transport", "rtt_ms", "stall_ms", "score", "parity") == ["relay p2p", "14.5", "5.0", "5.0",
                                                                              "identical"]  # fmt: skip
    assert part(ann, "outcome", "reason") == ["early", "connection lost"]
    assert part(bob, "outcome", "reason") == ["left", "connection lost"]


def test_a_condition_given_later_changes_no_earlier_line(folder: Path) -> None:
    """It changed to blue after the match: rows, episode and match were played in red."""
    for name in ("matches.csv", "episodes.csv"):
        assert line(folder, name, participant="ann")["condition"] == "red"
    rows = read_csv(folder / "duel" / "ann_ep0.csv")
    assert {row["condition"] for row in rows} == {"red"}


def test_rows_say_whose_they_are(folder: Path) -> None:
    for who, player in (("ann", "0"), ("bob", "1")):
        rows = read_csv(folder / "duel" / f"{who}_ep0.csv")
        keys = ("session", "scene", "match", "participant", "player", "agent", "condition.speed", "order.order_1")
        assert {tuple(part(row, *keys)) for row in rows} == {
            ("s1", "duel", "m1", who, player, f"a{player}", "fast", "b>a")
        }


def test_frames_are_those_on_disk_and_not_those_known_when_the_match_ended(folder: Path) -> None:
    """Three were known of Bob then, eight have come in."""
    assert line(folder, "episodes.csv", participant="bob")["frames"] == "8"
    assert len(read_csv(folder / "duel" / "bob_ep0.csv")) == 8


def test_answers_come_a_line_each_and_a_line_for_each_person(folder: Path) -> None:
    given = {row["field"]: part(row, "value", "number") for row in read_csv(folder / "answers.csv")}
    assert given == {"age": ["31", "31"], "why": ["'=1+1", ""], "likes": ["tea; jam", ""], "none": ["", ""],
                     "sure": ["true", "1"]}  # fmt: skip
    age = line(folder, "answers.csv", field="age")
    assert part(age, "first_change_ms", "time_on_page_ms", "condition") == ["900", "5000", "red"]
    ann, bob = read_csv(folder / "answers_wide.csv")
    assert part(ann, "participant", "ask.age", "ask.likes", "ask.sure") == ["ann", "31", "tea; jam", "true"]
    assert part(bob, "participant", "ask.age") == ["bob", ""]


def test_every_event_is_a_line_without_json(folder: Path) -> None:
    events = read_csv(folder / "events.csv")
    assert len(events) == len((folder / "events.jsonl").read_text().splitlines())
    ended = line(folder, "events.csv", kind="episode_ended", participant="ann")
    assert part(ended, "match", "episode", "frames", "reason") == ["m1", "0", "10", "terminated"]


def test_igym_load_gives_every_table_with_its_keys(folder: Path) -> None:
    data = igym.load(folder)
    for table in (data.participants, data.scenes, data.matches, data.episodes, data.answers_long, data.answers_wide,
                  data.rows):  # fmt: skip
        assert {"session", "participant", "condition", "condition.speed", "order.order_1"} <= set(table.columns)
    assert data.answers_long["value"].tolist()[1] == "=1+1"
    together = data.rows.merge(data.episodes, on=["session", "participant", "match", "agent", "player", "episode"])
    assert len(together) == 18


def test_no_cell_of_a_browser_keeps_a_table_back(tmp_path: Path) -> None:
    """What a browser says of itself may be anything."""
    odd: list[Any] = [float("inf"), float("nan"), 2**64 - 1, -(2**63), "soon", None, [1], {"a": 1}, True]
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    rows: list[Row] = [
        ({"rewards.a0": 1.0}, {"rtt_ms": value, "stall_ms": value, "rollback_frames": value, "transport": value,
                               "predicted.1": value}) for value in odd
    ]  # fmt: skip
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", rows)
    builder.close()
    with StoreReader(builder.path) as reader:
        exporter = Exporter(reader, tmp_path, "s1")
        exporter.export_all()
    assert exporter.failures == []
    assert part(line(tmp_path, "matches.csv", participant="ann"), "frames", "transport") == ["9", "soon"]


GENERIC = ("not described", "how many of them", "when it happened.", "custom", "(the value itself)")


def test_every_column_is_described_in_its_own_words(folder: Path) -> None:
    book = read_csv(folder / "codebook.csv")
    for entry in book:
        assert len(entry["meaning"]) > 14, entry
        assert not any(words in entry["meaning"].lower() for words in GENERIC), entry
        assert entry["source"] not in ("", "unknown"), entry
    for name in TABLES:
        columns = set(read_csv(folder / name)[0]) if read_csv(folder / name) else set()
        assert columns <= {entry["column"] for entry in book if entry["file"] == name}, name


@pytest.mark.parametrize("name", [*TABLES, "rows", "answers", "telemetry"])
def test_every_time_and_count_says_its_unit_and_what_it_is_counted_from(name: str) -> None:
    others: dict[str, Any] = {"rows": ROW_MEANINGS, "answers": ANSWER_MEANINGS, "telemetry": TELEMETRY_MEANINGS}
    for meaning in TABLES.get(name) or others[name]:
        if re.search(r"(_s|_ms|_at|_frames|^at|^frames|count|reloads|episodes)$", meaning.pattern.replace("\\", "")):
            assert meaning.unit, (name, meaning.pattern)
        if re.search(r"(time|duration|shown|first_change).*(_s|_ms)|_at$", meaning.pattern):
            words = f"{meaning.unit} {meaning.text}"
            assert re.search(r"\b(since|from|of the visit)\b", words), (name, meaning.pattern)


def test_no_two_columns_of_a_table_have_the_same_description() -> None:
    for name, meanings in TABLES.items():
        texts = [meaning.text for meaning in meanings]
        assert len(set(texts)) == len(texts), name


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_every_table_is_in_the_other_formats_too(folder: Path, form: str) -> None:
    with StoreReader(folder / "session.sqlite3") as reader:
        exporter = Exporter(reader, folder, "s1")
        write_format(exporter, form)
    assert not exporter.failures
    made = folder / "exports" / "s1" / form
    for name in sorted(EXPORTED.keys() - {"payments"}):
        given: list[dict[str, Any]] = pq.read_table(made / f"{name}.parquet").to_pylist() if form == "parquet" else [
            json.loads(line) for line in (made / f"{name}.jsonl").read_text("utf-8").splitlines()
        ]  # fmt: skip
        wanted = read_csv(folder / f"{name}.csv")
        assert [row["participant"] for row in given] == [row["participant"] for row in wanted], name
        assert [row["condition"] for row in given] == [row["condition"] for row in wanted], name
