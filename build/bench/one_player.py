"""From the open link to play, and the beat of play, for one person: real engine, real browser, no network cost."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from figures import Figure, figure, report
from playwright.sync_api import Browser, BrowserContext
from rig import EXAMPLES
from rig.browsing import autopilot_page, one_browser, traced, until_playing
from rig.recorded import columns_by_episode, intervals, metrics, rate

from tests.browser.engine_process import EngineProcess

OPENINGS = 2
PLAY_MS = 12_000
FEWEST_FRAMES = 30


@dataclass(frozen=True)
class Study:
    """An example, its buttons up to the game and the key to press in it; the last button waits for the loading."""

    name: str
    labels: tuple[str, ...]
    key: str


@dataclass
class Seen:
    """ms, one value an opening; rows come from the last opening's play."""

    cold_ms: list[float] = field(default_factory=list)
    warm_ms: list[float] = field(default_factory=list)
    block_ms: list[float] = field(default_factory=list)
    block_cpu_ms: list[float] = field(default_factory=list)
    intervals_ms: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    steps_ms: list[float] = field(default_factory=list)


STUDIES = (
    Study("mountain_car", ("Start", "Start", "Start driving"), "ArrowRight"),
    Study("slime_volleyball_ai", ("Start", "Start", "I see", "Play"), "ArrowUp"),
)


def open_once(context: BrowserContext, engine: EngineProcess, study: Study, seen: Seen, *, play: bool) -> float:
    """ms from opening the link until the game may be started: everything is loaded and the env stands."""
    context.clear_cookies()
    page = autopilot_page(context, study.labels)
    page.goto(engine.url)
    noted = until_playing(page)
    if play:
        page.keyboard.down(study.key)
        page.wait_for_timeout(PLAY_MS)
        page.keyboard.up(study.key)
        noted = page.evaluate("bench")
    seen.block_ms.append(max((duration for _, duration in noted["blocks"]), default=0.0))
    page.close()
    return float(noted["pressed"][study.labels[-1]])


def blocks_by_cpu(browser: Browser, context: BrowserContext, engine: EngineProcess, study: Study) -> float:
    """CPU ms of the longest task while the page loads. By itself, because tracing costs time, too."""
    context.clear_cookies()
    page = autopilot_page(context, study.labels)
    with traced(browser, page) as costs:
        page.goto(engine.url)
        until_playing(page)
    page.close()
    return max(costs, default=0.0)


def measure(browser: Browser, study: Study, folder: Path) -> Seen:
    seen = Seen()
    engine = EngineProcess(EXAMPLES / study.name, folder / "data").start()
    try:
        for number in range(OPENINGS):
            context = browser.new_context(viewport={"width": 1000, "height": 760})
            seen.cold_ms.append(open_once(context, engine, study, seen, play=False))
            last = number == OPENINGS - 1
            seen.warm_ms.append(open_once(context, engine, study, seen, play=last))
            seen.block_cpu_ms.append(blocks_by_cpu(browser, context, engine, study))
            context.close()
        for columns in columns_by_episode(engine).values():
            stamps = columns["timestamp_ms"]
            if len(stamps) >= FEWEST_FRAMES:
                seen.intervals_ms += intervals(stamps)
                seen.rates.append(rate(stamps))
        for told in metrics(engine).values():
            seen.steps_ms += [one["step_ms_p50"] for one in told if one.get("step_ms_p50")]
    finally:
        engine.stop()
    return seen


def figures_of(study: Study, seen: Seen) -> list[Figure]:
    name = study.name
    ratios = [warm / cold for warm, cold in zip(seen.warm_ms, seen.cold_ms, strict=True)]
    return [
        figure(f"{name}: open to playable, cold", "ms", seen.cold_ms, "≤ 1,500 ms"),
        figure(f"{name}: open to playable, warm", "ms", seen.warm_ms, "≤ 1,000 ms"),
        figure(f"{name}: warm over cold", "×", ratios),
        figure(
            f"{name}: longest block of the page, by the clock",
            "ms",
            seen.block_ms,
            "≤ 50 ms",
            "0 = none of 50 ms or more",
        ),
        figure(f"{name}: longest block of the page, CPU time", "ms", seen.block_cpu_ms, "≤ 50 ms"),
        figure(f"{name}: rate when 30 fps are asked", "fps", seen.rates, "30.0"),
        figure(f"{name}: frame interval", "ms", seen.intervals_ms, "33.3 ms, p99 ≤ 40 ms"),
        figure(f"{name}: bridge call a frame, each second's median", "ms", seen.steps_ms),
    ]


def main() -> None:
    found: list[Figure] = []
    with one_browser() as browser, tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
        for study in STUDIES:
            found += figures_of(study, measure(browser, study, Path(folder) / study.name))
    notes = [
        "Playable: the button that starts the game may be pressed; pages before it are left without reading.",
        "Cold: a new browser profile; warm: the same profile again, another participant.",
        f"Rate and interval: {PLAY_MS // 1000} s of play, frame times as recorded.",
    ]
    report("One player: loading and pacing", found, notes)


if __name__ == "__main__":
    main()
