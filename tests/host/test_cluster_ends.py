"""The two ends of a line, without the bus between them: whom they follow, what they let in, what they forget."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.cluster import bridge, core_end, far_desk, frames
from igym.host.cluster.core_end import CoreEnd
from igym.host.cluster.edge_link import EdgeLink
from igym.host.cluster.edge_sockets import EdgeSockets
from igym.host.cluster.edges import Edge
from igym.host.cluster.far_desk import FarDesk
from igym.host.cluster.leader import GONE_AFTER_S, Leader
from igym.host.cluster.line import UNKNOWN, Packet
from igym.host.cluster.routes import Route, RouteTable
from igym.host.ports import Caller, TurnedAwayError
from igym.host.session.control import CONTROL
from igym.host.sockets.connections import Connections
from igym.protocol.binary import RelayIn
from igym.protocol.client import Leave
from igym.protocol.codec import encode


class Bus:
    """A Redis server that is there, and on which nothing happens."""

    is_there = True

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes, bool]] = []

    async def append(self, entries: list[tuple[str, bytes]], *, keep: bool = False) -> bool:
        self.said += [(*entry, keep) for entry in entries]
        return True

    def end(self) -> None: ...

    async def close(self) -> None: ...

    async def follow(self, *_: Any) -> None:
        await asyncio.Event().wait()


def link_led_by(leader: Leader) -> EdgeLink:
    link = EdgeLink(cast(Any, Bus()), "study", "e", lambda why: None)
    link._follow(leader)
    return link


def told(link: EdgeLink) -> list[list[Any]]:
    return [frames.unpack(frame) for frame in link._line.packet().frames]


async def test_an_edge_follows_the_leader_of_a_database_put_back_from_a_backup() -> None:
    link, earlier = link_led_by(Leader(5, "s", "http://one")), Leader(3, "s", "http://two")
    link._over()
    link._follow(earlier)
    assert link.leader is None, "a leader that stood still may tell of itself for a while"

    link._told_s -= GONE_AFTER_S + 1
    for _ in range(2):
        link._follow(earlier)

    assert link.leader == earlier
    await link.close()


async def test_an_edge_hears_what_is_of_its_own_line_alone() -> None:
    link = link_led_by(Leader(1, "s", "http://one"))
    asked = link.ask("time")
    number = told(link)[0][1]
    for name, answer in (("e.0", "theirs"), (link._line_name, "ours")):
        link._heard(frames.pack_packet(name, Packet(1, (frames.pack("answer", number, answer),), 0, False)))
    assert await asked == "ours"
    await link.close()


async def test_an_edge_knows_the_routes_of_those_who_are_there_and_tells_of_whom_it_gave_up() -> None:
    link, routes, here = link_led_by(Leader(1, "s", "http://one")), RouteTable(), Connections(cast(Any, None), "e")
    desk, callers = FarDesk(link, routes, here), [Caller("p1", name, "") for name in ("e-1", "e-2")]
    routes.put("p1", Route(live="e-2"))
    for caller in callers:
        here.open(caller.connection, caller)
    known = []
    for caller in callers:
        here.close(caller.connection)
        desk.left(caller, "closed")
        known.append(routes.live_connection("p1"))
    assert known == ["e-2", None]

    coming = asyncio.create_task(desk.admit("hash", "e-3", ""))
    await asyncio.sleep(0)
    coming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await coming
    assert told(link)[-1] == ["left", "e-3", ""], "the core may have let it in"
    await link.close()


async def test_who_is_to_come_later_is_told_so_again_by_the_edge_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    link, now = link_led_by(Leader(1, "s", "http://one")), 100.0
    monkeypatch.setattr(far_desk, "steady_s", lambda: now)
    desk, answers = FarDesk(link, RouteTable(), Connections(cast(Any, None), "e")), list[tuple[str, float]]()

    async def comes() -> None:
        with pytest.raises(TurnedAwayError) as turned:
            await desk.admit("hash", "e-1", "")
        answers.append((turned.value.text, turned.value.again_s))

    coming = asyncio.create_task(comes())
    await asyncio.sleep(0)
    [asked] = told(link)
    link._answered(asked[1], [None, "busy", "Warten Sie.", 5.0])
    await coming
    now += 2
    await comes()
    assert answers == [("Warten Sie.", 5.0), ("Warten Sie.", 3.0)] and not told(link)
    now += 4
    coming = asyncio.create_task(comes())
    await asyncio.sleep(0)
    link._answered(told(link)[-1][1], [None, "unknown_participant", "", 0.0])
    await coming
    assert answers[-1] == ("", 0.0)
    await link.close()


async def test_pages_send_again_what_is_large_while_the_core_does_not_keep_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("igym.host.cluster.line.MOST_WAITING", 1000)
    link = link_led_by(Leader(1, "s", "http://one"))
    desk, caller = FarDesk(link, RouteTable(), Connections(cast(Any, None), "e")), Caller("p1", "e-1", "")
    large, payload = cast(Any, SimpleNamespace()), b"x" * (far_desk.MOST_WHILE_FILLING + 1)
    monkeypatch.setattr(far_desk, "encode", lambda said: ("rows", payload) if said is large else encode(said))
    first = asyncio.create_task(desk.take(caller, large))
    await asyncio.sleep(0)

    assert (await desk.take(caller, large)).ack == far_desk.LOST
    small = asyncio.create_task(desk.take(caller, Leave()))
    await asyncio.sleep(0)

    assert [frame[2:] for frame in told(link)] == [["take", "e-1", "rows", payload], ["take", "e-1", "leave", {}]]
    for task in (first, small):
        task.cancel()
    await link.close()


async def test_what_is_no_packet_of_a_link_stops_no_edge() -> None:
    link, journal = link_led_by(Leader(1, "s", "http://one")), Journal(Clock())
    parts: list[Any] = [None, Connections(cast(Any, None), "e"), RouteTable(), link, Bus(), "study", "e", None, journal]
    edge = EdgeSockets(*parts)
    for junk in (b"", b"\xc1", b"\x01", frames.pack("e-1"), frames.pack("e-1", "scene", {}), frames.pack(1, 2, b"")):
        # The bus tells of it once and leaves it out.
        with pytest.raises((ValueError, TypeError)):
            edge._relayed(junk)
    edge._relayed(frames.pack("e-1", RelayIn.name, b"\x01to you"))
    assert edge._todo.qsize() == 1
    await link.close()


async def test_a_part_of_an_edge_that_fails_ends_it() -> None:
    link = link_led_by(Leader(1, "s", "http://one"))

    async def fails() -> None:
        raise RuntimeError("no more")

    link.working(fails())
    with pytest.raises(RuntimeError, match="no more"):
        await asyncio.wait_for(link.broken, 30)
    await link.close()


def core_of(queries: Any) -> CoreEnd:
    journal = Journal(Clock())
    parts: list[Any] = [
        "redis://127.0.0.1:1/0",
        "study",
        Leader(1, "s", ""),
        queries,
        None,
        Clock(),
        journal,
        None,
        None,
    ]
    return CoreEnd(*parts)


async def test_the_core_lets_nobody_in_at_an_edge_it_gave_up_and_few_connections_of_one_person() -> None:
    queries = SimpleNamespace(
        participant_for_token=lambda token: token, live_connection=lambda who: None, players_beside=lambda who: (),
        counts_activity=lambda who: False, counts_pings=lambda who: False,
    )  # fmt: skip
    admitted: list[str] = []

    async def admit(token: str, connection: str, address: str) -> str:
        admitted.append(connection)
        return token

    core = core_of(queries)
    core._desk = cast(Any, SimpleNamespace(admit=admit))
    edge, given_up = Edge("e.1"), Edge("e.1")
    core.edges.by_name[edge.name] = edge

    assert await core._admit(given_up, "p1", "e-0", "") == [None, "busy", "", 0.0]
    answers = [await core._admit(edge, "p1", f"e-{number}", "") for number in range(core_end.MOST_CONNECTIONS + 1)]

    assert [answer[0] for answer in answers] == ["p1"] * core_end.MOST_CONNECTIONS + [None]
    assert answers[-1] == [None, "busy", "", 0.0] and len(admitted) == core_end.MOST_CONNECTIONS
    assert (await core._admit(edge, "p2", "e-99", ""))[0] == "p2"


async def test_a_core_that_ends_tells_of_its_turn_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    core, bus, still = core_of(None), Bus(), []
    core._bus = cast(Any, bus)
    telling = core._soon(asyncio.Event().wait())

    async def take_back(*_: Any) -> None:
        still.append(not telling.done())

    monkeypatch.setattr(core_end.leader, "take_back", take_back)
    await core.close()
    assert still == [False]


async def test_an_edge_that_the_core_does_not_know_is_told_so_in_a_stream_that_ends_by_itself() -> None:
    core, bus = core_of(None), Bus()
    core._bus = cast(Any, bus)
    core._heard(frames.pack_packet("e.1", Packet(7, (), 0, False)))
    await asyncio.gather(*core._tasks)
    [(name, data, keep)] = bus.said
    assert name.endswith(":e.1") and frames.unpack_packet(data) == ("e.1", UNKNOWN) and keep


async def test_a_launcher_that_goes_while_the_leader_is_asked_leaves_no_connection_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[str] = []

    async def done(*_: Any, **__: Any) -> None: ...

    async def shutdown() -> None:
        ended.append("ended")

    client = SimpleNamespace(on=lambda *_, **__: None, connect=done, shutdown=shutdown, eio=SimpleNamespace(http=None))
    monkeypatch.setattr(bridge.socketio, "AsyncClient", lambda **_: client)
    server = SimpleNamespace(on=lambda *_, **__: None, is_open=lambda *_: False)
    made = bridge.Bridge(cast(Any, server), lambda: "http://one")
    with pytest.raises(SocketRefused):
        await made._connect(CONTROL, "sid", {})
    assert ended == ["ended"] and not made._clients
