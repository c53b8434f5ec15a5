"""Benchmarks measure what they say: what is read of a stored session, and matches in a clock of their own."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import msgpack
import pytest

from igym.host.simulate.play import ScriptedEpisode
from igym.protocol.binary import Rows
from igym.protocol.codec import decode
from igym.protocol.server import MatchPlayer, MatchSpec
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


def test_the_episode_of_a_crowd_is_what_each_of_them_would_make_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "build" / "bench"))
    same = importlib.import_module("rig.same_episode").SameEpisode
    players = [MatchPlayer(player=0, agent="left"), MatchPlayer(player=1, agent="right")]
    match = MatchSpec(id="m7", seed=5, me=1, players=players)
    told = same(match, "duel", 3, 1, 70, 30.0)
    alone = ScriptedEpisode(match.model_copy(update={"seed": 0}), "duel", 3, 0, 70, 30.0)
    wanted = [msgpack.unpackb(batch) | {"episode": 1} for batch in alone.batches(30)]
    assert [msgpack.unpackb(batch) for batch in told.batches(30)] == wanted
    assert (told.chain(70), told.scores()) == (alone.chain(70), alone.scores())
    assert all(isinstance(decode("rows", batch), Rows) for batch in told.batches(30))


def test_two_play_at_their_pace_in_a_clock_of_their_own() -> None:
    way = {"delay_ms": 1, "jitter_ms": 0, "loss": 0}
    settings = {"networks": [{"ways": [way], "players": 2}], "seconds": 4, "warmUpS": 2}
    node = shutil.which("node")
    assert node, "node is needed for this test; `python build/dev.py test` sets it up"
    command = [node, "--no-warnings", str(ROOT / "build" / "bench" / "rig" / "netcode.mjs"), json.dumps(settings)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    [match] = json.loads(done.stdout)
    assert match["same"]
    for one in match["players"]:
        assert set(one["intervals"]) <= {33, 34}
        assert one["waits"] == 0 and len(one["stamps"]) > 60
        assert one["reactions"] and max(one["reactions"]) <= 2 * 1000 / 30, "at most until the next frame, and one more"
