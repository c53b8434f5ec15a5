"""The analysis that docs/data.md shows runs on exported data, in pandas and in R, and finds what happened."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from igym.host.export.exporter import Exporter
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import Row, StoreBuilder

DOCS = Path(__file__).parents[3] / "docs" / "data.md"
MOST_LINES = 12
PAIRS = {"m1": ("ann", "bob"), "m2": ("cem", "dot")}
CONDITION = {"m1": "red", "m2": "blue"}


def shown(language: str) -> list[str]:
    """The lines of the analysis in this language."""
    chapter = DOCS.read_text("utf-8").split("## A first analysis\n")[1].split("\n## ")[0]
    [block] = re.findall(rf"```{language}\n(.*?)```", chapter, re.DOTALL)
    return [line for line in block.splitlines() if line.strip()]


def rows(first_key: int) -> list[Row]:
    """Ten frames, 20 ms each; the first key is pressed in frame `first_key`."""
    return [
        ({"rewards.a0": 1.0}, {"timestamp_ms": 1000.0 + 20 * n, "input_event_ms": 995.0 + 20 * n if n >= first_key
                               else None}) for n in range(10)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pairs in two conditions play two episodes; Dot leaves the second one, the others are paid."""
    where = tmp_path_factory.mktemp("data")
    builder = StoreBuilder(where).session("s1")
    for match, pair in PAIRS.items():
        for who in pair:
            builder.record("joined", who, label=who)
            builder.record("attributes", who, values={"condition": CONDITION[match]}, condition=True)
            builder.record("scene_entered", who, scene="ask", visit=1, scene_kind="form")
            builder.record("scene_left", who, scene="ask", visit=1, submitted=True)
            builder.record("scene_entered", who, scene="duel", visit=2, scene_kind="gym")
        players = [{"player": n, "agent": f"a{n}", "participant": who} for n, who in enumerate(pair)]
        builder.record("match_formed", None, match, "duel", players=players, bots=[], seed=5)
        for episode in (0, 1):
            for number, who in enumerate(pair):
                builder.play(who, match, "duel", rows(2 + number + episode), episode=episode)
                if who != "dot" or episode == 0:
                    scores = {"a0": 3.0 + episode, "a1": 0.5}
                    builder.record("episode_ended", who, match, "duel", episode=episode, frames=10, scores=scores,
                                   reason="terminated", partial=False)  # fmt: skip
        builder.record("match_ended", None, match, "duel", reason="complete", who=[])
        for who in pair:
            kind = "dropped" if who == "dot" else "finished"
            builder.record(kind, who, scene="duel", reason="connection lost" if who == "dot" else "the end")
            builder.record("scene_left", who, scene="duel", visit=2)
            if who != "dot":
                builder.record("earnings", who, amount=4.5, currency="EUR", reasons=["play"])
    builder.close()
    with StoreReader(builder.path) as reader:
        Exporter(reader, where, "s1").export_all()
    return where


SCORES = {("m1", 0): 3.5, ("m1", 1): 4.5, ("m2", 0): 3.5, ("m2", 1): 4.0}
"""Match and episode → both players' scores; Dot's of the last one was never told."""
FIRST_KEYS = {("ann", 0): 35.0, ("ann", 1): 55.0, ("bob", 0): 55.0, ("bob", 1): 75.0, ("cem", 0): 35.0,
              ("cem", 1): 55.0, ("dot", 0): 55.0, ("dot", 1): 75.0}  # fmt: skip


def test_pandas_finds_what_happened(folder: Path) -> None:
    lines = shown("python")
    assert len(lines) <= MOST_LINES
    found: dict[str, Any] = {}
    exec("\n".join(lines).replace("data/slime_duel", folder.as_posix()), found)  # the documentation's own code
    scores = {(match, episode): score for (_, match, condition, episode), score in found["scores"].items()
              if condition == CONDITION[match]}  # fmt: skip
    assert scores == SCORES
    assert {(who, episode): ms for (_, who, _, episode), ms in found["first_key_ms"].items()} == FIRST_KEYS
    assert found["page_s"]["ask"].to_dict() == {"red": 1.0, "blue": 1.0}
    [left] = found["left"].to_dict("records")
    assert (left["participant"], left["last_scene"], left["reason"]) == ("dot", "duel", "connection lost")
    assert left["ended_at_iso"].startswith("1970-01-01T00:")
    assert {who: paid for (_, who), paid in found["payment"].items()} == dict.fromkeys(("ann", "bob", "cem"), 4.5)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere R is not among what the set-up installs")
def test_r_finds_the_same(folder: Path, tmp_path: Path) -> None:
    lines = shown("r")
    assert len(lines) <= MOST_LINES
    told = [
        'with(scores, cat(paste("score", match, condition, episode, score), sep = "\\n"))',
        'cat("\\n"); cat(paste("key", first$participant, first$episode, first_key_ms), sep = "\\n")',
        'cat("\\n"); with(subset(page_s, scene == "ask"), cat(paste("page", condition, duration_s), sep = "\\n"))',
        'cat("\\n"); with(left, cat(paste("left", participant, last_scene, reason), sep = "\\n"))',
        'cat("\\n"); with(payment, cat(paste("pay", participant, earnings), sep = "\\n"))',
    ]
    script = tmp_path / "analysis.R"
    script.write_text("\n".join([*lines, *told]).replace("data/slime_duel", folder.as_posix()), "utf-8")
    done = subprocess.run(["Rscript", "--vanilla", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(filter(None, done.stdout.split("\n"))) == sorted(
        [
            *(f"score {match} {CONDITION[match]} {episode} {score:g}" for (match, episode), score in SCORES.items()),
            *(f"key {who} {episode} {ms:g}" for (who, episode), ms in FIRST_KEYS.items()),
            *(f"page {condition} 1" for condition in ("red", "blue")),
            "left dot duel connection lost",
            *(f"pay {who} 4.5" for who in ("ann", "bob", "cem")),
        ]
    )
