"""Work off the Qt thread: what somebody waits for comes first, and what has become stale is not done any more."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import Any

from PySide6.QtCore import QThreadPool
from PySide6.QtWidgets import QApplication

from igym_desktop.background import in_background
from tests.waiting import LIMIT_MS, until


def test_what_somebody_asked_for_comes_before_what_a_page_reads_and_stale_work_is_left(
    qapp: QApplication, play: Any
) -> None:
    async def scenario() -> None:
        pool = QThreadPool.globalInstance()
        go, begun, told, stale = Event(), [], [], Event()
        busy = pool.maxThreadCount()

        def work(name: str) -> str:
            begun.append(name)
            return name

        def hold() -> str:
            held.append(True)
            go.wait()
            return "held"

        held: list[bool] = []
        for _ in range(busy):
            in_background(hold, told.append)
        await until(lambda: len(held) == busy, "every thread has something to do")
        in_background(partial(work, "stale"), told.append, wanted=lambda: not stale.is_set())
        in_background(partial(work, "page"), told.append)
        in_background(partial(work, "asked"), told.append, asked=True)
        stale.set()
        pool.setMaxThreadCount(1)  # one after the other from here on
        try:
            go.set()
            await until(lambda: "page" in told, "all is done")
        finally:
            pool.setMaxThreadCount(busy)
        assert begun == ["asked", "page"]
        assert told == ["held"] * busy + ["asked", "page"]

    play(scenario())


def test_what_was_left_as_stale_is_not_told_as_done_when_it_is_wanted_again(qapp: QApplication, play: Any) -> None:
    async def scenario() -> None:
        chosen, told, again = "B", [], []
        in_background(lambda: "A", told.append, wanted=lambda: chosen == "A")
        assert QThreadPool.globalInstance().waitForDone(LIMIT_MS)  # asked in its thread, not yet on this one
        chosen = "A"
        in_background(lambda: "A again", again.append, wanted=lambda: chosen == "A")
        await until(lambda: again, "its end is heard of after that of the first")
        assert told == [] and again == ["A again"]

    play(scenario())
