"""kill -9 of the engine during a game that runs on the host: the game goes on, and no frame is lost or doubled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from tests.chaos.engine_process import EngineProcess
from tests.chaos.test_thirty_five import assert_alike
from tests.host.chase import ENV, chase, frames_shown, page
from tests.host.conftest import write_experiment
from tests.waiting import until

FRAMES = 300


async def test_the_game_goes_on_after_the_engine_was_killed(tmp_path: Path) -> None:
    source = chase(max_steps=FRAMES, timeout_s=60).replace("num_episodes=2", "num_episodes=1")
    folder = write_experiment(tmp_path / "experiment", source, {"env.py": ENV})
    first = await EngineProcess.launch(folder, tmp_path / "data")
    second: EngineProcess | None = None
    playing: list[asyncio.Task[Any]] = []
    try:
        await first.started()
        people = [SimulatedParticipant(first.ready["join_url"], Behaviour(seed=seed)) for seed in (1, 2)]
        playing = [asyncio.create_task(person.run(limit_s=120)) for person in people]
        await until(lambda: min(map(frames_shown, people)) > 90, lambda: list(map(frames_shown, people)))
        await first.kill()
        shown = [set(page(person).frames) for person in people]
        again = ["--resume", first.ready["session"]]
        second = await EngineProcess.launch(folder, tmp_path / "data", *again, port=first.ready["port"])
        await second.started()
        ends = await asyncio.gather(*playing)
        assert [end.outcome for end in ends] == ["finished", "finished"]
        second.terminate()
        assert await second.exit_code() == 0
    finally:
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
        for engine in (first, second):
            if engine is not None:
                await engine.close()
    assert all(max(frame for _, frame in seen) < FRAMES - 1 for seen in shown), "it must have been in the middle"
    data = Path(second.ready["data_folder"])
    assert_alike(data / "chase", members=2, matches=1, frames=FRAMES)
