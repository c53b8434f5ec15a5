"""Two people at real pages, whose server dies in the middle of their game."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import SHORT_GAMES, ParticipantPage
from tests.browser.test_two_people import meet, play
from tests.cluster.proxy import haproxy
from tests.cluster.study_server import StudyServer, answers
from tests.ports import free_port

STUDY = Path(__file__).parents[1] / "browser" / "studies" / "duet"


@pytest.fixture
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium, args=SHORT_GAMES)
    yield launched
    launched.close()


def test_a_match_of_two_browsers_goes_on_at_the_server_that_stood_by(
    tmp_path: Path, own_url: str, browser: Browser
) -> None:
    ports = [free_port(), free_port()]
    with haproxy(tmp_path, ports) as url:
        first, second = (
            StudyServer(STUDY, tmp_path / f"data{number}", port, url, own_url) for number, port in enumerate(ports)
        )
        try:
            first.start()
            first.leads()
            second.start("--standby")
            answers(url)
            people = [ParticipantPage(browser, url), ParticipantPage(browser, url)]
            meet(people)
            play(people, first, 60)
            first.kill()
            second.leads()
            play(people, second, 200)
            for person in people:
                person.sees("Goodbye")
                person.context.close()
            second.end()
        finally:
            first.close()
            second.close()
    assert_parity(second.home / "play", members=2, episodes=2)
    assert [row["status"] for row in read_rows(second.home / "participants.csv")] == ["finished", "finished"]
