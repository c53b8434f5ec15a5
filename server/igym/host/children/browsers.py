"""A browser of this computer, started without a window: for checks and for replays."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from igym.host.base.errors import HostError
from igym.protocol.told import Told

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
ARGUMENTS = (
    "--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-gpu",
    "--disable-background-networking", "--mute-audio",
)  # fmt: skip
SILENT_LIMIT_S = 180.0
"""A browser nothing was heard of for so long has stopped working."""


def find_browser() -> Path | None:
    """A Chromium, Chrome or Edge of this computer."""
    return next((path for path in _candidates() if path.is_file()), None)


def chosen_browser(choice: str) -> Path | None:
    """The browser of a command's `--browser`: `auto` (whichever is found), `none`, or a path.

    Raises HostError `not_found` for a path where nothing is.
    """
    if choice == "none":
        return None
    if choice == "auto":
        return find_browser()
    if not Path(choice).is_file():
        raise HostError("not_found", Told("There is no browser at {path}. Give its path, auto or none.", path=choice))
    return Path(choice)


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("IGYM_CHROMIUM"):
        yield Path(chosen)
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    if sys.platform == "darwin":
        for name in ("Google Chrome", "Chromium", "Microsoft Edge"):
            yield Path(f"/Applications/{name}.app/Contents/MacOS/{name}")
    for variable in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData"):
        if root := os.environ.get(variable):
            yield Path(root) / "Google" / "Chrome" / "Application" / "chrome.exe"
            yield Path(root) / "Microsoft" / "Edge" / "Application" / "msedge.exe"


@asynccontextmanager
async def browser_at(browser: Path, url: str, more: Sequence[str] = ()) -> AsyncIterator[asyncio.subprocess.Process]:
    """`browser` without a window at `url`, with a new profile; `more` arguments of its own. Ended afterwards."""
    # A browser may write its profile for a moment after its end.
    with tempfile.TemporaryDirectory(prefix="igym-browser-", ignore_cleanup_errors=True) as profile:
        process = await start_browser(browser, profile, url, more)
        try:
            yield process
        finally:
            await _end(process)


async def listen(process: asyncio.subprocess.Process, news: asyncio.Event, is_over: Callable[[], bool]) -> None:
    """Until it is over, the browser ended, or `news` was not set for `SILENT_LIMIT_S`."""
    gone = asyncio.create_task(process.wait())
    try:
        while not is_over() and not gone.done():
            news.clear()
            heard = asyncio.create_task(news.wait())
            done, _ = await asyncio.wait((heard, gone), timeout=SILENT_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
            heard.cancel()
            if not done:
                return
    finally:
        gone.cancel()


async def start_browser(browser: Path, profile: str, url: str, more: Sequence[str]) -> asyncio.subprocess.Process:
    """What `browser_at` begins with."""
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    quiet = asyncio.subprocess.DEVNULL
    arguments = [*ARGUMENTS, *root, *more, f"--user-data-dir={profile}", url]
    return await asyncio.create_subprocess_exec(str(browser), *arguments, stdin=quiet, stdout=quiet, stderr=quiet)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10.0)
        except TimeoutError:
            process.kill()
            await process.wait()
