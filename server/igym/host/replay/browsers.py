"""A browser of this computer, started without a window, that plays episodes again: it has the final word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from igym.host.children.browsers import browser_at, listen
from igym.host.replay.files import ReplayFile
from igym.host.replay.judge import Finding
from igym.host.replay.server import ReplayServer
from igym.protocol.told import Told


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

    server = ReplayServer(folder, decided, at_work=news.set)
    await server.start()
    wanted = urlencode({"verify": ",".join(replay.id for replay in replays)})
    try:
        async with browser_at(browser, f"{server.url}&{wanted}") as process:
            await listen(process, news, lambda: len(found) == len(replays))
    finally:
        await server.close()
    silent = Finding(
        "failed",
        None,
        "browser",
        Told("{browser} was started to play it again, but gave no answer.", browser=browser.name),
    )
    return {replay.id: found.get(replay.id, silent) for replay in replays}
