"""Edges and cores believe the same words about who leads, and whatever else stands in their place is written over."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace

import pytest
from redis.asyncio import from_url

from igym.host.base.errors import HostError
from igym.host.cluster import leader
from igym.host.cluster.addresses import leader_key
from igym.host.cluster.leader import Leader
from igym.host.cluster.redis_bus import RedisBus
from tests.cluster.servers import Redis

LED = Leader(3, "session", "http://10.0.0.1:8000")
LATER = replace(LED, epoch=99, http="http://10.0.0.2:8000")
OTHERS: tuple[dict[str, object], ...] = (
    {"epoch": 99.5}, {"epoch": True}, {"http": "x"}, {"http": "http://["}, {"session": None}, {"version": "1"},
)  # fmt: skip
NO_LEADERS = (
    b"text", b"\xff", b"[]", b"[" * 100_000, b'{"epoch": 99}', b'{"epoch": 1, "http": 2}',
    b'{"epoch": 99, "http": "x"}', b'{"epoch": 1e999, "http": ""}',
    *(json.dumps({**asdict(LATER), **other}).encode() for other in OTHERS),
)  # fmt: skip
"""For a time, as a leader's word stands there."""


@asynccontextmanager
async def opened(bus: Redis) -> AsyncIterator[RedisBus]:
    opened = RedisBus(bus.url)
    yield opened
    await opened.close()


async def test_what_no_leader_wrote_is_not_believed_and_written_over(bus: Redis) -> None:
    key = leader_key("x")
    async with from_url(bus.url) as stranger, opened(bus) as ours:
        for other in NO_LEADERS:
            await stranger.set(key, other, ex=60)
            assert await leader.look(ours, "x") is None, other
            assert await leader.tell(ours, "x", LED) is None, other
            assert await leader.look(ours, "x") == LED, other
        await stranger.set(key, json.dumps(asdict(LATER)))
        assert await leader.look(ours, "x") is None, "a leader's word does not stand for ever"
        assert await leader.tell(ours, "x", LED) is None
        await stranger.delete(key)
        await stranger.xadd(key, {"a": "stream"})
        assert await leader.tell(ours, "x", LED) is None
        assert await leader.look(ours, "x") == LED


async def test_an_earlier_turn_gives_way_to_a_later_one_and_takes_back_its_own_word_alone(bus: Redis) -> None:
    async with opened(bus) as ours:
        assert await leader.tell(ours, "x", LATER) is None
        assert await leader.tell(ours, "x", LED) == LATER, "and is told of it"
        await leader.take_back(ours, "x", LED)
        assert await leader.look(ours, "x") == LATER
        await leader.take_back(ours, "x", LATER)
        assert await leader.look(ours, "x") is None
        assert await leader.tell(ours, "x", LED) is None


async def test_the_only_study_is_the_one_that_somebody_leads(bus: Redis) -> None:
    async with from_url(bus.url) as stranger, opened(bus) as ours:
        await stranger.set(leader_key("somebody_elses"), "text")
        await stranger.lpush(leader_key("a_list"), "a")
        assert await leader.only_study(ours) is None
        await leader.tell(ours, "x", LED)
        assert await leader.only_study(ours) == "x"
        assert await stranger.exists(leader_key("a_list")), "nothing of ours would stand there"
        await leader.tell(ours, "y", LED)
        with pytest.raises(HostError, match="x, y"):
            await leader.only_study(ours)
