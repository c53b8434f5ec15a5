"""A study on two computers and a database server: whatever dies in mid-game, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import json
import signal
from asyncio import to_thread as wait_in_thread
from collections import Counter
from pathlib import Path

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.cluster.attached import Attached, assert_shows_what_a_newcomer_sees, passes_for
from tests.cluster.proxy import haproxy
from tests.cluster.servers import Postgres
from tests.cluster.study_server import LIMIT_S, StudyServer, answers
from tests.load.crowd import assert_exported_alike, write_study
from tests.ports import free_port
from tests.waiting import until

PEOPLE, FRAMES, EPISODES = 10, 240, 2


async def test_servers_and_database_die_in_mid_game_and_nothing_acknowledged_is_lost(
    tmp_path: Path, server: Postgres, own_url: str
) -> None:
    study = write_study(tmp_path / "study", frames=FRAMES, episodes=EPISODES, reconnection_s=120)
    ports = [free_port(), free_port()]
    given, passes = passes_for("anna", tmp_path)
    launcher = Attached()
    with haproxy(tmp_path, ports) as url:
        first, second = (
            StudyServer(study, tmp_path / f"data{number}", port, url, own_url) for number, port in enumerate(ports)
        )
        try:
            first.start("--remote", passes)
            await wait_in_thread(first.leads)
            second.start("--standby", "--remote", passes)
            await wait_in_thread(answers, url)
            await launcher.attach(url, given)
            people = [SimulatedParticipant(url, Behaviour(seed=number, frames=FRAMES, batch_frames=15, speed=0.6))
                      for number in range(PEOPLE)]  # fmt: skip
            playing = asyncio.gather(*(person.run(limit_s=LIMIT_S) for person in people))
            await stored_by_all(people, 30, playing)

            first.kill()
            await wait_in_thread(first.exit_code)
            await wait_in_thread(second.leads)
            first.start("--standby", "--remote", passes)
            await launcher.comes_back(1)
            await assert_shows_what_a_newcomer_sees(launcher, url, given)
            assert (await launcher.command("close_admission")).ok, "it steers whoever leads by now"
            await stored_by_all(people, 90, playing)

            await wait_in_thread(server.crash)
            await wait_in_thread(server.start)
            await stored_by_all(people, 150, playing)

            # It stands still with the lock in its hand: the other one takes it away.
            second.send(signal.SIGSTOP)
            await wait_in_thread(first.leads)
            second.send(signal.SIGCONT)
            assert await wait_in_thread(second.exit_code) == 4
            assert "Another server goes on with this session" in second.log

            await launcher.comes_back(2)
            assert launcher.mirror.session["admission"] == "closed"

            outcomes = Counter(closed.outcome for closed in await playing)
            assert outcomes == {"finished": PEOPLE}
            await until(lambda: launcher.mirror.counts.get("finished") == PEOPLE, lambda: launcher.said)
            await assert_shows_what_a_newcomer_sees(launcher, url, given)
            assert not launcher.given_up
            session = people[0].session
            await wait_in_thread(first.end)
        finally:
            await launcher.close()
            await wait_in_thread(first.close)
            await wait_in_thread(second.close)
    assert_whole(first, session, people)
    assert_exported_alike(first.home, matches=PEOPLE // 2, episodes=EPISODES, frames=FRAMES)


async def stored_by_all(people: list[SimulatedParticipant], frames: int, playing: asyncio.Future[object]) -> None:
    """Everybody's first episode has come so far, as the host has acknowledged it."""
    async with asyncio.timeout(LIMIT_S):
        while not all(max(person.stored.values(), default=0) >= frames for person in people):
            assert not playing.done(), playing
            await asyncio.sleep(0.05)


def assert_whole(server: StudyServer, session: str, people: list[SimulatedParticipant]) -> None:
    """Every event once and in order, and whatever somebody was told is stored is there."""
    assert json.loads((server.home / "database.json").read_text())["schema"] == "igym_crowd"
    with StoreReader(server.home / DATABASE) as reader:
        assert reader.check_trail(session).result == "whole"
        assert [event.seq for event in reader.events(session)] == list(range(reader.last_seq(session) + 1))
        stored = {(who, match, episode): frames for who, match, _, episode, frames in reader.frames_stored(session)}
        joined = [record.participant for record in reader.records(session, kinds=("joined",))]
        left = Counter((record.participant, record.body["visit"]) for record in
                       reader.records(session, kinds=("scene_left",)))  # fmt: skip
    assert len(joined) == len(set(joined)) == len(people)
    assert max(left.values()) == 1, "each page was left once"
    for person in people:
        for (match, episode), frames in person.stored.items():
            assert stored[person.client.participant, match, episode] >= frames
