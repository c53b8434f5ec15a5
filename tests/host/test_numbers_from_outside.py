"""Numbers somebody sends, at their limits: nothing on the loop is driven by them, and others go on being served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import msgpack
import pytest

from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.protocol.binary import Rows
from tests.host.conftest import PAIR, StartEngine
from tests.host.messages import EXAMPLES, rows
from tests.host.test_hostile_messages import facts, send_and_collect
from tests.loop_watch import calls_made
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]


async def playing(engine: Engine, new_client: NewClient) -> tuple[ParticipantClient, list[asyncio.Task[Any]]]:
    """A second page of a player (it never said hello), and the match of two players that goes on beside it."""
    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=150, speed=2)) for seed in (1, 2)]
    tasks = [asyncio.create_task(player.run()) for player in players]
    await until(lambda: any(match["state"] == "playing" for match in facts(engine)[1]))
    client = new_client(engine)
    client.cookie = players[0].client.cookie
    return client, tasks


def _watching(engine: Engine, match: str) -> str:
    """The address of a researcher's view of the match, for its inputs."""
    path = engine.watch.path(match)
    assert path is not None
    return path.replace("/watch?", "/api/watch/inputs?")


async def test_an_inputs_address_with_a_huge_episode_stops_nobody(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(PAIR)
    client, tasks = await playing(engine, new_client)
    match = facts(engine)[1][0]["id"]

    for episode in (2, 999_999_999, 2**31, 2**40, 2**63, 10**30):
        with pytest.raises(Exception, match="404"):
            await client.get_json(f"/api/inputs/{match}/{episode}")
    assert (await client.get_json(f"/api/inputs/{match}/1"))["frames"] >= 0
    for query in (
        "episode=999999999999999999999",
        "from=999999999999999999999",
        "from=-5",
        "episode=-1",
        "from=%C2%B2",
    ):
        path = _watching(engine, match)
        with pytest.raises(Exception, match="400"):
            await client.get_json(f"{path}&{query}")

    assert [end.outcome for end in await asyncio.gather(*tasks)] == ["finished", "finished"]
    assert facts(engine)[1][0]["parity"] == "identical"
    engine.loop_watch.check()  # type: ignore[attr-defined]


LIMITS = (0, -1, 2**31, 2**53 - 1, 2**63 - 1, 2**64, 1e300)


def with_each_number(value: Any, number: float) -> Iterator[Any]:
    """The message as often as it holds numbers, each time with another one of them replaced."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from ({**value, key: changed} for changed in with_each_number(part, number))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from ([*value[:at], changed, *value[at + 1 :]] for changed in with_each_number(part, number))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield number


async def test_every_number_of_every_message_at_its_limits_holds_nobody_up(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(PAIR)
    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=150)) for seed in (1, 2)]
    tasks = [asyncio.create_task(player.run()) for player in players]
    await until(lambda: any(match["state"] == "playing" for match in facts(engine)[1]))
    stranger = new_client(engine)
    await stranger.join()
    await stranger.connect()

    sent = 0
    for name, example in EXAMPLES.items():
        if name in ("hello", "leave"):
            continue
        known = msgpack.unpackb(example) if name == "rows" else example
        for number in LIMITS:
            for payload in with_each_number(known, number) if isinstance(known, dict) else ():
                packed = payload if name != "rows" else _packed(payload)
                if packed is not None:
                    await send_and_collect(engine, stranger, name, packed)
                    sent += 1

    assert sent > 150
    assert [end.outcome for end in await asyncio.gather(*tasks)] == ["finished", "finished"]
    assert facts(engine)[1][0]["parity"] == "identical"
    engine.loop_watch.check()  # type: ignore[attr-defined]


def _packed(payload: dict[str, Any]) -> bytes | None:
    """None for what cannot be written as msgpack at all."""
    try:
        return bytes(msgpack.packb(payload))
    except OverflowError:
        return None


async def test_messages_with_numbers_at_their_limits_are_refused(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(PAIR)
    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=150, speed=2)) for seed in (1, 2)]
    tasks = [asyncio.create_task(player.run()) for player in players]
    await until(lambda: any(match["state"] == "playing" for match in facts(engine)[1]))
    match, own = facts(engine)[1][0]["id"], players[0].client
    base = {"match": match, "visit": own.visit}

    for number in (2**31, 2**40):
        hostile = {
            "rows": rows(match=match, scene="duel", episode=number),
            "episode_ended": {**EXAMPLES["episode_ended"], **base, "episode": number},
            "episode_started": {**EXAMPLES["episode_started"], **base, "episode": number},
        }
        for name, payload in hostile.items():
            assert await send_and_collect(engine, own, name, payload) == "out_of_state", name
    too_long = {**EXAMPLES["episode_ended"], **base, "episode": 1, "frames": 2**40}
    assert await send_and_collect(engine, own, "episode_ended", too_long) == "out_of_state"

    assert [end.outcome for end in await asyncio.gather(*tasks)] == ["finished", "finished"]
    assert facts(engine)[1][0]["episode"] == 1
    assert facts(engine)[1][0]["parity"] == "identical"


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": {"0": [None] * 200_000}},
        {"inputs": {"0": [-1] * 200_000}},
        {"inputs": {"0": [1] * 200_000}},
        {"parity": {"a": [[[[1]]]] * 45_000}},
        {"parity": {"a": [[[[[1]]]]] * 5000}, "count": 5000},
        {"parity": {str(number): [[[[["x"]]]]] for number in range(2000)}},
    ],
    ids=["nothing", "negative", "too many", "nested", "too deep", "many columns"],
)
def test_what_is_wrong_with_a_large_batch_is_found_at_once(changes: dict[str, Any]) -> None:
    """With less than a call for each byte of it."""
    batch = rows(**changes)
    with pytest.raises(ValueError, match=r"inputs|cells|column"), calls_made() as made:
        Rows.from_bytes(batch)
    assert 0 < made.calls < len(batch)
