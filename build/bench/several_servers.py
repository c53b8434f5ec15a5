"""What a server for the data costs beside a file, and how long a study stands still when the server that leads dies."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgpack
from figures import Figure, figure, report

from igym.host.store.postgres.place import Place, schema_of, write_place
from igym.host.store.store import BatchRecord, EventRecord, RecordRow, SessionRecord, Store
from igym.host.store.store_schema import DATABASE
from tests.cluster.servers import Postgres, postgres
from tests.cluster.study_server import StudyServer, answers
from tests.load.crowd import write_study
from tests.ports import free_port

ROUNDS = 60
IN_A_GROUP = 64
GAPS = 5
SESSION = SessionRecord("s", 0.0, "1", "{}", "{}", "bench")
BODY = '{"type":"message","message":{"message":"metrics","payload":"' + "x" * 400 + '"}}'
ROWS = bytes(msgpack.packb({"parity": {f"c{n}": list(range(30)) for n in range(8)}}))


class Writer:
    """Writes to one store what a session does: groups of events with their records, and batches of 30 rows."""

    def __init__(self, store: Store) -> None:
        self._store, self._seq, self._first = store, 0, 0

    async def one_event(self) -> None:
        await self._events(1)

    async def group(self) -> None:
        await self._events(IN_A_GROUP)

    async def batches(self) -> None:
        self._first += 30 * IN_A_GROUP
        await asyncio.gather(*(self._store.append_batch("s", self._batch(30 * n)) for n in range(IN_A_GROUP)))

    def _batch(self, behind: int) -> BatchRecord:
        return BatchRecord("p", "m", "g", 1, 0, 0, self._first + behind, 30, ROWS, 0.0)

    async def _events(self, count: int) -> None:
        seqs = range(self._seq, self._seq + count)
        self._seq += count
        events = [EventRecord(seq, 0.0, "message", "p", BODY) for seq in seqs]
        records = [RecordRow(seq, 0, 0.0, "metrics", "p", "m", "g", BODY) for seq in seqs]
        await self._store.append_events("s", events, records)


async def timed(work: Callable[[], Awaitable[Any]]) -> float:
    started = time.perf_counter()
    await work()
    return 1000 * (time.perf_counter() - started)


async def compare(file: Store, server: Store) -> list[Figure]:
    """Both in turn, so that whatever else the computer does meets both alike."""
    for store in (file, server):
        await store.start_session(SESSION)
    here, there = Writer(file), Writer(server)
    figures: list[Figure] = []
    for name, of in (
        ("one event", Writer.one_event),
        (f"{IN_A_GROUP} events in a group", Writer.group),
        (f"{IN_A_GROUP} batches of rows", Writer.batches),
    ):
        pairs = [(await timed(lambda of=of: of(here)), await timed(lambda of=of: of(there))) for _ in range(ROUNDS)]  # type: ignore[misc]
        figures += [
            figure(f"{name}: file", "ms", [one for one, _ in pairs]),
            figure(f"{name}: server", "ms", [other for _, other in pairs]),
            figure(f"{name}: server / file", "×", [other / one for one, other in pairs]),
        ]
    return figures


def gaps(folder: Path, server: Postgres) -> list[float]:
    """From the killing of the server that leads until the one that stood by answers, in s."""
    study = write_study(folder / "study")
    ports = [free_port(), free_port()]
    servers = [
        StudyServer(study, folder / f"data{number}", port, f"http://127.0.0.1:{port}", server.url)
        for number, port in enumerate(ports)
    ]
    found: list[float] = []
    try:
        servers[0].start()
        servers[0].leads()
        for number in range(GAPS):
            leading, next_one = servers[number % 2], servers[(number + 1) % 2]
            next_one.start("--standby")
            time.sleep(5)  # until it stands by
            leading.kill()
            killed_at = time.perf_counter()
            answers(f"http://127.0.0.1:{ports[(number + 1) % 2]}")
            found.append(time.perf_counter() - killed_at)
            leading.exit_code()
    finally:
        for each in servers:
            each.close()
    return found


def main() -> None:
    with postgres() as server, tempfile.TemporaryDirectory(prefix="igym-bench-") as name:
        folder = Path(name)
        (folder / "server").mkdir()
        write_place(folder / "server", Place(server.url, schema_of("bench")))
        stores = [Store(folder / "file" / DATABASE), Store(folder / "server" / DATABASE)]
        try:
            figures = asyncio.run(compare(*stores))
        finally:
            for store in stores:
                store.close()
        figures.append(figure("from the leader's death to the other's answer", "s", gaps(folder, server)))
    notes = ["PostgreSQL on the same computer, over loopback; both are written through to the disk at each commit."]
    report("Several servers", figures, notes)


if __name__ == "__main__":
    main()
