"""Games whose env is stepped on the host: real processes, real sockets, simulated pages."""

from __future__ import annotations

import asyncio
import base64
import csv
import json
import os
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest

from igym.host.engine.engine import Engine
from igym.host.hostenv.process import EnvProcess
from igym.host.simulate import host_page
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.protocol.binary import HostView
from tests.host.chase import (
    ENV,
    assert_same_rows,
    begun,
    chase,
    frames_shown,
    last_frame_shown,
    local_column,
    match_row,
    page,
    parity_rows,
    played,
    problem,
    two,
)
from tests.host.conftest import SOLO, StartEngine
from tests.ports import free_port
from tests.waiting import LIMIT_S, until

UNDER_WAY_S = 0.1


def a_busy_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a game's process is told first is under way for a while."""
    send = EnvProcess.send

    def late(process: EnvProcess, message: dict[str, Any]) -> None:
        if "do" not in message:
            time.sleep(UNDER_WAY_S)
        send(process, message)

    monkeypatch.setattr(EnvProcess, "send", late)


async def test_two_players_play_to_their_files_and_record_the_same(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_computer(monkeypatch)
    engine = await begun(start_engine, chase())
    # These pages know the host's clock without having to measure it.
    monkeypatch.setattr(host_page, "Clock", lambda: engine.clock)
    people = two(engine)

    ends = await played(people)
    await until(lambda: match_row(engine).parity == "identical")
    match = match_row(engine)
    await engine.stop("all done")

    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert (match.reason, match.transport) == ("complete", "host")
    for episode in (0, 1):
        assert assert_same_rows(engine, people, episode) == 90
    moves = {row["actions.left"] for row in parity_rows(engine, people[0], 0)}
    assert moves == {"-1", "0", "1"}
    assert any(local_column(engine, people[0], "input_event_ms"))
    for person in people:
        events, frames = (local_column(engine, person, name) for name in ("input_event_ms", "timestamp_ms"))
        pairs = [(float(made), float(run)) for made, run in zip(events, frames, strict=True) if made]
        assert pairs and all(made <= run for made, run in pairs), "a frame is run after what was pressed for it"
    drawn = {frame: float(at_ms) for frame, at_ms in enumerate(local_column(engine, people[0], "shown_ms")) if at_ms}
    drew = {frame: at_ms for (episode, frame), at_ms in page(people[0]).drawn_ms.items() if episode == 0}
    # Not of each: a busy computer leaves pictures out, and what a page says too late is no part of the rows.
    assert drawn and all(at_ms in [round(own, 1) for own in drew[frame]] for frame, at_ms in drawn.items())
    assert set(local_column(engine, people[0], "transport")) == {"host"}
    for person in people:
        shown = page(person)
        assert {"playing", "over"} <= set(shown.phases)
        assert {op[1] for op in shown.ops} >= {"left", "right", "words"}
        assert shown.wholes == 1 and shown.sounds and set(shown.scores) == {"left", "right"}
    assert page(people[0]).ops == page(people[1]).ops


async def test_a_reload_brings_the_whole_picture_and_goes_on(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, chase(timeout_s=30))
    people = two(engine, Behaviour(seed=1), Behaviour(seed=2, reload_after_batches=1))

    ends = await played(people)
    await engine.stop("all done")

    assert [end.outcome for end in ends] == ["finished", "finished"]
    for episode in (0, 1):
        assert assert_same_rows(engine, people, episode) == 90
    assert page(people[1]).wholes == 2 and people[1].client.connections == 2
    assert any(op[1] == "floor" for op in page(people[1]).before if op[0] == "put")
    assert "paused" in people[0].phases


async def test_a_lost_player_is_replaced_by_a_bot_and_rows_stay_equal(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, chase(max_steps=150, on_timeout="bot"))
    stays, leaves = people = two(engine)
    running = [asyncio.create_task(person.run(limit_s=LIMIT_S)) for person in people]
    await until(lambda: frames_shown(leaves) > 30)
    await leaves.client.drop()

    end = await running[0]
    running[1].cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await engine.stop("all done")

    assert end.outcome == "finished"
    rows, kept = parity_rows(engine, stays, 0), parity_rows(engine, leaves, 0)
    assert len(rows) == 150 and 30 <= len(kept) < 150
    assert rows[: len(kept)] == kept
    assert {row["actions.right"] for row in rows[len(kept) :]} - {"0"}


async def test_a_lost_player_ends_the_match_and_its_frames_are_kept(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, chase(max_steps=5000))
    stays, leaves = people = two(engine)
    running = [asyncio.create_task(person.run(limit_s=LIMIT_S)) for person in people]
    await until(lambda: frames_shown(leaves) > 30)
    await leaves.client.drop()

    end = await running[0]
    running[1].cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await until(lambda: match_row(engine).parity == "identical")
    await engine.stop("all done")

    assert end.outcome == "finished"
    assert assert_same_rows(engine, [stays, leaves], 0) > last_frame_shown(leaves)


async def crashed(start_engine: StartEngine, trouble: str) -> Engine:
    engine = await begun(start_engine, chase({"trouble": trouble}, max_steps=5000))
    people = two(engine)
    ends = await played(people)
    await until(lambda: match_row(engine).parity == "identical")
    assert match_row(engine).reason == "error in the game"
    await engine.stop("all done")
    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert assert_same_rows(engine, people, 0) == 19
    return engine


async def test_an_error_of_the_env_is_told_with_file_and_line_and_loses_no_row(start_engine: StartEngine) -> None:
    engine = await crashed(start_engine, "error")
    assert "the ball is lost" in problem(engine).text
    line = ENV.splitlines().index('            raise KeyError("the ball is lost")') + 1
    assert f"env.py, line {line}" in problem(engine).text
    assert "misbehave" in problem(engine).traceback


async def test_an_env_that_leaves_its_process_loses_no_row(start_engine: StartEngine) -> None:
    engine = await crashed(start_engine, "exit")
    assert "exit code 7" in problem(engine).text
    assert "about to leave" in problem(engine).traceback


async def test_an_env_that_hangs_is_stopped_and_its_line_is_told(start_engine: StartEngine) -> None:
    engine = await crashed(start_engine, "hang")
    assert "longer than 1 seconds" in problem(engine).text
    assert "misbehave" in problem(engine).traceback


async def test_a_reset_that_takes_too_long_ends_the_match_before_play(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, chase({"trouble": "slow reset"}))
    people = two(engine)
    ends = await played(people)
    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert "reset()" in problem(engine).text and "env.py" in problem(engine).text


async def test_a_killed_process_ends_the_match_kindly(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, chase(max_steps=5000))
    people = two(engine)
    running = [asyncio.create_task(person.run(limit_s=LIMIT_S)) for person in people]
    await until(lambda: min(map(frames_shown, people)) > 30)
    pid = engine.host_envs.pid("m001")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    ends = await asyncio.gather(*running)
    await until(lambda: match_row(engine).parity == "identical")
    await engine.stop("all done")

    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert "ended by itself" in problem(engine).text
    assert assert_same_rows(engine, people, 0) > max(map(last_frame_shown, people)) > 20


async def test_an_engine_that_starts_again_goes_on_with_the_same_frames(
    start_engine: StartEngine, tmp_path: Path
) -> None:
    port = free_port()
    engine = await begun(start_engine, chase(max_steps=300, timeout_s=60), port=port)
    people = two(engine)
    running = [asyncio.create_task(person.run(limit_s=LIMIT_S)) for person in people]
    await until(lambda: min(map(frames_shown, people)) > 60)
    session = engine.begun.id
    await engine.stop("to start again")

    again = await begun(start_engine, chase(max_steps=300, timeout_s=60), port=port, resume=session)
    ends = await asyncio.gather(*running)
    await until(lambda: match_row(again).parity == "identical")
    await again.stop("all done")

    assert [end.outcome for end in ends] == ["finished", "finished"]
    for episode in (0, 1):
        assert assert_same_rows(again, people, episode) == 300


async def test_who_does_not_take_part_can_neither_press_nor_look(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, chase(max_steps=5000))
    people = two(engine)
    running = [asyncio.create_task(person.run(limit_s=LIMIT_S)) for person in people]
    await until(lambda: min(map(frames_shown, people)) > 5)
    stranger = SimulatedParticipant(engine.join_url)
    await stranger.client.join()
    await stranger.client.connect()

    await stranger.client.send("host_input", {"match": "m001", "input": 1, "at_ms": 1.0})
    await stranger.client.send("host_join", {"match": "m001"})
    await people[0].client.send("host_input", {"match": "m001", "input": 9, "at_ms": 1.0})

    await until(lambda: len(stranger.client.refused) == 2 and people[0].client.refused)
    assert {refused.code for refused in stranger.client.refused} == {"not_yours"}
    assert people[0].client.refused[0].code == "malformed"
    assert not any(name.startswith("host_") for name in (m.name for m in list(stranger.client.inbox._queue)))
    for task in running:
        task.cancel()
    await asyncio.gather(*running, stranger.close(), return_exceptions=True)


async def asked(engine: Engine, path: str, **query: Any) -> tuple[int, Any]:
    url = urlsplit(engine.join_url)._replace(path=path, query=urlencode(query)).geturl()
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.json()


async def test_a_researcher_sees_what_the_players_see_and_nobody_else_does(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, chase(max_steps=5000))
    people = two(engine)
    running = [asyncio.create_task(person.run(limit_s=LIMIT_S)) for person in people]
    await until(lambda: min(map(frames_shown, people)) > 5)
    wholes = [page(person).wholes for person in people]
    token = parse_qs(urlsplit(engine.watch.path("m001") or "").query)["token"][0]

    frames = []
    for _ in range(3):
        status, told = await asked(engine, "/api/watch/picture", token=token, player=1, watcher="me")
        assert status == 200 and told["phase"] == "playing" and set(told["scores"]) == {"left", "right"}
        view = HostView.from_bytes(base64.b64decode(told["view"]))
        drawn = json.loads(view.body)
        assert view.kind == "list" and {op[1] for op in drawn["ops"]} >= {"left", "right", "words"}
        assert any(op[1] == "floor" for op in drawn["before"] if op[0] == "put")
        frames.append(view.frame)
        await until(lambda: last_frame_shown(people[0]) > frames[-1] + 20)
    assert frames[0] < frames[1] < frames[2]

    more = {"token": token, "watcher": "me"}
    refused = [{"token": "guessed"}, {**more, "player": 7}, {**more, "player": "x"}, {"token": token, "player": 0}]
    answers = [await asked(engine, "/api/watch/picture", **query) for query in refused]
    assert [status for status, _ in answers] == [403, 400, 400, 400]
    crowd = [await asked(engine, "/api/watch/picture", token=token, player=0, watcher=f"w{n}") for n in range(4)]
    assert [status for status, _ in crowd] == [200, 200, 200, 429]
    # Players get changes, not the spectators' whole pictures.
    assert [page(person).wholes for person in people] == wholes

    await people[1].client.drop()
    await running[0]
    running[1].cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await until(lambda: match_row(engine).parity == "identical")
    status, told = await asked(engine, "/api/watch/picture", token=token, player=0, watcher="me")
    assert status == 200 and told["view"] is None and told["reason"]
    await engine.stop("all done")
    assert assert_same_rows(engine, people, 0) > frames[-1]


async def test_the_bundle_of_a_game_on_the_host_holds_no_code(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, chase())
    person = SimulatedParticipant(engine.join_url)
    await person.client.join()
    bundle = await person.client.get_json("/api/game/chase")
    assert bundle["files"] == {} and bundle["packages"] == []
    assert "raise" not in json.dumps(bundle)


PIXELS = """
import numpy as np

class Env:
    render_mode = "rgb_array"
    def reset(self, seed=None, options=None):
        self.steps = 0
        return 0, {}
    def step(self, action):
        self.steps += 1
        return self.steps, 1.0, self.steps >= 40, False, {}
    def render(self):
        picture = np.zeros((3, 4, 3), np.uint8)
        picture[:, :, 0] = self.steps // 8
        return picture

env = Env()
"""


async def test_one_person_alone_gets_pixels_and_comes_back_after_a_lost_connection(start_engine: StartEngine) -> None:
    source = SOLO.replace(".policies(", '.runtime(where="host").policies(').replace("num_episodes=2", "num_episodes=1")
    engine = await start_engine(source.replace("num_episodes=1", "num_episodes=1, countdown_s=0"), {"env.py": PIXELS})
    person = SimulatedParticipant(engine.join_url, Behaviour(seed=1, batch_frames=10, drop_after_batches=1))

    (end,) = await played([person])
    await engine.stop("all done")

    assert end.outcome == "finished"
    assert person.client.connections == 2 and page(person).wholes == 2
    assert page(person).size == (4, 3)
    assert page(person).pixels == bytes((5, 0, 0, 255)) * 12
    path = engine.folder / "game" / f"{person.client.participant}_ep0.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["frame"]) for row in rows] == list(range(40))
    assert rows[-1]["terminated.agent_0"].lower() in ("true", "1")
