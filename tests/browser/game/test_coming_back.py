"""Players who were away: replaced by a bot, back in a later episode, or in the half of a match that does not count."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from igym import Random
from tests.browser.game.conftest import open_page, wait_until
from tests.browser.game.sources import DUEL
from tests.browser.game.test_several import (
    Bundle,
    all_over,
    desyncs,
    duel,
    frames,
    join,
    network,
    press_at_random,
    seen,
    sent,
    source,
)

ABSENT = 65_535
BOT = {"on_timeout": "bot", "bot": Random(seed=5)}


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Page:
    return open_page(browser, site + "two")


def started(page: Page, me: int) -> list[int]:
    return [one["episode"] for one in seen(page, me, "episodeStarted")]


def told(page: Page, me: int) -> list[str]:
    return [one["values"]["event"]["type"] for one in seen(page, me, "stats") if "event" in one["values"]]


def substitute(page: Page, me: int, gone: int) -> None:
    message = {"type": "substitute", "player": gone, "by": "bot", "fromFrame": 0}
    page.evaluate("([me, message]) => players[me].game.post(message)", [me, message])


def no_errors(page: Page) -> None:
    for me in (0, 1):
        assert seen(page, me, "error") == []
        assert desyncs(page, me) == []


def test_who_wakes_up_an_episode_later_has_the_same_rows_bot_included(page: Page, bundle_of: Bundle) -> None:
    network(page)
    # The first episode is short, the second, which has another seed, long enough to come back into.
    lengths = DUEL.replace("LENGTH", "self.length").replace(
        "        self.frames = 0\n", "        self.frames = 0\n        self.length = 80 if seed == 4 else 300\n"
    )
    join(page, bundle_of(duel(2, reconnection=BOT, checksum_every_frames=10), lengths))
    page.evaluate("start(200)")
    wait_until(lambda: min(frames(page, me) for me in (0, 1)) > 20)
    network(page, cut=True)
    substitute(page, 0, 1)
    wait_until(lambda: started(page, 0) == [0, 1] and frames(page, 0) > 30)
    network(page)
    wait_until(lambda: "peer_returned" in told(page, 1))
    press_at_random(page, lambda: all_over(page))
    wait_until(lambda: all_over(page))
    no_errors(page)
    one, other = sent(page, 0), sent(page, 1)
    assert one[1].frames == other[1].frames == 300
    assert one[1].parity == other[1].parity
    assert one[1].inputs == other[1].inputs
    assert one[1].chain == other[1].chain
    absent = [frame for frame, number in enumerate(other[1].inputs["1"]) if number == ABSENT]
    assert absent[0] == 0
    assert len({one[1].parity["actions.right"][frame] for frame in absent}) > 1, "the bot plays in the absent's place"
    assert one[1].inputs["1"][-1] != ABSENT
    earlier: dict[str, Any] = other[0].parity
    assert all(one[0].parity[name][: other[0].frames] == values for name, values in earlier.items())


def test_two_halves_become_one_again(page: Page, bundle_of: Bundle) -> None:
    network(page)
    join(page, bundle_of(duel(reconnection=BOT, checksum_every_frames=10), source(300)))
    page.evaluate("start(200)")
    wait_until(lambda: min(frames(page, me) for me in (0, 1)) > 20)
    network(page, cut=True)
    substitute(page, 0, 1)
    substitute(page, 1, 0)
    wait_until(lambda: min(frames(page, me) for me in (0, 1)) > 60)
    network(page)
    wait_until(lambda: "split" in told(page, 1) and "peer_returned" in told(page, 1))
    wait_until(lambda: all_over(page))
    no_errors(page)
    assert "split" not in told(page, 0)
    one, other = sent(page, 0)[0], sent(page, 1)[0]
    assert one.frames == other.frames == 300
    for name in one.parity:
        assert one.parity[name][-60:] == other.parity[name][-60:]
    assert seen(page, 1, "episodeEnded")[0]["chain"] == "", "rows of the lost half are on the host: it compares them"
