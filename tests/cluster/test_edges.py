"""A session whose participants come through edges: whatever dies in mid-game, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import json
import signal
from asyncio import to_thread as wait_in_thread
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from msgpack import Timestamp
from redis.asyncio import from_url

from igym.host.base.journal import Journal
from igym.host.cluster import core_end, frames, leader
from igym.host.cluster.addresses import leader_key, relay_channel
from igym.host.cluster.edge import Edge
from igym.host.cluster.leader import Leader
from igym.host.cluster.nonsense import MOST
from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.protocol.server import SceneShown
from tests.cluster.handled import focus_handled
from tests.cluster.servers import Redis
from tests.cluster.study_server import LIMIT_S, EdgeServer, StudyServer, answers
from tests.cluster.test_bus import LAST_ID
from tests.cluster.test_fail_over import PEOPLE, assert_whole, stored_by_all
from tests.cluster.test_leader import NO_LEADERS
from tests.host.conftest import SURVEY, StartEngine
from tests.host.messages import TIMING
from tests.host.test_tabs import next_of
from tests.load.crowd import assert_exported_alike, write_study
from tests.ports import free_port
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]
FRAMES, EPISODES = 180, 2


async def test_edges_redis_and_core_die_in_mid_game_and_nothing_acknowledged_is_lost(
    tmp_path: Path, own_url: str, bus: Redis
) -> None:
    study = write_study(tmp_path / "study", frames=FRAMES, episodes=EPISODES, reconnection_s=120)
    url = "http://127.0.0.1/"
    first, second = (
        StudyServer(study, tmp_path / f"data{number}", free_port(), url, own_url, bus) for number in range(2)
    )
    edges = [EdgeServer(tmp_path, free_port(), bus) for _ in range(2)]
    try:
        first.start()
        for edge in edges:
            edge.start()
        await wait_in_thread(first.leads)
        second.start("--standby")
        for edge in edges:
            await wait_in_thread(answers, edge.url)
        people = [
            SimulatedParticipant(
                edges[number % 2].url, Behaviour(seed=number, frames=FRAMES, batch_frames=15, speed=0.7)
            )
            for number in range(PEOPLE)
        ]
        playing = asyncio.gather(*(person.run(limit_s=LIMIT_S) for person in people))
        await stored_by_all(people, 30, playing)

        await wait_in_thread(edges[0].kill)
        edges[0].start()
        await stored_by_all(people, 60, playing)

        await wait_in_thread(bus.crash)
        await wait_in_thread(bus.start)
        await stored_by_all(people, 90, playing)

        first.send(signal.SIGKILL)
        await wait_in_thread(first.exit_code)
        await wait_in_thread(second.leads)
        await stored_by_all(people, 120, playing)

        outcomes = Counter(closed.outcome for closed in await playing)
        assert outcomes == {"finished": PEOPLE}
        session = people[0].session
        await wait_in_thread(second.end)
    finally:
        for edge in edges:
            await wait_in_thread(edge.close)
        await wait_in_thread(first.close)
        await wait_in_thread(second.close)
    assert_whole(second, session, people)
    assert_exported_alike(second.home, matches=PEOPLE // 2, episodes=EPISODES, frames=FRAMES)


async def test_redis_dies_and_nobodys_connection_ends_and_each_message_is_handled_once(
    start_behind_edge: StartEngine, new_client: NewClient, bus: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_behind_edge(SURVEY)
    client = await shown(engine, new_client)
    handled = focus_handled(engine, monkeypatch)
    for number in range(40):
        if number == 20:
            await wait_in_thread(bus.crash)
        await client.send("focus", {"hidden": False, "blurred": number % 2 == 1, "at_ms": float(number)})
    asked = asyncio.create_task(client.call("advance", {"visit": 1, "timing": TIMING}))
    await until(lambda: "Redis does not answer" in str(engine.problems.to_json()), "the researcher is told")
    await wait_in_thread(bus.start)

    assert (await asked)["ok"] and client.connections == 1
    assert handled == [float(number) for number in range(40)]
    assert (await next_of(client, SceneShown)).spec["id"] == "words"
    assert "Redis does not answer" not in str(engine.problems.to_json())


async def test_an_edge_that_was_thought_gone_begins_anew_and_its_people_come_back(
    start_behind_edge: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_behind_edge(SURVEY)
    client = await shown(engine, new_client)
    monkeypatch.setattr(core_end, "EDGE_GONE_S", -1.0)
    await until(lambda: not engine.pages.connected, "the core gives the edge up")
    monkeypatch.undo()

    assert (await next_of(client, SceneShown)).visit == 1
    await asyncio.wait_for(client.greeted.wait(), 60)
    assert (await client.call("advance", {"visit": 1, "timing": TIMING}))["ok"]


NONSENSE = (
    b"", b"\xc1", b"\x01", frames.pack("e", 1, [b"\xc1", frames.pack("unknown", 1)], 0, False),
    frames.pack(["e"], 1, [], 0, False), frames.pack("e", "1", [], 0, False), frames.pack("e", 1, ["a"], 0, False),
    frames.pack("e", 1, [frames.pack("pings", "P001", "soon", 0.0, [])], 0, False),
)  # fmt: skip
TO_PAGES: tuple[tuple[Any, ...], ...] = (
    ("unknown", 1), ("send", "somebody"), ("send", 1, "show", {}), ("route", "P001", ["x"]), ("close",),
    ("gather", 1, [{"a": 1}]), ("answer", "1", None), (None,), ("gone", ["a"]),
)  # fmt: skip


async def test_whoever_writes_nonsense_into_redis_is_not_understood_and_stops_nobody(
    start_behind_edge: StartEngine, new_client: NewClient, bus: Redis, edges: list[Edge]
) -> None:
    engine = await start_behind_edge(SURVEY)
    client = await shown(engine, new_client)
    [edge] = edges
    assert isinstance(engine.pages, core_end.CoreEnd)
    [known] = engine.pages.edges.by_name.values()
    for frame in TO_PAGES:
        engine.pages.edges.put(known, *frame)
    engine.pages.edges.put(known, "send", next(iter(known.here)), "show", {"t": Timestamp(1)})
    async with from_url(bus.url) as stranger:
        streams = [*await stranger.keys("igym:igym_survey:core:*"), *await stranger.keys("igym:igym_survey:edge:*")]
        assert len(streams) == 2
        for stream in streams:
            await stranger.xadd(stream, {"another": "entry", "of": "two"})
            for nonsense in NONSENSE:
                await stranger.xadd(stream, {"p": nonsense})
        for nonsense in (*NONSENSE, frames.pack("somebody", "another message", b"")):
            await stranger.publish(relay_channel("igym_survey", edge.name), nonsense)

    assert (await client.call("advance", {"visit": 1, "timing": TIMING}))["ok"]
    assert (await next_of(client, SceneShown)).spec["id"] == "words"
    assert client.connections == 1
    await until(lambda: len(not_understood(edge.journal)) >= 16, lambda: "\n".join(not_understood(edge.journal)))
    for journal in (engine.journal, edge.journal):
        told = not_understood(journal)
        assert len(told) == len(set(told)) <= MOST


async def test_what_is_not_ours_in_the_places_of_redis_is_cleared_away(
    start_behind_edge: StartEngine, new_client: NewClient, bus: Redis, edges: list[Edge],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(leader, "TELL_EVERY_S", 0.1)
    monkeypatch.setattr(leader, "LOOK_EVERY_S", 0.05)
    engine = await start_behind_edge(SURVEY)
    client = await shown(engine, new_client)
    handled = focus_handled(engine, monkeypatch)
    [edge] = edges
    async with from_url(bus.url) as stranger:
        places = await stranger.keys("igym:igym_survey:*")
        assert len(places) == 3
        others: list[bytes | str] = [*NO_LEADERS[:8], "a list", "a full stream"]
        for number, other in enumerate(others):
            for place in places:
                await put_in_place(stranger, place, other)
            await client.send("focus", {"hidden": False, "blurred": number % 2 == 0, "at_ms": float(number)})
            await until(lambda: handled[-1:] == [float(number)], f"the core hears of it after {other[:40]!r}")  # noqa: B023
        assert (await client.call("advance", {"visit": 1, "timing": TIMING}))["ok"]
        assert (await next_of(client, SceneShown)).spec["id"] == "words"
        assert handled == [float(number) for number in range(len(others))]
        assert client.connections == 1
        told = not_understood(edge.journal)
        assert any("igym:igym_survey:leader" in line for line in told), told

        # Somebody else leads by now, as far as edges can know.
        later = Leader(99_999, "another", "http://127.0.0.1:9")
        await stranger.set(leader_key("igym_survey"), json.dumps(asdict(later)), ex=60)
        await until(lambda: any(later.http in line["text"] for line, _ in engine.journal.recent), "the core says so")


async def put_in_place(stranger: Any, place: bytes, other: bytes | str) -> None:
    async with stranger.pipeline(transaction=True) as at_once:
        at_once.delete(place)
        if isinstance(other, bytes):
            at_once.set(place, other)
        elif other == "a list":
            at_once.lpush(place, "a")
        else:
            at_once.xadd(place, {"p": b""}, id=LAST_ID)
        await at_once.execute()


def not_understood(journal: Journal) -> list[str]:
    return [line["text"] for line, _ in journal.recent if "obody understands" in line["text"]]


async def shown(engine: Engine, new_client: NewClient) -> ParticipantClient:
    """Somebody who sees the first page."""
    client = new_client(engine)
    await client.join()
    await client.connect()
    await next_of(client, SceneShown)
    return client
