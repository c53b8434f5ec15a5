"""The replay page and the check of the data, as child processes of a running engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.children.child import LogLine
from igym.host.children.line_child import LineChild
from igym.host.ports import Runner
from igym.host.replay.addresses import opened_at
from igym.protocol.told import Told


class ReplayChildren:
    """Of one data folder. The replay server is started at the first request and ends with the engine."""

    def __init__(self, runner: Runner, folder: Path, log: LogLine) -> None:
        self._runner = runner
        self._folder = folder
        self._log = log
        self._server: LineChild | None = None
        self._url = ""
        self._starting = asyncio.Lock()
        self._checking: LineChild | None = None

    async def replay(self, replay_id: str | None) -> dict[str, Any]:
        """`{url}` of the list of replays, or of one. Raises `HostError`."""
        async with self._starting:
            if self._server is None or not self._server.is_alive:
                await self._start_server()
        return {"url": opened_at(self._url, replay_id) if replay_id else self._url}

    async def _start_server(self) -> None:
        child = LineChild(self._runner, "replay", [str(self._folder), "--json"], self._log)
        await child.start()
        told = await child.read()
        if told is None or told["event"] != "ready":
            await child.end()
            raise _failure(told)
        self._server, self._url = child, str(told["url"])

    async def verify(self, progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """The `verified` object of `igym verify`. Raises `HostError`, also while another check runs."""
        if self._checking is not None:
            raise HostError("busy", Told("The data are being checked already. Please wait until that is done."))
        self._checking = LineChild(self._runner, "verify", [str(self._folder), "--json"], self._log)
        try:
            await self._checking.start()
            while (told := await self._checking.read()) is not None:
                if told["event"] == "verified":
                    return told
                if told["event"] == "failed":
                    raise _failure(told)
                progress({name: told[name] for name in ("done", "total", "what")})
            raise _failure(None)
        finally:
            child, self._checking = self._checking, None
            await child.end()

    async def close(self) -> None:
        for child in (self._server, self._checking):
            if child is not None:
                await child.end()


def _failure(told: dict[str, Any] | None) -> HostError:
    if told is None:
        return HostError("internal", Told("The process that should have done it ended by itself. The log tells more."))
    return HostError(str(told.get("code")), str(told.get("text")))
