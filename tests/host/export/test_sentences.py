"""Sentences of the program in files: the English text, whatever the launcher makes of its parts."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq

from igym.host.export.exporter import Exporter
from igym.host.files.export_formats import write_format
from igym.host.store.store_reader import StoreReader
from igym.protocol.told import Told, with_table
from tests.host.export.store_builder import StoreBuilder

REASON = Told("ping above {ping} ms", ping=3000)


def test_a_reason_made_of_parts_is_plain_text_in_every_format(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", [({"rewards.a0": 1.0}, {"focused": True})])
        ended = {"outcome": "excluded", "code": None, "erase": False, "ended_at": 2.0, "frame": 0, "place": "match"}
        builder.record("excluded", who, "m1", **with_table({"reason": REASON, **ended}))
    builder.close()
    with StoreReader(builder.path) as reader:
        exporter = Exporter(reader, tmp_path, "s1")
        for form in ("csv", "parquet", "jsonl", "xlsx", "spss", "stata", "psych-ds", "bids"):
            write_format(exporter, form)
        assert exporter.failures == []
    with (tmp_path / "participants.csv").open(encoding="utf-8-sig") as file:
        assert [row["reason"] for row in csv.DictReader(file)] == [str(REASON)] * 2
    [table] = tmp_path.rglob("participants.parquet")
    assert pq.read_table(table)["reason"].to_pylist() == [str(REASON)] * 2
    for path in tmp_path.rglob("*"):
        if path.suffix in (".csv", ".tsv", ".json", ".jsonl") and path.name != "events.jsonl":
            text = path.read_text(encoding="utf-8-sig")
            assert '"told"' not in text and '""ping' not in text and "{ping}" not in text, path
