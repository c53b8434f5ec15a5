"""`igym simulate` ends with what it measured: times, refusals, rows, and whether partners' recordings agree."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import igym
from igym.host.engine.engine import Engine
from igym.host.files.export_formats import FORMATS
from igym.host.programs import export_main
from igym.host.programs.simulate_main import parsed, run
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.measures import as_text, measures, spread, stamps_of_pages
from igym.host.simulate.participant import SimulatedParticipant
from igym.protocol.server import SceneShown
from tests.host.conftest import PAIR, SOLO, StartEngine, told_when_stuck

PAGES = """
from igym import EndScene, Experiment, Stager, StaticScene, TextBox, WebScene

experiment = Experiment(
    id="pages",
    stager=Stager([WebScene("task", path="task.html"), TextBox("asked"), StaticScene("read"), EndScene("thanks")]),
)
"""
QUICKLY = ("--speed", "0", "--think", "0", "--every", "0")


async def simulated(engine: Engine, *arguments: str) -> dict[str, Any]:
    async with told_when_stuck():
        return await run(parsed([engine.join_url, *QUICKLY, *arguments]))


async def test_times_rows_and_matches_are_told_at_the_end(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR)

    report = await simulated(engine, "--number", "4", "--frames", "60", "--data", str(engine.folder))

    assert report["ok"], report
    found = report["measures"]
    assert found["join_ms"]["n"] == 4
    assert found["ack_ms"]["n"] == 4 * 2 * 2, "four people send two batches in each of two episodes"
    assert found["signal_ms"]["n"] > 0
    for name in ("join_ms", "ack_ms", "signal_ms"):
        assert 0 < found[name]["p50"] <= found[name]["p99"]
    assert found["joins"] == {"accepted": 4, "refused": 0, "put_off": 0}
    assert found["messages_refused"] == 0
    assert found["rows"]["stored"] == 4 * 2 * 60 and found["rows"]["per_s"] > 0
    assert found["matches"] == {"played": 2, "identical": 2, "differs": 0, "unknown": 0, "compared_by": "host"}
    text = "\n".join(as_text(found))
    assert "Joins: 4 accepted, 0 refused" in text and "480 on the host's disk" in text
    assert "compared by the host: 2 identical, 0 different, 0 unknown" in text


async def test_without_the_data_folder_the_pages_recordings_are_compared(start_engine: StartEngine) -> None:
    report = await simulated(await start_engine(PAIR), "--number", "2", "--frames", "30")
    matches = report["measures"]["matches"]
    assert matches == {"played": 1, "identical": 1, "differs": 0, "unknown": 0, "compared_by": "pages"}


class CutOff(SimulatedParticipant):
    """Its connection is gone at the moment in which each page would be left, and comes back."""

    async def _answer(self, scene: SceneShown) -> None:
        await self.client.drop()
        leaving = asyncio.create_task(super()._answer(scene))
        await self.client.connect()
        await leaving


async def test_who_is_cut_off_on_leaving_a_page_leaves_it_afterwards(start_engine: StartEngine) -> None:
    engine = await start_engine(PAGES, {"task.html": "<p>A task</p>"})
    person = CutOff(engine.join_url, Behaviour(think_s=0))
    async with told_when_stuck():
        closed = await person.run()
    assert (closed.outcome, person.scenes) == ("finished", ["task", "asked", "read"])


async def test_a_refused_join_is_counted(start_engine: StartEngine) -> None:
    engine = await start_engine(SOLO.replace('id="solo"', 'id="solo", participant_ids=["sim-001"]'))
    report = await simulated(engine, "--number", "2", "--frames", "30")
    assert not report["ok"]
    assert report["measures"]["joins"] == {"accepted": 1, "refused": 1, "put_off": 0}
    assert report["measures"]["signal_ms"] is None


async def test_sent_twice_to_one_session_they_have_new_names(start_engine: StartEngine) -> None:
    engine = await start_engine(SOLO.replace('id="solo"', 'id="solo", participant_ids="label"'))
    names = [
        person["participant"]
        for report in [await simulated(engine, "--number", "2", "--frames", "30") for _ in range(2)]
        for person in report["participants"]
    ]
    assert names == ["sim-001", "sim-002", "sim-001-2", "sim-002-2"]


async def test_the_data_of_a_rehearsal_export_in_every_format(start_engine: StartEngine) -> None:
    engine = await start_engine(PAIR, kind="rehearsal")
    assert (await simulated(engine, "--number", "2", "--frames", "30"))["ok"]
    await engine.stop("over")

    everything = [str(engine.folder), "--kind", "rehearsal"]
    code = export_main.main([*everything, *(word for name in FORMATS for word in ("--format", name))])

    assert code == 0 and len(FORMATS) == 14
    for table in engine.folder.rglob("*_ep0.csv"):
        header = table.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert len(header) == len(set(header)) and "player_participants.1" in header
    apart = engine.folder / "_rehearsal" / "duel"
    metrics = json.loads((apart / "m001_aggregated_metrics.json").read_text(encoding="utf-8"))
    assert metrics["parity"] == "identical"
    assert not (engine.folder / "participants.csv").exists()
    people = igym.load(engine.folder, kind="rehearsal").participants
    assert people["simulated"].all() and not people["browser"].str.contains("Chrome").any()
    assert set(people["status"]) == {"finished"}


def page(match: str, *recorded: tuple[int, str], members: int = 2) -> Any:
    """Somebody in a match, with frames and hash of each episode."""
    places = {(match, episode): one for episode, one in enumerate(recorded)}
    return SimpleNamespace(members={match: members}, recorded=places)


def test_recordings_are_compared_episode_by_episode() -> None:
    same, other, shorter = (60, "ab"), (60, "cd"), (59, "ab")
    people = [
        page("alike", same, other), page("alike", same, other),
        page("apart", same, same), page("apart", same, other),
        page("cut", same), page("cut", shorter),
        page("with a person", same),
        page("left", same, same), page("left", same),
        page("alone", same, members=1),
        page("never played"), page("never played"),
    ]  # fmt: skip
    assert stamps_of_pages(people) == {
        "alike": "identical", "apart": "differs", "cut": "differs", "with a person": "unknown", "left": "unknown",
        "alone": "identical", "never played": "unknown",
    }  # fmt: skip


def test_times_are_summed_up_by_median_and_99th_percentile() -> None:
    assert spread([]) is None
    assert spread([3.0]) == {"n": 1, "p50": 3.0, "p99": 3.0}
    assert spread([float(n) for n in range(101)]) == {"n": 101, "p50": 50.0, "p99": 99.0}


def test_nobody_at_all_is_no_error() -> None:
    text = "\n".join(as_text(measures([])))
    assert "Joins: 0 accepted" in text and "Matches: 0 played" in text


def test_a_folder_without_a_session_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(["http://127.0.0.1:1/", "--data", str(tmp_path)])
    assert "There is no recorded session" in capsys.readouterr().err


async def test_who_is_cut_off_as_the_greeting_is_answered_comes_back(start_engine: StartEngine) -> None:
    engine = await start_engine(SOLO)
    person = SimulatedParticipant(engine.join_url, Behaviour(frames=30, speed=None))
    plain = person.client._call

    async def cut_off(client: Any, name: str, payload: Any) -> dict[str, Any]:
        ack = await plain(client, name, payload)
        if name == "hello" and person.client.connections <= 2:
            await client.disconnect()
            await person.client._ended.wait()
        return ack

    person.client._call = cut_off  # type: ignore[method-assign]
    async with told_when_stuck():
        assert (await person.run()).outcome == "finished"
    assert person.client.connections == 3
