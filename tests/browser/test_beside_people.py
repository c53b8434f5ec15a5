"""A policy at a person's side, in real pages: shared control, advice, and a learner that is praised and blamed."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conditions import keep_on, stored_frames
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.test_replay import verified
from tests.browser.test_two_people import meet
from tests.networks import write_follower

STUDIES = Path(__file__).parent / "studies"
ADVICE = re.compile(r"^Try [↑↓–]$")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The data folder of two people: a duet with a pilot and a coach, then each teaches a learner on the host."""
    root = tmp_path_factory.mktemp("beside")
    study = root / "study"
    shutil.copytree(STUDIES / "duet", study, ignore=shutil.ignore_patterns("experiment.py", "__pycache__"))
    shutil.copytree(STUDIES / "beside", study, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    write_follower(study / "left.onnx", bat=4)
    write_follower(study / "right.onnx", bat=5)
    engine = EngineProcess(study, root / "data").start()
    people = [ParticipantPage(browser, engine.url) for _ in range(2)]
    try:
        meet(people)
        play(people)
        for person in people:
            person.press("Start")
            teach(person, engine)
            person.sees("Goodbye")
            person.assert_clean()
    finally:
        for person in people:
            person.context.close()
        engine.stop()
    return engine.folder


def play(people: list[ParticipantPage]) -> None:
    """The pilot takes over now and then, also without steering; who is advised praises and blames besides."""
    pilot, advised = pilot_and_advised(people)
    end = pilot.page.get_by_text("Now praise it").first

    def steer(turn: int) -> None:
        pilot.page.keyboard.down("Space")
        pilot.hold("ArrowUp", 150)
        pilot.page.keyboard.up("Space")
        pilot.hold("ArrowDown", 100)  # not taken over: it moves nothing
        advised.hold("gb"[turn % 2], 200)
        advised.hold("ArrowDown", 100)

    keep_on(steer, end.is_visible, "the end of the game")
    assert not pilot.page.get_by_text(ADVICE).count()
    for person in people:
        person.sees("Now praise it")


def pilot_and_advised(people: list[ParticipantPage]) -> list[ParticipantPage]:
    """Advice stands on the page of the one it is for, and on no other."""
    for _ in range(1200):
        told = [person.page.get_by_text(ADVICE).count() for person in people]
        if sum(told):
            return [people[told.index(0)], people[told.index(1)]]
        people[0].page.wait_for_timeout(100)
    raise AssertionError("nobody was advised")


def teach(person: ParticipantPage, engine: EngineProcess) -> None:
    """Praise, blame, praise."""
    person.sees_game()
    before = sum(stored_frames(engine, "teach").values())
    keep_on(
        lambda turn: person.hold("gbg"[turn % 3], 150),
        lambda: sum(stored_frames(engine, "teach").values()) >= before + 50,
        "50 more frames stored",
    )


def test_who_acted_what_was_advised_and_what_was_said_are_the_same_for_both(played: Path) -> None:
    assert_parity(played / "play", members=2, episodes=1)
    rows = read_rows(next((played / "play").glob("*_ep0.csv")))
    assert len(rows) == 240
    assert {row["actor.left"] for row in rows} == {"person", "policy"}
    by_person = {row["actions.left"] for row in rows if row["actor.left"] == "person"}
    assert "1" in by_person and "2" not in by_person, "ArrowDown was only pressed while the policy had the controls"
    assert {row["actions.left"] for row in rows if row["actor.left"] == "policy"} >= {"1", "2"}
    for row in rows:
        assert (row["agreed.right"] == "true") == (row["advice.right"] == row["actions.right"])
    assert {row["advice.right"] for row in rows} >= {"1", "2"}
    assert {row["agreed.right"] for row in rows} == {"true", "false"}, "advice is given, not done"
    said = [float(row["feedback.right"]) for row in rows if row["feedback.right"]]
    assert len(said) >= 4 and all(one == -other for one, other in pairwise(said)), "each press once, in turns"


def test_what_a_learner_heard_in_a_match_is_kept_with_the_data(played: Path) -> None:
    assert_parity_of_one_each(played / "teach")
    kept = sorted(next((played / "learners").glob("*/teach")).iterdir())
    first, second = sorted({path.name.partition(".")[0] for path in kept})
    knows = {path.name.replace(".agent_0.", " "): json.loads(path.read_bytes()) for path in kept}
    assert set(knows) == {f"{match} {when}" for match in (first, second) for when in ("ep0", "end")}
    assert knows[f"{first} ep0"] == [[0.0, 0.0, 0.0], []]
    assert knows[f"{second} ep0"] == knows[f"{first} end"], "who comes later goes on with what it has learned"
    heard = knows[f"{second} end"][1]
    said = {}
    for path in (played / "teach").glob("*_ep0.csv"):
        rows = [row for row in read_rows(path) if row["frame"] != "0"]  # nothing was done yet that could be praised
        said[rows[0]["match"]] = [float(row["feedback.agent_0"]) for row in rows if row["feedback.agent_0"]]
    assert all(len(words) >= 2 for words in said.values())
    assert [feedback for _, _, feedback in heard] == [*said[first], *said[second]]


def assert_parity_of_one_each(folder: Path) -> None:
    for path in folder.glob("*_aggregated_metrics.json"):
        compared = json.loads(path.read_text("utf-8"))
        assert compared["parity"] == "identical" and not compared["episodes"][0]["members"][0]["gaps"]
    assert len(list(folder.glob("*_ep0.csv"))) == 2


def test_all_of_it_goes_again_as_it_was_recorded(played: Path, chromium: str) -> None:
    told = verified(played, "--browser", chromium)
    assert [(one["scene"], one["result"]) for one in told["episodes"]] == [
        ("play", "identical"), ("teach", "identical"), ("teach", "identical"),
    ], told  # fmt: skip
    assert told["ok"] and told["code"] == 0
