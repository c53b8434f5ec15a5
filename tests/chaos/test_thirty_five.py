"""kill -9 of the engine, 20 people waiting, 10 in matches, 5 in a survey: all are where they were, and finish."""

from __future__ import annotations

import asyncio
import csv
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import socketio

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.protocol.server import SceneShown
from igym_desktop.flow.view import SessionMirror
from tests.chaos.engine_process import EngineProcess
from tests.host.conftest import write_experiment
from tests.parity import shared
from tests.waiting import until

STUDY = """
from igym import Branch, EndScene, Experiment, GymScene, Human, Stager, StartScene, TextBox

def where(context):
    return context.params["way"]

def game(name, players):
    return (
        GymScene(name)
        .environment(file="env.py")
        .policies({f"agent_{n}": Human for n in range(players)})
        .gameplay(action_mapping={"ArrowLeft": 0}, default_action=0, max_steps=600)
        .multiplayer(reconnection={"timeout_s": 120})
        .waitroom(timeout_s=3600, countdown_s=0)
    )

experiment = Experiment(
    id="lab", title="Lab",
    stager=Stager([
        StartScene("welcome").display(header="Welcome", body="<p>Hello</p>"),
        Branch(where, {
            "duel": [game("duel", 2)],
            "survey": [TextBox("opinion", question="How was it?")],
            "a": [game("a", 8)], "b": [game("b", 8)], "c": [game("c", 8)],
        }),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""
BEFORE = {"duel": 10, "survey": 5, "a": 7, "b": 7, "c": 6}
NEWCOMERS = {"a": 1, "b": 1, "c": 2}
FRAMES = {"duel": 600, "a": 30, "b": 30, "c": 30}


class Thoughtful(SimulatedParticipant):
    """Answers the survey only when told to."""

    def __init__(self, url: str, behaviour: Behaviour) -> None:
        super().__init__(url, behaviour)
        self.may_answer = asyncio.Event()

    async def _answer(self, scene: SceneShown) -> None:
        if scene.spec["id"] == "opinion":
            await self.may_answer.wait()
        await super()._answer(scene)


class Window:
    """What a launcher knows of the engine, over the control link."""

    def __init__(self) -> None:
        self.mirror = SessionMirror()
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("snapshot", self.mirror.snapshot, namespace="/control")
        self._client.on("changes", self.mirror.changes, namespace="/control")

    async def open(self, engine: EngineProcess) -> Window:
        await self._client.connect(f"http://127.0.0.1:{engine.ready['port']}", auth={"token": "t"},
                                   namespaces=["/control"], transports=["websocket"], wait_timeout=120)  # fmt: skip
        return self

    async def close(self) -> None:
        await self._client.shutdown()

    def places(self) -> dict[str, tuple[Any, ...]]:
        """Where everybody is; a pause while partners come back is part of playing."""
        rows = self.mirror.participants.items()
        return {
            who: (row["state"].replace("paused", "playing"), row["scene_id"], row["match_id"], row["connection"])
            for who, row in rows
        }


def send_in(url: str, ways: dict[str, int], first: int = 0) -> dict[str, list[Thoughtful]]:
    sent: dict[str, list[Thoughtful]] = {}
    for way, count in ways.items():
        speed = 2.0 if way == "duel" else None
        for number in range(count):
            behaviour = Behaviour(seed=first + number, frames=FRAMES.get(way, 30), batch_frames=15, speed=speed)
            sent.setdefault(way, []).append(Thoughtful(url, behaviour))
    return sent


def taking_part(people: dict[str, list[Thoughtful]]) -> list[asyncio.Task[Any]]:
    return [
        asyncio.create_task(person.run(params={"way": way}, limit_s=240))
        for way, everyone in people.items()
        for person in everyone
    ]


def in_place(places: dict[str, tuple[Any, ...]]) -> bool:
    tally = Counter((state, connection) for state, _, _, connection in places.values())
    return tally == {("waiting", "connected"): 20, ("playing", "connected"): 10, ("in_scene", "connected"): 5}


async def test_everybody_is_where_they_were(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "experiment", STUDY)
    first = await EngineProcess.launch(folder, tmp_path / "data")
    second: EngineProcess | None = None
    window, window_after = Window(), Window()
    going_on: list[asyncio.Task[Any]] = []
    try:
        await first.started()
        url = first.ready["join_url"]
        await window.open(first)
        people = send_in(url, BEFORE)
        going_on = taking_part(people)
        await until(lambda: in_place(window.places()), window.places)
        duels = people["duel"]
        await until(lambda: all(sum(person.stored.values()) >= 30 for person in duels), lambda: duels[0].stored)
        before = window.places()
        visits = {person.client.participant: person.client.visit for each in people.values() for person in each}
        await first.kill()

        killed_at = time.monotonic()
        again = ["--resume", first.ready["session"]]
        second = await EngineProcess.launch(folder, tmp_path / "data", *again, port=first.ready["port"])
        await second.started()
        await window_after.open(second)
        await until(lambda: window_after.places() == before, window_after.places)
        print(f"everybody was back {time.monotonic() - killed_at:.1f} s after the kill")

        assert {person.client.participant: person.client.visit for each in people.values() for person in each} == visits
        for person in people["survey"]:
            person.may_answer.set()
        going_on += taking_part(send_in(url, NEWCOMERS, first=100))
        ends = await asyncio.gather(*going_on)
        assert [end.outcome for end in ends] == ["finished"] * 39
        second.terminate()
        assert await second.exit_code() == 0
    finally:
        for task in going_on:
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)
        for each in (window, window_after):
            await each.close()
        for engine in (first, second):
            if engine is not None:
                await engine.close()
    data = Path(second.ready["data_folder"])
    for scene, members, matches in (("duel", 2, 5), ("a", 8, 1), ("b", 8, 1), ("c", 8, 1)):
        assert_alike(data / scene, members=members, matches=matches, frames=FRAMES[scene])
    assert len(list((data / "opinion").glob("*.csv"))) == 5


def assert_alike(folder: Path, *, members: int, matches: int, frames: int) -> None:
    stamps = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*_aggregated_metrics.json")]
    assert len(stamps) == matches
    for stamp in stamps:
        assert stamp["parity"] == "identical", stamp["episodes"]
        (episode,) = stamp["episodes"]
        assert len(episode["participants"]) == members
        everyone = [parity_rows(folder / f"{who}_ep0.csv") for who in episode["participants"]]
        assert all(rows == everyone[0] for rows in everyone)
        assert [int(row["frame"]) for row in everyone[0]] == list(range(frames))


def parity_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [shared(row) for row in csv.DictReader(file)]
