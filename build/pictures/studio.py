"""The launcher with its window, and how a picture is taken of it."""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PIL import Image
from PySide6.QtCore import QBuffer

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


async def until(condition: Callable[[], Any], what: str) -> None:
    """Returns when `condition()` is true; ends the program when it never is."""
    if await within(LIMIT_S, condition):
        return
    sys.exit(f"{what}: not within {LIMIT_S} s")


async def within(limit_s: float, condition: Callable[[], Any]) -> bool:
    """Whether `condition()` came true in time."""
    for _ in range(round(limit_s * 50)):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


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
            sys.exit(engine.problem)

    async def stop(self) -> None:
        """Ends the session."""
        self.launcher.engine.stop(end_session=True)
        await until(lambda: not self.launcher.engine.alive, "stop")
