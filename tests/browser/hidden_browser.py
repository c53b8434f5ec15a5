"""A browser whose tabs are really hidden when another is in front: Playwright's own launch keeps every page visible."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.browser.participant_page import SHORT_GAMES


@contextmanager
def tabbed_browser(playwright: Playwright, chromium: str, profile: Path) -> Iterator[Browser]:
    """Start Chromium by itself and steer it from outside; its default context holds real tabs."""
    argv = [
        chromium,
        "--headless",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        *SHORT_GAMES,
        "about:blank",
    ]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{_port(profile)}", no_defaults=True)
        yield browser
        browser.close()
    finally:
        process.terminate()
        process.wait(120)


def _port(profile: Path) -> int:
    """The debugging port Chromium chose; it writes it down when it listens."""
    told = profile / "DevToolsActivePort"
    for _ in range(900):
        # Port and path: with both lines there, the first one is whole.
        if told.is_file() and len(lines := told.read_text().splitlines()) == 2:
            return int(lines[0])
        time.sleep(0.1)
    raise RuntimeError("Chromium never opened its debugging port")
