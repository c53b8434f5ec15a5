"""kill -9 of the engine, a launcher that dies, a second start: nobody loses a frame."""

from __future__ import annotations

import asyncio
import csv
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import socketio

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.engine_file import read_engine_file
from igym.host.store.store_reader import StoreReader
from tests.chaos.engine_process import EngineProcess
from tests.host.conftest import PAIR, SOLO, SURVEY, write_experiment
from tests.parity import shared
from tests.waiting import until

Launch = Callable[..., Awaitable[EngineProcess]]


@pytest.fixture
async def launch(tmp_path: Path) -> AsyncIterator[Launch]:
    """`await launch(source, *arguments, port=…)`: a started engine process, always on the same data folder."""
    processes: list[EngineProcess] = []

    async def start(source: str, *arguments: str, port: int = 0, wait: bool = True) -> EngineProcess:
        folder = write_experiment(tmp_path / "experiment", source)
        process = await EngineProcess.launch(folder, tmp_path / "data", *arguments, port=port)
        processes.append(process)
        return await process.started() if wait else process

    yield start
    for process in processes:
        await process.close()


def frames_on_disk(process: EngineProcess, participant: str, episode: int) -> list[int]:
    with StoreReader(Path(process.ready["data_folder"]) / "session.sqlite3") as reader:
        found = reader.batches(process.ready["session"], participant=participant, episode=episode)
        return [batch.first + offset for batch in found for offset in range(batch.count)]


def parity_rows(process: EngineProcess, scene: str, participant: str, episode: int) -> list[dict[str, str]]:
    path = Path(process.ready["data_folder"]) / scene / f"{participant}_ep{episode}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return [shared(row) for row in csv.DictReader(file)]


async def test_kill_9_in_the_middle_of_an_episode(launch: Launch) -> None:
    first = await launch(SOLO)
    player = SimulatedParticipant(first.ready["join_url"], Behaviour(frames=150, batch_frames=10, speed=4))
    playing = asyncio.create_task(player.run(limit_s=200))
    await until(lambda: sum(player.stored.values()) >= 50)
    await first.kill()
    acknowledged = player.stored[("m001", 0)]

    second = await launch(SOLO, "--resume", first.ready["session"], port=first.ready["port"])
    on_disk = frames_on_disk(second, player.client.participant, 0)
    closed = await playing
    second.terminate()
    assert await second.exit_code() == 0

    assert second.ready["session"] == first.ready["session"]
    assert set(range(acknowledged)) <= set(on_disk), "an acknowledged row is missing"
    assert closed.outcome == "finished"
    for episode in (0, 1):
        rows = parity_rows(second, "game", player.client.participant, episode)
        assert [int(row["frame"]) for row in rows] == list(range(150))


async def test_kill_9_during_a_match_of_two(launch: Launch) -> None:
    first = await launch(PAIR)
    players = [
        SimulatedParticipant(first.ready["join_url"], Behaviour(seed=seed, frames=150, batch_frames=10, speed=4))
        for seed in (1, 2)
    ]
    playing = [asyncio.create_task(player.run(limit_s=200)) for player in players]
    await until(lambda: all(sum(player.stored.values()) >= 40 for player in players))
    await first.kill()

    second = await launch(PAIR, "--resume", first.ready["session"], port=first.ready["port"])
    ends = await asyncio.gather(*playing)
    second.terminate()
    assert await second.exit_code() == 0

    assert [end.outcome for end in ends] == ["finished", "finished"]
    for episode in (0, 1):
        one, other = (parity_rows(second, "duel", player.client.participant, episode) for player in players)
        assert one == other
        assert [int(row["frame"]) for row in one] == list(range(150))


async def test_kill_9_again_and_again_keeps_everybody_in_place(launch: Launch) -> None:
    process = await launch(SURVEY)
    client = ParticipantClient(process.ready["join_url"])
    await client.join()
    shown: list[Any] = []
    try:
        for _ in range(3):
            await client.connect()
            while (message := await client.inbox.get()).name != "scene":
                pass
            shown.append((message.spec["id"], message.visit))  # type: ignore[attr-defined]
            await client.drop()
            await process.kill()
            process = await launch(SURVEY, "--resume", process.ready["session"], port=process.ready["port"])
    finally:
        await client.close()

    assert shown == [("welcome", 1)] * 3


async def test_the_engine_stops_when_its_launcher_is_gone_and_was_told_to(launch: Launch) -> None:
    process = await launch(SURVEY, "--when-launcher-gone", "stop", "--grace", "0.2")
    folder = Path(process.ready["data_folder"])
    assert read_engine_file(folder) is not None

    process.let_go()

    assert await process.exit_code() == 0
    assert read_engine_file(folder) is None


async def test_the_engine_goes_on_without_its_launcher_when_told_to(launch: Launch) -> None:
    process = await launch(SURVEY, "--when-launcher-gone", "go-on", "--grace", "0")
    process.let_go()

    closed = await SimulatedParticipant(process.ready["join_url"]).run()

    assert closed.outcome == "finished"
    assert process.is_running


async def test_a_new_launcher_finds_the_engine_and_keeps_it_alive(launch: Launch) -> None:
    process = await launch(SURVEY, "--when-launcher-gone", "stop", "--grace", "20")
    folder = Path(process.ready["data_folder"])
    facts = read_engine_file(folder)
    assert facts is not None and facts.pid == process.pid and facts.session == process.ready["session"]
    assert stat.S_IMODE((folder / "engine.json").stat().st_mode) == 0o600
    snapshots: list[Any] = []
    launcher = socketio.AsyncClient()
    launcher.on("snapshot", snapshots.append, namespace="/control")

    process.let_go()
    await launcher.connect(f"http://127.0.0.1:{facts.port}", auth={"token": facts.control_token},
                           namespaces=["/control"], transports=["websocket"])  # fmt: skip
    await until(lambda: bool(snapshots))
    closed = await SimulatedParticipant(process.ready["join_url"]).run()
    answer = await launcher.call("command", {"name": "stop_engine", "args": {}, "reason": ""}, namespace="/control")
    await launcher.shutdown()

    assert snapshots[0]["session"]["id"] == facts.session
    assert closed.outcome == "finished"
    assert answer["ok"]
    assert await process.exit_code() == 0


async def test_two_engines_never_share_a_data_folder(launch: Launch) -> None:
    first = await launch(SURVEY)
    second = await launch(SURVEY, wait=False)

    failed = await second.until("failed")

    assert failed["code"] == "already_running"
    assert str(first.ready["port"]) in failed["text"]
    assert await second.exit_code() == 3
    assert first.is_running
