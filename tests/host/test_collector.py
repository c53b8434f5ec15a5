"""Cycles are collected in short runs: whoever stays in a session is not looked at again and again."""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from igym.host.base import collector as collector_module
from igym.host.base.collector import OLD, QUIET_S, WORTH_IT, YOUNG, Collector


class Circle:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.me = self


class House:
    is_empty = False
    now_s = 0.0


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def collector(house: House) -> AsyncIterator[Collector]:
    made = Collector(lambda: house.is_empty, lambda: house.now_s)
    made.start()
    yield made
    await made.close()


def state_of(people: int) -> list[list[int]]:
    """Objects of a kind that the collector follows, all of which stay."""
    return [[number] for number in range(people)]


def grown(collector: Collector) -> list[list[list[int]]]:
    """A session into which as many came as make what is old due, with looks in between as the loop has them."""
    kept = []
    for _ in range(OLD):
        kept.append(state_of(YOUNG + 1_000))
        collector.look()
    return kept


async def test_what_stays_is_looked_at_once(collector: Collector) -> None:
    kept = [grown(collector) for _ in range(4)]
    followed = len(gc.get_objects())
    assert sum(len(part) for each in kept for part in each) > 4 * OLD * YOUNG
    # A run of the collector goes through no more than these, however many there are.
    assert followed < (OLD + 2) * YOUNG


async def test_circles_that_come_and_go_are_freed_while_people_play(collector: Collector) -> None:
    seen = weakref.ref(Circle())
    kept = grown(collector)
    assert seen() is None
    assert kept


async def test_circles_that_were_set_aside_are_freed_when_nobody_is_there(collector: Collector, house: House) -> None:
    circle = Circle()
    grown(collector)
    seen = weakref.ref(circle)
    del circle
    for _ in range(WORTH_IT - 1):
        grown(collector)
    assert seen() is not None  # open when the rest was set aside
    house.is_empty = True
    collector.look()
    assert seen() is not None, "somebody may come back at once"
    house.now_s = QUIET_S
    collector.look()
    assert seen() is None
    followed = len(gc.get_objects())
    assert followed < YOUNG, "what is left is set aside again"


async def test_circles_go_at_the_latest_after_many_more_although_somebody_stays(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector_module, "AT_LATEST", WORTH_IT + 2)
    circle = Circle()
    grown(collector)
    seen = weakref.ref(circle)
    del circle
    for _ in range(WORTH_IT + 1):
        grown(collector)
    assert seen() is not None
    collector.look()
    assert seen() is None


async def test_nothing_is_set_aside_any_more_when_the_session_is_over(house: House) -> None:
    collector = Collector(lambda: house.is_empty)
    collector.start()
    circle = Circle()
    kept = grown(collector)
    seen = weakref.ref(circle)
    del circle
    await collector.close()
    gc.collect()
    assert seen() is None
    assert kept


async def test_thresholds_are_as_before_when_the_session_is_over(house: House) -> None:
    before = gc.get_threshold()
    collector = Collector(lambda: house.is_empty)
    collector.start()
    assert gc.get_threshold() != before
    await collector.close()
    assert gc.get_threshold() == before
