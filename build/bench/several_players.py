"""Two, three and four people in browsers of their own, on a network that is shaped while they play."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figures import Figure, figure, report
from playwright.sync_api import Playwright, sync_playwright
from rig import EXAMPLES, may_shape_networks
from rig.browsing import LIMIT_MS, chromium
from rig.recorded import Columns, between, columns_by_episode, counted, intervals, rate

from tests.browser.participant_page import ParticipantPage
from tests.chaos.room import Room
from tests.lan import Impairment

PLAY_S = 8
FEWEST_FRAMES = 30
SETTLE_S = 2
DUEL_P99_MS = 38
DELAY_FRAMES = 1


@dataclass(frozen=True)
class Study:
    """An example changed for a long game, its buttons up to the game, and its keys."""

    name: str
    people: int
    changes: dict[str, str]
    labels: tuple[str, ...]
    keys: tuple[str, ...]
    fps: int
    title: str = ""


# A long game, with as many circles for its points as a short one.
LONG = {
    '"win_score": 5': '"win_score": 500', "range(self.game.win_score)": "range(5)",
    "num_episodes=2": "num_episodes=1", "5400": "50000",
}  # fmt: skip
DUEL = Study(
    "slime_duel", 2, LONG,
    ("Start", "I see", "Find my opponent"), ("ArrowUp", "ArrowLeft", "ArrowRight"), 30,
)  # fmt: skip
FOUR = {'{"frames": 1200}': '{"frames": 50000}', "num_episodes=2": "num_episodes=1"}
ARENA_KEYS = ("ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight")
THREE = {
    **FOUR, '"gold": Human': '"gold": Random(seed=3)', "import EndScene": "import Random, EndScene",
}  # fmt: skip
MORE = (
    Study("paint_arena", 3, THREE, ("Start", "Into the arena"), ARENA_KEYS, 20, "three and a bot"),
    Study("paint_arena", 4, FOUR, ("Start", "Into the arena"), ARENA_KEYS, 20, "four"),
)
QUIET = (Impairment(),)
# One for all computers, or one for each in turn; each delays and loses what reaches its computer.
NETWORKS: dict[str, tuple[Impairment, ...]] = {
    "quiet LAN": QUIET,
    "50 ± 10 ms, 5 % loss": (Impairment(delay_ms=50, jitter_ms=10, loss=0.05),),
    "100 ms": (Impairment(delay_ms=100),),
    "200 ms": (Impairment(delay_ms=200),),
    "50 there, 200 back": (Impairment(delay_ms=50), Impairment(delay_ms=200)),
    "100 ± 75 ms": (Impairment(delay_ms=100, jitter_ms=75),),
    "50 ms, 15 % loss": (Impairment(delay_ms=50, loss=0.15),),
}


def copy_of(study: Study, folder: Path) -> Path:
    target = folder / study.name
    shutil.copytree(EXAMPLES / study.name, target, ignore=shutil.ignore_patterns("__pycache__", "data"))
    sources = {path: path.read_text(encoding="utf-8") for path in (target / "experiment.py", target / "env.py")}
    for old, new in study.changes.items():
        path = next((path for path, source in sources.items() if old in source), None)
        if path is None:
            raise ValueError(f"{study.name}: {old!r} is not in its files any more")
        sources[path] = sources[path].replace(old, new)
    for path, source in sources.items():
        path.write_text(source, encoding="utf-8")
    return target


def first_steps(room: Room) -> list[float]:
    """Epoch s of each player's frame 0, once the host has all of them: before it the game is drawn, but not played."""
    ends = time.monotonic() + LIMIT_MS / 1000
    while time.monotonic() < ends:
        found = [rows["timestamp_ms"][0] / 1000 for rows in columns_by_episode(room.engine).values()]
        if len(found) == len(room.people):
            return found
        time.sleep(0.5)
    raise RuntimeError("No rows of all players came: " + " / ".join(person.state() for person in room.people))


def reach_the_game(room: Room, study: Study) -> float:
    """All from the link into play; s from the press of the last button to the first step of the last player."""
    for person in room.people:
        person.join()
        for label in study.labels[:-1]:
            person.press(label)
    for person in room.people:
        person.press(study.labels[-1])
    pressed = time.time()
    return max(first_steps(room)) - pressed


def play(people: list[ParticipantPage], study: Study, seconds: float) -> None:
    """All press keys in turn, so that guesses are often wrong."""
    end = time.monotonic() + seconds
    for person, key in zip(itertools.cycle(people), itertools.cycle(study.keys), strict=False):
        if time.monotonic() > end:
            return
        person.hold(key, 150)


def measured(
    playwright: Playwright, study: Study, networks: dict[str, tuple[Impairment, ...]], folder: Path
) -> Iterator[Figure]:
    spans: dict[str, tuple[float, float]] = {}
    with Room(playwright, chromium(), copy_of(study, folder), folder, seats=study.people, small=True) as room:
        met_s = reach_the_game(room, study)
        for network, impairments in networks.items():
            for seat, impairment in zip(range(study.people), itertools.cycle(impairments), strict=False):
                room.lan.shape(f"pc{seat + 1}", impairment)
            play(room.people, study, SETTLE_S)
            begun = time.time()
            play(room.people, study, PLAY_S)
            spans[network] = (begun * 1000, time.time() * 1000)
        for seat in range(study.people):
            room.lan.mend(f"pc{seat + 1}")
        time.sleep(3)  # what was confirmed last is on its way to the host
        columns = [rows for _, rows in sorted(columns_by_episode(room.engine).items())]
        told = counted(room.engine)
    name = study.title or study.name
    if len(columns) != study.people:
        raise RuntimeError(f"{name}: the rows of {len(columns)} browsers arrived, not of {study.people}")
    yield figure(f"{name}: last button to the first step, countdown included", "s", [met_s])
    for network, span in spans.items():
        yield from stretch(f"{name}, {network}", span, columns, list(told.values()), study)
    yield figure(f"{name}: frames recorded differently by any two", "frames", [differing(columns)], "0")


