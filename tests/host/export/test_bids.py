"""The BIDS export is a dataset that BIDS's own validator takes, and says what happened."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from igym.host.export.exporter import Exporter
from igym.host.files.export_formats import write_format
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import StoreBuilder

ROOT = Path(__file__).parents[3]
VALIDATOR = ROOT / "node_modules" / "bids-validator" / "bin" / "bids-validator"
PEOPLE = ("P_01", "p01", "lab-3")


def export(folder: Path, people: tuple[str, ...] = PEOPLE) -> Path:
    """Ids that labels cannot hold, two of which look alike; a questionnaire, a game, a loss, an odd text."""
    builder = StoreBuilder(folder).session("s1")
    for who in people:
        builder.record("joined", who, label=who, language="en")
        builder.record("attributes", who, values={"condition": "red"}, condition=True)
        builder.record("scene_entered", who, scene="about_you", visit=1)
        timing = {"shown_ms": 0, "submitted_ms": 4200, "first_change_ms": {}}
        values = {"age": 31, "why": "tabs\tand\nlines", "likes": ["tea", "jam"], "none": None}
        builder.record("answers", who, scene="about_you", visit=1, timing=timing, values=values)
        builder.record("scene_left", who, scene="about_you", visit=1)
        builder.record("waiting_started", who, scene="duel").record("waiting_ended", who, scene="duel")
    players = [{"player": n, "agent": f"a{n}", "participant": who} for n, who in enumerate(people)]
    builder.record("match_formed", None, "m_1", "duel", players=players, bots=[], seed=1)
    for who in people:
        builder.record("episode_started", who, "m_1", "duel", episode=0)
        builder.record("episode_ended", who, "m_1", "duel", episode=0, frames=30, reason="terminated", partial=False)
    builder.record("warned", people[0], scene="duel", rule="ping", text="Your connection is slow.")
    builder.record("dropped", people[0], reason="connection lost")
    for who in people[1:]:
        builder.record("finished", who, reason="the end", code="AB12")
    builder.close()
    with StoreReader(builder.path) as reader:
        exporter = Exporter(reader, folder, "s1")
        write_format(exporter, "bids")
        assert not exporter.failures
    return folder / "exports" / "s1" / "bids"


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def complaints(dataset: Path) -> list[tuple[str, str]]:
    """What the validator says: (severity, code)."""
    node = shutil.which("node") or "node"
    done = subprocess.run(
        [node, VALIDATOR, dataset, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    issues = json.loads(done.stdout)["issues"]
    return [(kind, issue["key"]) for kind in ("errors", "warnings") for issue in issues[kind]]


def test_the_official_validator_finds_nothing_but_that_nobody_is_named_as_author(tmp_path: Path) -> None:
    """Only the researchers can say who they are."""
    assert complaints(export(tmp_path)) == [("warnings", "NO_AUTHORS")]


@pytest.mark.parametrize("breaking", ["label", "column", "description"])
def test_the_validator_notices_what_is_broken(tmp_path: Path, breaking: str) -> None:
    dataset = export(tmp_path)
    if breaking == "label":
        (dataset / "sub-lab3").rename(dataset / "sub-lab-3")
    elif breaking == "column":
        path = next(dataset.glob("sub-lab3/beh/*_events.tsv"))
        path.write_text(path.read_text().replace("onset", "when", 1))
    else:
        (dataset / "dataset_description.json").unlink()
    assert [code for kind, code in complaints(dataset) if kind == "errors"]


def test_events_have_onsets_durations_and_no_json(tmp_path: Path) -> None:
    dataset = export(tmp_path)
    events = lines(dataset / "sub-lab3" / "beh" / "sub-lab3_task-demo_events.tsv")
    assert [(row["trial_type"], row["scene"], row["reason"]) for row in events] == [
        ("scene", "aboutyou", "n/a"), ("answers", "aboutyou", "n/a"), ("waiting", "duel", "n/a"),
        ("episode", "duel", "terminated"), ("finished", "n/a", "the end"),
    ]  # fmt: skip
    first = events[0]
    assert (first["onset"], first["duration"], first["visit"]) == ("2.0", "2.0", "1")
    assert (events[3]["match"], events[3]["episode"], events[3]["frames"]) == ("m1", "0", "30")
    assert not any("{" in cell or "[" in cell for row in events for cell in row.values())
    meanings: dict[str, Any] = json.loads(
        (dataset / "sub-lab3" / "beh" / "sub-lab3_task-demo_events.json").read_text("utf-8")
    )
    assert set(meanings) == set(first)


def test_people_are_labelled_once_and_answers_have_columns(tmp_path: Path) -> None:
    dataset = export(tmp_path)
    people = lines(dataset / "participants.tsv")
    labels = {row["recorded_id"]: row["participant_id"] for row in people}
    assert set(labels) == set(PEOPLE) and len({label.lower() for label in labels.values()}) == 3
    assert {path.name for path in dataset.glob("sub-*")} == set(labels.values())
    assert {row["condition"] for row in people} == {"red"}
    answers = {row["participant_id"]: row for row in lines(dataset / "phenotype" / "aboutyou.tsv")}
    assert set(answers) == set(labels.values())
    one = answers[labels["P_01"]]
    assert (one["answer_age"], one["answer_why"], one["answer_likes"], one["answer_none"]) == (
        "31", "tabs and lines", "tea; jam", "n/a",
    )  # fmt: skip
    assert one["time_on_page_ms"] == "4200"


def test_whoever_is_gone_from_the_log_is_gone_from_the_dataset(tmp_path: Path) -> None:
    dataset = export(tmp_path)
    assert (dataset / "sub-lab3").is_dir()
    (tmp_path / "session.sqlite3").unlink()
    export(tmp_path, PEOPLE[:2])
    assert {path.name for path in dataset.glob("sub-*")} == {"sub-P01", "sub-p01x2"}
