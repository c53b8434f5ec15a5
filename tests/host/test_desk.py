"""What one page says reaches the core in the order in which it was said, whatever has to be asked before."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from igym.core.events import Connected, Disconnected
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.rates import COME_AGAIN_S, CONNECTIONS
from igym.host.inbox import Outcome
from igym.host.ports import Caller, TurnedAwayError
from igym.host.sockets.connections import Connections
from igym.host.sockets.desk import SessionDesk
from igym.protocol.base import Message
from igym.protocol.client import Focus, Link
from tests.waiting import until

PAGE, OTHER = Caller("p1", "c1", "127.0.0.1"), Caller("p2", "c2", "127.0.0.1")
LOST = Link(match="m1", peer=1, state="down", transport="p2p", rtt_ms=None)


def said(number: int) -> Focus:
    return Focus(hidden=False, blurred=False, at_ms=float(number))


class World:
    """A desk and the queue behind it; `open.set()` lets what is gathered come."""

    def __init__(self) -> None:
        self.came: list[Any] = []
        self.open = asyncio.Event()
        self.asked, self.now = 0, 0.0
        queries = SimpleNamespace(
            beyond_limits=lambda message: None, members=lambda match: (), participant_for_token=lambda token: token,
            language_of=lambda participant: "de",
        )  # fmt: skip
        intake = SimpleNamespace(budgets=SimpleNamespace(takes_message=lambda *_: True))
        guests = SimpleNamespace(went=lambda *_: None, came=lambda *_: None)
        journal = Journal(Clock())
        parts: list[Any] = [
            self,
            lambda: self.now,
            queries,
            None,
            intake,
            journal,
            "s1",
            None,
            None,
            guests,
            self._gather,
        ]
        self.desk = SessionDesk(*parts)

    def submit(self, event: Any) -> asyncio.Future[Outcome]:
        if isinstance(event, Connected):
            self.came.append((event.participant, "came"))
            return asyncio.get_running_loop().create_future()
        is_end = isinstance(event, Disconnected)
        self.came.append((event.connection, "left" if is_end else getattr(event.message, "at_ms", "lost")))
        done = asyncio.get_running_loop().create_future()
        done.set_result(Outcome())
        return cast("asyncio.Future[Outcome]", done)

    async def _gather(self, members: Any) -> None:
        self.asked += 1
        await self.open.wait()

    def says(self, caller: Caller, message: Message) -> asyncio.Task[Any]:
        return asyncio.create_task(self.desk.take(caller, message))


async def test_what_a_page_says_and_its_leaving_wait_behind_a_link_that_was_lost() -> None:
    world = World()
    tasks = [world.says(PAGE, each) for each in (said(0), LOST, said(1), said(2), LOST, said(3))]
    await until(lambda: world.asked, "it is asked what was measured")
    world.desk.left(PAGE, "closed")
    await world.says(OTHER, said(9))
    assert world.came == [("c1", 0.0), ("c2", 9.0)], "somebody else waits for nothing"

    world.open.set()
    await asyncio.gather(*tasks)
    await until(lambda: ("c1", "left") in world.came, lambda: world.came)

    assert [what for who, what in world.came if who == "c1"] == [0.0, "lost", 1.0, 2.0, "lost", 3.0, "left"]
    assert not world.desk._last, "nothing is kept of a connection that has gone"


@pytest.mark.parametrize("given_up", [1, 2, 3])
async def test_a_message_that_is_given_up_lets_nobody_overtake_and_holds_nobody_up(given_up: int) -> None:
    world = World()
    tasks = [world.says(PAGE, each) for each in (said(0), LOST, said(1), said(2), said(3))]
    await until(lambda: world.asked, "it is asked what was measured")
    tasks[given_up].cancel()
    await asyncio.gather(tasks[given_up], return_exceptions=True)
    world.open.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    world.desk.left(PAGE, "closed")
    await until(lambda: ("c1", "left") in world.came, lambda: world.came)

    expected = [0.0, "lost", 1.0, 2.0, 3.0]
    del expected[given_up]
    assert [what for _, what in world.came] == [*expected, "left"]
    assert not world.desk._last


async def test_who_connects_without_end_makes_no_events_without_end_and_reads_why() -> None:
    world, told = World(), list[TurnedAwayError]()
    for number in range(8 * 800):
        world.now = number / 800
        try:
            await world.desk.admit("p1", f"c{number}", "127.0.0.1")
        except TurnedAwayError as error:
            told.append(error)
    assert len(world.came) <= CONNECTIONS.burst + 8 * CONNECTIONS.per_s
    assert len(world.came) + len(told) == 8 * 800
    assert {(error.code, error.text[:22], error.again_s) for error in told} == {
        ("busy", "Diese Seite hat sich i", COME_AGAIN_S)
    }
    world.now += COME_AGAIN_S
    assert await world.desk.admit("p1", "back", "127.0.0.1") == "p1", "whoever waits as long as that is let in"
    assert await world.desk.admit("p2", "other", "127.0.0.1") == "p2"


async def test_nobody_with_a_bad_line_and_no_lab_behind_one_address_connects_too_often() -> None:
    world = World()
    for person in range(400):
        await world.desk.admit(f"p{person}", f"c{person}", "10.0.0.1")
    # Ten in a few seconds, again and again, then one every other second for an hour.
    for number in range(40):
        world.now += 0.3 if number % 10 else 5.0
        await world.desk.admit("p1", f"d{number}", "10.0.0.1")
    for number in range(1800):
        world.now += 2.0
        await world.desk.admit("p1", f"e{number}", "10.0.0.1")


def test_another_connection_of_a_person_brings_no_other_budget() -> None:
    connections = Connections(cast(Any, None), "x")
    first = connections.open("s1", PAGE)
    while first.limiter.allows("advance", 0.0):
        pass
    connections.close("s1")
    for number in range(300):
        connections.open(f"t{number}", Caller(f"q{number}", f"x{number}", ""))
        connections.close(f"t{number}")
        connections.forget_limits(1.0)
    again = connections.open("s2", PAGE)
    assert not again.limiter.allows("advance", 1.0 / 1000)
    connections.close("s2")
    connections.forget_limits(1000.0)
    assert not connections._limiters, "nobody is remembered who has all of theirs again"
