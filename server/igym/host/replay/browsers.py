"""A browser of this computer, started without a window, that plays episodes again: it has the final word."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from igym.host.browsers import end_browser, start_browser
from igym.host.replay.files import ReplayFile
from igym.host.replay.judge import Finding
from igym.host.replay.server import ReplayServer

SILENT_LIMIT_S = 180.0


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
            process = await start_browser(browser, profile, f"{server.url}&{wanted}")
            try:
                await _answered(found, len(replays), news, process)
            finally:
                await end_browser(process)
    finally:
        await server.close()
    silent = Finding("failed", None, "browser", f"{browser.name} was started to play it again, but gave no answer.")
    return {replay.id: found.get(replay.id, silent) for replay in replays}


async def _answered(
    found: dict[str, Finding], wanted: int, news: asyncio.Event, process: asyncio.subprocess.Process
) -> None:
    """Until all was answered, the browser ended, or nothing was heard of it for too long."""
    gone = asyncio.create_task(process.wait())
    try:
        while len(found) < wanted and not gone.done():
            news.clear()
            heard = asyncio.create_task(news.wait())
            done, _ = await asyncio.wait((heard, gone), timeout=SILENT_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
            heard.cancel()
            if not done:
                return
    finally:
        gone.cancel()
