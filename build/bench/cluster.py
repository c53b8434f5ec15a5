"""One session on a core with one to three edges beside one on a single server: what each costs; a change of leaders."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from asyncio import to_thread as wait_in_thread
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from figures import Figure, figure, report
from rig.many_people import FPS, ManyPeople, played_s

from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.cluster.servers import Postgres, Redis, postgres, redis
from tests.cluster.study_server import EdgeServer, StudyServer, answers
from tests.load.crowd import write_study
from tests.ports import free_port

PEOPLE = int(os.environ.get("IGYM_BENCH_PEOPLE", "60"))
EDGES = (1, 2, 3)
STEPS = (150, 300)
"""More people at one edge, until they wait longer than the goal says."""
MEASURED_S = 10.0
GOAL_MS = 100.0
REST_S = 5.0


class Used:
    """Processor seconds of some processes, of their threads but not their children, since it was made."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]
        self._before = self._now()

    def _now(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)

    @property
    def s(self) -> float:
        return self._now() - self._before


@dataclass
class Round:
    """People who played once: what they waited for, and processor seconds for each second that somebody played."""

    crowd: ManyPeople
    core: float
    edges: float
    events_a_second: float
    """Of processor time of the core alone: events and batches of rows."""


def handled(core: StudyServer) -> int:
    with StoreReader(core.home / DATABASE) as reader:
        session = reader.sessions()[-1].id
        return reader.last_seq(session) + 1 + sum(1 for _ in reader.newest_batches(session))


async def played(
    core: StudyServer, edges: Sequence[EdgeServer], urls: Sequence[str], seed: int, number: int = PEOPLE
) -> Round:
    """Measured is while everybody plays: not their coming, and not their last pages."""
    crowd = ManyPeople(urls, number, MEASURED_S, seed=seed)
    crowd.come()
    await crowd.all_play()
    before = await wait_in_thread(handled, core)
    of_core, of_edges = Used([core.pid]), Used([edge.pid for edge in edges])
    await crowd.are_measured()
    core_s, edges_s, person_s = of_core.s, of_edges.s, number * crowd.took_s
    more = await wait_in_thread(handled, core) - before
    await crowd.are_through()
    return Round(crowd, core_s / person_s, edges_s / person_s, more / core_s)


def of_files(core: StudyServer) -> float:
    """Processor seconds of the process that writes the files, from its start until it has nothing to do."""
    children = [each for each in psutil.Process(core.pid).children() if each.status() != psutil.STATUS_ZOMBIE]
    [exporter] = [each for each in children if "exporter" in each.cmdline()]
    before = -1.0
    while (now := sum(exporter.cpu_times()[:2])) != before:
        before = now
        time.sleep(REST_S)
    return now


