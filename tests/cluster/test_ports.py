"""What participants' pages may rely on, whichever process holds their connections: the engine's own, or an edge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
import socketio

from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.sockets import sockets
from igym.host.sockets.bounded_sockets import BoundedServer
from igym.host.sockets.connections import NAMESPACE
from igym.host.sockets.desk import SessionDesk
from igym.protocol.server import Closed, SceneShown
from tests.cluster.handled import focus_handled
from tests.host.conftest import PAIR, SURVEY, StartEngine
from tests.host.messages import EXAMPLES, TIMING, measured
from tests.host.test_tabs import next_of
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]
CODES = {"": "no_cookie", "guessed": "unknown_participant"}


@pytest.fixture(params=["start_engine", "start_behind_edge"], ids=["own", "edge"])
def start(request: pytest.FixtureRequest) -> StartEngine:
    found: StartEngine = request.getfixturevalue(request.param)
    return found


async def test_desk_admits_whom_the_core_knows_and_nobody_else(start: StartEngine, new_client: NewClient) -> None:
    engine = await start(SURVEY)
    for token, code in CODES.items():
        told: list[Any] = []
        stranger = socketio.AsyncClient(reconnection=False)
        stranger.on("connect_error", told.append, namespace=NAMESPACE)
        cookie = f"igym_{engine.begun.id}={token}" if token else ""
        with pytest.raises(socketio.exceptions.ConnectionError):
            await stranger.connect(engine.join_url, headers={"Cookie": cookie}, namespaces=[NAMESPACE])
        await stranger.shutdown()
        assert told[0]["data"]["code"] == code
    client = new_client(engine)
    await client.join()
    await client.connect()
    assert (await next_of(client, SceneShown)).spec["id"] == "welcome"
    await client.close()
    await until(lambda: not engine.pages.connected, "the core knows that the page has gone")


async def test_a_page_that_falls_silent_while_it_is_let_in_leaves_no_connection_behind(
    start: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start(SURVEY)
    client = new_client(engine)
    await client.join()
    asked, let_in, left = (asyncio.Event() for _ in range(3))
    coming: list[tuple[BoundedServer, str]] = []
    admit, leave, connect = SessionDesk.admit, SessionDesk.left, BoundedServer._handle_connect

    async def held(desk: SessionDesk, *who: str) -> str:
        asked.set()
        await let_in.wait()
        return await admit(desk, *who)

    def noted(desk: SessionDesk, *whose: Any) -> None:
        leave(desk, *whose)
        left.set()

    async def comes(server: BoundedServer, eio_sid: str, *more: Any) -> None:
        coming.append((server, eio_sid))
        await connect(server, eio_sid, *more)

    monkeypatch.setattr(SessionDesk, "admit", held)
    monkeypatch.setattr(SessionDesk, "left", noted)
    monkeypatch.setattr(BoundedServer, "_handle_connect", comes)
    url = f"{engine.join_url.rstrip('/')}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, headers={"Cookie": client.cookie}) as page:
        await page.receive_str()
        await page.send_str(f"40{NAMESPACE},")
        await asyncio.wait_for(asked.wait(), 30)
        # As after a ping that was not answered.
        [(server, eio_sid)] = coming
        await server.cut(eio_sid)
        let_in.set()

        await asyncio.wait_for(left.wait(), 30)
        await until(lambda: not engine.pages.connected, "the core knows that the page has gone")


async def test_desk_handles_each_message_once_and_in_order_and_answers_it(
    start: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start(SURVEY)
    handled = focus_handled(engine, monkeypatch)
    client = new_client(engine)
    await client.join()
    await client.connect()
    for number in range(100):
        await client.send("focus", {"hidden": False, "blurred": number % 2 == 1, "at_ms": float(number)})
    assert (await client.call("answers", EXAMPLES["answers"]))["code"] == "not_current"
    assert (await client.call("advance", {"visit": 1, "timing": TIMING}))["ok"]
    assert handled == [float(number) for number in range(len(handled))] and len(handled) == 100


async def test_sockets_bring_the_last_word_and_then_the_end(start: StartEngine, new_client: NewClient) -> None:
    """Whoever is replaced hears why before the connection ends, and nothing goes there afterwards."""
    engine = await start(SURVEY)
    for _ in range(5):
        first, second = new_client(engine), new_client(engine)
        await first.join()
        await first.connect()
        await next_of(first, SceneShown)
        first._wanted = False
        second.cookie, second.participant = first.cookie, first.participant
        await second.connect()

        assert (await next_of(first, Closed)).outcome == "taken_over"
        await asyncio.wait_for(first._ended.wait(), 30)
        assert first.inbox.empty()
        assert (await next_of(second, SceneShown)).visit == 1
        await second.close()


async def test_a_match_is_played_with_relayed_packets_that_pass_to_its_members_alone(
    start: StartEngine, new_client: NewClient
) -> None:
    engine = await start(PAIR)
    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=120, speed=2)) for seed in (1, 2)]
    playing = [asyncio.create_task(player.run()) for player in players]
    stranger = new_client(engine)
    await stranger.join()
    await stranger.connect()
    matches = engine.begun.session.state.matches
    await until(lambda: matches and next(iter(matches.values())).phase.value == "playing", "the match is played")
    [match] = matches.values()
    sender, partner = players
    to = next(seat.player for seat in match.seats if seat.participant == partner.client.participant)
    got: list[Any] = []
    usual = partner.client._on_message

    def noting(message: Any) -> None:
        got.append(message)
        usual(message)

    partner.client._on_message = noting

    async def arrived() -> None:
        while not any(message.name == "relay_in" and message.packet == b"to you" for message in got):
            # Links repeat what was lost, and so does this.
            await sender.client.send("relay", bytes((1, to)) + b"to you")
            await asyncio.sleep(0.05)

    await asyncio.wait_for(arrived(), 30)
    await stranger.send("relay", bytes((1, to)) + b"to you too")
    await until(lambda: stranger.refused, "a stranger's packet is refused")
    assert stranger.refused[0].code == "not_yours"
    ends = await asyncio.gather(*playing)
    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert not any(message.name == "relay_in" and message.packet == b"to you too" for message in got)
    [row] = engine.begun.session.view(0.0).matches
    assert row.parity == "identical"


class LateSender(SimulatedParticipant):
    """Sends each player one packet more once it has left the game, as a page does that has not heard of its end yet."""

    async def _answer(self, scene: SceneShown) -> None:
        for player in range(2):
            await self.client.send("relay", bytes((1, player)) + b"late")
        # Answered after what was sent before it.
        assert (await self.client.call("clock", EXAMPLES["clock"])).get("ok")
        await super()._answer(scene)


async def test_a_packet_that_comes_after_the_end_of_its_game_is_no_offence(start: StartEngine) -> None:
    asked = PAIR.replace("GymScene, EndScene", "GymScene, EndScene, TextBox").replace(
        "EndScene(", 'TextBox("asked"), EndScene('
    )
    engine = await start(asked)
    players = [LateSender(engine.join_url, Behaviour(seed=seed, frames=60, speed=0, think_s=0)) for seed in (1, 2)]
    ends = await asyncio.gather(*(player.run() for player in players))
    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert [player.client.refused for player in players] == [[], []]
    [row] = engine.begun.session.view(0.0).matches
    assert row.parity == "identical"


async def test_who_sends_what_is_refused_over_and_over_is_kept_out(
    start: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MAX_REFUSED", 20)
    engine = await start(SURVEY)
    client = new_client(engine)
    await client.join()
    await client.connect()
    client._wanted = False
    for _ in range(60):
        await client.send("metrics", measured(1, "m999"))
    await asyncio.wait_for(client._ended.wait(), 30)
    await until(lambda: not engine.pages.connected, "the core knows that the page has gone")
    told: list[Any] = []
    again = socketio.AsyncClient(reconnection=False)
    again.on("connect_error", told.append, namespace=NAMESPACE)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await again.connect(engine.join_url, headers={"Cookie": client.cookie}, namespaces=[NAMESPACE])
    await again.shutdown()
    assert told[0]["data"]["code"] == "busy"
