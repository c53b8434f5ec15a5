"""40 and then 800 people in play at once on one server: what they wait for, and what that costs the server."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from asyncio import to_thread as wait_in_thread
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from figures import Figure, figure, report
from rig.many_people import ARRIVALS_A_S, FPS, LATE_ACK_MS, SETTLED_S, THINK_S, ManyPeople, played_s

from igym.host.web.doorkeeper import raise_file_limit
from tests.cluster.program import Program
from tests.load.crowd import write_study
from tests.ports import free_port

NUMBERS = tuple(int(number) for number in os.environ.get("IGYM_BENCH_PEOPLE", "40,800").split(","))
MEASURED_S = 20.0
GOAL = 4.0


@dataclass
class Round:
    """People who were all in play, and shares of a core while they were."""

    crowd: ManyPeople
    server: float
    loop: float
    """The thread of the server's loop alone."""
    people: float


def used(pid: int) -> tuple[float, float, float]:
    """Processor seconds of a process, of its first thread, and of this process."""
    process = psutil.Process(pid)
    first = next(thread for thread in process.threads() if thread.id == pid)
    return sum(process.cpu_times()[:2]), first.user_time + first.system_time, time.process_time()


async def measured(home: Path, number: int) -> Round:
    frames = int(FPS * played_s(number, MEASURED_S))
    study = write_study(home / f"study{number}", frames=frames, reconnection_s=120)
    port = free_port()
    server = Program(home / f"server{number}.log", "serve", [
        str(study), "--data", str(home / f"data{number}"), "--port", str(port), "--address", "127.0.0.1",
    ])  # fmt: skip
    await wait_in_thread(server.begin)
    try:
        await wait_in_thread(server.wait_until, lambda: f":{port}" in server.log)
        crowd = ManyPeople([f"http://127.0.0.1:{port}"], number, MEASURED_S)
        crowd.come()
        await crowd.all_play()
        before = used(server.pid)
        await crowd.are_measured()
        shares = [(after - at_first) / crowd.took_s for after, at_first in zip(used(server.pid), before, strict=True)]
        await crowd.are_through()
        found = Round(crowd, *shares)
        # Told at once: what has been measured is not lost with a later round.
        sys.stderr.write(f"{number} people: p99 {crowd.p99_ms:.1f} ms, loop {100 * found.loop:.0f} % of a core\n")
        return found
    finally:
        # Not ended well: it would first write the files of all of them.
        await wait_in_thread(server.kill)


def figures_of(rounds: Sequence[Round]) -> list[Figure]:
    found = []
    for each in rounds:
        crowd, name = each.crowd, f"{each.crowd.number} people"
        found += [
            figure(f"{name}: batch of 30 rows to its acknowledgement", "ms", crowd.acks_ms),
            figure(f"{name}: batches a second", "", [len(crowd.acks_ms) / crowd.took_s], f"{crowd.number}"),
            figure(f"{name}: server, all its threads", "% of a core", [100 * each.server]),
            figure(f"{name}: server, the thread of its loop", "% of a core", [100 * each.loop]),
            figure(f"{name}: the simulated people", "% of a core", [100 * each.people]),
            figure(f"{name}: their own loop late by", "ms", crowd.lateness_ms),
            figure(f"{name}: connections lost", "", [crowd.losses], "0"),
            figure(f"{name}: people who did not finish", "", [crowd.unfinished], "0"),
        ]
    for each in rounds[1:]:
        name = f"p99 of {each.crowd.number} people, beside that of {rounds[0].crowd.number}"
        found.append(figure(name, "ratio", [each.crowd.p99_ms / rounds[0].crowd.p99_ms], f"≤ {GOAL:g}"))
    return found


def settled(crowd: ManyPeople) -> str:
    return f"{crowd.settling_s:.0f}" if crowd.has_settled else f"more than {crowd.settling_s:.0f}"


async def all_rounds(home: Path) -> list[Round]:
    return [await measured(home, number) for number in NUMBERS]


def main() -> None:
    raise_file_limit()
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
        rounds = asyncio.run(all_rounds(Path(folder)))
    endings = [f"{count} × {how}" for each in rounds for how, count in each.crowd.endings.items()]
    report(
        f"Host with {' and '.join(map(str, NUMBERS))} people",
        figures_of(rounds),
        [
            f"{ARRIVALS_A_S} people a second come, at moments by chance, and read for {THINK_S / 2:g} to "
            f"{1.5 * THINK_S:g} s. "
            f"{MEASURED_S:g} s are measured in which all of them play, once for {SETTLED_S:g} s no acknowledgement "
            f"took longer than {LATE_ACK_MS:g} ms: what waited while they came is dealt with "
            f"{', '.join(f'{settled(each.crowd)}' for each in rounds)} s after the last one plays.",
            "The simulated people are one process on the same computer: what their own loop is late by is part of "
            "each acknowledgement.",
            f"How their parts ended: {', '.join(endings)}.",
            f"Load of the computer at the end: {psutil.getloadavg()[0]:.1f} on {os.cpu_count()} cores.",
        ],
    )


if __name__ == "__main__":
    main()
