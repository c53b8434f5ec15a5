"""A browser of this computer, started without a window, that plays episodes again: it has the final word."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from igym.host.replay.files import ReplayFile
from igym.host.replay.judge import Finding
from igym.host.replay.server import ReplayServer

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
SILENT_LIMIT_S = 180.0
ARGUMENTS = (
    "--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-gpu",
    "--disable-background-networking", "--mute-audio",
)  # fmt: skip


def find_browser() -> Path | None:
    """A Chromium, Chrome or Edge of this computer."""
    return next((path for path in _candidates() if path.is_file()), None)


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


def play_in_browser(
    browser: Path, folder: Path, replays: list[ReplayFile], tell: Callable[[str], None]
) -> dict[str, Finding]:
    """Have `browser` play these episodes again; id → finding. What it does not answer for is "failed"."""
    return asyncio.run(_play(browser, folder, replays, tell))


async def _play(
    browser: Path, folder: Path, replays: list[ReplayFile], tell: Callable[[str], None]
) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    news = asyncio.Event()

    def decided(replay: ReplayFile, finding: Finding) -> None:
        found[replay.id] = finding
        tell(replay.id)
        news.set()

    server = ReplayServer(folder, decided)
    await server.start()
    wanted = urlencode({"verify": ",".join(replay.id for replay in replays)})
    try:
        with tempfile.TemporaryDirectory(prefix="igym-browser-", ignore_cleanup_errors=True) as profile:
            process = await _started(browser, profile, f"{server.url}&{wanted}")
            try:
                await _answered(found, len(replays), news, process)
            finally:
                await _ended(process)
    finally:
        await server.close()
    silent = Finding("failed", None, "browser", f"{browser.name} was started to play it again, but gave no answer.")
    return {replay.id: found.get(replay.id, silent) for replay in replays}


async def _started(browser: Path, profile: str, url: str) -> asyncio.subprocess.Process:
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    quiet = asyncio.subprocess.DEVNULL
    arguments = [*ARGUMENTS, *root, f"--user-data-dir={profile}", url]
    return await asyncio.create_subprocess_exec(str(browser), *arguments, stdin=quiet, stdout=quiet, stderr=quiet)


async def _answered(
    found: dict[str, Finding], wanted: int, news: asyncio.Event, process: asyncio.subprocess.Process
) -> None:
    while len(found) < wanted and process.returncode is None:
        news.clear()
        try:
            await asyncio.wait_for(news.wait(), SILENT_LIMIT_S)
        except TimeoutError:
            return


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10.0)
        except TimeoutError:
            process.kill()
            await process.wait()
