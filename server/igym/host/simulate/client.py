"""One participant's connection: joins over HTTP, speaks Socket.IO, keeps what was not acknowledged."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import socketio
from socketio import exceptions

from igym.host.base.version import app_version
from igym.protocol.base import Message, ProtocolError
from igym.protocol.codec import RETRY_CODES, decode_from_server
from igym.protocol.version import PROTOCOL_VERSION

NAMESPACE = "/participant"
CALL_LIMIT_S = 20.0
SHUT_LIMIT_S = 2.0
RETRY_S = 0.2
BROWSER = {
    "user_agent": f"InteractiveGymSimulation/{app_version()}",
    "language": "en-GB",
    "screen_width": 1920,
    "screen_height": 1080,
    "viewport_width": 1900,
    "viewport_height": 950,
    "pixel_ratio": 1.0,
    "touch": False,
    "webgl": True,
    "hardware_threads": 4,
    "timezone": "Europe/Berlin",
}

Ack = dict[str, Any]


class JoinRefusedError(Exception):
    """The host did not let this participant in."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class ParticipantClient:
    """A page without a page. Comes back by itself after a lost connection, like a browser does.

    `inbox` holds the decoded messages in the order they came; pings are answered at once and not kept.
    """

    def __init__(
        self, url: str, on_message: Callable[[Message], None] | None = None, *, simulated: bool = False
    ) -> None:
        """`simulated`: the host is told so, and its data say it."""
        self.url = url.rstrip("/")
        self.simulated = simulated
        self.language: str | None = None
        """What its page asks for, as `?lang=` of a link does; None: the study's first."""
        self.participant = ""
        self.cookie = ""
        self.tab = secrets.token_hex(8)
        self.visit: int | None = None
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.refused: list[Any] = []
        self.greeted = asyncio.Event()
        self.connections = 0
        self.joins_put_off = 0
        """How often the host said "busy" to the join button."""
        self.join_ms: float | None = None
        """From pressing the join button to having a place, with the times it was put off."""
        self.join_refused = False
        self.transports = ["websocket"]
        self._on_message = on_message or self.inbox.put_nowait
        self._socket: socketio.AsyncClient | None = None
        self._ended = asyncio.Event()
        self._returning: asyncio.Task[None] | None = None
        self._wanted = False

    # -- joining

    async def join(
        self, label: str | None = None, params: dict[str, str] | None = None, seat: str | None = None
    ) -> str:
        """Presses the join button, again while the host is busy; the participant's id. Raises `JoinRefusedError`."""
        body = {"label": label, "params": params or {}, "seat": seat, "simulated": self.simulated}
        body |= {"language": self.language} if self.language else {}
        pressed_at = time.perf_counter()
        while True:
            try:
                participant = await self._join(body)
                self.join_ms = 1000 * (time.perf_counter() - pressed_at)
                return participant
            except JoinRefusedError as error:
                if error.code != "busy":
                    self.join_refused = True
                    raise
                self.joins_put_off += 1
                await asyncio.sleep(RETRY_S)

    async def _join(self, body: dict[str, Any]) -> str:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            headers = {"Cookie": self.cookie} if self.cookie else {}
            async with http.post(f"{self.url}/api/join", json=body, headers=headers) as answer:
                data = await answer.json()
                if answer.status != 200:
                    raise JoinRefusedError(data["error"]["code"], data["error"]["text"])
                # A proxy before several servers sets one of its own beside ours.
                kept = dict(each.split("=", 1) for each in self.cookie.split("; ") if each)
                kept |= {name: morsel.value for name, morsel in answer.cookies.items()}
                self.cookie = "; ".join(f"{name}={value}" for name, value in kept.items())
        self.participant = data["participant"]
        return self.participant

    async def get_json(self, path: str) -> Any:
        """The JSON at an address of the host, asked for as this participant."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(self.url + path, headers={"Cookie": self.cookie}) as answer,
        ):
            answer.raise_for_status()
            return await answer.json()

    # -- the connection

    async def connect(self) -> None:
        """Connects and says hello; raises when the host refuses."""
        self._wanted = True
        await self._connect()

    async def drop(self) -> None:
        """The network is gone: no goodbye, no return until `connect`."""
        self._wanted = False
        await self._leave()

    async def close(self) -> None:
        self._wanted = False
        if self._returning is not None:
            self._returning.cancel()
            await asyncio.gather(self._returning, return_exceptions=True)
        await self._leave()

    async def reload(self) -> None:
        """The page is loaded anew: it knows nothing but its cookie and its tab."""
        await self.drop()
        self.visit = None
        await self.connect()

    async def _connect(self) -> None:
        client = socketio.AsyncClient(reconnection=False, logger=False, engineio_logger=False)
        self._socket, self._ended = client, asyncio.Event()
        client.on("*", self._received, namespace=NAMESPACE)
        client.on("disconnect", lambda *_: self._lost(client), namespace=NAMESPACE)
        try:
            # The library leaves out the path below which a proxy may serve the study.
            await client.connect(self.url, headers={"Cookie": self.cookie}, namespaces=[NAMESPACE],
                                 socketio_path=f"{urlsplit(self.url).path}/socket.io".lstrip("/"),
                                 transports=self.transports, wait_timeout=10)  # fmt: skip
            self.connections += 1
            hello = {"protocol": PROTOCOL_VERSION, "tab": self.tab, "browser": BROWSER, "visit": self.visit}
            ack = await self._call(client, "hello", hello)
        except BaseException:
            await _shut(client)
            raise
        # It may have been lost again since it was answered; then whoever was told of that comes back once more.
        if ack.get("ok") and not self._ended.is_set():
            self.greeted.set()

    async def _leave(self) -> None:
        self.greeted.clear()
        self._ended.set()
        client, self._socket = self._socket, None
        if client is not None:
            await _shut(client)

    def _lost(self, client: socketio.AsyncClient) -> None:
        if client is not self._socket:
            return
        self.greeted.clear()
        self._ended.set()
        if self._wanted and (self._returning is None or self._returning.done()):
            self._returning = asyncio.create_task(self._return())

    async def _return(self) -> None:
        while self._wanted and not self.greeted.is_set():
            await asyncio.sleep(RETRY_S)
            await self._leave()
            try:
                await self._connect()
            except (exceptions.SocketIOError, aiohttp.ClientError, OSError, TimeoutError):
                continue

    # -- messages

    async def _received(self, name: str, payload: Any = None) -> None:
        if name == "ping":
            await self.send("pong", {"n": payload["n"]})
            return
        message = decode_from_server(name, payload)
        if isinstance(message, ProtocolError):
            raise AssertionError(f"the host sent an invalid {name}: {message.text}")
        if message.name == "refused":
            self.refused.append(message)
        self._on_message(message)

    async def send(self, name: str, payload: Any = None) -> None:
        """Fire and forget; dropped while there is no connection."""
        client = self._socket
        if client is None or not client.connected:
            return
        try:
            await client.emit(name, payload, namespace=NAMESPACE)
        except exceptions.SocketIOError:
            pass

    async def call(self, name: str, payload: Any = None) -> Ack:
        """One try: the acknowledgement, or an exception when the connection is gone."""
        if self._socket is None:
            raise exceptions.DisconnectedError()
        return await self._call(self._socket, name, payload)

    async def _call(self, client: socketio.AsyncClient, name: str, payload: Any) -> Ack:
        """The library waits for its whole limit even when the connection has ended; this does not."""
        asking = asyncio.ensure_future(client.call(name, payload, namespace=NAMESPACE, timeout=CALL_LIMIT_S))
        ending = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait([asking, ending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Also when whoever asked is cancelled: the library would go on waiting, and its limit be nobody's to hear.
            left = [task for task in (asking, ending) if not task.done()]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        if asking.cancelled():
            raise exceptions.DisconnectedError()
        return dict(asking.result() or {})

    async def deliver(self, name: str, payload: Any = None) -> Ack:
        """Tries again, over lost connections too, until the host says yes or a final no."""
        while True:
            await self.greeted.wait()
            try:
                ack = await self.call(name, payload)
            except exceptions.SocketIOError:
                await asyncio.sleep(RETRY_S)
                continue
            if ack.get("ok") or ack.get("code") not in RETRY_CODES:
                return ack
            await asyncio.sleep(RETRY_S)


async def _shut(client: socketio.AsyncClient) -> None:
    http = client.eio.http
    for closing in (client.shutdown, *((http.close,) if http is not None and not http.closed else ())):
        try:
            async with asyncio.timeout(SHUT_LIMIT_S):
                await closing()
        except Exception:  # closing: whatever is left goes with the connection
            continue
