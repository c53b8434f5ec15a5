"""A lab check can be read as tables, each column of which is explained."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import socketio

from igym.core.lab import LabCheck
from igym.core.lab_verdict import Wanted
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.export.manifest import Manifest
from igym.host.lab.lab_host import LabHost
from igym.host.lab.lab_tables import write_lab_tables
from igym.host.session.settings import EngineOptions
from igym.host.simulate.client import BROWSER
from igym.protocol.client import Browser
from igym.protocol.version import PROTOCOL_VERSION
from tests.host.conftest import SURVEY, write_experiment
from tests.waiting import until


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


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_study_that_keeps_nothing_keeps_no_results_of_its_lab_check(tmp_path: Path, keeps: bool) -> None:
    folder = write_experiment(tmp_path / "study", SURVEY.replace("Experiment(", f"Experiment(save_data={keeps}, ", 1))
    options = EngineOptions(folder=folder, data=tmp_path / "data", port=0, address="127.0.0.1")
    told: list[dict[str, Any]] = []
    clock = Clock()
    host = LabHost(options, clock, Journal(clock), told.append)
    url = await host.start()
    page = socketio.AsyncClient(reconnection=False)
    await page.connect(url.removesuffix("labcheck"), namespaces=["/labcheck"], transports=["websocket"])
    hello = {"protocol": PROTOCOL_VERSION, "seat": "PC07", "tab": "a" * 16, "browser": BROWSER}
    await page.call("seat_hello", hello, namespace="/labcheck")
    await until(lambda: any("PC07" in str(table) for table in told))
    await page.shutdown()
    await host.close()
    assert (tmp_path / "data").exists() is keeps
    assert bool(list(tmp_path.rglob("seats.csv"))) is keeps
