"""WebKitGTK on a screen of its own, spoken to by WebDriver: what is behind Safari on iPads, as Debian has it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from tests.browser.other_browser import OtherBrowser

DRIVER = "WebKitWebDriver"
PLACES = ("/usr/lib/*-linux-gnu/webkit2gtk-4.*/MiniBrowser", "/usr/libexec/webkit2gtk-4.*/MiniBrowser")
LIMIT_S = 120.0
DRAWING = {"LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_SKIA_ENABLE_CPU_RENDERING": "1"}
"""The processor draws the pages itself. Skia draws by way of OpenGL otherwise, which is only played here: it takes more
processor time, and one of Skia's fatal checks has ended the process of a page that was drawn so."""


def find_webkit() -> tuple[str, str] | None:
    """The driver and its browser, IGYM_WEBKIT names another browser; None: one of them is not on this computer."""
    driver = shutil.which(DRIVER)
    found = sorted(path for place in PLACES for path in Path("/").glob(place.removeprefix("/")))
    browser = os.environ.get("IGYM_WEBKIT") or (str(found[-1]) if found else None)
    return (driver, browser) if driver and browser and shutil.which("Xvfb") else None


class WebKit(OtherBrowser):
    """One browser with one tab and nothing kept from before."""

    name = "WebKit"

    def __init__(self, driver: str, browser: str) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="igym-webkit-", ignore_cleanup_errors=True)
        screen = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
        self._screen = subprocess.Popen(screen, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._screen.stdout
        display = f":{self._screen.stdout.readline().strip()}"
        folders = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), self._home.name)
        environment = {**os.environ, **folders, **DRAWING, "DISPLAY": display, "NO_AT_BRIDGE": "1"}
        self._log = Path(self._home.name) / "said.txt"
        self._address = ""
        self._driver = self._started(driver, environment)
        options = {"binary": browser, "args": ["--automation"]}
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}})
        self._session = f"/session/{made['sessionId']}"

    def _started(self, driver: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """The driver takes a free port and tells none, but the system knows it. At a guessed one another may answer."""
        with self._log.open("ab") as log:  # the browser's processes write there too, above all why they end
            process = subprocess.Popen(
                [driver, "--port=0", "--host=127.0.0.1"], env=environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + LIMIT_S
        while process.poll() is None and time.monotonic() < deadline:
            for connection in psutil.Process(process.pid).net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    self._address = f"http://127.0.0.1:{connection.laddr.port}"
                    return process
            time.sleep(0.05)
        raise RuntimeError(f"{driver} does not listen. It said: {self._log.read_text('utf-8', 'replace')}")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self._address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=LIMIT_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            told = error.read().decode("utf-8", "replace")
            raise RuntimeError(f"{method} {path}: {told}\n{self._state()}") from error

    def _state(self) -> str:
        """Which processes there still are, and what they said last: the driver calls a dead page an unknown error."""
        there = ", ".join(map(_name, _below(self._driver.pid))) or "no browser"
        return f"There is {there}. It was said: {self._log.read_text('utf-8', 'replace')[-2000:]}"

    def value(self, expression: str) -> Any:
        body = {"script": f"return {expression}", "args": []}
        return self._ask("POST", f"{self._session}/execute/sync", body)

    def act(self, keyboard: dict[str, Any]) -> None:
        self._ask("POST", f"{self._session}/actions", {"actions": [keyboard]})

    def open(self, url: str) -> None:
        self._ask("POST", f"{self._session}/url", {"url": url})

    def reload(self) -> None:
        self._ask("POST", f"{self._session}/refresh", {})

    def memory_mb(self) -> float:
        """What the process of the page holds, with its share of what it has in common with others."""
        return max(_memory_mb(process) for process in _below(self._driver.pid))

    def close(self) -> None:
        with contextlib.suppress(RuntimeError, OSError):  # a browser that broke down is told of by what was asked of it
            self._ask("DELETE", self._session)
        for process in (self._driver, self._screen):
            with process:
                process.terminate()
        self._home.cleanup()


def _below(process: int) -> list[int]:
    """The processes that this one has started, and those they have."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *_below(child))]


def _name(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return "one that has just ended"


def _memory_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    (shared,) = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return int(shared) / 1024
