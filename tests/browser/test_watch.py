"""A researcher watches a match live: what the watcher sees is what was played, and the players are not touched."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.control_command import command
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import LOADING_LIMIT_MS

LIMIT_S = 120


def match_of(engine: EngineProcess) -> str:
    """The match of the first stored rows; waits for them."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if stored := engine.stored():
            return stored[0].match
        time.sleep(0.1)
    raise AssertionError("no rows were ever stored")


def test_a_watcher_follows_the_match_to_the_scores_that_were_recorded(
    start_engine: StartEngine, new_participant: NewParticipant, studies: Path
) -> None:
    engine = start_engine(studies / "duet")
    people = [new_participant(engine), new_participant(engine)]
    for number, person in enumerate(people):
        person.page.goto(f"{engine.url}?pilot={number + 1}")
    for person in people:
        person.sees_game()
    watcher = new_participant(engine)
    path = command(engine, "watch", match=match_of(engine))["path"]
    assert watcher.page.goto(engine.url + "watch?token=guessed").status == 403  # type: ignore[union-attr]
    watcher.page.goto(engine.url + path[1:])
    watcher.sees_game()
    expect(watcher.page.locator("#state")).to_have_text(re.compile(r"Episode \d, frame \d+"), timeout=LOADING_LIMIT_MS)
    shown = watcher.page.locator("#scores")
    expect(watcher.page.locator("#state")).to_have_text("The match has ended: complete", timeout=LOADING_LIMIT_MS)
    scores = {key: float(value) for key, value in zip(
        shown.locator("dt").all_inner_texts(), shown.locator("dd").all_inner_texts(), strict=True)}  # fmt: skip
    for person in people:
        person.sees("Goodbye")
        person.assert_clean()
    watcher.assert_clean()
    engine.stop()
    assert_parity(engine.folder / "play", members=2, episodes=2)
    rows = read_rows(next((engine.folder / "play").glob("*_ep1.csv")))
    for agent in ("left", "right"):
        (seen,) = [score for name, score in scores.items() if name.endswith(f"({agent})")]
        assert seen == sum(float(row[f"rewards.{agent}"]) for row in rows)
    # The watcher never joined: the session knows two people.
    assert len(read_rows(engine.folder / "participants.csv")) == 2
