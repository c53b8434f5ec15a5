"""A restart goes on from the last checkpoint and comes to the same state as from the whole log."""

from __future__ import annotations

import asyncio

import pytest

from igym.core.events import Command
from igym.core.session import Session
from igym.host.engine.engine import Engine
from igym.host.session import checkpoints
from igym.host.session.checkpoints import checkpoint_path
from igym.host.session.session_start import Begun, recover
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.core.plain import plain
from tests.host.conftest import PAIR, StartEngine
from tests.waiting import until


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "EVERY_EVENTS", 40)


def brought_back(engine: Engine) -> Begun:
    database = engine.folder / DATABASE
    with StoreReader(database) as reader:
        row = reader.session(engine.begun.id)
    assert row is not None
    return recover(database, row)


async def two_play(engine: Engine) -> None:
    people = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=60, batch_frames=5)) for seed in (1, 2)]
    ends = await asyncio.gather(*(person.run() for person in people))
    assert [end.outcome for end in ends] == ["finished", "finished"]


@pytest.mark.usefixtures("often")
async def test_a_checkpoint_and_the_rest_of_the_log_are_the_whole_log(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    path = checkpoint_path(engine.folder, engine.begun.id)
    await two_play(engine)
    await until(path.exists)
    await engine.stop("to be resumed")

    quick = brought_back(engine)
    path.unlink()
    slow = brought_back(engine)

    assert plain(quick.session.state) == plain(slow.session.state) == plain(engine.begun.session.state)
    assert (quick.next_seq, quick.last_at, quick.first_events) == (slow.next_seq, slow.last_at, slow.first_events)
    assert (quick.replayed, slow.replayed) == (0, slow.next_seq), "a clean stop leaves nothing to handle again"


@pytest.mark.usefixtures("often")
async def test_a_checkpoint_in_the_middle_saves_the_events_before_it(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    path = checkpoint_path(engine.folder, engine.begun.id)
    await two_play(engine)
    await until(path.exists)
    middle = path.read_bytes()
    await engine.stop("to be resumed")
    path.write_bytes(middle)

    quick = brought_back(engine)

    assert 0 < quick.replayed <= quick.next_seq - 40
    assert plain(quick.session.state) == plain(engine.begun.session.state)


@pytest.mark.usefixtures("often")
async def test_the_loop_makes_no_state_while_people_play(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process makes it of the log; what a failing rule goes back to follows."""
    made_here: list[int] = []
    make = Session.checkpoint
    monkeypatch.setattr(Session, "checkpoint", lambda self: made_here.append(self.handled) or make(self))
    engine = await start_engine(PAIR)
    session = engine.begun.session
    await two_play(engine)
    await until(lambda: session._base is not None)
    assert made_here == [] and session.handled == engine.runtime.handled
    assert len({unit.number for unit in session._since_base}) < session.handled - 30
    state, before = plain(session.state), session.state
    session._undo()
    assert session.state is not before and plain(session.state) == state


@pytest.mark.usefixtures("often")
async def test_a_process_that_dies_costs_a_warning(start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = await start_engine(PAIR)
    engine.checkpoints._arguments = [str(engine.folder / DATABASE), "no such session"]
    told: list[str] = []
    engine.journal.add_listener(lambda line: told.append(line["text"]))
    await two_play(engine)
    await until(lambda: "The state could not be written; a restart takes longer." in told)
    await engine.stop("to be resumed")
    assert plain(brought_back(engine).session.state) == plain(engine.begun.session.state)


@pytest.mark.parametrize("harm", ["cut", "changed", "noise", "of another session", "later than the log"])
async def test_a_checkpoint_that_cannot_be_used_costs_a_full_replay(start_engine: StartEngine, harm: str) -> None:
    engine = await start_engine(PAIR)
    await two_play(engine)
    await engine.stop("to be resumed")
    path = checkpoint_path(engine.folder, engine.begun.id)
    whole = path.read_bytes()
    seq = f'"seq": {engine.runtime.handled - 1}'.encode()
    assert seq in whole
    path.write_bytes(
        {
            "cut": whole[:-100],
            "changed": whole[:-100] + bytes(100),
            "noise": b"\xff\x00 noise",
            "of another session": whole.replace(engine.begun.id.encode(), b"20260101-000000-ffff", 1),
            "later than the log": whole.replace(seq, b'"seq": 99999999', 1),
        }[harm]
    )

    begun = brought_back(engine)

    assert begun.replayed == begun.next_seq == engine.runtime.handled
    assert plain(begun.session.state) == plain(engine.begun.session.state)


async def test_a_session_that_has_ended_leaves_no_checkpoint(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    await two_play(engine)
    engine.checkpoints._written_at = -checkpoints.EVERY_EVENTS
    await engine.runtime.submit(Command("end_session", {}, "", "launcher"))
    await engine.stop("it was asked to end")
    assert not checkpoint_path(engine.folder, engine.begun.id).exists()
