"""A lab check can be read as tables, each column of which is explained."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from igym.core.lab import LabCheck
from igym.core.lab_verdict import Wanted
from igym.host.export.manifest import Manifest
from igym.host.lab_tables import write_lab_tables
from igym.protocol.client import Browser


def seat(name: str, **facts: Any) -> dict[str, Any]:
    return {"seat": name, "verdict": "go", "findings": [], "here": True, "rtt_ms": 1.5, **facts}


TABLE = {
    "seats": [seat("PC10"), seat("PC2", verdict="stop", findings=[{"code": "no_wasm"}, {"code": "gone"}]), seat("PC3")],
    "pairs": [
        {"a": "PC10", "b": "PC2", "transport": "p2p", "rtt_ms": 1.25},
        {"a": "PC2", "b": "PC3", "transport": None, "rtt_ms": None},
    ],
}  # fmt: skip


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_seats_and_ways_are_written_out(tmp_path: Path) -> None:
    seats, ways, codebook = write_lab_tables(tmp_path, TABLE)
    assert [(row["seat"], row["verdict"], row["findings"]) for row in read(seats)] == [
        ("PC10", "go", ""), ("PC2", "stop", "no_wasm gone"), ("PC3", "go", ""),
    ]  # fmt: skip
    assert [tuple(row.values()) for row in read(ways)] == [
        ("PC10", "PC2", "p2p", "1.25"), ("PC2", "PC10", "p2p", "1.25"), ("PC2", "PC3", "none", ""),
        ("PC3", "PC2", "none", ""),
    ]  # fmt: skip
    explained = {(row["file"], row["column"]) for row in read(codebook)}
    assert explained == {(path.name, name) for path in (seats, ways) for name in read(path)[0]}
    assert all(row["type"] and row["meaning"] for row in read(codebook))


def test_a_check_without_seats_still_has_its_columns(tmp_path: Path) -> None:
    seats, ways, _ = write_lab_tables(tmp_path, {"seats": [], "pairs": []})
    assert seats.read_text(encoding="utf-8").startswith("seat,verdict,")
    assert read(seats) == [] and read(ways) == []


def test_every_fact_that_is_kept_of_a_seat_has_a_column(tmp_path: Path) -> None:
    check = LabCheck(Wanted())
    browser = Browser(user_agent="x", screen_width=1, screen_height=2, viewport_width=1, viewport_height=2)
    check.hello("PC1", browser, "10.0.0.2")
    (kept,) = check.to_json()["seats"]
    (row,) = read(write_lab_tables(tmp_path, check.to_json())[0])
    assert set(kept) - set(row) == {"step", "fraction"}  # what its page is doing just now


def test_a_check_of_the_exports_takes_no_offence(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    (tmp_path / "lab_check.json").write_text("{}", encoding="utf-8")
    write_lab_tables(tmp_path, TABLE)
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    assert manifest.verify().unlisted == ("note.txt",)
