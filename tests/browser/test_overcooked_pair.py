"""The example with a package from the index: fetched once, then played by two people, and by one with the program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conditions import keep_on
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity_of_each_match, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.example_analyses import assert_r_finds_the_same, in_pandas

pytestmark = pytest.mark.timeout(900)
SHORT = """[scenes.practice.gameplay]
max_steps = 24
[scenes.cook.gameplay]
max_steps = 120
num_episodes = 1
[scenes.cook.waitroom]
timeout_s = 8
"""
Command = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def igym(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Runs a command: (exit code, last JSON line)."""

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        command = [sys.executable, "-m", "igym.cli", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.fixture
def example(root: Path) -> Path:
    return root / "examples" / "overcooked_pair"


def reads_and_answers(person: ParticipantPage, wrong_first: bool = False) -> None:
    person.join("?lang=en")
    person.press("Start")
    person.press("Understood")
    answers = ["Three", "A plate", "Both of us"]
    for answer in ["Two", *answers[1:]] if wrong_first else answers:
        person.page.get_by_text(answer, exact=True).click()
    person.press("Continue")
    if wrong_first:
        person.sees("A pot begins to cook by itself")
        person.page.get_by_text("Three", exact=True).click()
        person.press("Continue")
    person.press("To the stove")
    person.sees_game()
    person.stands_at("Find my partner")


def cooks(people: list[ParticipantPage]) -> None:
    """To and fro, taking what comes, until everybody is asked about it."""
    ends = [person.page.get_by_text("About your partner").first for person in people]
    turns = ["ArrowLeft", "Space", "ArrowUp", "Space", "ArrowRight", "Space", "ArrowDown", "Space"]

    def cook(turn: int) -> None:
        for person, end in zip(people, ends, strict=True):
            if not end.is_visible():
                person.hold(turns[turn % len(turns)], 130)

    keep_on(cook, lambda: all(end.is_visible() for end in ends), "the end of the rounds")


def finish(people: list[ParticipantPage], engine: EngineProcess) -> None:
    for person in people:
        person.choose([5, 4, 3, 6])
        person.press("Continue")
        person.sees("The kitchen is closed")
        person.assert_clean()
    engine.stop()


def test_two_cook_together_and_a_third_with_the_program(
    igym: Command, example: Path, tmp_path: Path, start_engine: StartEngine, new_participant: NewParticipant,
    monkeypatch: pytest.MonkeyPatch, chromium: str,
) -> None:  # fmt: skip
    code, prepared = igym("prepare", str(example), "--json")
    assert (code, prepared["packages"]) == (0, ["cogrid==0.3.2"]), prepared
    code, checked = igym("check", str(example), "--json", "--browser", chromium, "--people", "0")
    assert code == 0, checked
    for scene in checked["scenes"]:
        assert (scene["problems"], scene["warnings"], scene["reasons"]) == ([], [], [])

    (tmp_path / "short.toml").write_text(SHORT, "utf-8")
    study = tmp_path / "study"
    shutil.copytree(example, study, ignore=shutil.ignore_patterns("__pycache__"))
    text = (study / "experiment.py").read_text("utf-8")
    # Behind a wall the program would wait for what a person hands over.
    (study / "experiment.py").write_text(text.replace(', "forced_coordination"]', "]"), "utf-8")
    engine = start_engine(study, "--profile", str(tmp_path / "short.toml"))
    people = [new_participant(engine) for _ in range(3)]
    for person in people:
        reads_and_answers(person, wrong_first=person is people[0])
    # Together: otherwise the first one's wait would have to last as long as the others need for the pages before it.
    for person in people:
        person.press("Find my partner")
    cooks(people)
    finish(people, engine)

    matches = assert_parity_of_each_match(engine.folder / "cook", episodes=1)
    assert sorted(map(len, matches)) == [1, 2]
    episodes = [row for row in read_rows(engine.folder / "episodes.csv") if row["scene"] == "cook"]
    soups = {row["match"]: float(row["score"]) for row in episodes}
    (alone,) = {row["match"] for row in episodes if [one["match"] for one in episodes].count(row["match"]) == 1}
    (lone,) = [row for row in episodes if row["match"] == alone]
    rows = read_rows(next((engine.folder / "cook").glob(f"{lone['participant']}*_ep0.csv")))
    assert {row[f"infos.{1 - int(lone['agent'])}.did"] for row in rows} >= {"onion", "pot"}, "the program cooks"
    layouts = {row["match"]: row["condition.layout"] for row in episodes}
    assert len(set(layouts.values())) == 2, "each group has a kitchen of its own"
    paid = {row["participant"]: float(row["earnings"]) for row in read_rows(engine.folder / "payments.csv")}
    assert paid == {row["participant"]: pytest.approx(4 + 0.2 * soups[row["match"]]) for row in episodes}
    attempts = read_rows(engine.folder / "attempts.csv")
    assert {row["value"] for row in attempts if row["right"] == "false"} == {"two"}

    code, verified = igym("verify", str(engine.folder), "--json")
    assert code == 0, verified

    found = in_pandas(example, engine.folder, ("soups", "work", "opinions"), monkeypatch)
    assert found["soups"].set_index("match")["soups"].to_dict() == soups
    assert len(found["work"]) == len(found["opinions"]) == 3
    assert_r_finds_the_same(example, engine.folder, found, tmp_path)
