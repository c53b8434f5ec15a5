"""A worker goes on whatever becomes of its disks, and ends what it cannot keep before another one begins it."""

from __future__ import annotations

import asyncio
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

import pytest

from igym.host.base.spawn import Kind
from igym.host.jobs import worker as worker_module
from igym.host.jobs.queue import Job, Taken
from igym.host.jobs.shared_folder import new_word
from igym.host.jobs.worker import Worker
from tests.waiting import until

BEAT_S = 0.05
LEASE_S = 60.0
"""Longer than a computer that is busy stands still."""
SHORT_LEASE_S = 1.0
UNTIL_TOLD = r"import sys; next(line for line in sys.stdin if line == '\n')"


class Served:
    """The queue as the server has it, for both connections of a worker: jobs to hand out, and what it was told."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.folders: list[str] = []
        self.renewals = 0
        self.finished: list[int] = []
        self.refuses = False
        self.answers = threading.Event()
        """Unset: no lease is renewed, and nobody hears why not."""
        self.answers.set()
        self._number = 0

    def take(self, name: str, folders: Iterable[str]) -> Taken | None:
        seen = list(folders)
        if not self.jobs or not seen:
            return None
        self._number += 1
        return Taken(self._number, seen[0], self.jobs.pop(), 1, False)

    def renew(self, name: str, taken: Taken) -> bool:
        self.answers.wait()
        if self.refuses:
            raise OSError("the server is away")
        self.renewals += 1
        return False

    def beat(self, name: str, folders: Iterable[str]) -> None:
        self.folders = list(folders)

    def wait(self, seconds: float) -> None:
        threading.Event().wait(BEAT_S)

    def say(self, name: str, taken: Taken, line: str) -> bool:
        return True

    def finish(self, name: str, taken: Taken, exit_code: int) -> bool:
        self.finished.append(exit_code)
        return True

    def leave(self, name: str) -> None: ...

    def close(self) -> None: ...


class Children:
    """A runner whose commands say nothing and end when they are told an empty line."""

    def __init__(self) -> None:
        self.running: list[asyncio.subprocess.Process] = []
        self.may_start = asyncio.Event()
        self.may_start.set()
        self.asked = 0

    async def start(self, kind: Kind, arguments: Sequence[str], pipe_bytes: int) -> asyncio.subprocess.Process:
        self.asked += 1
        await self.may_start.wait()
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-c", UNTIL_TOLD, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=pipe_bytes
        )
        self.running.append(made)
        return made

    def tell(self) -> None:
        """The one that runs has done its job."""
        stdin = self.running[-1].stdin
        assert stdin is not None
        stdin.write(b"\n")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    made = Served()
    monkeypatch.setattr(worker_module, "Queue", lambda url: made)
    monkeypatch.setattr(worker_module, "BEAT_S", BEAT_S)
    monkeypatch.setattr(worker_module, "LEASE_S", LEASE_S)
    monkeypatch.setattr(worker_module, "LOOK_S", 2 * BEAT_S)
    return made


@pytest.fixture
async def children() -> Children:
    return Children()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "study"
    made.mkdir(parents=True)
    new_word(made)
    return made


@pytest.fixture
async def log(served: Served, children: Children, home: Path) -> AsyncIterator[list[str]]:
    """What a worker that runs has told."""
    told: list[str] = []
    running = asyncio.create_task(Worker("", (home.parent,), children, told.append).run())
    await until(lambda: served.folders, "it sees the folder")
    yield told
    served.answers.set()
    assert not running.done(), "it goes on"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def job(kind: str) -> Job:
    request = '{"id": 1, "do": "tables"}' if kind == "exporter" else None
    return Job(kind, ("{home}/session.sqlite3", "s1"), request)


async def test_a_server_that_starts_in_mid_job_does_not_end_the_worker(
    served: Served, children: Children, home: Path, log: list[str]
) -> None:
    served.jobs.append(job("verify"))
    await until(lambda: children.running, "the job has begun")
    word = new_word(home)
    await until(lambda: served.folders == [word], "the worker knows the new word")
    children.tell()
    await until(lambda: len(log) == 1, "the job is done")
    assert log[0].startswith("verify for study: exit code 0")
    assert served.finished == [0]


@pytest.mark.parametrize("disk", ["fails", "hangs"])
async def test_a_disk_that_is_away_leaves_the_lease_alone_and_brings_no_work(
    served: Served, children: Children, log: list[str], monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    is_back = threading.Event()
    looks: list[int] = []

    def look(folders: tuple[Path, ...]) -> dict[str, Path]:
        looks.append(1)
        if disk == "hangs":
            is_back.wait(LEASE_S)
        raise OSError("stale file handle")

    served.jobs.append(job("verify"))
    await until(lambda: children.running, "the job has begun")
    monkeypatch.setattr(worker_module, "words_below", look)
    await until(lambda: not served.folders, "nobody hands out what needs the disk")
    before = served.renewals
    await until(lambda: served.renewals >= before + 5, "the lease is renewed")
    assert disk == "fails" or len(looks) == 1, "one look at a time"
    is_back.set()
    children.tell()
    await until(lambda: served.finished == [0], "the job is done")


@pytest.mark.parametrize("kind", ["verify", "exporter"])
@pytest.mark.parametrize("database", ["refuses", "hangs"])
async def test_what_a_worker_cannot_keep_ends_before_another_one_begins_it(
    served: Served, children: Children, log: list[str], monkeypatch: pytest.MonkeyPatch, database: str, kind: str
) -> None:
    monkeypatch.setattr(worker_module, "LEASE_S", SHORT_LEASE_S)
    served.jobs.append(job(kind))
    await until(lambda: children.running, "the job has begun")
    served.refuses = database == "refuses"
    if database == "hangs":
        served.answers.clear()
    await until(lambda: log, "it has ended the job")
    assert children.running[0].returncode is not None
    assert "no more this worker's" in log[0]
    assert served.finished == []
    monkeypatch.setattr(worker_module, "LEASE_S", LEASE_S)
    served.refuses = False
    served.answers.set()
    served.jobs.append(job("verify"))
    await until(lambda: len(children.running) == 2, "it takes the next one")
    children.tell()
    await until(lambda: served.finished == [0], "and does it")


@pytest.mark.parametrize("kind", ["verify", "exporter"])
async def test_a_job_that_is_lost_before_its_process_is_there_is_not_begun(
    served: Served, children: Children, log: list[str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(worker_module, "LEASE_S", BEAT_S)  # lost at once
    children.may_start.clear()
    served.jobs.append(job(kind))
    await until(lambda: children.asked == 1, "it has the job")
    children.may_start.set()
    await until(lambda: log, "it has ended the job")
    assert "no more this worker's" in log[0]
    assert children.running[0].returncode not in (None, 0)


@pytest.mark.parametrize(
    "junk",
    [Job("unknown", ("{home}",)), Job("verify", ()), Job("exporter", ("{home}",), "{"), Job("exporter", ("{home}",))],
)
async def test_a_job_that_nobody_can_do_fails_and_the_worker_takes_the_next_one(
    served: Served, children: Children, log: list[str], junk: Job
) -> None:
    served.jobs.append(junk)
    await until(lambda: served.finished == [worker_module.KILLED], "whoever posted it hears of it")
    assert "cannot be done" in log[0]
    served.jobs.append(job("verify"))
    await until(lambda: children.running, "it takes the next one")
    children.tell()
    await until(lambda: served.finished == [worker_module.KILLED, 0], "and does it")
