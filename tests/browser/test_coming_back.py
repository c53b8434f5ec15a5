"""Whoever comes back into a match gets on, whatever the others are doing: both play to the end and record the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conditions import wait_until
from tests.browser.exports import read_rows
from tests.browser.rounds import PairOfProfiles, Round, Rounds

pytestmark = pytest.mark.timeout(900)

FRAMES = 150
WAYS = 4


@pytest.fixture(scope="module")
def rounds(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    folder = tmp_path_factory.mktemp("rounds")
    given = Rounds(partial(PairOfProfiles, browser), folder, rounds=WAYS, frames=FRAMES, return_s=60)
    yield given
    given.close()


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


@pytest.mark.parametrize(
    "comes_back", [both_reload, one_reloads_at_once, one_opens_a_second_tab, one_reloads_in_the_last_second]
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