async def alone(home: Path, study: Path, server: Postgres) -> tuple[Round, float]:
    """`igym serve`, which holds the sockets itself; the second is of the process that writes its files."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    one = StudyServer(study, home / "alone", port, f"{url}/", server.url)
    try:
        one.start()
        await wait_in_thread(one.leads)
        await wait_in_thread(answers, url)
        found = await played(one, (), [url], 0)
        files_s = await wait_in_thread(of_files, one)
        await wait_in_thread(one.end)
        return found, files_s / (PEOPLE * found.crowd.played_s)
    finally:
        await wait_in_thread(one.close)


async def with_edges(
    home: Path, study: Path, server: Postgres, bus: Redis
) -> tuple[list[Round], list[Round], list[float]]:
    """A round for each number of edges; rounds of more and more people at one; how long each person waited (s) when
    the leader died in another round."""
    cores = [
        StudyServer(study, home / f"core{number}", free_port(), "http://127.0.0.1/", server.url, bus)
        for number in (0, 1)
    ]
    edges = [EdgeServer(home, free_port(), bus) for _ in range(max(EDGES))]
    try:
        cores[0].start()
        await wait_in_thread(cores[0].leads)
        for edge in edges:
            edge.start()
        for edge in edges:
            await wait_in_thread(answers, edge.url)
        rounds = []
        for number in EDGES:
            mine = edges[:number]
            rounds.append(await played(cores[0], mine, [edge.url for edge in mine], 1000 * number))
        more = []
        for number in STEPS:
            more.append(await played(cores[0], edges[:1], [edges[0].url], 10_000 * number, number))
            if more[-1].crowd.p99_ms > GOAL_MS:
                break
        cores[1].start("--standby")
        gaps = await changed_leaders(cores, [edge.url for edge in edges])
        await wait_in_thread(cores[1].end)
        return rounds, more, gaps
    finally:
        for edge in edges:
            await wait_in_thread(edge.close)
        for core in cores:
            await wait_in_thread(core.close)


async def changed_leaders(cores: Sequence[StudyServer], urls: Sequence[str]) -> list[float]:
    crowd = ManyPeople(urls, PEOPLE, MEASURED_S, seed=9000)
    crowd.come()
    await crowd.all_play()
    await wait_in_thread(cores[0].kill)
    await wait_in_thread(cores[0].exit_code)
    died, had = time.monotonic(), {person: frames_of(person) for person in crowd.people}
    gaps: dict[SimulatedParticipant, float] = {}

    def all_go_on() -> bool:
        for person in had.keys() - gaps.keys():
            if frames_of(person) > had[person]:
                gaps[person] = time.monotonic() - died
        return len(gaps) == len(had)

    await crowd.has(all_go_on)
    await wait_in_thread(cores[1].leads)
    await crowd.are_through()
    return list(gaps.values())


def frames_of(person: SimulatedParticipant) -> int:
    return max(person.stored.values(), default=0)


async def measured(home: Path, server: Postgres, bus: Redis) -> list[Figure]:
    frames = int(FPS * played_s(max(*STEPS, PEOPLE), MEASURED_S))
    study = write_study(home / "study", frames=frames, reconnection_s=120)
    other = write_study(home / "other", frames=frames)
    experiment = other / "experiment.py"
    experiment.write_text(experiment.read_text("utf-8").replace('id="crowd"', 'id="alone"'), encoding="utf-8")
    single, files = await alone(home, other, server)
    rounds, more, gaps = await with_edges(home, study, server, bus)
    beside = figure("a single server: files of what was played, beside the play", "ratio", [files / single.core])
    return [beside, *figures_of(single, rounds, gaps), *figures_of_more([rounds[0], *more], [single, *rounds, *more])]


def figures_of_more(steps: Sequence[Round], all_rounds: Sequence[Round]) -> list[Figure]:
    """Of one edge to which more and more people come."""
    within = [each.crowd.number for each in steps if each.crowd.p99_ms <= GOAL_MS]
    found = [figure("one edge: most people within the goal, of those that were tried", "", [max(within, default=0)])]
    for each in steps:
        name = f"one edge, {each.crowd.number} people"
        found += [
            figure(f"{name}: batch to its acknowledgement", "ms", each.crowd.acks_ms, f"p99 ≤ {GOAL_MS:g} ms"),
            figure(f"{name}: their own loop late by", "ms", each.crowd.lateness_ms),
            figure(f"{name}: the edge", "% of a core", [100 * each.edges * each.crowd.number]),
            figure(f"{name}: the core", "% of a core", [100 * each.core * each.crowd.number]),
        ]
    unfinished, losses = (sum(getattr(each.crowd, name) for each in all_rounds) for name in ("unfinished", "losses"))
    return [
        *found,
        figure("people who did not finish", "", [unfinished], "0"),
        figure("connections lost where nobody was killed", "", [losses], "0"),
    ]


def figures_of(single: Round, rounds: Sequence[Round], gaps: list[float]) -> list[Figure]:
    one = rounds[0]
    found = [
        figure("a single server: processor for a person in play", "% of a core", [100 * single.core]),
        figure("a single server: batch of 30 rows to its acknowledgement", "ms", single.crowd.acks_ms),
        figure("core with edges: processor for a person in play", "% of a core", [100 * each.core for each in rounds]),
        figure("core with edges, beside a single server", "ratio", [each.core / single.core for each in rounds]),
        figure("core: events and batches in a second of its processor", "", [each.events_a_second for each in rounds]),
        figure("core: people who fill it, on paper", "", [1 / statistics.median(each.core for each in rounds)]),
        figure("edge: people who fill it, on paper", "", [1 / one.edges]),
    ]
    for number, each in zip(EDGES, rounds, strict=True):
        name = f"{number} edge{'s' if number > 1 else ''}"
        found += [
            figure(
                f"{name}: batch of 30 rows to its acknowledgement", "ms", each.crowd.acks_ms, f"p99 ≤ {GOAL_MS:g} ms"
            ),
            figure(f"{name}: the same p99, beside one edge", "ratio", [each.crowd.p99_ms / one.crowd.p99_ms]),
            figure(f"{name}: processor of all of them, beside one edge", "ratio", [each.edges / one.edges]),
        ]
    return [*found, figure("leader killed, until one's next rows are acknowledged", "s", gaps)]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder, postgres() as server, redis(Path(folder)) as bus:
        figures = asyncio.run(measured(Path(folder), server, bus))
    report(
        f"Cluster: {PEOPLE} people at once",
        figures,
        [
            f"{PEOPLE} simulated people play in pairs: on one server, then with 1, 2 and 3 edges; then "
            f"{', '.join(map(str, STEPS))} at one edge, until p99 is over the goal. Each time {MEASURED_S:g} s are "
            "measured in which all of them play.",
            "They, PostgreSQL and Redis share the computer with what is measured: processor times and ratios count.",
            f"Load of the computer at the end: {psutil.getloadavg()[0]:.1f} on {os.cpu_count()} cores.",
        ],
    )


if __name__ == "__main__":
    main()
