"""Work that need not run beside a session is handed to workers: once each, by the living, and never lost."""

from __future__ import annotations

import asyncio
from asyncio import to_thread as wait_in_thread
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import psycopg
import pytest

from igym.core.events import Command
from igym.host.engine.engine import Engine
from igym.host.export.manifest import Manifest
from igym.host.files.exports import ExportFailedError
from igym.host.jobs import handover
from igym.host.jobs import queue as queue_module
from igym.host.jobs.handover import Handover, Wish
from igym.host.jobs.kinds import movable, placed
from igym.host.jobs.queue import MOST_ATTEMPTS, NOW, Job, Queue, Taken
from igym.host.jobs.shared_folder import words_below
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from tests.cluster.job_worker import JobWorker
from tests.host.conftest import PAIR, StartEngine
from tests.load.crowd import assert_exported_alike
from tests.waiting import LIMIT_S, until

pytestmark = pytest.mark.real_starts  # what runs is told by command lines, and by whose child it is
JOB = Job("exporter", ("{home}/session.sqlite3", "s1"), '{"id": 1, "do": "tables"}')
FOLDER = "a" * 32
FRAMES = 60


@pytest.fixture
def queue(own_url: str) -> Iterator[Queue]:
    made = Queue(own_url)
    yield made
    made.close()


@pytest.fixture
def workers(own_url: str, tmp_path: Path) -> Iterator[Any]:
    """Makes workers for data folders; they end with the test."""
    made: list[JobWorker] = []

    def make(*data: Path) -> JobWorker:
        made.append(JobWorker(own_url, tmp_path / f"worker{len(made)}.log", *data))
        made[-1].start()
        return made[-1]

    yield make
    for worker in made:
        worker.close()


# -- the queue


