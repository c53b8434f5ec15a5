"""The app's own link to a session elsewhere (Connect to a server…), and what a window would show of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from igym.host.remote.pass_file import new_pass, write_passes
from igym.protocol.passes import Pass
from igym_desktop.control_link import Reply
from igym_desktop.flow.servers import Server, Trouble
from igym_desktop.flow.view import SessionMirror
from igym_desktop.remote_link import RemoteLink
from tests.waiting import until


def passes_for(name: str, folder: Path) -> tuple[Pass, str]:
    """A pass, and the file that servers are told of with `--remote`."""
    given, file = new_pass(name), folder / "passes"
    write_passes(file, {given.name: given})
    return given, str(file)


class Attached:
    """What is seen by somebody who attached once and did nothing since."""

    def __init__(self) -> None:
        self.mirror = SessionMirror()
        self.losses = 0
        self.troubles: list[Trouble] = []
        self.given_up: list[Trouble] = []
        self._snapshots = 0
        self._link = RemoteLink()
        self._link.snapshot.connect(self._whole)
        self._link.changes.connect(self._changed)
        self._link.disconnected.connect(self._lost)
        self._link.trouble.connect(self._trouble)

    def _whole(self, view: Any) -> None:
        self._snapshots += 1
        self.mirror.snapshot(view)

    def _changed(self, view: Any) -> None:
        self.mirror.changes(view)

    def _lost(self) -> None:
        self.losses += 1

    def _trouble(self, told: Trouble, is_final: bool) -> None:
        (self.given_up if is_final else self.troubles).append(told)

    async def attach(self, url: str, given: Pass) -> None:
        self._link.attach(Server(f"{url}/", given))
        await self.is_there()

    async def is_there(self) -> None:
        """Returns when it shows the session and could command it."""
        await until(lambda: self._link.is_connected and self.mirror.session, lambda: self.said)

    async def comes_back(self, losses: int) -> None:
        """By itself, after so many losses in all."""
        await until(lambda: self.losses >= losses and self._snapshots > losses, lambda: self.said)
        await self.is_there()

    @property
    def said(self) -> str:
        return f"{self.losses} losses, {self._snapshots} snapshots, {self.troubles}, given up: {self.given_up}"

    async def command(self, name: str, **args: Any) -> Reply:
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._link.command(name, args, "", answered.set_result)
        return await answered

    @property
    def people(self) -> dict[str, tuple[Any, ...]]:
        """Who takes part, in order, and how it stands with them."""
        told = ("state", "scene_id", "match_id", "joined_at", "code")
        return {name: tuple(row[each] for each in told) for name, row in self.mirror.participants.items()}

    async def close(self) -> None:
        self._link.close()
        await self._link.closed()


@asynccontextmanager
async def attached(url: str, given: Pass) -> AsyncIterator[Attached]:
    one = Attached()
    try:
        await one.attach(url, given)
        yield one
    finally:
        await one.close()


async def assert_shows_what_a_newcomer_sees(one: Attached, url: str, given: Pass) -> None:
    """Somebody who attaches now gets the whole from whoever leads: the one who stayed shows no less and no more."""
    async with attached(url, given) as newcomer:
        await until(lambda: one.people == newcomer.people, lambda: f"{one.people}\n{newcomer.people}")
        assert list(one.mirror.participants) == list(newcomer.mirror.participants)
        assert one.mirror.matches.keys() == newcomer.mirror.matches.keys()
        assert one.mirror.session["id"] == newcomer.mirror.session["id"]
