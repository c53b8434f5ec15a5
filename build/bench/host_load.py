"""200 people in 100 matches at 30 rows a second each, on a real engine, with the launcher's window open."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from pathlib import Path

import psutil
from figures import Figure, figure, report

from igym.host.simulate.behaviour import Behaviour
from tests.load.crowd import Seen, assert_exported_alike, attend, pages_told_otherwise, truth_of, write_study

PEOPLE = int(os.environ.get("IGYM_BENCH_PEOPLE", "200"))
FRAMES = int(os.environ.get("IGYM_BENCH_FRAMES", "900"))
EVERY_S = 0.1
THINK_S = 1.0
LIMIT_S = 600


class Usage:
    """CPU share and memory of the engine and the launcher, each second, until `stop`."""

    def __init__(self) -> None:
        self.engine_cpu: list[float] = []
        self.engine_mb: list[float] = []
        self.launcher_cpu: list[float] = []
        self._known: dict[int, psutil.Process] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(1):
            for child in me.children(recursive=True):
                self._note(self._known.setdefault(child.pid, child))

    def _note(self, process: psutil.Process) -> None:
        try:
            words, cpu = process.cmdline(), process.cpu_percent()
            if "engine" in words and "--folder" in words:
                self.engine_cpu.append(cpu)
                self.engine_mb.append(process.memory_info().rss / 2**20)
            elif "tests.browser.launcher_driver" in words:
                self.launcher_cpu.append(cpu)
        except psutil.NoSuchProcess:
            pass


async def measured(home: Path) -> tuple[Seen, Usage]:
    study = write_study(home / "study", frames=FRAMES, reconnection_s=120)
    behaviour = Behaviour(
        frames=FRAMES, speed=1, think_s=THINK_S, transport="p2p", relay_packets=0, reports=True, echoes=True
    )  # fmt: skip
    usage = Usage()
    try:
        return await attend(home, study, PEOPLE, behaviour, every_s=EVERY_S, limit_s=LIMIT_S), usage
    finally:
        usage.stop()


def files_wrong(seen: Seen) -> list[str]:
    """What is wrong with the matches' files."""
    try:
        assert_exported_alike(seen.data, matches=PEOPLE // 2, episodes=1, frames=FRAMES)
    except AssertionError as error:
        stamps = len(list((seen.data / "duel").glob("*_aggregated_metrics.json")))
        return [f"{stamps} matches are stamped, expected are {PEOPLE // 2}; {error}"]
    return []


def counted(seen: Seen, wrong: list[str]) -> list[Figure]:
    """What must be zero."""
    put_off = sum(person.client.joins_put_off for person in seen.people)
    unfinished = sum(outcome != "finished" for outcome in seen.outcomes)
    return [
        figure("joins refused or put off", "", [put_off], "0"),
        figure("people who did not finish", "", [unfinished], "0"),
        figure("messages refused", "", [sum(len(person.client.refused) for person in seen.people)], "0"),
        figure("looks at the window that were not the truth", "", [len(wrong)], "0"),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
        started = time.monotonic()
        seen, usage = asyncio.run(measured(Path(folder)))
        took_s = time.monotonic() - started
        truth = truth_of(seen)
        wrong = truth.disagreements + pages_told_otherwise(seen, truth)
        unlike = files_wrong(seen)
    people = seen.people
    acks = [ms for person in people for ms in person.ack_ms]
    signals = [ms for person in people for ms in person.signal_ms]
    report(
        f"Host load: {PEOPLE} people, {PEOPLE // 2} matches",
        [
            *counted(seen, wrong),
            figure("matches whose files are not whole, equal and stamped so", "", [len(unlike)], "0"),
            figure("batch of 30 rows to its acknowledgement", "ms", acks),
            figure("signal to the partner's page and back", "ms", signals),
            figure("age of what the window had not shown yet", "s", truth.lags_s, "≤ 1 s"),
            figure("engine: processor", "% of a core", usage.engine_cpu),
            figure("engine: memory", "MB", usage.engine_mb),
            figure("launcher: processor", "% of a core", usage.launcher_cpu),
        ],
        [
            f"{len(seen.samples)} looks at the window, one a second, each compared with the stored events it rests on.",
            f"One arrival every {EVERY_S:g} s, {FRAMES / 30:g} s of play; everything together took {took_s:.0f} s.",
            "The simulated people share the two cores with the engine: their own waiting is part of each time.",
        ],
    )
    for line in (*wrong, *unlike):
        print(line)


if __name__ == "__main__":
    main()
