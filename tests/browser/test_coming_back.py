"""Whoever comes back into a match gets on, whatever the others are doing: both play to the end and record the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conditions import wait_until
from tests.browser.exports import read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.rounds import PairOfProfiles, Round, Rounds

pytestmark = pytest.mark.timeout(900)

FRAMES = 100
WAYS = 5
ALONE = "1 of 2 people is here"


@pytest.fixture(scope="module")
def rounds(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    folder = tmp_path_factory.mktemp("rounds")
    given = Rounds(partial(PairOfProfiles, browser), folder, rounds=1 + WAYS, frames=FRAMES, return_s=60, freeze_s=1)
    yield given
    given.close()


def test_a_third_person_who_comes_as_a_match_ends_waits_for_somebody_else(browser: Browser, rounds: Rounds) -> None:
    """First of all: everybody begins at the door of the first game."""
    with rounds.round() as one:
        third = ParticipantPage(browser, one.pair.engine.url)
        third.join()
        third.press("Start")
        third.stands_at("Continue")
        one.play(2 * FRAMES - 30)
        third.press("Continue")
        one.finish_alike()
        third.sees(ALONE)
        third.leaves()
        third.sees("You have left the study")
        third.assert_clean()
        third.context.close()
        (formed,) = one.records("match_formed")
        assert len(formed["players"]) == 2
        (ended,) = one.records("match_ended")
        assert (ended["reason"], ended["who"]) == ("complete", [])


def both_reload(one: Round) -> None:
    one.play(60)
    for person in one.pair.people:
        person.page.evaluate("setTimeout(() => location.reload(), 50)")


def one_reloads_at_once(one: Round) -> None:
    wait_until(one.pair.people[0], lambda: one.records("episode_started"), "the first episode")
    one.pair.people[1].page.reload()


def one_opens_a_second_tab(one: Round) -> None:
    one.play(60)
    former = one.pair.people[1].page
    one.pair.people[1].comes_back()
    former.get_by_text("Continued elsewhere").wait_for()


def one_reloads_in_the_last_second(one: Round) -> None:
    one.play(FRAMES - 30)
    one.pair.people[1].page.reload()


def one_reloads_in_the_freeze(one: Round) -> None:
    wait_until(one.pair.people[0], lambda: one.records("episode_ended"), "the end of the first episode")
    one.pair.people[1].page.reload()


@pytest.mark.parametrize(
    "comes_back",
    [
        both_reload,
        one_reloads_at_once,
        one_opens_a_second_tab,
        one_reloads_in_the_last_second,
        one_reloads_in_the_freeze,
    ],
)
def test_who_comes_back_gets_on(comes_back: Callable[[Round], None], rounds: Rounds) -> None:
    with rounds.round() as one:
        comes_back(one)
        one.finish_alike()
        for path in one.folder.glob("*_ep?.csv"):
            assert [int(row["frame"]) for row in read_rows(path)] == list(range(FRAMES)), path.name
        (ended,) = one.records("match_ended")
        outcome: dict[str, Any] = {"reason": ended["reason"], "who": ended["who"]}
        assert outcome == {"reason": "complete", "who": []}
