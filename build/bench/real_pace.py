"""What a call into Chromium's Python costs at 30 frames a second, against the bare env at the same pace."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from figures import Figure, figure, report
from loop_overhead import game
from playwright.sync_api import Page, Route
from rig import EXAMPLES
from rig.browsing import one_browser

from tests.browser.engine_process import EngineProcess

SCRIPT = Path(__file__).with_name("rig") / "real_pace.js"
NAMES = ("mountain_car", "slime_duel")
ROUNDS = 150
SLOWEST_LEFT_OUT = 0.1
"""Calls in which the computer did something else."""
BLANK = "<!doctype html><title>bench</title>"
BASES = "name => document.querySelector(`meta[name=igym-${name}]`).content"


def mean(samples: list[float]) -> float:
    """Of all but the slowest; browsers tell the time in steps of 0.1 ms, which a mean of many evens out."""
    kept = sorted(samples)[: max(1, round(len(samples) * (1 - SLOWEST_LEFT_OUT)))]
    return sum(kept) / len(kept)


def measured(page: Page, engine: EngineProcess, games: list[dict[str, Any]]) -> dict[str, dict[str, list[float]]]:
    """Name → kind → ms of each call. The script runs in an empty page, among the modules the engine serves."""
    page.goto(engine.url)
    statics, vendor = (engine.url.rstrip("/") + page.evaluate(BASES, name) for name in ("static", "vendor"))
    own = f"{statics}real_pace.js"

    def answer(route: Route) -> None:
        if route.request.url == own:
            route.fulfill(path=SCRIPT, content_type="text/javascript")
        else:
            route.fulfill(body=BLANK, content_type="text/html")

    page.route(lambda url: url == own or url.endswith("/bench"), answer)
    page.goto(engine.url.rstrip("/") + "/bench")
    where = {"statics": statics, "vendor": vendor, "rounds": ROUNDS}
    found: dict[str, dict[str, list[float]]] = page.evaluate(
        f"([games, where]) => import({json.dumps(own)}).then(one => one.measure(games, where))", [games, where]
    )
    return found


def figures_of(name: str, samples: dict[str, list[float]]) -> list[Figure]:
    # A block of the tight loop lasts long enough to be interrupted: the quick ones were not.
    bare, tight = mean(samples["bare"]), mean(sorted(samples["tight"])[: len(samples["tight"]) // 5])
    plain, corrected = mean(samples["plain"]), mean(samples["corrected"])
    return [
        figure(f"{name}: bare step + render every 33 ms", "ms", samples["bare"]),
        figure(f"{name}: a frame's call every 33 ms", "ms", samples["in_play"]),
        figure(f"{name}: call / bare step + render, both every 33 ms", "×", [mean(samples["in_play"]) / bare], "≤ 1.4"),
        figure(f"{name}: of several: call / bare step + render", "×", [plain / bare], "≤ 1.4"),
        figure(f"{name}: bare step in a tight loop", "ms", samples["tight"]),
        figure(f"{name}: a replayed frame / bare step in a tight loop", "×", [(corrected - plain) / tight], "≤ 15"),
        figure(f"{name}: a frame with a rollback / one without", "×", [corrected / plain], "≤ 2"),
    ]


def main() -> None:
    games = [{key: value for key, value in game(name).items() if key != "library"} for name in NAMES]
    with one_browser() as browser, tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
        engine = EngineProcess(EXAMPLES / NAMES[0], Path(folder) / "data").start()
        try:
            found = measured(browser.new_page(), engine, games)
        finally:
            engine.stop()
    notes = [
        f"{ROUNDS} calls of each kind, in turns, 33 ms apart. Ratios are of means without the slowest tenth.",
        "A replayed frame: what restoring the state before and stepping once more add to a frame's call (depth 1).",
        "Of several: with a state saved in each frame, as where others' inputs are guessed.",
    ]
    report(
        "At real pace in Chromium: calls into Python",
        [one for n, s in found.items() for one in figures_of(n, s)],
        notes,
    )


if __name__ == "__main__":
    main()
