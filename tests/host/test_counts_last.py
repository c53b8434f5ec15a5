"""Counts are made last: from what is on disk, again when rows come late, and checked at the session's end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from igym.host.export.selfcheck import check_tables
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import PAIR, SOLO, StartEngine
from tests.host.test_control import Attach, attach
from tests.host.test_whole_path import rows_of
from tests.waiting import until

__all__ = ["attach"]


async def test_the_check_runs_at_the_sessions_end_and_is_written_down(
    start_engine: StartEngine, attach: Attach
) -> None:
    engine = await start_engine(PAIR)
    pair = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=60)) for seed in (1, 2)]
    await asyncio.gather(*(participant.run() for participant in pair))
    launcher = await attach(engine)
    await launcher.command("end_session")
    told = engine.folder / "table_check.json"
    await until(told.is_file, "the check at the session's end")
    found = json.loads(told.read_text())[engine.begun.id]
    assert found["ok"] and found["counts"] > 30, found
    await engine.stop("all done")
    assert json.loads(told.read_text())[engine.begun.id]["ok"]


async def test_what_disagrees_becomes_a_problem_of_the_session(start_engine: StartEngine, attach: Attach) -> None:
    engine = await start_engine(SOLO)
    await SimulatedParticipant(engine.join_url, Behaviour(frames=40)).run()
    await until(lambda: len(list((engine.folder / "game").glob("*_ep*.csv"))) == 2, "the rows' files")
    stray = sorted((engine.folder / "game").glob("*_ep*.csv"))[0]
    stray.with_name("eve_ep0.csv").write_text(stray.read_text().replace(stray.name.split("_")[0], "eve"))
    await engine.stop("all done")
    found = json.loads((engine.folder / "table_check.json").read_text())[engine.begun.id]
    assert not found["ok"]
    assert "game/eve_ep0.csv has rows of an episode that episodes.csv does not have" in found["text"]


async def test_rows_that_come_after_the_match_ended_are_in_every_count(
    start_engine: StartEngine, attach: Attach
) -> None:
    """The match is ended in mid-game: the browsers still hold rows then, and send them."""
    engine = await start_engine(PAIR)
    pair = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=150, batch_frames=30)) for seed in (1, 2)]
    playing = [asyncio.create_task(participant.run()) for participant in pair]
    with StoreReader(engine.store.path) as reader:
        await until(lambda: reader.frame_count(engine.begun.id) >= 60, "both have rows on disk")
    launcher = await attach(engine)
    await launcher.command("end_match", match="m001")
    await asyncio.gather(*playing)
    await engine.stop("all done")

    lines = {line["participant"]: line for line in rows_of(engine.folder / "episodes.csv")}
    for participant in pair:
        name = str(participant.client.participant)
        frames = len(rows_of(engine.folder / "duel" / f"{name}_ep0.csv"))
        assert int(lines[name]["frames"]) == frames
        metrics = json.loads((engine.folder / "duel" / f"{name}_multiplayer_metrics.json").read_text())
        [own] = [told for told in metrics["episode_ended"] if told["participant"] == name]
        assert (own["frames"], own["last_frame"]) == (frames, frames - 1)
        compared = json.loads((engine.folder / "duel" / "m001_aggregated_metrics.json").read_text())
        [member] = [each for each in compared["episodes"][0]["members"] if each["participant"] == name]
        assert member["frames"] == frames and member["chain"] == own["chain"]
    checked = check_tables(Path(engine.folder))
    assert checked is not None and checked.ok, checked
