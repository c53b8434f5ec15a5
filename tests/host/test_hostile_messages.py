"""Whatever a browser sends: refused, logged, never acted on, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
import socketio

from igym.host.base.rates import COME_AGAIN_S, Rate
from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.sockets import sockets
from igym.host.sockets.sockets import NAMESPACE
from igym.protocol.base import ProtocolError
from igym.protocol.codec import CLIENT_MESSAGES, decode
from tests.host.conftest import PAIR, SURVEY, StartEngine
from tests.host.messages import EXAMPLES, FOREIGN, rows, spoiled
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]


def facts(engine: Engine) -> Any:
    """Everything the session knows, without what only time changes."""
    view = engine.begun.session.view(engine.clock()).to_json()
    for person in view["participants"]:
        person["rtt_ms"] = None
    return view["participants"], view["matches"], view["counts"]


async def arrived(engine: Engine, new_client: NewClient) -> ParticipantClient:
    """A participant on the first page."""
    client = new_client(engine)
    await client.join()
    await client.connect()
    while (await client.inbox.get()).name != "scene":
        pass
    return client


async def settled(client: ParticipantClient) -> None:
    """Everything sent so far has been dealt with: the host works in order."""
    assert (await client.deliver("clock", {"t0_ms": 1.0}))["ok"]
    await client.call("advance", {"visit": 424242, "timing": {"shown_ms": 0.0, "submitted_ms": 0.0}})


async def send_and_collect(engine: Engine, client: ParticipantClient, name: str, payload: Any) -> str:
    """The code with which the message was refused, or "" when it was not."""
    before = len(client.refused)
    kind = CLIENT_MESSAGES.get(name)
    for connection in engine.pages.connections.all():
        connection.limiter._buckets.clear()
    if kind is not None and kind.acked:
        ack = await client.call(name, payload)
        return "" if ack["ok"] else str(ack["code"])
    await client.send(name, payload)
    await settled(client)
    return str(client.refused[before].code) if len(client.refused) > before else ""


async def test_spoiled_messages_are_refused_and_change_nothing(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    client = await arrived(engine, new_client)
    before = facts(engine)

    for name in sorted(CLIENT_MESSAGES):
        for what, payload in spoiled(name):
            code = await send_and_collect(engine, client, name, payload)
            assert code in ("malformed", "wrong_type", "oversized"), f"{name} with {what} was answered {code!r}"
        logged = [line for line, _ in engine.journal.recent if line["data"].get("message") == name]
        assert logged, f"refusals of {name} must be in the log"

    assert facts(engine) == before


async def test_what_is_not_yours_is_refused(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(SURVEY)
    client = await arrived(engine, new_client)
    before = facts(engine)

    for name in FOREIGN:
        assert await send_and_collect(engine, client, name, EXAMPLES[name]), f"{name} was accepted"

    assert facts(engine) == before


async def test_unknown_messages_are_refused(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(SURVEY)
    client = await arrived(engine, new_client)

    for name in ("hallo", "snapshot", "", "x" * 5000, "__proto__"):
        assert await send_and_collect(engine, client, name, {"a": 1}) == "unknown_message"


async def test_a_stranger_cannot_touch_the_match_of_others(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(PAIR)
    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=100, speed=3)) for seed in (1, 2)]
    playing = [asyncio.create_task(player.run()) for player in players]
    stranger = new_client(engine)
    await stranger.join()
    await stranger.connect()
    await until(lambda: any(match["state"] == "playing" for match in facts(engine)[1]))
    match = facts(engine)[1][0]["id"]

    forged = {
        "rows": rows(match=match, scene="duel"),
        "game_over": {"visit": 1, "match": match, "reason": "complete"},
        "episode_ended": {**EXAMPLES["episode_ended"], "match": match},
        "link": {**EXAMPLES["link"], "match": match, "peer": 0, "state": "down"},
        "match_ready": {"match": match},
        "relay": bytes((1, 0, 7)),
        "signal": {"match": match, "to": 0, "data": {}},
    }
    codes = {name: await send_and_collect(engine, stranger, name, payload) for name, payload in forged.items()}
    ends = await asyncio.gather(*playing)

    assert all(codes.values()), codes
    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert facts(engine)[1][0]["parity"] == "identical"


async def test_without_the_right_cookie_nobody_gets_in(start_engine: StartEngine) -> None:
    engine = await start_engine(SURVEY)
    cookies = {"": "no_cookie", f"igym_{engine.begun.id}=guessed": "unknown_participant"}
    for cookie, expected in cookies.items():
        told: list[Any] = []
        client = socketio.AsyncClient(reconnection=False)
        client.on("connect_error", told.append, namespace=NAMESPACE)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(
                engine.join_url, headers={"Cookie": cookie}, namespaces=[NAMESPACE], transports=["websocket"]
            )
        await client.shutdown()
        assert [error["data"]["code"] for error in told] == [expected]


async def test_where_very_many_come_from_whom_nobody_knows_those_who_take_part_are_let_in(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "STRANGERS", Rate(0.0001, 2))
    engine = await start_engine(SURVEY)
    known = await arrived(engine, new_client)
    codes: list[Any] = []
    for _ in range(4):
        client = socketio.AsyncClient(reconnection=False)
        client.on("connect_error", codes.append, namespace=NAMESPACE)
        with pytest.raises(socketio.exceptions.ConnectionError):
            headers = {"Cookie": f"igym_{engine.begun.id}=guessed", "Accept-Language": "de-AT"}
            await client.connect(engine.join_url, headers=headers, namespaces=[NAMESPACE], transports=["websocket"])
        await client.shutdown()
    assert [error["data"]["code"] for error in codes] == ["unknown_participant"] * 2 + ["busy"] * 2
    assert codes[-1]["data"]["text"].startswith("Diese Seite") and codes[-1]["data"]["again_s"] == COME_AGAIN_S
    await known.reload()
    assert (await known.deliver("clock", {"t0_ms": 1.0}))["ok"]


async def test_a_flood_is_answered_with_busy_and_others_are_served(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    flooder = await arrived(engine, new_client)
    neighbour = await arrived(engine, new_client)

    flood = [flooder.call("advance", EXAMPLES["advance"]) for _ in range(400)]
    acks = await asyncio.gather(*flood)
    ack = await neighbour.call("advance", {"visit": 1, "timing": {"shown_ms": 0.0, "submitted_ms": 0.0}})

    assert {ack["code"] for ack in acks} == {"not_current", "busy"}
    assert ack["ok"]


async def test_a_message_larger_than_any_allowed_ends_only_its_own_connection(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    client = await arrived(engine, new_client)
    neighbour = await arrived(engine, new_client)

    await client.send("globals_set", {"values": {"x": "y" * 2_000_000}})
    while client.connections < 2:
        await asyncio.sleep(0.02)

    assert (await neighbour.call("clock", {"t0_ms": 1.0}))["ok"]
    assert (await client.deliver("clock", {"t0_ms": 1.0}))["ok"]


NOT_JSON: dict[str, Any] = {
    "bytes": {"a": b"x"},
    "bytes as a key": {"a": {b"x": 1}},
    "a number as a key": {"a": {1: 1}},
    "a time": {"a": msgpack.Timestamp(1, 2)},
    "another extension": {"a": msgpack.ExtType(5, b"x")},
    "not a number": {"a": float("nan")},
    "infinity": {"a": [{"b": float("-inf")}]},
    "too deep": {"a": json.loads("[" * 40 + "]" * 40)},
    "too large": {str(number): "x" * 1000 for number in range(230)},
    "a huge number": {"a": 2**64 - 1},
}


@pytest.mark.parametrize("what", NOT_JSON)
def test_the_globals_of_a_batch_are_finite_json(what: str) -> None:
    found = decode("rows", rows(globals=NOT_JSON[what]))
    assert isinstance(found, ProtocolError) and found.code == "malformed", found


def test_the_globals_of_a_batch_may_be_any_json() -> None:
    assert not isinstance(decode("rows", rows(globals={"a": [1, 2.5, None, True, {"b": "ü"}]})), ProtocolError)