def stretch(
    title: str, span: tuple[float, float], columns: list[Columns], told: list[Columns], study: Study
) -> Iterator[Figure]:
    """One network's figures; the share of the frames asked for alone where the computer was too busy for more."""
    rows = [between(one, *span) for one in columns]
    asked = study.fps * (span[1] - span[0]) / 1000
    yield figure(f"{title}: frames of those asked for", "%", [100 * len(one["frame"]) / asked for one in rows], "100")
    if min(len(one["frame"]) for one in rows) >= FEWEST_FRAMES:
        yield from pacing(title, rows, study)
        yield from traffic(title, [between(one, *span) for one in told])


def pacing(title: str, rows: list[Columns], study: Study) -> Iterator[Figure]:
    frame_ms = 1000 / study.fps
    stamps = [one["timestamp_ms"] for one in rows]
    gaps = [gap for one in stamps for gap in intervals(one)]
    late = sum(gap > 1.5 * frame_ms for gap in gaps)
    depths = [depth for one in rows for depth in one["rollback_frames"] if depth]
    apart = drifts(rows, frame_ms) or [0.0]
    yield figure(f"{title}: rate", "fps", [rate(one) for one in stamps], f"{study.fps}.0")
    latest = DUEL_P99_MS if study is DUEL else round(frame_ms * 1.2)
    yield figure(f"{title}: frame interval", "ms", gaps, f"p99 ≤ {latest} ms")
    yield figure(f"{title}: frames over half a frame late", "%", [100 * late / len(gaps)], "0")
    yield figure(
        f"{title}: drift", "frames", apart, "p95 ≤ 1", f"p95 {sorted(apart)[int(0.95 * (len(apart) - 1))]:.2f}"
    )
    yield figure(f"{title}: depth of a rollback", "frames", depths or [0])
    if study is DUEL:
        waits = [wait for one in rows for wait in reactions(one)] or [0.0]
        yield figure(
            f"{title}: key to its frame", "ms", waits, f"≤ {round((DELAY_FRAMES + 1) * frame_ms)} ms + refresh"
        )


def drifts(rows: list[Columns], frame_ms: float) -> list[float]:
    """Frames between the first and the last to step each frame that all recorded in this stretch."""
    by_frame = [dict(zip(one["frame"], one["timestamp_ms"], strict=True)) for one in rows]
    shared = set.intersection(*(set(one) for one in by_frame))
    found = ([one[frame] for one in by_frame] for frame in sorted(shared))
    return [(max(stamps) - min(stamps)) / frame_ms for stamps in found]


def reactions(one: Columns) -> list[float]:
    """ms from a key's event to the step of the frame that it moved, which says when it came."""
    pairs = zip(one["input_event_ms"], one["timestamp_ms"], strict=True)
    return [stamp - event for event, stamp in pairs if event is not None and stamp is not None]


def traffic(title: str, told: list[Columns]) -> Iterator[Figure]:
    """From the counters that each browser tells once a second."""

    def each(name: str, of: Callable[[float, float], float]) -> list[float]:
        ends = [(one[name], one["timestamp_ms"]) for one in told if len(one[name]) > 1]
        return [of(values[-1] - values[0], (stamps[-1] - stamps[0]) / 1000) for values, stamps in ends] or [0.0]

    frames = each("frame", lambda more, _: more)
    replayed = each("rollbackFrames", lambda more, _: more)
    yield figure(f"{title}: bytes a player sends", "byte/s", each("bytes_out", lambda more, s: more / s), "≤ 4,000")
    yield figure(f"{title}: stalls and skips", "1/s", each("waits", lambda more, s: more / s), "0")
    shares = [again / max(1.0, new) for again, new in zip(replayed, frames, strict=True)]
    yield figure(f"{title}: frames replayed a frame", "frames", shares)


def differing(columns: list[Columns]) -> int:
    """Frames of which any two recorded anything shared differently, among those all have."""
    shared = sorted(name for name in columns[0] if "." in name and not name.startswith("predicted."))
    rows = [zip(*(one[name] for name in shared), strict=False) for one in columns]
    return sum(any(row != first for row in others) for first, *others in zip(*rows, strict=False))


def main() -> None:
    if not may_shape_networks():
        raise SystemExit("This needs root: it makes network namespaces, as the tests in tests/lan do.")
    found: list[Figure] = []
    quiet: dict[str, Any] = {"quiet LAN": QUIET, "50 ± 10 ms, 5 % loss": NETWORKS["50 ± 10 ms, 5 % loss"]}
    with sync_playwright() as playwright:
        for study in (DUEL, *MORE):
            with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
                networks = NETWORKS if study is DUEL else quiet
                found += measured(playwright, study, networks, Path(folder))
    notes = [
        f"The slime duel has an input delay of {DELAY_FRAMES} frame. Delay, jitter and loss hold for each way.",
        "A switch in user space makes them.",
        f"One match a study; each network {PLAY_S} s after {SETTLE_S} s to settle, all pressing keys all the time.",
        "Browser windows of 480 × 360: pictures are painted without a graphics card, which costs the most.",
        "Every browser, the switch and the host share this machine: with more people its cores are the limit.",
        "Key to its frame: until the step; the picture follows at the display's next refresh.",
    ]
    report("Several players: pacing, rollback and bytes", found, notes)


if __name__ == "__main__":
    main()
