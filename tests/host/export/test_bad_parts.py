"""Whatever is stored: one bad part never ends an export; the rest is written, the part is named, the exit code is 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest

from igym.host.files.export_formats import FORMATS
from igym.host.programs import export_main
from tests.host.export.store_builder import Row, StoreBuilder

FRAMES: list[Row] = [({"actions.a0": n, "rewards.a0": n / 4}, {"rtt_ms": 1.5}) for n in range(12)]
BAD: dict[str, dict[str, Any]] = {
    "bytes as a key": {"globals": {b"key": 1, "a": 2}},
    "an extension": {"globals": {"t": msgpack.Timestamp(1, 2)}},
    "an extension in a cell": {"parity": {"actions.a0": [msgpack.Timestamp(1, 2)] * 12}},
    "no columns": {"parity": None},
    "short columns": {"parity": {"actions.a0": [1]}},
    "no inputs": {"inputs": None},
}


def study(folder: Path, changes: dict[str, Any]) -> Path:
    """Two matches of two; in the second one, one member's only batch is spoiled."""
    builder = StoreBuilder(folder).session("s1")
    for match, people in (("m1", ("ann", "bob")), ("m2", ("eve", "dan"))):
        builder.two_player_match(match, "duel", people)
        for who in people:
            batch = {
                "v": 1, "scene": "duel", "visit": 1, "match": match, "episode": 0, "seq": 0, "first": 0, "count": 12,
                "parity": {name: [row[name] for row, _ in FRAMES] for name in FRAMES[0][0]},
                "local": {"rtt_ms": [1.5] * 12}, "inputs": {"0": [0] * 12, "1": [0] * 12}, "chain": "ab",
            }  # fmt: skip
            builder.batch(who, batch | (changes if who == "eve" else {}))
    builder.close()
    return folder


@pytest.mark.parametrize("what", BAD)
def test_one_bad_batch_ends_no_export(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study(tmp_path, BAD[what])
    everything = [word for name in FORMATS for word in ("--format", name)]

    code = export_main.main([str(folder), *everything])

    shown = capsys.readouterr()
    assert code == 1
    assert "m2" in shown.err and "Everything else was" in shown.err
    assert "Traceback" not in shown.err
    for who in ("ann", "bob"):
        assert len((folder / "duel" / f"{who}_ep0.csv").read_text().splitlines()) == 13
    assert len((folder / "duel" / "dan_ep0.csv").read_text().splitlines()) == 13
    assert json.loads((folder / "duel" / "m1_aggregated_metrics.json").read_text())["parity"] == "identical"
    for name in ("participants.csv", "manifest.json", "codebook.csv"):
        assert (folder / name).is_file(), name
    assert list((folder / "exports").rglob("*ann*.parquet")) and list((folder / "exports").rglob("*ann*.jsonl"))


def test_the_launcher_is_told_with_a_line_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study(tmp_path, BAD["bytes as a key"])

    code = export_main.main([str(folder), "--json"])

    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 1
    assert last["event"] == "failed" and last["code"] == "partly_written" and "m2" in last["text"]
