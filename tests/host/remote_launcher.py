"""A launcher on another computer, as far as the engine can tell."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import socketio

from igym.protocol.passes import REMOTE_VERSION, Pass, proof
from tests.waiting import LIMIT_S


async def hello(address: str, **headers: str) -> dict[str, Any]:
    """What the engine says before anybody attaches."""
    async with aiohttp.ClientSession() as http, http.get(f"{address}remote", headers=headers) as answer:
        assert answer.status == 200
        return dict(await answer.json())


class RemoteLauncher:
    """Attaches with a pass; `refused` is the code of a refusal."""

    def __init__(self, address: str, path: str = "socket.io") -> None:
        self.address, self._path = address, path
        self.client = socketio.AsyncClient(reconnection=False)
        self.view: dict[str, Any] = {}
        self.log: list[str] = []
        self.refused = ""
        self.gone = asyncio.Event()
        self.client.on("snapshot", self._snapshot, namespace="/control")
        self.client.on("log", lambda line: self.log.append(line["text"]), namespace="/control")
        self.client.on("connect_error", self._refused, namespace="/control")
        self.client.on("disconnect", lambda *_: self.gone.set(), namespace="/control")

    def _snapshot(self, view: dict[str, Any]) -> None:
        self.view = view

    def _refused(self, told: Any) -> None:
        self.refused = str((told.get("data") or {}).get("code") or told.get("message")) if told else "?"

    async def auth(self, given: Pass) -> dict[str, Any]:
        """What shows that it knows the pass, for one attempt."""
        challenge = (await hello(self.address))["challenge"]
        return {
            "version": REMOTE_VERSION, "name": given.name, "challenge": challenge, "proof": proof(given, challenge)
        }  # fmt: skip

    async def attach(self, given: Pass, **headers: str) -> None:
        await self.attach_with(await self.auth(given), **headers)

    async def attach_with(self, auth: Any, **headers: str) -> None:
        """Raises socketio's `ConnectionError`."""
        await self.client.connect(
            self.address, auth=auth, namespaces=["/control"], transports=["websocket"], headers=headers,
            socketio_path=self._path,
        )  # fmt: skip
        async with asyncio.timeout(LIMIT_S):
            while not self.view:
                await asyncio.sleep(0.02)

    async def command(self, name: str, reason: str = "", **args: Any) -> dict[str, Any]:
        message = {"name": name, "args": args, "reason": reason}
        return dict(await self.client.call("command", message, namespace="/control"))
