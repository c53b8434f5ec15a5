"""Two hundred people on a whole cluster, each part of which dies in mid-game: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio import to_thread as wait_in_thread
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.cluster.attached import Attached, assert_shows_what_a_newcomer_sees, passes_for
from tests.cluster.job_worker import JobWorker
from tests.cluster.proxy import haproxy
from tests.cluster.servers import Postgres, Redis
from tests.cluster.study_server import EdgeServer, StudyServer, answers
from tests.cluster.test_fail_over import assert_whole
from tests.load.crowd import assert_exported_alike, write_study
from tests.ports import free_port
from tests.waiting import until

PEOPLE = int(os.environ.get("IGYM_MULTITUDE", "200"))
FRAMES, EVERY_S, LIMIT_S = 600, 0.1, 1500.0
SPEED = 0.5
"""Of two cores, most of which simulate people here."""


class Cluster:
    """Two cores, two edges behind HAProxy, a worker, PostgreSQL and Redis."""

    def __init__(self, home: Path, url: str, ports: list[int], server: Postgres, bus: Redis, passes: str) -> None:
        study = write_study(home / "study", frames=FRAMES, reconnection_s=600, waitroom_s=1200)
        self.server, self.bus, self.url, self._passes = server, bus, url, passes
        self.cores = [
            StudyServer(study, home / f"data{number}", free_port(), f"{url}/", server.url, bus) for number in range(2)
        ]
        self.edges = [EdgeServer(home, port, bus) for port in ports]
        self.worker = JobWorker(server.url, home / "worker.log", *(core.data for core in self.cores))

    @property
    def leader(self) -> StudyServer:
        return self.cores[0]

    def start(self) -> None:
        for core in self.cores:
            core.data.mkdir()
        self.cores[0].start("--remote", self._passes)
        self.cores[0].leads()
        self.cores[1].start("--standby", "--remote", self._passes)
        for edge in self.edges:
            edge.start()
        self.worker.start()
        for edge in self.edges:
            answers(edge.url)
        answers(self.url)

    def close(self) -> None:
        self.worker.close()
        for each in (*self.edges, *self.cores):
            each.close()

    # -- what may happen

    def an_edge_dies(self) -> None:
        self.edges[0].kill()
        self.edges[0].start()

    def the_other_edge_dies(self) -> None:
        self.edges[1].kill()
        self.edges[1].start()

    def redis_dies(self) -> None:
        self.bus.crash()
        self.bus.start()

    def the_leader_dies(self) -> None:
        self.leader.kill()
        self.leader.exit_code()
        self._other_leads("--standby")

    def the_leader_stands_still(self) -> None:
        old = self.leader
        old.send(signal.SIGSTOP)
        self.cores[1].leads()
        old.send(signal.SIGCONT)
        assert old.exit_code() == 4
        self._other_leads("--standby")

    def the_database_crashes(self) -> None:
        self.server.crash()
        self.server.start()

    def the_worker_dies(self) -> None:
        self.worker.kill()
        self.worker.start()

    def _other_leads(self, *options: str) -> None:
        self.cores[1].leads()
        self.cores[0].start(*options, "--remote", self._passes)
        self.cores.reverse()


async def test_each_part_of_a_cluster_dies_in_mid_game_and_nothing_acknowledged_is_lost(
    tmp_path: Path, server: Postgres, bus: Redis
) -> None:
    given, passes = passes_for("anna", tmp_path)
    launcher, ports = Attached(), [free_port(), free_port()]
    with haproxy(tmp_path, ports) as url:
        cluster = Cluster(tmp_path, url, ports, server, bus, passes)
        try:
            await wait_in_thread(cluster.start)
            await launcher.attach(url, given)
            people = [SimulatedParticipant(url, behaviour(number)) for number in range(PEOPLE)]
            playing = asyncio.gather(*(take_part(person, number * EVERY_S) for number, person in enumerate(people)))
            happens: tuple[Callable[[], None], ...] = (
                cluster.an_edge_dies, cluster.redis_dies, cluster.the_leader_dies, cluster.the_worker_dies,
                cluster.the_database_crashes, cluster.the_other_edge_dies, cluster.the_leader_stands_still,
            )  # fmt: skip
            for number, happening in enumerate(happens):
                await all_have(people, 30 + 60 * number, playing)
                print(f"{happening.__name__}, everybody has {30 + 60 * number} frames", flush=True)
                await wait_in_thread(happening)
            outcomes = Counter(await playing)
            assert outcomes == {"finished": PEOPLE}
            await until(lambda: launcher.mirror.counts.get("finished") == PEOPLE, lambda: launcher.said)
            await assert_shows_what_a_newcomer_sees(launcher, url, given)
            assert not launcher.given_up
            await wait_in_thread(cluster.leader.end)
        finally:
            await launcher.close()
            await wait_in_thread(cluster.close)
    session = people[0].session
    assert_whole(cluster.leader, session, people)
    assert_answered_once(cluster.leader, session)
    assert_exported_alike(cluster.leader.home, matches=PEOPLE // 2, episodes=1, frames=FRAMES)


def behaviour(number: int) -> Behaviour:
    return Behaviour(
        seed=number, frames=FRAMES, speed=SPEED, transport="p2p", relay_packets=0, reports=True, echoes=True
    )  # fmt: skip


async def take_part(person: SimulatedParticipant, after_s: float) -> str:
    await asyncio.sleep(after_s)
    return (await person.run(limit_s=LIMIT_S)).outcome


async def all_have(people: list[SimulatedParticipant], frames: int, playing: Awaitable[object]) -> None:
    """So many frames of everybody's are acknowledged."""

    def least() -> int:
        assert not (isinstance(playing, asyncio.Future) and playing.done()), playing
        return min(max(person.stored.values(), default=0) for person in people)

    await until(lambda: least() >= frames, lambda: f"{frames} frames of everybody; {least()} of somebody", LIMIT_S)


def assert_answered_once(core: StudyServer, session: str) -> None:
    """The last page's question: everybody's answer is there, and no message of anybody's was used twice."""
    with StoreReader(core.home / DATABASE) as reader:
        answered = Counter(record.participant for record in reader.records(session, kinds=("answers",)))
    assert set(answered.values()) == {1} and len(answered) == PEOPLE, answered.most_common(3)
