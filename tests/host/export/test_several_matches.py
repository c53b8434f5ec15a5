"""One person in several matches of a scene: every recording keeps a file of its own, under a name that stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import igym
from igym.host.export.exporter import Exporter
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import StoreBuilder


def rows(count: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [({"time_s": n / 30, "actions.a0": n}, {"focused": True}) for n in range(count)]


def duel(tmp_path: Path) -> StoreBuilder:
    builder = StoreBuilder(tmp_path).session("s1")
    for who in ("ann", "bob"):
        builder.record("joined", who, label=who).record("scene_entered", who, scene="duel", visit=1)
    return builder


def formed(builder: StoreBuilder, match: str, reason: str | None = None) -> None:
    """Put together; with a reason, it failed for it."""
    players = [{"player": n, "agent": f"a{n}", "participant": who} for n, who in enumerate(("ann", "bob"))]
    builder.record("match_formed", None, match, "duel", players=players, bots=[], seed=5)
    if reason:
        builder.record("match_ended", None, match, "duel", reason=reason)


def played(builder: StoreBuilder, match: str, frames: int) -> None:
    for who in ("ann", "bob"):
        builder.play(who, match, "duel", rows(frames))


def exported(builder: StoreBuilder, *matches: str) -> dict[str, int]:
    """Name → number of rows, after these matches (or everything) were exported."""
    with StoreReader(builder.path) as reader:
        exporter = Exporter(reader, builder.folder, "s1")
        for match in matches:
            exporter.export_match(match)
        if not matches:
            exporter.export_all()
    found = (builder.folder / "duel").glob("ann*.csv")
    return {path.name: len(path.read_text("utf-8").splitlines()) - 1 for path in sorted(found)}


def test_a_match_that_failed_before_play_takes_no_number(tmp_path: Path) -> None:
    builder = duel(tmp_path)
    formed(builder, "m1", "links failed")
    formed(builder, "m2")
    played(builder, "m2", 4)
    assert exported(builder, "m1", "m2") == {"ann_ep0.csv": 4}
    assert exported(builder) == {"ann_ep0.csv": 4}
    compared = json.loads((tmp_path / "duel" / "m2_aggregated_metrics.json").read_text("utf-8"))
    assert compared["files"] == ["ann_ep0.csv", "bob_ep0.csv"]


def test_each_recorded_match_has_a_file_of_its_own(tmp_path: Path) -> None:
    builder = duel(tmp_path)
    for number, match in enumerate(("m1", "m2", "m3"), start=1):
        formed(builder, match)
        if match != "m2":
            played(builder, match, number)
        exported(builder, match)
    assert exported(builder) == {"ann_ep0.csv": 1, "ann_m2_ep0.csv": 3}
    assert sorted(igym.load(tmp_path).rows.groupby("participant").size()) == [4, 4]


def test_rows_that_come_late_change_no_name(tmp_path: Path) -> None:
    """A browser that was gone brings the rows of its first match when those of the second are long on disk."""
    builder = duel(tmp_path)
    formed(builder, "m1")
    formed(builder, "m2")
    played(builder, "m2", 5)
    assert exported(builder, "m2") == {"ann_ep0.csv": 5}
    builder.play("ann", "m1", "duel", rows(2))
    assert exported(builder, "m1") == {"ann_ep0.csv": 5, "ann_m2_ep0.csv": 2}
    assert exported(builder) == {"ann_ep0.csv": 5, "ann_m2_ep0.csv": 2}
    files = json.loads((tmp_path / "duel" / "m1_aggregated_metrics.json").read_text("utf-8"))["files"]
    assert files == ["ann_m2_ep0.csv"]


def test_how_earlier_matches_went_is_kept_beside_the_newest(tmp_path: Path) -> None:
    builder = duel(tmp_path)
    formed(builder, "m1", "links failed")
    formed(builder, "m2", "complete")
    played(builder, "m2", 3)
    for matches in (("m1", "m2"), ("m2", "m1"), ()):
        exported(builder, *matches)
        told = json.loads((tmp_path / "duel" / "ann_multiplayer_metrics.json").read_text("utf-8"))
        assert (told["match"], told["status"]["reason"]) == ("m2", "complete")
        assert [(one["match"], one["status"]["reason"]) for one in told["earlier_matches"]] == [("m1", "links failed")]
