"""A member without rows is named in the stamp, unless somebody stood in for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.host.export.store_builder import StoreBuilder
from tests.host.export.test_exporter import export, rows


def stamped(builder: StoreBuilder) -> dict[str, Any]:
    export(builder)
    found: dict[str, Any] = json.loads((builder.folder / "duel" / "m1_aggregated_metrics.json").read_text())
    return found


def match(folder: Path) -> StoreBuilder:
    return StoreBuilder(folder).session("s1").two_player_match("m1", "duel", ("ann", "bob"))


def test_a_member_with_no_rows_at_all_is_missing(tmp_path: Path) -> None:
    stamp = stamped(match(tmp_path).play("ann", "m1", "duel", rows(10)))
    (episode,) = stamp["episodes"]
    assert stamp["parity"] == episode["parity"] == "missing: bob"
    assert episode["absent"] == [{"participant": "bob", "from_frame": 0, "why": None, "stand_in": False}]


def test_also_when_the_match_ended_early(tmp_path: Path) -> None:
    builder = match(tmp_path).play("ann", "m1", "duel", rows(10))
    builder.record("match_ended", None, "m1", "duel", reason="connection lost", who=["bob"], episode=0, last_frame=9)
    (episode,) = stamped(builder)["episodes"]
    assert episode["parity"] == "missing: bob"
    assert episode["absent"][0]["why"] == "the match ended early (connection lost)"


def test_somebody_for_whom_a_bot_stood_in_is_not_missing(tmp_path: Path) -> None:
    builder = match(tmp_path)
    builder.play("ann", "m1", "duel", rows(10)).play("bob", "m1", "duel", rows(4))
    builder.record("substituted", "bob", "m1", "duel", by="bot", reason="connection lost", episode=0, from_frame=4)
    builder.play("ann", "m1", "duel", rows(10), episode=1)
    stamp = stamped(builder)
    assert stamp["parity"] == "identical"
    first, second = (episode["absent"] for episode in stamp["episodes"])
    why = "a bot took over (connection lost)"
    assert first == [{"participant": "bob", "from_frame": 4, "why": why, "stand_in": True}]
    assert second == [{"participant": "bob", "from_frame": 0, "why": why, "stand_in": True}]


def test_an_episode_before_the_stand_in_is_judged_as_ever(tmp_path: Path) -> None:
    builder = match(tmp_path).play("ann", "m1", "duel", rows(10))
    builder.record("substituted", "bob", "m1", "duel", by="bot", reason="left", episode=1, from_frame=0)
    builder.play("ann", "m1", "duel", rows(10), episode=1)
    stamp = stamped(builder)
    assert [episode["parity"] for episode in stamp["episodes"]] == ["missing: bob", "identical"]
    assert stamp["parity"] == "missing: bob"


def test_what_was_under_way_when_the_match_broke_off_is_explained(tmp_path: Path) -> None:
    builder = match(tmp_path)
    builder.play("ann", "m1", "duel", rows(10)).play("bob", "m1", "duel", rows(8))
    builder.record("match_ended", None, "m1", "duel", reason="connection lost", who=["bob"], episode=0, last_frame=9)
    (episode,) = stamped(builder)["episodes"]
    assert episode["parity"] == "identical"
    assert episode["absent"][0]["from_frame"] == 8


def test_no_reason_excuses_other_values(tmp_path: Path) -> None:
    other = rows(8)
    other[3][0]["rewards.a0"] = 9.0
    builder = match(tmp_path).play("ann", "m1", "duel", rows(10)).play("bob", "m1", "duel", other)
    builder.record("match_ended", None, "m1", "duel", reason="connection lost", who=["bob"], episode=0, last_frame=9)
    (episode,) = stamped(builder)["episodes"]
    assert episode["parity"] == "differs at frame 3"
