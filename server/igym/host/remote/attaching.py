"""The parts of an engine to which launchers on other computers attach, put together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

from igym.host.base.journal import Journal
from igym.host.base.troubles import HostProblems
from igym.host.base.version import app_version
from igym.host.http.responses import json_answer
from igym.host.remote.door import Door
from igym.host.remote.fetching import Fetching
from igym.host.remote.pass_file import LivePasses
from igym.protocol.passes import REMOTE, REMOTE_VERSION
from igym.protocol.told import Told

PASS_FILE = "remote_passes.txt"
PROGRAM = "interactive-gym"
ABOUT = (
    "This is the address of a running session of Interactive Gym. To attach to it, paste the whole link in the app on "
    "your computer: Session, Connect to a server."
)


class Attaching:
    """`door` and `passes` say who may, `fetching` gives files."""

    def __init__(self, file: Path, folder: Path, journal: Journal, problems: HostProblems, *, plain_http: bool) -> None:
        """Raises `HostError` "bad_passes"."""
        self.passes = LivePasses(file)
        self.door = Door(self.passes, journal, plain_http=plain_http, on_trouble=lambda why: _tell(problems, file, why))
        self.fetching = Fetching(folder)
        self.fetching.clear()

    def close(self) -> None:
        """No copy of anybody's data stays."""
        self.fetching.clear()


class RemoteRoutes:
    """`GET /remote`: whether launchers on other computers may attach; with `Attaching` what they fetch."""

    def __init__(self, attaching: Attaching | None) -> None:
        self._attaching = attaching

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(f"/{REMOTE}", self.hello)
        if self._attaching is not None:
            self._attaching.fetching.add_to(app)

    async def hello(self, request: web.Request) -> web.StreamResponse:
        """`{program, version, remote, challenge, about}`; `remote` is null where nobody may."""
        told: dict[str, Any] = {"program": PROGRAM, "version": app_version(), "remote": None, "about": ABOUT}
        if self._attaching is not None:
            told |= {"remote": REMOTE_VERSION, "challenge": self._attaching.door.challenge()}
        return json_answer(told)


def _tell(problems: HostProblems, file: Path, why: str) -> None:
    problems.report(
        "passes", "warning", Told("The file of passes cannot be read"),
        Told("{why} Launchers attach with the passes of before until {file} is right again.", why=why, file=file),
    )  # fmt: skip
