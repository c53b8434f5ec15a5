"""How well two computers' browsers know the host's clock, on networks of different kinds.

All computers are network namespaces of one machine, so the true difference of any two clocks is nearly zero, and what
the browsers measured is their error. Needs Linux and root, as the tests of networks do.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from figures import Figure, figure, report
from playwright.sync_api import Playwright, sync_playwright
from rig import ROOT, may_shape_networks

from igym.host.store.store_reader import StoreReader
from tests.chaos.room import Room
from tests.lan import Impairment

MEASURED = int(os.environ.get("IGYM_BENCH_CLOCKS", "5"))
"""Estimates of each browser: one every ten seconds."""
LIMIT_S = 180.0
NETWORKS = {
    "cable": (Impairment(), Impairment()),
    "25 ± 10 ms each way": (Impairment(delay_ms=25, jitter_ms=10), Impairment(delay_ms=25, jitter_ms=10)),
    "50 ± 10 ms each way, 5 % loss": (
        Impairment(delay_ms=50, jitter_ms=10, loss=0.05),
        Impairment(delay_ms=50, jitter_ms=10, loss=0.05),
    ),
    "40 ms there, 0 ms back, one of the two": (Impairment(delay_ms=40), Impairment()),
}
"""What computer 1 and computer 2 have on the way to them; the way to the host is shaped alike but in the last."""


def measured(playwright: Playwright, chromium: str, name: str) -> list[Figure]:
    one, two = NETWORKS[name]
    study = ROOT / "tests" / "browser" / "studies" / "duet"
    with (
        tempfile.TemporaryDirectory(prefix="igym-clocks-") as folder,
        Room(playwright, chromium, study, Path(folder), shaped={"pc1": one, "pc2": two}) as room,
    ):
        if one == two:
            room.lan.shape("host", one)
        for person in room.people:
            person.join()
            person.sees("Hello there")
        return figures_of(name, estimates(room))


def estimates(room: Room) -> list[list[tuple[float, float]]]:
    """For each participant, (offset, round trip) as the browser told them, ms."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        found: dict[str, list[tuple[float, float]]] = {}
        with StoreReader(room.engine.folder / "session.sqlite3") as reader:
            for who, _, _, body in reader.telemetry(room.engine.session, kind="clock"):
                found.setdefault(who, []).append((body["offset_ms"], body["rtt_ms"]))
        if len(found) == 2 and min(map(len, found.values())) >= MEASURED:
            return list(found.values())
        time.sleep(1.0)
    raise TimeoutError("the browsers did not tell their clocks")


def figures_of(name: str, series: list[list[tuple[float, float]]]) -> list[Figure]:
    both = [[offset for offset, _ in one] for one in series]
    apart = [abs(a - b) for a, b in zip(*both, strict=False)]
    steps = [abs(after - before) for one in both for before, after in pairwise(one)]
    return [
        figure(f"{name}: two browsers apart", "ms", apart, "≤ 5 ms where both ways are alike"),
        figure(f"{name}: against the host", "ms", [abs(offset) for one in both for offset in one]),
        figure(f"{name}: change between estimates", "ms", steps),
        figure(f"{name}: round trip believed", "ms", [rtt for one in series for _, rtt in one]),
    ]


def main() -> None:
    if not may_shape_networks():
        sys.exit("Networks can be shaped on Linux as root only.")
    chromium = os.environ.get("IGYM_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        figures = [found for name in NETWORKS for found in measured(playwright, chromium, name)]
    notes = [
        "All computers are namespaces of one machine: the true offsets are 0 within the browsers' own resolution.",
        "Where the way there takes 40 ms and the way back none, no exchange of time stamps can know it: half stays.",
    ]
    report("Clocks of two browsers", figures, notes)


if __name__ == "__main__":
    main()
