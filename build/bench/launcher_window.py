"""How long the launcher's window stands still in a large session, and what its work costs the engine.

The real window shows a session of 200 (then 1,000) participants whose rows change four times a second: all of them, the
most the engine ever sends, or a hundredth or tenth. A timer that should fire every 5 ms tells how long the event loop
was busy. A second process measures the engine's own round trips meanwhile.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from figures import figure, report
from rig import ROOT, STUDIES

import qasync  # isort: skip
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from igym_desktop.app import App, make_application
from igym_desktop.flow.paths import AppPaths
from igym_desktop.pages.session import SessionPage
from tests.desktop.fake_engine import participant
from tests.waiting import until

BEAT_MS = 5
PHASE_S = float(os.environ.get("IGYM_BENCH_PHASE_S", "6"))
CLIENTS = 40


class Watchdog:
    """How late each beat of the event loop was, in ms."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._since = QElapsedTimer()
        self._timer = QTimer(interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def _beat(self) -> None:
        self.late_ms.append(max(0.0, self._since.nsecsElapsed() / 1e6 - BEAT_MS))
        self._since.restart()

    @contextmanager
    def watching(self) -> Iterator[list[float]]:
        self.late_ms = []
        self._since.restart()
        self._timer.start()
        yield self.late_ms
        self._timer.stop()


def rows_of(number: int) -> list[dict[str, Any]]:
    return [participant(n + 1) for n in range(number)]


def view_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    states = [row["state"] for row in rows]
    counts = {name: states.count(name) for name in set(states)} | {"joined": len(rows)}
    matches = [
        {"id": row["match_id"], "scene_id": "game", "state": "playing", "participants": [row["id"]], "episode": 0,
         "frame": row["frame"], "parity": "pending", "transport": "p2p", "started_at": 0, "ended_at": None,
         "reason": ""}
        for row in rows if row["match_id"]
    ]  # fmt: skip
    return {"counts": counts, "participants": rows, "matches": matches, "waitrooms": [], "problems": []}


class Storm:
    """A share of the rows changes, four times a second, decoded in the window's process as the link does it."""

    def __init__(self, app: App, number: int, share: float = 1.0) -> None:
        self._share = share
        self._link = app.launcher.engine.link
        self._session = dict(app.launcher.engine.mirror.session)
        self.cpu_ms: list[float] = []
        rows = rows_of(number)
        self._link.snapshot.emit({"session": self._session, **view_of(rows)})
        self._texts = itertools.cycle([self._changed(rows, random.Random(turn)) for turn in range(6)])
        self._timer = QTimer(interval=250)
        self._timer.timeout.connect(self._send)

    def _changed(self, rows: list[dict[str, Any]], rng: random.Random) -> str:
        chosen = [row for row in rows if rng.random() < self._share]
        for row in chosen:
            row["rtt_ms"] = rng.uniform(1, 20)
            if row["frame"] is not None:
                row["frame"] += 8
        counts = view_of(rows)["counts"]
        return json.dumps({"session": self._session, "gone": [], **view_of(chosen), "counts": counts})

    def _send(self) -> None:
        started = time.thread_time()
        self._link.changes.emit(json.loads(next(self._texts)))
        self.cpu_ms.append((time.thread_time() - started) * 1000)

    async def blow(self, watchdog: Watchdog, act: Callable[[], Any] | None = None) -> list[float]:
        self._timer.start()
        await asyncio.sleep(0.6)
        with watchdog.watching() as late_ms:
            ends = time.monotonic() + PHASE_S
            while time.monotonic() < ends:
                if act:
                    act()
                await asyncio.sleep(0.2)
        self._timer.stop()
        return late_ms


def sorter(people: Any) -> Callable[[], None]:
    columns = itertools.cycle(range(people.model.columnCount()))
    return lambda: people.table.sortByColumn(next(columns), Qt.SortOrder.AscendingOrder)


def filterer(people: Any) -> Callable[[], None]:
    words = itertools.cycle(("", "p", "p1", "p10", "pc", "play", "nothing at all"))
    return lambda: people.search.setText(next(words))


async def window_figures(app: App, watchdog: Watchdog) -> list[Any]:
    page = cast(SessionPage, app.window.pages["session"])
    calm: list[float] = []
    with watchdog.watching() as late_ms:
        await asyncio.sleep(PHASE_S)
        calm = list(late_ms)
    found = [figure("nothing happens: lateness of the loop", "ms", calm)]
    for number, share in ((200, 1.0), (1000, 0.01), (1000, 0.1), (1000, 1.0)):
        storm = Storm(app, number, share)
        crowd = f"{number} participants, {share:.0%} of the rows"
        await asyncio.sleep(0.5)
        for what, show, act in (
            ("live table", page.people, None),
            ("live table, sorted again 5 times a second", page.people, sorter(page.people)),
            ("live table, another search 5 times a second", page.people, filterer(page.people)),
            ("seat map", page.seats, None),
        ):
            page.tabs.setCurrentWidget(show)
            late_ms = await storm.blow(watchdog, act)
            longest = f"longest {max(late_ms):.0f} ms"
            found.append(figure(f"{crowd}, {what}", "ms", late_ms, "max < 50 ms", longest))
            found.append(figure(f"{crowd}, {what}: processor time of one update", "ms", storm.cpu_ms))
            storm.cpu_ms = []
        page.people.search.clear()
    return found


async def round_trips(url: str, act: Callable[[], Any] | None) -> list[float]:
    """What a crowd in another process measures at the engine while the window does something."""
    command = [sys.executable, str(Path(__file__).parent / "rig" / "clock_clients.py"), url, str(CLIENTS), str(PHASE_S)]
    process = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    reading = asyncio.ensure_future(asyncio.to_thread(process.communicate))
    while not reading.done():
        if act:
            act()
        await asyncio.sleep(0.1)
    return list(json.loads((await reading)[0]))


async def engine_figures(app: App) -> list[Any]:
    page, url = cast(SessionPage, app.window.pages["session"]), app.launcher.engine.join_url
    page.tabs.setCurrentWidget(page.people)
    idle = await round_trips(url, None)
    found = [figure("engine round trip, window idle", "ms", idle)]
    page.message.click()
    await asyncio.sleep(0.3)
    dialogs = [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog) and widget.isVisible()
    ]
    assert dialogs, "no dialog is open"
    busy = {"a dialog open": await round_trips(url, None)}
    for dialog in dialogs:
        dialog.reject()
    busy["the table sorted 10 times a second"] = await round_trips(url, sorter(page.people))
    p99 = found[0].p99
    for what, samples in busy.items():
        measured = figure(f"engine round trip, {what}", "ms", samples)
        found += [measured, figure(f"p99 with {what} over p99 idle", "×", [measured.p99 / p99], "near 1")]
    return found


async def measured(app: App, folder: Path) -> list[Any]:
    launcher = app.launcher
    await until(lambda: launcher.library.entries and launcher.library.entries[folder].status == "ready", "the study")
    launcher.start(folder)
    await until(lambda: launcher.engine.mirror.session, "the session")
    found = await engine_figures(app)
    found += await window_figures(app, Watchdog())
    launcher.engine.stop(end_session=True)
    await until(lambda: not launcher.engine.alive, "the end")
    await app.shut_down()
    return found


def main() -> None:
    study = STUDIES / "solo"
    qt = make_application()
    qt.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as home:
        app = App(qt, AppPaths.below(Path(home)), examples=[study])
        app.launcher.change_settings(port=0, address="127.0.0.1", may_sleep=True)
        app.open()
        with loop:
            found = loop.run_until_complete(measured(app, study))
    report(
        "The launcher's window in a large session",
        found,
        [
            f"The rows change 4 times a second; {PHASE_S:g} s each. Figures: how late a {BEAT_MS} ms timer fires.",
            f"Round trips: {CLIENTS} connections in another process ask the engine for its clock 10 times a second.",
        ],
    )
    os._exit(0)  # Qt's objects have no order in which they like to go


if __name__ == "__main__":
    main()
