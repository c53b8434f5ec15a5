"""A session whose participants come through edges: whatever dies in mid-game, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import signal
from asyncio import to_thread as wait_in_thread
from collections import Counter
from pathlib import Path

from igym.host.simulate import Behaviour, SimulatedParticipant
from tests.cluster.servers import Postgres, Redis
from tests.cluster.study_server import LIMIT_S, EdgeServer, StudyServer, answers
from tests.cluster.test_fail_over import PEOPLE, assert_whole, stored_by_all
from tests.load.crowd import assert_exported_alike, write_study
from tests.ports import free_port

FRAMES, EPISODES = 180, 2


async def test_edges_redis_and_core_die_in_mid_game_and_nothing_acknowledged_is_lost(
    tmp_path: Path, server: Postgres, bus: Redis
) -> None:
    study = write_study(tmp_path / "study", frames=FRAMES, episodes=EPISODES, reconnection_s=120)
    url = "http://127.0.0.1/"
    first, second = (
        StudyServer(study, tmp_path / f"data{number}", free_port(), url, server, bus) for number in range(2)
    )
    edges = [EdgeServer(tmp_path, free_port(), bus) for _ in range(2)]
    try:
        first.start()
        for edge in edges:
            edge.start()
        await wait_in_thread(first.leads)
        second.start("--standby")
        for edge in edges:
            await wait_in_thread(answers, edge.url)
        people = [
            SimulatedParticipant(
                edges[number % 2].url, Behaviour(seed=number, frames=FRAMES, batch_frames=15, speed=0.7)
            )
            for number in range(PEOPLE)
        ]
        playing = asyncio.gather(*(person.run(limit_s=LIMIT_S) for person in people))
        await stored_by_all(people, 30, playing)

        await wait_in_thread(edges[0].kill)
        edges[0].start()
        await stored_by_all(people, 60, playing)

        await wait_in_thread(bus.crash)
        await wait_in_thread(bus.start)
        await stored_by_all(people, 90, playing)

        first.send(signal.SIGKILL)
        await wait_in_thread(first.exit_code)
        await wait_in_thread(second.leads)
        await stored_by_all(people, 120, playing)

        outcomes = Counter(closed.outcome for closed in await playing)
        assert outcomes == {"finished": PEOPLE}
        session = people[0].session
        await wait_in_thread(second.end)
    finally:
        for edge in edges:
            await wait_in_thread(edge.close)
        await wait_in_thread(first.close)
        await wait_in_thread(second.close)
    assert_whole(second, session, people)
    assert_exported_alike(second.home, matches=PEOPLE // 2, episodes=EPISODES, frames=FRAMES)
