"""Browsers that stand still (a closed lid, a busy computer) before play: the others get on, and they find the truth."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.conditions import wait_until
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity_of_each_match, read_rows
from tests.browser.participant_page import SHORT_GAMES, ParticipantPage
from tests.browser.study_copy import spots_study

ALONE = "1 of 2 people is here"


class Lid:
    """The page processes of a browser, all stopped and all continued together."""

    def __init__(self, browser: Browser) -> None:
        told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
        self._pages = [int(process["id"]) for process in told["processInfo"] if process["type"] == "renderer"]

    def close(self) -> None:
        self._signal(signal.SIGSTOP)

    def open(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._pages:
            os.kill(pid, number)


@pytest.fixture
def laptop(playwright: Playwright, quick_chromium: str) -> Iterator[Browser]:
    """A second browser, whose lid a test closes."""
    launched = playwright.chromium.launch(executable_path=quick_chromium, args=SHORT_GAMES)
    yield launched
    launched.close()


def come(people: list[ParticipantPage], way: str) -> None:
    for person in people:
        person.join(f"?way={way}")


def counts_down(engine: EngineProcess) -> bool:
    return any(record["state"] == "countdown" for record in engine.records("match_state"))


def test_the_others_get_on_and_who_was_frozen_finds_the_truth(
    start_engine: StartEngine, new_participant: NewParticipant, laptop: Browser, tmp_path: Path
) -> None:
    engine = start_engine(spots_study(tmp_path, "frozen"))
    waits, counts = ParticipantPage(laptop, engine.url), ParticipantPage(laptop, engine.url)
    measured = [new_participant(engine), new_participant(engine)]
    counted = [new_participant(engine), new_participant(engine)]
    come([waits, *measured], "measured")
    come([counts, *counted], "counted")
    everybody = [waits, *measured, counts, *counted]
    for person in everybody:
        person.sees("Hello there")
        person.press("Start")
    for person in everybody:
        person.stands_at("Find a partner")

    for person in (counts, counted[0], waits):
        person.press("Find a partner")
    waits.sees(ALONE)
    wait_until(waits, lambda: counts_down(engine), "the countdown of two")
    lid = Lid(laptop)
    lid.close()
    try:
        # Frozen but not yet noticed, the one who waits is the partner to be measured.
        measured[0].press("Find a partner")
        measured[0].sees(ALONE)
        measured[1].press("Find a partner")
        counted[0].sees(ALONE)
        counted[1].press("Find a partner")
        for person in (*measured, *counted):
            person.sees("Goodbye")
            person.assert_clean()
        wait_until(measured[0], lambda: engine.records("timed_out"), "the end of the wait of who is frozen")
    finally:
        lid.open()
    waits.sees("Nobody came for you.")
    counts.sees(ALONE)
    counts.leaves()
    counts.sees("You have left the study")
    engine.stop()

    ids = [record["participant"] for record in engine.records("joined")]
    frozen = {"waits": ids[0], "counts": ids[3]}
    log = [record for record in engine.records("match_log") if record["scene"] == "measured"]
    given_up = [entry for entry in log if entry["decision"] in ("probe_cancelled", "probe_rejected")]
    assert [sorted(entry["group"]) for entry in given_up] == [sorted(ids[:2])]
    silent = [one for one in engine.records("connection") if one["state"] == "away" and one["reason"] == "no answer"]
    assert {one["participant"] for one in silent} >= set(frozen.values())
    statuses = [row["status"] for row in read_rows(engine.folder / "participants.csv")]
    assert statuses == ["timed_out", "finished", "finished", "withdrawn", "finished", "finished"]
    assert assert_parity_of_each_match(engine.folder / "measured", episodes=1) == [tuple(sorted(ids[1:3]))]
    assert assert_parity_of_each_match(engine.folder / "counted", episodes=1) == [tuple(sorted(ids[4:6]))]
    engine.assert_only_this_folder()
