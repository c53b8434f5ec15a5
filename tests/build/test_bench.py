"""What benchmarks read of a stored session is what browsers told."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.host.export.store_builder import StoreBuilder

ROOT = Path(__file__).resolve().parents[2]
COUNTED = {"bytes_out": 100, "frame": 30, "rollbackFrames": 2, "stalls": 1, "skips": 1}


def test_seconds_of_play_that_were_told_together_are_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "build" / "bench"))
    recorded = importlib.import_module("rig.recorded")
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    samples = [{"age_ms": 1000.0 * age, "values": {"step_ms_p50": age, **COUNTED}} for age in (2, 1, 0)]
    builder.record("metrics", "ann", "m1", "duel", samples=samples)
    builder.close()
    engine = SimpleNamespace(folder=tmp_path, session="s1")
    assert [one["step_ms_p50"] for one in recorded.metrics(engine)["ann"]] == [2, 1, 0]
    counted = recorded.counted(engine)["ann"]
    assert counted["waits"] == [2, 2, 2]
    assert [round(later - counted["timestamp_ms"][0]) for later in counted["timestamp_ms"]] == [0, 1000, 2000]
