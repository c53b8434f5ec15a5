"""What a participant may fill of the disk: what the study needs, with slack; and who sent most is named."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import socketio
from socketio import exceptions

from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.space import SpaceWatch
from igym.host.base.troubles import HostProblems
from igym.host.engine.engine import Engine
from igym.host.session import budget
from igym.host.session.budget import MOST_COLUMNS, Budgets
from igym.host.session.session_start import recover
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import NAMESPACE, ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.sockets import sockets
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.web.refusals import Refusals
from igym.protocol.base import ProtocolError
from igym.protocol.codec import decode
from tests.host.conftest import PAIR, SURVEY, StartEngine
from tests.host.messages import EXAMPLES, measured, rows
from tests.host.test_hostile_messages import arrived, facts, settled
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]


async def two_play(engine: Engine, **behaviour: Any) -> tuple[list[SimulatedParticipant], list[asyncio.Task[Any]]]:
    """A match that is being played."""
    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, **behaviour)) for seed in (1, 2)]
    tasks = [asyncio.create_task(player.run()) for player in players]
    await until(lambda: any(match["state"] == "playing" for match in facts(engine)[1]))
    return players, tasks


@pytest.mark.parametrize("name", ["episode", "frame", "time_s", "session", "player_participants.0", "local.rtt_ms"])
def test_a_browser_cannot_send_the_hosts_own_columns(name: str) -> None:
    assert isinstance(decode("rows", rows(parity={name: [1]})), ProtocolError)
    assert isinstance(decode("rows", rows(local={name: [1]})), ProtocolError)


async def test_new_columns_with_every_batch_come_to_an_end(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=200, speed=0.02)
    own = players[0].client

    codes = []
    for number in range(12):
        parity = {f"infos.a.x{number}_{column}": [1] for column in range(500)}
        batch = rows(match="m001", scene="duel", first=30 + number, parity=parity, seq=number)
        codes.append((await own.call("rows", batch)).get("code", "ok"))

    assert codes[0] == "ok" and codes[-1] == "over_budget"
    assert codes.count("ok") <= MOST_COLUMNS // 500
    assert "A browser sends too much" in str(engine.problems.to_json())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_bytes_beyond_what_the_study_needs_are_not_kept(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "FIRST_ROWS_BYTES", 100_000)
    monkeypatch.setattr(budget, "ROW_BYTES", 100)
    monkeypatch.setattr(budget, "FIRST_MESSAGES_BYTES", 60_000)
    monkeypatch.setattr(budget, "MESSAGES_BYTES_PER_S", 100)
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=200, speed=0.02)
    own = players[0].client

    batches = [rows(match="m001", scene="duel", first=30 + n, parity={"infos.a": ["x" * 20_000]}) for n in range(60)]
    codes = [(await own.call("rows", batch)).get("code", "ok") for batch in batches]
    assert codes[0] == "ok" and codes[-1] == "over_budget"
    for _ in range(60):
        await own.send("metrics", measured(own.visit, "m001", x="y" * 5000))
    await settled(own)
    with StoreReader(engine.folder / DATABASE) as reader:
        assert sum(len(str(r.body)) for r in reader.records(engine.begun.id, kinds=("metrics",))) < 100_000
        kept = sum(len(str(batch.rows)) for batch in reader.batches(engine.begun.id, participant=own.participant))
    assert kept < 600_000
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_somebodys_pages_measure_of_the_clock_has_an_end(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(PAIR)
    page, copy = new_client(engine), socketio.AsyncClient(reconnection=False)
    await page.join()
    await page.connect()
    # As many as somebody likes, none of which says hello.
    await copy.connect(engine.join_url, {"Cookie": page.cookie}, namespaces=[NAMESPACE], transports=["websocket"])
    measured = {"t0_ms": 1.0, "offset_ms": 5.0, "rtt_ms": 3.0}

    def kept() -> int:
        with closing(sqlite3.connect(engine.store.path)) as connection:
            return int(connection.execute("SELECT count(*) FROM telemetry WHERE kind = 'clock'").fetchone()[0])

    assert (await page.call("clock", measured))["ok"] and kept() == 1
    assert (await copy.call("clock", measured, NAMESPACE))["ok"] and kept() == 1
    await copy.disconnect()
    monkeypatch.setattr(budget, "FIRST_MESSAGES_BYTES", 0)
    monkeypatch.setattr(budget, "MESSAGES_BYTES_PER_S", 0)
    assert (await page.call("clock", measured))["code"] == "over_budget" and kept() == 1
    assert (await page.call("clock", {"t0_ms": 1.0}))["ok"], "the time itself is told as ever"


def test_room_that_a_failed_write_took_is_given_back() -> None:
    budgets = Budgets()
    assert budgets.takes_rows("p1", budget.FIRST_ROWS_BYTES, 0, 1)
    assert not budgets.takes_rows("p1", 1, 0, 1)
    budgets.give_back("p1", 10)
    assert budgets.takes_rows("p1", 10, 0, 1) and budgets.biggest() == ("p1", budget.FIRST_ROWS_BYTES)


async def test_refused_messages_leave_no_body_and_the_same_session(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    client = await arrived(engine, new_client)

    for _ in range(20):
        ack = await client.call("answers", {**EXAMPLES["answers"], "values": {"a": "x" * 100_000}})
        assert not ack["ok"]

    def stored() -> str:
        with StoreReader(engine.folder / DATABASE) as reader:
            return "\n".join(str(event.body) for event in reader.events(engine.begun.id))

    assert len(stored()) < 20_000
    with StoreReader(engine.folder / DATABASE) as reader:
        row = reader.session(engine.begun.id)
    assert row is not None
    again = recover(engine.folder / DATABASE, row)
    now = engine.clock()
    assert again.broken_events == {}
    assert again.session.view(now).to_json()["participants"] == engine.begun.session.view(now).to_json()["participants"]


async def test_hanging_up_after_many_refusals_survives_a_reconnect(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MAX_REFUSED", 50)
    engine = await start_engine(SURVEY)
    client, neighbour = await arrived(engine, new_client), await arrived(engine, new_client)
    client._wanted = False  # it does not come back by itself

    for _ in range(60):
        await client.send("hallo", {})
    await until(lambda: not engine.pages.connections.of(client.participant))
    with pytest.raises(exceptions.ConnectionError):
        await client.connect()
    await client.drop()

    assert (await neighbour.call("clock", {"t0_ms": 1.0}))["ok"]


def test_refusals_are_forgiven_with_time_and_counted_over_connections() -> None:
    refusals = Refusals()
    assert [refusals.count("p1", 0.0) for _ in range(3)] == [1, 2, 3]
    assert refusals.count("p1", 1000.0) == 1
    refusals.bar("p1", 1000.0)
    assert refusals.is_barred("p1", 1001.0) and not refusals.is_barred("p1", 1100.0)
    assert not refusals.is_barred("p2", 1001.0)


def test_when_the_disk_runs_low_the_biggest_sender_is_named(tmp_path: Path) -> None:
    clock = Clock()
    problems = HostProblems(clock, Journal(clock))
    SpaceWatch(tmp_path, problems, lambda: ("p007", 300 * 1024 * 1024)).look(100 * 1024 * 1024)
    assert "Most came from participant p007: 300 MB." in str(problems.to_json())
    SpaceWatch(tmp_path, problems, lambda: ("p007", 1000)).look(100 * 1024 * 1024)
    assert "p007" not in str(problems.to_json())


async def test_what_is_on_the_disk_counts_when_a_session_goes_on(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=60)
    await asyncio.gather(*tasks)
    await engine.stop("a break")
    again = await start_engine(PAIR, resume="latest")
    budgets = again.desk.intake.budgets
    with StoreReader(again.store.path) as reader:
        stored = reader.stored_by_participant(again.begun.id)
    assert stored.keys() == {player.client.participant for player in players}
    assert all(rows > 0 and others > 0 for rows, others in stored.values())
    biggest = max(stored, key=lambda name: sum(stored[name]))
    assert budgets.biggest() == (biggest, sum(stored[biggest]))


def test_a_restart_gives_nobody_a_second_budget() -> None:
    budgets = Budgets()
    budgets.restore({"p1": (budget.FIRST_ROWS_BYTES, budget.FIRST_MESSAGES_BYTES)}, {"p1": 100.0})
    assert not budgets.takes_rows("p1", 1, 0.0, 10) and budgets.takes_rows("p2", 1, 0.0, 10)
    assert not budgets.takes_message("p1", 1, 100.0), "the time since they joined counts, not that since the restart"
    assert budgets.takes_message("p1", 1, 200.0)
