"""Storage that refuses while people play: shown, nobody new is let in, and nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable

import pytest

from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import JoinRefusedError, ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import SOLO, StartEngine
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]
Undo = Callable[[], None]


def locked(engine: Engine) -> Undo:
    """Another program begins to write and does not end."""
    engine.store._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(engine.store.path, isolation_level=None, timeout=60)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def write_protected(engine: Engine) -> Undo:
    """SQLite refuses with the words it has for a file that became read-only."""
    engine.store._connection.execute("PRAGMA query_only = ON")

    def undo() -> None:
        engine.store._connection.execute("PRAGMA query_only = OFF")

    return undo


@pytest.mark.parametrize(
    ("refuse", "words"), [(locked, "holds the recordings file locked"), (write_protected, "write-")]
)
async def test_play_goes_on_while_the_storage_refuses(
    start_engine: StartEngine, new_client: NewClient, refuse: Callable[[Engine], Undo], words: str
) -> None:
    engine = await start_engine(SOLO)
    player = SimulatedParticipant(engine.join_url, Behaviour(frames=120, batch_frames=10, speed=4))
    playing = asyncio.create_task(player.run(limit_s=120))
    await until(lambda: sum(player.stored.values()) >= 30)
    undo = refuse(engine)
    await until(lambda: engine.runtime.is_blocked)
    acknowledged = player.stored[("m001", 0)]
    with pytest.raises(JoinRefusedError) as refused:
        await new_client(engine).join()
    [problem] = engine.problems.to_json()
    undo()
    closed = await playing

    assert refused.value.code == "storage"
    assert problem["title"] == "Nothing can be saved" and words in str(problem["text"])
    assert engine.problems.to_json() == []
    assert closed.outcome == "finished"
    with StoreReader(engine.store.path) as reader:
        found = list(reader.batches(engine.begun.id, episode=0))
    frames = [batch.first + offset for batch in found for offset in range(batch.count)]
    assert frames == list(range(120)) and acknowledged <= len(frames)
    await new_client(engine).join()
