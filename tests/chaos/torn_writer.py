"""`python -m tests.chaos.torn_writer FOLDER SEED RUNS`: writers are killed at random moments; prints what was lost.

Each run is a fork that opens the recordings, goes on writing and tells what was acknowledged, until SIGKILL.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from igym.host.store.store import Store
from igym.host.store.store_reader import StoreReader
from tests.host.test_store import SESSION, batch, event

RUNS_ON_ONE_FILE = 25
MOST_WRITES = 20
LONGEST_WAIT_S = 0.004


def main(folder: Path, seed: int, runs: int) -> None:
    rng = random.Random(seed)
    acknowledged: dict[Path, set[str]] = {}
    for run in range(runs):
        path = folder / f"{run // RUNS_ON_ONE_FILE}" / "session.sqlite3"
        acknowledged.setdefault(path, set()).update(killed_run(path, run, rng))
    lost = [
        f"{path.parent.name}: {name}" for path, names in acknowledged.items() for name in sorted(names - kept(path))
    ]
    count = sum(len(names) for names in acknowledged.values())
    print(json.dumps({"killed": runs, "acknowledged": count, "lost": lost}))


def killed_run(path: Path, run: int, rng: random.Random) -> set[str]:
    """What the writer had told as acknowledged when it died."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        asyncio.run(write(path, run, writing))
        os._exit(1)
    os.close(writing)
    told = b""
    for _ in range(rng.randint(0, MOST_WRITES)):
        told += os.read(reading, 4096)
    time.sleep(rng.random() * LONGEST_WAIT_S)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        raise RuntimeError(f"the writer of run {run} ended by itself")
    while more := os.read(reading, 65536):
        told += more
    os.close(reading)
    # Whatever was told is told in whole lines: a line is one small write into the pipe.
    return set(told.decode().split())


async def write(path: Path, run: int, pipe: int) -> None:
    store = Store(path)
    if run % RUNS_ON_ONE_FILE == 0:
        await store.start_session(SESSION)
    for n in itertools.count(run * 100_000):
        pending = [
            (f"e{n}", store.append_events("s1", [event(n, body=json.dumps("x" * (n % 5000)))], [])),
            (f"b{n}", store.append_batch("s1", batch(first=n, packed=os.urandom(n % 3000)))),
        ]
        for name, write in pending:
            await write
            os.write(pipe, f"{name}\n".encode())


def kept(path: Path) -> set[str]:
    """What is in the file; opening it for writing checks every page of it."""
    Store(path).close()
    with StoreReader(path) as reader:
        return {f"e{found.seq}" for found in reader.events("s1")} | {f"b{key.first}" for key in reader.batch_keys("s1")}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
