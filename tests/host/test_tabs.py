"""Tabs, reloads and lost networks: one live page per participant, and nobody is kept waiting outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from igym.host.engine.engine import Engine
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.protocol.server import Closed, SceneShown
from tests.host.conftest import SURVEY, StartEngine
from tests.waiting import LIMIT_S

NewClient = Callable[[Engine], ParticipantClient]
REFUSING = SURVEY.replace('id="survey"', 'id="survey", participant_ids={"mode": "anonymous", "second_tab": "refuse"}')


async def next_of(client: ParticipantClient, kind: type[Any]) -> Any:
    async with asyncio.timeout(LIMIT_S):
        while not isinstance(message := await client.inbox.get(), kind):
            pass
    return message


async def two_tabs(engine: Engine, new_client: NewClient) -> tuple[ParticipantClient, ParticipantClient]:
    """The first shows its page; the second has the same cookie and is not connected yet."""
    first, second = new_client(engine), new_client(engine)
    await first.join()
    await first.connect()
    await next_of(first, SceneShown)
    second.cookie, second.participant = first.cookie, first.participant
    return first, second


async def test_a_second_tab_takes_over_and_the_first_says_so(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(SURVEY)
    first, second = await two_tabs(engine, new_client)
    first._wanted = False  # a page that was closed does not come back by itself

    await second.connect()

    scene = await next_of(second, SceneShown)
    closed = await next_of(first, Closed)
    assert (scene.spec["id"], scene.visit) == ("welcome", 1)
    assert closed.outcome == "taken_over"
    ack = await second.call("advance", {"visit": 1, "timing": {"shown_ms": 0.0, "submitted_ms": 1.0}})
    assert ack["ok"]
    assert (await next_of(second, SceneShown)).spec["id"] == "words"
    assert engine.begun.session.view(0.0).counts["joined"] == 1


async def test_a_second_tab_is_refused_when_the_study_says_so(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(REFUSING)
    first, second = await two_tabs(engine, new_client)
    second._wanted = False
    connecting = asyncio.create_task(second._connect())

    closed = await next_of(second, Closed)
    await asyncio.gather(connecting, return_exceptions=True)

    assert closed.outcome == "refused"
    ack = await first.call("advance", {"visit": 1, "timing": {"shown_ms": 0.0, "submitted_ms": 1.0}})
    assert ack["ok"]


async def test_after_a_lost_network_one_is_let_in_at_once(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(SURVEY)
    client = new_client(engine)
    await client.join()
    await client.connect()
    await next_of(client, SceneShown)
    [old] = engine.pages.connections.all()

    # The old socket still looks open to the host, as after a pulled cable.
    again = new_client(engine)
    again.cookie, again.tab, again.visit = client.cookie, client.tab, 1
    client._wanted = False
    await again.connect()

    assert (await next_of(again, SceneShown)).visit == 1
    while engine.pages.connections.by_id(old.id) is not None:
        await asyncio.sleep(0.01)


async def test_who_has_finished_sees_the_last_page_again(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(SURVEY)
    person = SimulatedParticipant(engine.join_url)
    first = await person.run()
    again = new_client(engine)
    again.cookie = person.client.cookie
    await again.connect()

    assert await next_of(again, Closed) == first
    assert await again.join() == person.client.participant


async def test_long_polling_works_where_websockets_are_blocked(start_engine: StartEngine) -> None:
    engine = await start_engine(SURVEY)
    person = SimulatedParticipant(engine.join_url)
    person.client.transports = ["polling"]
    assert (await person.run()).outcome == "finished"


async def test_a_paused_engine_brings_everybody_back_to_the_same_page(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    client = new_client(engine)
    await client.join()
    await client.connect()
    await next_of(client, SceneShown)
    await client.call("advance", {"visit": 1, "timing": {"shown_ms": 0.0, "submitted_ms": 1.0}})
    before = await next_of(client, SceneShown)
    await client.drop()
    await engine.stop("a break")

    second = await start_engine(SURVEY, resume=engine.begun.id)
    client.url = second.join_url.rstrip("/")
    await client.connect()

    after = await next_of(client, SceneShown)
    assert (after.visit, after.spec["id"]) == (before.visit, before.spec["id"]) == (2, "words")