def test_however_many_take_at_once_each_job_is_one_workers(queue: Queue, own_url: str) -> None:
    posted = {queue.post(FOLDER, JOB, None) for _ in range(60)}
    taken: dict[str, list[int]] = {f"w{number}": [] for number in range(4)}

    def work(name: str) -> None:
        own = Queue(own_url)
        while (found := own.take(name, [FOLDER])) is not None:
            taken[name].append(found.id)
            assert own.finish(name, found, 0)
        own.close()

    threads = [Thread(target=work, args=(name,)) for name in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [number for own in taken.values() for number in own]
    assert sorted(ids) == sorted(posted)
    assert len(ids) == len(set(ids))


def test_a_job_is_there_and_called_out_or_neither(queue: Queue, own_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        assert not queue.has_worker(FOLDER)
        patched.setattr(queue_module, "CHANNEL", "c" * 64)  # longer than the server takes
        with pytest.raises(OSError, match="channel name too long"):
            queue.post(FOLDER, JOB, None)
    assert queue.take("one", [FOLDER]) is None
    with psycopg.connect(own_url, autocommit=True) as listening:
        listening.execute(f"LISTEN {queue_module.CHANNEL}".encode())
        number = queue.post(FOLDER, JOB, None)
        assert len(list(listening.notifies(timeout=LIMIT_S, stop_after=1))) == 1
    assert taken_by(queue, "one").id == number


def test_a_worker_whose_lease_has_passed_is_not_heard_any_more(queue: Queue, own_url: str) -> None:
    queue.post(FOLDER, JOB, None)
    first = taken_by(queue, "slow")
    assert queue.take("other", [FOLDER]) is None
    lease_passes(own_url)
    second = taken_by(queue, "other")
    assert (second.id, second.attempt) == (first.id, first.attempt + 1)
    assert queue.renew("slow", first) is None
    assert not queue.say("slow", first, "{}")
    assert not queue.finish("slow", first, 0)
    assert queue.say("other", second, '{"id": 1}')
    assert queue.finish("other", second, 0)
    found = queue.progress(first.id, -1)
    assert found is not None
    assert ([text for _, text in found.lines], found.exit_code, found.worker) == (['{"id": 1}'], 0, "other")


def test_a_worker_that_leaves_gives_back_what_it_had_begun(queue: Queue) -> None:
    number = queue.post(FOLDER, JOB, None)
    taken_by(queue, "one")
    queue.leave("one")
    assert taken_by(queue, "two").id == number


def test_a_job_waits_a_moment_for_the_worker_that_knows_the_session(queue: Queue) -> None:
    queue.post(FOLDER, JOB, "knows it")
    assert queue.take("other", [FOLDER]) is None
    assert taken_by(queue, "knows it").follows_own
    queue.post(FOLDER, JOB, None)
    assert not taken_by(queue, "knows it").follows_own


def test_nobody_takes_jobs_of_a_folder_that_they_do_not_see(queue: Queue) -> None:
    queue.post(FOLDER, JOB, None)
    assert queue.take("one", ["b" * 32]) is None
    queue.beat("one", ["b" * 32])
    assert not queue.has_worker(FOLDER)
    queue.beat("one", [FOLDER])
    assert queue.has_worker(FOLDER)


def test_what_is_about_another_folder_stays_here(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "one" / "study", tmp_path / "two" / "study"
    moved = movable([str(home / "session.sqlite3"), "s1"], home)
    assert moved == ("{home}/session.sqlite3", "s1")
    assert placed(moved, elsewhere) == [str(elsewhere / "session.sqlite3"), "s1"]
    assert placed(movable([str(home), "--json"], home) or (), elsewhere) == [str(elsewhere), "--json"]
    assert movable([str(elsewhere), "--json"], home) is None
    assert movable(["show", "x"], home) is None


def taken_by(queue: Queue, name: str) -> Taken:
    found = queue.take(name, [FOLDER])
    assert found is not None
    return found


def lease_passes(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'UPDATE "igym-jobs".jobs SET until = {NOW} - 1'.encode())


# -- whoever has work


def test_when_its_workers_are_gone_or_busy_the_server_does_it_itself(
    queue: Queue, own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    home = tmp_path / "data" / "study"
    home.mkdir(parents=True)
    mine = Handover(own_url, home, told.append)
    assert mine.do(queue, JOB, None, told.append, Wish()) is None, "nobody is there"
    [word] = words_below((tmp_path / "data",))
    queue.beat("busy", [word])
    monkeypatch.setattr(handover, "PATIENCE_S", 0.5)
    assert mine.do(queue, JOB, None, told.append, Wish()) is None
    assert queue.take("busy", [word]) is None, "it was taken back"


def test_a_job_that_kills_its_workers_comes_back(queue: Queue, own_url: str, tmp_path: Path) -> None:
    home = tmp_path / "data" / "study"
    home.mkdir(parents=True)
    mine, beats = Handover(own_url, home, lambda line: None), Queue(own_url)
    [word] = words_below((tmp_path / "data",))
    beats.beat("one", [word])
    done: list[object] = []
    doing = Thread(target=lambda: done.append(mine.do(queue, JOB, None, lambda line: None, Wish())))
    doing.start()
    for attempt in count(1):
        while (taken := beats.take("one", [word])) is None and doing.is_alive():
            beats.beat("one", [word])
            beats.wait(0.1)
        if taken is None:
            break
        assert taken.attempt == attempt
        lease_passes(own_url)
    doing.join()
    assert done == [None]
    assert attempt == MOST_ATTEMPTS + 1
    beats.close()


# -- a whole session


async def played(engine: Engine, seed: int = 0) -> None:
    people = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed + n, frames=FRAMES, speed=4)) for n in (0, 1)]
    outcomes = await asyncio.gather(*(person.run() for person in people))
    assert [closed.outcome for closed in outcomes] == ["finished", "finished"]


def children_of_mine() -> list[str]:
    """The commands of this very process that write files or check them."""
    lines = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            lines.append(child.cmdline())
    return [word for line in lines for word in line if word in ("exporter", "verify")]


def works_on(process: psutil.Process) -> bool:
    """It has not ended; somebody may still have to hear of that."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def seen(engine: Engine, url: str) -> None:
    """Returns when a worker has found the engine's folder."""
    [word] = words_below((engine.options.data,))
    queue = Queue(url)
    async with asyncio.timeout(LIMIT_S):
        while not await wait_in_thread(queue.has_worker, word):
            await asyncio.sleep(0.05)
    queue.close()


async def test_files_and_checks_are_made_by_a_worker_and_can_be_stopped(
    start_engine: StartEngine, own_url: str, workers: Any
) -> None:
    engine = await start_engine(PAIR)
    worker = await wait_in_thread(workers, engine.options.data)
    await seen(engine, own_url)
    await played(engine)
    await engine.exports.request(do="all")
    assert children_of_mine() == []
    verified = await engine.control._own["verify"]({})  # type: ignore[union-attr]
    assert verified["event"] == "verified"
    assert children_of_mine() == []
    with nobody_reads(own_url, engine):
        asked = engine.exports.ask(None, do="all")
        await wait_in_thread(renewed, own_url, 1)
        assert engine.exports.stop() == 1
        # It asks each time that it renews: once more, and it knows for sure.
        await wait_in_thread(renewed, own_url, 2)
    with pytest.raises(ExportFailedError, match="stopped"):
        await asked
    await ended(engine)
    assert len(worker.done) > 3
    assert "verify for pair" in worker.log
    assert_all_there(engine, 1)


async def test_a_worker_killed_in_mid_job_is_followed_by_another(
    start_engine: StartEngine, own_url: str, workers: Any
) -> None:
    engine = await start_engine(PAIR)
    first = await wait_in_thread(workers, engine.options.data)
    await seen(engine, own_url)
    await played(engine)
    with nobody_reads(own_url, engine):
        written = engine.exports.request(do="all")
        [*processes] = await wait_in_thread(first.works)
        second = await wait_in_thread(workers, engine.options.data)
        await wait_in_thread(first.kill)
        await until(lambda: not any(map(works_on, processes)), "what it had begun ends with it")
    assert await written
    assert second.done
    assert children_of_mine() == []
    # And when that one is gone too, the server does it itself.
    await wait_in_thread(second.kill)
    await played(engine, seed=2)
    assert await engine.exports.request(do="tables")
    assert children_of_mine() == ["exporter"]
    await ended(engine)
    assert_all_there(engine, 2)


def renewed(url: str, times: int) -> None:
    """Returns when a worker has renewed its lease so often from now on."""
    with psycopg.connect(url, autocommit=True) as connection:
        seen: set[object] = set()
        while len(seen) <= times:
            row = connection.execute('SELECT until FROM "igym-jobs".jobs WHERE worker IS NOT NULL').fetchone()
            seen |= {row[0]} if row else set()
            connection.execute("SELECT pg_sleep(0.05)")


@contextmanager
def nobody_reads(url: str, engine: Engine) -> Iterator[None]:
    """Whoever wants to read the study's records waits meanwhile."""
    schema = f"igym_{engine.home.name}"
    with psycopg.connect(url) as connection:
        connection.execute(f'LOCK TABLE "{schema}".records IN ACCESS EXCLUSIVE MODE'.encode())
        yield


async def ended(engine: Engine) -> None:
    await engine.runtime.submit(Command("end_session", {}, "", "launcher"))
    await engine.stop("the end")


def assert_all_there(engine: Engine, matches: int) -> None:
    found = Manifest(engine.home).verify()
    assert found.ok, found
    assert not found.unlisted
    assert_exported_alike(engine.home, matches=matches, episodes=2, frames=FRAMES)
