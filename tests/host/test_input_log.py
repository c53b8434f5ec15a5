"""Every key a participant touches, from their page to `<participant>_input.csv`, bounded, gone when they ask for it."""

from __future__ import annotations

import asyncio
import json

import pytest

import igym
from igym.host.engine.engine import Engine
from igym.host.export.inputs import lines_of
from igym.host.session.budget import FIRST_INPUT_BYTES, INPUT_BYTES_PER_S, Budgets
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from tests.browser.exports import assert_parity
from tests.host.conftest import PAIR, StartEngine
from tests.host.test_control import Attach, attach

__all__ = ["attach"]

STUDY = PAIR.replace(".waitroom(", '.runtime(record=("actions", "rewards", "input")).waitroom(', 1)


async def two_play(engine: Engine) -> list[SimulatedParticipant]:
    people = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=30)) for seed in (1, 2)]
    await asyncio.gather(*(person.run() for person in people))
    return people


async def test_each_press_stands_in_the_file_with_its_release(start_engine: StartEngine) -> None:
    engine = await start_engine(STUDY)
    people = await two_play(engine)
    await engine.stop("the end of the test")
    assert_parity(engine.folder / "duel", members=2, episodes=2)
    inputs = igym.load(engine.folder, simulated=True).inputs
    assert sorted(inputs["participant"]) == sorted(person.client.participant for person in people)
    assert set(inputs["event"]) == {"press"}
    assert set(inputs["code"]) == {"Space"}
    assert inputs["held_ms"].tolist() == pytest.approx([80.0, 80.0], abs=0.01)
    assert set(inputs["frame"]) == {0}
    columns = (engine.folder / "codebook.csv").read_text("utf-8")
    assert "duel/<participant>_input.csv,held_ms,number,ms,browser,From press to release." in columns
    assert "Not described" not in columns
    measured = "".join(path.read_text("utf-8") for path in engine.folder.glob("telemetry/*.csv"))
    assert ",input," not in measured, "they have a file of their own"


async def test_nobody_tells_inputs_of_a_game_that_records_none_or_of_others(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    person = SimulatedParticipant(engine.join_url, Behaviour(seed=1))
    await person.client.join()
    await person.client.connect()
    log = {"visit": 1, "match": "m001", "page": "i1", "first": 0, "events": [{"at_ms": 1.0, "kind": "blur"}]}
    assert (await person.client.deliver("input_log", log))["code"] == "not_yours"
    await person.close()


async def test_what_was_told_twice_counts_once(start_engine: StartEngine) -> None:
    engine = await start_engine(STUDY)
    ann, _ = await two_play(engine)
    now = engine.runtime.clock()
    for first in (0, 1):
        events = [{"at_ms": 10.0 * number, "kind": "down" if number % 2 == 0 else "up", "code": "KeyA"}
                  for number in range(first, 4)]  # fmt: skip
        body = {"visit": 2, "match": "m001", "page": "again", "first": first, "events": events}
        await engine.store.append_telemetry(engine.begun.id, ann.client.participant, now, "input", json.dumps(body))
    with StoreReader(engine.store.path) as reader:
        lines = [line for line in lines_of(reader, engine.begun.id, ann.client.participant) if line["code"] == "KeyA"]
    assert [(line["at_ms"], line["released_at_ms"], line["held_ms"]) for line in lines] == [(0, 10, 10), (20, 30, 10)]


async def test_whoever_is_erased_has_pressed_nothing(start_engine: StartEngine, attach: Attach) -> None:
    engine = await start_engine(STUDY)
    gone, stays = await two_play(engine)
    launcher = await attach(engine)
    await engine.exports.request(do="all")
    assert_parity(engine.folder / "duel", members=2, episodes=2)
    assert (await launcher.command("withdraw", "asked", participant=gone.client.participant, erase=True))["ok"]
    await engine.stop("the end of the test")
    assert set(igym.load(engine.folder, simulated=True).inputs["participant"]) == {stays.client.participant}


def test_a_flood_of_inputs_ends_at_what_a_person_can_do() -> None:
    budgets = Budgets()
    assert budgets.takes_input("ann", FIRST_INPUT_BYTES, now=0.0)
    assert not budgets.takes_input("ann", 1, now=0.0)
    assert budgets.takes_input("ann", INPUT_BYTES_PER_S, now=1.0), "with time there is room again"
    assert budgets.takes_input("bob", 1, now=0.0), "nobody pays for somebody else"
    assert budgets.takes_message("ann", 1, now=1.0), "and answers have room of their own"
