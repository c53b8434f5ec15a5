"""From joining to the files on disk, over real sockets."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path
from typing import Any

from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import PAIR, SOLO, SURVEY, StartEngine
from tests.parity import shared


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def parity_of(path: Path) -> list[dict[str, str]]:
    """What must be the same for all members of a match."""
    return [shared(row) for row in rows_of(path)]


def stored_frames(engine: Engine, participant: str, episode: int) -> list[int]:
    """Frame numbers on disk, in order, each as often as it is stored."""
    with StoreReader(engine.store.path) as reader:
        found = reader.batches(engine.begun.id, participant=participant, episode=episode)
        return [batch.first + offset for batch in found for offset in range(batch.count)]


async def test_a_survey_from_joining_to_the_last_page(start_engine: StartEngine) -> None:
    engine = await start_engine(SURVEY)
    participant = SimulatedParticipant(engine.join_url)

    closed = await participant.run()

    assert closed.outcome == "finished"
    assert closed.header == "Thank you"
    assert participant.scenes == ["welcome", "words"]
    with StoreReader(engine.store.path) as reader:
        answers = [record.body["values"] for record in reader.records(engine.begun.id, kinds=("answers",))]
    assert len(answers) == 1 and answers[0]["text"]


async def test_one_player_leaves_whole_files_behind(start_engine: StartEngine) -> None:
    engine = await start_engine(SOLO)
    participant = SimulatedParticipant(engine.join_url, Behaviour(frames=75))

    closed = await participant.run()
    await engine.stop("all done")

    assert closed.outcome == "finished"
    name = participant.client.participant
    for episode in (0, 1):
        rows = rows_of(engine.folder / "game" / f"{name}_ep{episode}.csv")
        assert [int(row["frame"]) for row in rows] == list(range(75))
        assert rows[-1]["terminated.agent_0"].lower() in ("true", "1")
    assert (engine.folder / "manifest.json").is_file()


async def test_two_players_record_the_same(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    pair = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=60)) for seed in (1, 2)]

    ends = await asyncio.gather(*(participant.run() for participant in pair))
    view: dict[str, Any] = engine.begun.session.view(engine.clock()).to_json()
    await engine.stop("all done")

    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert all(participant.relayed_in > 0 for participant in pair)
    for episode in (0, 1):
        files = [engine.folder / "duel" / f"{p.client.participant}_ep{episode}.csv" for p in pair]
        assert parity_of(files[0]) == parity_of(files[1])
        assert len(parity_of(files[0])) == 60
    assert [match["parity"] for match in view["matches"]] == ["identical"]


async def test_a_reload_in_the_middle_of_an_episode_loses_nothing(start_engine: StartEngine) -> None:
    engine = await start_engine(SOLO)
    participant = SimulatedParticipant(engine.join_url, Behaviour(frames=90, batch_frames=15, reload_after_batches=3))

    closed = await participant.run()

    assert closed.outcome == "finished"
    assert participant.client.connections == 2
    assert stored_frames(engine, participant.client.participant, 0) == list(range(90))


async def test_a_lost_network_in_the_middle_of_a_match_loses_nothing(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    steady = SimulatedParticipant(engine.join_url, Behaviour(seed=1, frames=120, batch_frames=10, speed=4))
    shaky = SimulatedParticipant(
        engine.join_url, Behaviour(seed=2, frames=120, batch_frames=10, speed=4, drop_after_batches=4)
    )

    ends = await asyncio.gather(steady.run(), shaky.run())
    await engine.stop("all done")

    assert [end.outcome for end in ends] == ["finished", "finished"]
    for episode in (0, 1):
        files = [engine.folder / "duel" / f"{p.client.participant}_ep{episode}.csv" for p in (steady, shaky)]
        assert parity_of(files[0]) == parity_of(files[1])
        assert len(parity_of(files[0])) == 120
