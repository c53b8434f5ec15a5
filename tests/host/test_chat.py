"""What people said, from their pages to `chat.csv`, and gone when one of them asks for it."""

from __future__ import annotations

import asyncio

from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from tests.browser.exports import assert_parity
from tests.host.conftest import PAIR, StartEngine, table
from tests.host.test_control import Attach, attach

__all__ = ["attach"]

STUDY = PAIR.replace("Human\n", "Human, Chat, ChatScene\n", 1).replace(
    '.waitroom(',
    '.content(chat=Chat(show="during", phrases=["Well played", "=1+1"], free_text=False)).waitroom(',
).replace("        EndScene(", '        ChatScene("after"),\n        EndScene(')  # fmt: skip


async def two_play(engine: Engine) -> list[SimulatedParticipant]:
    people = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=30)) for seed in (1, 2)]
    await asyncio.gather(*(person.run() for person in people))
    return people


async def test_everybody_talks_and_the_table_has_it_in_one_order(start_engine: StartEngine) -> None:
    engine = await start_engine(STUDY)
    await two_play(engine)
    await engine.stop("the end of the test")
    rows = table(engine, "chat.csv")
    in_play = [row for row in rows if row["scene"] == "duel"]
    assert [row["number"] for row in in_play] == ["1", "2"]
    assert {row["participant"] for row in in_play} == {row["participant"] for row in table(engine, "participants.csv")}
    assert {row["text"] for row in in_play} <= {"Well played", "'=1+1"}, "shown as text by spreadsheets"
    assert {(row["how"], row["talk"]) for row in in_play} == {("phrase", in_play[0]["match"])}
    assert all(float(row["said_at"]) > 1e9 and row["said_at_iso"].endswith("Z") for row in rows)
    assert {row["text"] for row in rows if row["scene"] == "after"} == {"Hello!"}
    assert_parity(engine.folder / "duel", members=2, episodes=2)


async def test_whoever_is_erased_has_said_nothing(start_engine: StartEngine, attach: Attach) -> None:
    engine = await start_engine(STUDY)
    gone, stays = await two_play(engine)
    launcher = await attach(engine)
    await engine.exports.request(do="all")
    assert_parity(engine.folder / "duel", members=2, episodes=2)
    assert (await launcher.command("withdraw", "asked", participant=gone.client.participant, erase=True))["ok"]
    await engine.stop("the end of the test")
    rows = table(engine, "chat.csv")
    assert {row["participant"] for row in rows if row["text"]} == {stays.client.participant}
