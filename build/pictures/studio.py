"""The launcher with its window, and how a picture is taken of it."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import psutil
from PIL import Image
from PySide6.QtCore import QBuffer, QThreadPool
from PySide6.QtWidgets import QApplication

LIMIT_S = 180
COLOURS = 256
NAME = "lab.example.org"
"""This computer's name in the links of the pictures."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


class NotTakenError(Exception):
    """A picture cannot be taken; its text says what was waited for and what was on screen instead."""


async def until(condition: Callable[[], Any], what: str) -> None:
    """Returns when `condition()` is true; raises `NotTakenError` when it never is."""
    if not await within(LIMIT_S, condition):
        raise NotTakenError(f"{what}: not within {LIMIT_S} s. {on_screen()}")


async def within(limit_s: float, condition: Callable[[], Any]) -> bool:
    """Whether `condition()` came true in time, by the clock: on a busy computer a turn of the loop takes long."""
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True


def on_screen() -> str:
    """What the windows say, and what is still being done behind them."""
    from igym_desktop.widgets.basics import Banner

    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    said = [banner.text.text() for window in windows for banner in window.findChildren(Banner) if banner.isVisible()]
    titles = ", ".join(repr(window.windowTitle()) for window in windows)
    threads = QThreadPool.globalInstance().activeThreadCount()
    return f"On screen: {titles}. Banners: {said or 'none'}. Threads at work in the background: {threads}."


class Guard:
    """Ends the program when its event loop has stood still for `LIMIT_S`, where no `until` can."""

    def __init__(self, clean_up: Callable[[], Any]) -> None:
        self._clean_up = clean_up
        self._beat_at = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    async def during(self, work: Awaitable[Any]) -> None:
        """Does `work` under guard."""
        self._thread.start()
        beating = asyncio.ensure_future(self._beat())
        try:
            await work
        finally:
            beating.cancel()
            self._over.set()

    async def _beat(self) -> None:
        while True:
            self._beat_at = time.monotonic()
            await asyncio.sleep(1)

    def _watch(self) -> None:
        while not self._over.wait(1):
            if time.monotonic() - self._beat_at > LIMIT_S:
                print(f"The window has stood still for {LIMIT_S} s. Where each thread is:", file=sys.stderr, flush=True)
                faulthandler.dump_traceback()
                end_children()
                self._clean_up()
                os._exit(1)


def end_children() -> None:
    """Ends what this program has started, the server of a session among it, and returns when all of it is gone."""
    started = psutil.Process().children(recursive=True)
    for child in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(started, LIMIT_S)


def here(link: str) -> str:
    """A link of a picture as this computer reaches it."""
    return link.replace(NAME, "127.0.0.1")


def chromium() -> str | None:
    """A browser of this computer."""
    return shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")


def keep(picture: bytes, file: Path) -> None:
    """Windows and pages have few colours: a third of the bytes, and nobody sees a difference."""
    with Image.open(io.BytesIO(picture)) as opened:
        few = opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, "PNG", optimize=True)
    print(file.name)


class Studio:
    """`themes`: in which of "light" and "dark" everything is taken; the dark picture's name ends so."""

    def __init__(self, app: Any, out: Path, themes: Iterable[str] = ("light", "dark")) -> None:
        self.app, self.out, self.themes = app, out, tuple(themes)
        self.launcher, self.window = app.launcher, app.window

    async def take(self, name: str, widget: Any = None) -> None:
        """The window, or a dialog, after everything has been laid out and painted."""
        for theme in self.themes:
            self.launcher.change_settings(theme=theme)
            await asyncio.sleep(0.4)
            held = QBuffer()
            held.open(QBuffer.OpenModeFlag.WriteOnly)
            (widget or self.window).grab().save(held, "PNG")
            ending = "-dark" if theme == "dark" else ""
            keep(bytes(held.data().data()), self.out / f"launcher-{name}{ending}.png")
        self.launcher.change_settings(theme=self.themes[0])

    def page(self, name: str) -> Any:
        """Shows a page."""
        self.window.show_page(name)
        return self.window.pages[name]

    def example(self, name: str) -> Path:
        """Its folder."""
        return next(Path(folder) for folder in self.launcher.library.entries if folder.name == name)

    async def start(self, name: str) -> None:
        """Starts an example."""
        self.launcher.start(self.example(name))
        engine = self.launcher.engine
        await until(lambda: engine.mirror.session or engine.state == "failed", f"start of {name}")
        if engine.state == "failed":
            raise NotTakenError(f"{name} does not start: {engine.problem}")

    async def stop(self) -> None:
        """Ends the session."""
        self.launcher.engine.stop(end_session=True)
        await until(lambda: not self.launcher.engine.alive, "stop")
