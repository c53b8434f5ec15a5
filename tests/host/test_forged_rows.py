"""Nobody can write a partner's game: rows come from the live page, of frames that can have been, and stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest

from igym.host.engine.engine import Engine
from igym.host.session.row_parts import Stored, part
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store import StoreWriteError
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.web.games import recorded_from, stored_inputs
from igym.protocol.binary import Rows
from tests.host.conftest import PAIR, StartEngine
from tests.host.export.store_builder import StoreBuilder
from tests.host.messages import measured, rows
from tests.host.test_budgets import two_play
from tests.host.test_hostile_messages import facts
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]


def forged(first: int, count: int, **changes: Any) -> bytes:
    """A batch of the duel, the same input for both players in every frame."""
    batch = {"match": "m001", "scene": "duel", "first": first, "count": count, "parity": {"rewards.left": [1] * count},
             "inputs": {"0": [1] * count, "1": [1] * count}}  # fmt: skip
    return rows(**{**batch, **changes})


def stored(engine: Engine, participant: str) -> dict[int, Any]:
    """Frame → inputs of episode 0 as this participant has them on disk."""
    found: dict[int, Any] = {}
    with StoreReader(engine.folder / DATABASE) as reader:
        for batch in reader.batches(engine.begun.id, match="m001", participant=participant, episode=0):
            for offset in range(batch.count):
                frame = batch.first + offset
                assert frame not in found, "a frame is stored once"
                found[frame] = {player: series[offset] for player, series in batch.rows["inputs"].items()}
    return found


async def ended(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("within", ["", "parity"])
def test_bytes_that_say_a_name_twice_are_no_batch(within: str) -> None:
    """They are kept as they came: what the last one hides would be on disk, checked by nobody."""
    honest = msgpack.unpackb(rows())
    packer = msgpack.Packer(autoreset=False)

    def twice(fields: dict[str, Any]) -> None:
        packer.pack_map_header(2 * len(fields))
        for name, value in [*fields.items(), *fields.items()]:
            packer.pack(name)
            packer.pack(value)

    if within:
        packer.pack_map_header(len(honest))
        for name, value in honest.items():
            packer.pack(name)
            twice(value) if name == within else packer.pack(value)
    else:
        twice(honest)
    with pytest.raises(ValueError, match="stands twice"):
        Rows.from_bytes(packer.bytes())
    assert Rows.from_bytes(rows()).payload() == rows()


async def test_rows_come_from_the_live_connection_only(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=150)
    second = new_client(engine)
    second.cookie = players[0].client.cookie
    # It connects beside the page and says no hello.
    second._call = lambda *_: asyncio.sleep(0, {"ok": False})  # type: ignore[method-assign, assignment, return-value]
    await second.connect()
    del second._call

    for episode in (0, 1):
        assert (await second.call("rows", forged(0, 5, episode=episode)))["code"] == "try_again"
    ends = await asyncio.gather(*tasks)
    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert facts(engine)[1][0]["parity"] == "identical"


async def test_rows_of_frames_that_cannot_have_been_are_refused(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR.replace("max_steps=200", "max_steps=100_000"))
    players, tasks = await two_play(engine, frames=150)
    own = players[0].client

    # Half an hour of play, when some seconds have passed; and an episode that nobody has come to.
    assert (await own.call("rows", forged(50_000, 50)))["code"] == "try_again"
    await own.send("episode_started", {"visit": own.visit, "match": "m001", "episode": 1})
    assert (await own.call("rows", forged(0, 5, episode=1)))["code"] == "try_again"
    assert facts(engine)[1][0]["episode"] == 0
    assert (await own.call("rows", forged(0, 5, inputs={"7": [1] * 5})))["code"] == "out_of_state"
    assert (await own.call("rows", forged(99_998, 5)))["code"] == "out_of_state"
    ends = await asyncio.gather(*tasks)
    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert facts(engine)[1][0]["parity"] == "identical"


async def test_new_frames_are_kept_when_repeated_ones_cannot_be_compared(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=200, speed=0.02)
    own = players[0].client
    assert (await own.call("rows", forged(60, 10)))["ok"]

    async def refused(*_arguments: object) -> None:
        raise StoreWriteError(OSError("The disk is away for a moment."))

    monkeypatch.setattr(engine.store, "append_telemetry", refused)
    answer = await own.call("rows", forged(60, 20, inputs={"0": [0] * 20, "1": [0] * 20}))
    assert answer["ok"]
    with StoreReader(engine.folder / DATABASE) as reader:
        batches = list(reader.batches(engine.begun.id, participant=own.participant, from_frame=60))
    assert sum(batch.count for batch in batches) == 20
    monkeypatch.undo()
    await ended(tasks)


async def test_stored_frames_are_never_replaced_and_a_differing_repetition_is_told(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=200, speed=0.02)
    own = players[0].client
    assert (await own.call("rows", forged(60, 10)))["ok"]
    before = engine.problems.to_json()

    assert (await own.call("rows", forged(60, 10)))["ok"]
    assert engine.problems.to_json() == before
    assert (await own.call("rows", forged(60, 20, inputs={"0": [0] * 20, "1": [0] * 20})))["ok"]

    assert "sent again with other content" in str(engine.problems.to_json())
    with StoreReader(engine.folder / DATABASE) as reader:
        batches = list(reader.batches(engine.begun.id, participant=own.participant, from_frame=60))
        kept = [value for batch in batches for value in batch.rows["inputs"]["1"]]
        told = [body for _, _, kind, body in reader.telemetry(engine.begun.id) if kind == "rows_differ"]
    assert kept == [1] * 10 + [0] * 10
    assert told == [{"match": "m001", "episode": 0, "frame": 60, "last": 79}]
    await ended(tasks)


async def test_a_partner_cannot_move_who_comes_back(start_engine: StartEngine) -> None:
    """The partner claims what both did up to now; the page that comes back gets its own frames and nothing of that."""
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=200, speed=0.02)
    honest, hostile = players[0].client, players[1].client
    await until(lambda: all(engine.queries.stored_to(one.participant, "m001", 0) == 30 for one in (honest, hostile)))
    assert (await honest.call("rows", forged(30, 10, inputs={"0": [0] * 10, "1": [0] * 10})))["ok"]
    assert (await hostile.call("rows", forged(30, 50)))["ok"]

    answer = await honest.get_json("/api/inputs/m001/0")

    assert answer["frames"] == 40 and answer["stored"] == 40
    assert [inputs[30:] for inputs in answer["inputs"].values()] == [[0] * 10] * 2
    await ended(tasks)


DIGITS = "".join(f"{frame:016x}" for frame in range(4))


def test_marks_come_with_each_frame_or_not_at_all() -> None:
    Rows.from_bytes(rows(first=0, count=4, parity={}, inputs={}, checks="", marks=DIGITS))
    for wrong in (DIGITS[:-8], "0123456x" * 4, "01234567" * 40_000):
        with pytest.raises(ValueError, match="marks"):
            Rows.from_bytes(rows(first=0, count=4, parity={}, inputs={}, checks="", marks=wrong))


async def test_who_comes_back_gets_the_marks_they_sent_and_hears_how_far_the_match_can_be(
    start_engine: StartEngine,
) -> None:
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=200, speed=0.02)
    own = players[0].client
    await until(lambda: engine.queries.stored_to(own.participant, "m001", 0) == 30)
    assert (await own.call("rows", forged(30, 4, marks=DIGITS)))["ok"]

    answer = await own.get_json("/api/inputs/m001/0")

    assert answer["marks"] == [""] * 30 + [DIGITS[at : at + 16] for at in range(0, 64, 16)]
    assert 30 < answer["due"] < 200 * 30
    await ended(tasks)


async def test_the_researcher_hears_whose_page_told_what_cannot_be(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    players, tasks = await two_play(engine, frames=200, speed=0.02)
    honest, hostile = players[0].client, players[1].client
    await until(lambda: engine.queries.stored_to(honest.participant, "m001", 0) == 30)
    player = next(seat.player for seat in engine.queries.match("m001").seats if seat.participant == hostile.participant)  # type: ignore[union-attr]
    told = {"event": {"type": "refused", "peer": player, "what": "rows", "episode": 0}}
    await honest.send("metrics", measured(honest.visit, "m001", **told))
    await until(lambda: "A browser told what did not happen" in str(engine.problems.to_json()))
    assert f"the page of participant {hostile.participant} told" in str(engine.problems.to_json())
    for nonsense in (
        {"event": {"type": "refused", "peer": 9}},
        {"event": {"type": "refused", "peer": []}},
        {"event": []},
    ):
        await honest.send("metrics", measured(honest.visit, "m001", **nonsense))
    await ended(tasks)


def batch_of(first: int, inputs: dict[str, list[int]]) -> dict[str, Any]:
    count = len(inputs["0"])
    return dict(msgpack.unpackb(forged(first, count, match="m1", inputs=inputs)))


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([[1, 1, 1, 1]], 2),
        ([[1, 1, 1, 1], [1, 1, 1, 1]], 4),
        ([[1, 1, 1, 1], [1, 1, 1, 0]], 3),
        ([[1, 1, 1, 1], [1, 1, 1]], 3),
        ([[1, 1, 1, 1], [1, 1, 1, 1], [1]], 4),
        ([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]], 2),
        ([], 2),
    ],
)
def test_catching_up_uses_the_own_rows_and_what_others_agree_on(
    others: list[list[int]], expected: int, tmp_path: Path
) -> None:
    builder = StoreBuilder(tmp_path).session("s1")
    builder.batch("own", batch_of(0, {"0": [5, 5], "1": [5, 5]}))
    names = [f"other{number}" for number in range(len(others))]
    for name, inputs in zip(names, others, strict=True):
        builder.batch(name, batch_of(0, {"0": inputs, "1": inputs}))
    builder.close()

    found = stored_inputs(tmp_path / DATABASE, "s1", "m1", 0, ["own", *names], "own").inputs

    assert len(found["0"]) == expected and found["0"][:2] == [5, 5]


def test_what_one_member_recorded_further_is_told_with_the_marks_that_show_it(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1")
    builder.batch("other", {**batch_of(0, {"0": [1, 2, 3], "1": [4, 5, 6]}), "marks": "aabbcc"})
    builder.close()
    run = recorded_from(tmp_path / DATABASE, "s1", "m1", 0, "other", 1)
    assert (run.inputs, run.marks) == ({"0": [2, 3], "1": [5, 6]}, ["bb", "cc"])


def test_a_batch_is_cut_to_the_frames_that_are_new() -> None:
    whole = Rows.from_bytes(rows(first=10, count=4, parity={"a": [1, 2, 3, 4]}, inputs={"0": [1, 2, 3, 4]},
                                 checks="".join(f"{n:08x}" for n in range(4)), chain=f"{3:08x}ff"))  # fmt: skip
    known = Stored([(0, 10), (12, 12)])
    assert known.missing(10, 13) == [(11, 11), (13, 13)]
    assert part(whole, 10, 13) is whole
    middle, tail = part(whole, 11, 11), part(whole, 13, 13)
    assert (middle.parity, middle.inputs, middle.checks, middle.chain) == (
        {"a": [2]},
        {"0": [2]},
        "00000001",
        "00000001",
    )
    assert (tail.parity, tail.first, tail.count, tail.chain) == ({"a": [4]}, 13, 1, whole.chain)
    known.add(11, 11)
    marked = part(
        Rows.from_bytes(rows(first=10, count=4, parity={}, inputs={"0": [1, 2, 3, 4]}, checks="", marks=DIGITS)), 12, 13
    )
    assert marked.marks == DIGITS[32:], "each frame keeps its own"
    assert known.ranges == [(0, 12)] and known.missing(0, 12) == []


async def test_a_page_that_reloads_still_catches_up(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)
    behaviours = [Behaviour(seed=1, frames=90, batch_frames=10, reload_after_batches=3), Behaviour(seed=2, frames=90)]
    people = [SimulatedParticipant(engine.join_url, behaviour) for behaviour in behaviours]
    ends = await asyncio.gather(*(person.run() for person in people))
    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert facts(engine)[1][0]["parity"] == "identical"
    assert sorted(stored(engine, people[0].client.participant)) == list(range(90))
