"""Firefox without a window, spoken to by WebDriver BiDi: enough to open a page, look at it and load it again."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import aiohttp

from tests.browser.other_browser import OtherBrowser

NAMES = ("firefox-esr", "firefox")
ELSEWHERE = (
    Path("/Applications/Firefox.app/Contents/MacOS/firefox"),
    Path(os.environ.get("PROGRAMFILES", "")) / "Mozilla Firefox" / "firefox.exe",
)
LIMIT_S = 120.0
PREFERENCES = {
    # Addresses of this computer alone: a match with another browser must find its way all the same.
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "remote.active-protocols": 1,
}


def find_firefox() -> str | None:
    """The Firefox of this computer; IGYM_FIREFOX names another one."""
    found = os.environ.get("IGYM_FIREFOX") or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or next((str(path) for path in ELSEWHERE if path.is_file()), None)


class Firefox(OtherBrowser):
    """One browser with a profile of its own and one tab. The talk runs in a thread: Playwright's loop has this one."""

    name = "Firefox"

    def __init__(self, program: str) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="igym-firefox-", ignore_cleanup_errors=True)
        lines = [f'user_pref("{name}", {str(value).lower()});' for name, value in PREFERENCES.items()]
        (Path(self._profile.name) / "user.js").write_text("\n".join(lines))
        self._log = Path(self._profile.name) / "log.txt"
        argv = [program, "--headless", "--remote-debugging-port=0", "--profile", self._profile.name, "--no-remote"]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=log)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._number = 0
        self._tab = ""
        self._done(self._connect(self._address()))

    def _address(self) -> str:
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            for line in self._log.read_text("utf-8", "replace").splitlines(keepends=True):
                if "WebDriver BiDi listening on" in line and line.endswith("\n"):
                    return line.rsplit(" ", 1)[-1].strip()
            time.sleep(0.1)
        raise RuntimeError(f"Firefox does not listen. {self._said()}")

    async def _connect(self, address: str) -> None:
        self._http = aiohttp.ClientSession()
        self._socket = await self._http.ws_connect(f"{address}/session", max_msg_size=0)
        await self._ask("session.new", {"capabilities": {}})
        self._tab = (await self._ask("browsingContext.create", {"type": "tab"}))["context"]

    async def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = await self._socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise RuntimeError(f"{method}: Firefox hung up. {self._said()}")
            told = message.json()
            if told.get("id") == self._number:
                if told["type"] != "success":
                    raise RuntimeError(f"{method}: {told['error']}: {told['message']}. {self._said()}")
                return dict(told["result"])

    def _said(self) -> str:
        return f"It said: {self._log.read_text('utf-8', 'replace')[-2000:]}"

    def _done(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT_S)

    def open(self, url: str) -> None:
        self._done(self._ask("browsingContext.navigate", {"context": self._tab, "url": url, "wait": "complete"}))

    def reload(self) -> None:
        self._done(self._ask("browsingContext.reload", {"context": self._tab, "wait": "complete"}))

    def value(self, expression: str) -> Any:
        params = {"expression": expression, "target": {"context": self._tab}, "awaitPromise": False}
        return self._done(self._ask("script.evaluate", params)).get("result", {}).get("value")

    def act(self, keyboard: dict[str, Any]) -> None:
        self._done(self._ask("input.performActions", {"context": self._tab, "actions": [keyboard]}))

    def close(self) -> None:
        self._done(self._http.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT_S)
        self._loop.close()
        self._process.terminate()
        self._process.wait(timeout=LIMIT_S)
        self._profile.cleanup()
