"""What one page says reaches the core in the order in which it was said, whatever has to be asked before."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from igym.core.events import Disconnected
from igym.host.inbox import Outcome
from igym.host.ports import Caller
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
        self.asked = 0
        queries = SimpleNamespace(beyond_limits=lambda message: None, members=lambda match: ())
        intake = SimpleNamespace(budgets=SimpleNamespace(takes_message=lambda *_: True))
        guests = SimpleNamespace(went=lambda *_: None)
        parts: list[Any] = [self, lambda: 0.0, queries, None, intake, None, "s1", None, None, guests, self._gather]
        self.desk = SessionDesk(*parts)

    def submit(self, event: Any) -> asyncio.Future[Outcome]:
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
