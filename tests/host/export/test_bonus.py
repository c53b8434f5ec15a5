"""Earnings in the form in which each recruitment platform takes them, and what its link said as columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.host.export.store_builder import StoreBuilder
from tests.host.export.test_exporter import export, read_csv

PEOPLE: dict[str, tuple[dict[str, str], float | None]] = {
    "ann": ({"PROLIFIC_PID": "5f1a", "STUDY_ID": "st1", "SESSION_ID": "se1"}, 1.5),
    "bob": ({"PROLIFIC_PID": "6b2b", "STUDY_ID": "st1", "SESSION_ID": "se2"}, 0.0),
    "cat": ({"PROLIFIC_PID": "=cmd()", "x": "y"}, 2.0),
    "dan": ({"workerId": "W1", "assignmentId": "A1", "hitId": "H1"}, 0.256),
    "eve": ({"workerId": "W2"}, 3.0),
    "fay": ({"survey_code": "1234"}, None),
    "gus": ({"survey_code": "5678"}, None),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    builder = StoreBuilder(tmp_path).session("s1")
    for who, (params, earned) in PEOPLE.items():
        builder.record("joined", who, label=who, params=params, language="en")
        if earned is not None:
            builder.record("earnings", who, amount=earned, currency="EUR", reasons=["=played"] if who == "dan" else [])
        builder.record("finished" if who != "gus" else "dropped", who, reason="finished")
    builder.record("joined", "sim", label="sim", params={"PROLIFIC_PID": "77"}, language="en")
    builder.record("simulated", "sim")
    builder.record("earnings", "sim", amount=9.0, currency="EUR", reasons=[])
    export(builder)
    return tmp_path


def test_each_platform_gets_its_own_lines(folder: Path) -> None:
    assert (folder / "bonus_prolific.csv").read_text("utf-8") == "5f1a,1.50\n"
    mturk = (folder / "bonus_mturk.csv").read_text("utf-8").splitlines()
    assert mturk == ["WorkerId,AssignmentId,BonusAmount,Reason", "W1,A1,0.26,'=played"]
    assert (folder / "credit_sona.csv").read_text("utf-8").splitlines() == ["survey_code,credit", "1234,1", "5678,0"]


def test_what_platforms_say_in_a_link_are_columns_and_what_others_say_is_not(folder: Path) -> None:
    people: dict[str, dict[str, Any]] = {row["participant"]: row for row in read_csv(folder / "participants.csv")}
    names = {name for name in people["ann"] if name.startswith("link.")}
    assert names == {f"link.{name}" for name in ("STUDY_ID", "SESSION_ID", "assignmentId", "hitId", "survey_code")}
    assert (people["ann"]["link.STUDY_ID"], people["bob"]["link.SESSION_ID"]) == ("st1", "se2")
    assert people["cat"]["link.STUDY_ID"] == ""


def test_without_anybody_from_a_platform_there_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "bonus_prolific.csv").write_text("old,1.00\n")
    builder = StoreBuilder(tmp_path).session("s1").record("joined", "ann", label="ann", params={}, language="en")
    export(builder)
    assert not list(tmp_path.glob("bonus_*")) and not list(tmp_path.glob("credit_*"))
