"""Who may hold a connection open: nobody silently for long, nobody too many, so that others always get in."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from igym.host.http.proxies import Proxies

HEADER_LIMIT_S = 10.0
BODY_LIMIT_S = 20.0
HANDSHAKE_LIMIT_S = 10.0
WANTED_FILES = 65_536
MOST_SILENT = 200
"""Connections of one address that have not asked for anything yet; the oldest makes room for the newest."""
MOST_PER_ADDRESS = 4000
"""A whole lab, or the visitors of a proxy, may come from one address."""
SOCKETS_PATH = "/socket.io/"


def raise_file_limit() -> int:
    """Lets this process hold as many connections as its system allows, up to a limit; returns how many."""
    if sys.platform == "win32":  # it has no such limit
        return WANTED_FILES
    else:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
        if soft == resource.RLIM_INFINITY or soft >= most:
            return WANTED_FILES
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (OSError, ValueError):  # macOS names a limit it does not grant
            return soft
        return most


class Doorkeeper:
    """Makes the protocols of a web server's connections, and ends those that only take a place."""

    def __init__(self, tell: Callable[[str, str], None], files: int, proxies: Proxies | None = None) -> None:
        """`tell(address, text)` is called when an address holds too many; `files`: what the process may open.

        The visitors of `proxies` share an address, so no limit of one address holds for those.
        """
        self._tell = tell
        self.proxies = proxies or Proxies()
        self._most_per_address = min(MOST_PER_ADDRESS, max(64, files // 2))
        self._most_silent = min(MOST_SILENT, max(16, files // 8))
        self._held: Counter[str] = Counter()
        self._silent: dict[str, dict[_Visitor, None]] = {}

    async def listen(self, runner: web.AppRunner, bound: socket.socket, tls: ssl.SSLContext | None) -> asyncio.Server:
        """Like a site of the runner, with this keeper at the door. The caller closes the server."""
        web_server = runner.server
        assert web_server is not None, "the runner is set up first"

        def visitor() -> asyncio.Protocol:
            return _Visitor(self, web_server)

        handshake_s = HANDSHAKE_LIMIT_S if tls else None
        return await asyncio.get_running_loop().create_server(
            visitor, sock=bound, backlog=1024, ssl=tls, ssl_handshake_timeout=handshake_s
        )

    @web.middleware
    async def patience(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """A request has come; its body must come soon too."""
        if isinstance(request.protocol, _Visitor):
            self._heard(request.protocol)
        if request.method != "POST":
            return await handler(request)  # type: ignore[no-any-return]
        try:
            async with asyncio.timeout(BODY_LIMIT_S):
                if request.path.startswith(SOCKETS_PATH):
                    return await handler(request)  # type: ignore[no-any-return]
                await _received(request)
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        # Without a limit: what takes long now is this computer, and a joining that is cut off is stored all the same.
        return await handler(request)  # type: ignore[no-any-return]

    def enters(self, visitor: _Visitor, address: str) -> bool:
        """Whether there is a place for one more; the caller tells when it `leaves`."""
        if self.proxies.trusts(address):
            return True
        if self._held[address] >= self._most_per_address:
            self._tell(address, f"{address} holds {self._held[address]} connections; more are refused.")
            return False
        self._held[address] += 1
        silent = self._silent.setdefault(address, {})
        silent[visitor] = None
        if len(silent) > self._most_silent:
            self._tell(address, f"{address} opened {len(silent)} connections without asking for anything.")
            # The oldest has had its time; a browser that has just come has not asked yet.
            next(iter(silent)).end()
        return True

    def leaves(self, visitor: _Visitor, address: str) -> None:
        self._heard(visitor)
        if address not in self._held:
            return
        self._held[address] -= 1
        if self._held[address] <= 0:
            del self._held[address]

    def _heard(self, visitor: _Visitor) -> None:
        silent = self._silent.get(visitor.address, {})
        silent.pop(visitor, None)
        if not silent:
            self._silent.pop(visitor.address, None)
        visitor.has_asked()


async def _received(request: web.Request) -> None:
    try:
        await request.read()
    except web.HTTPRequestEntityTooLarge:
        pass  # its own route says so


class _Visitor(RequestHandler):
    """A connection that has a place at the door, and loses it when it asks for nothing."""

    __slots__ = ("_keeper", "_timer", "address")

    def __init__(self, keeper: Doorkeeper, server: web.Server) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), access_log=None)  # type: ignore[arg-type]
        self._keeper = keeper
        assert self._request_factory is not None, "connections are made before the server ends"
        self._request_factory = keeper.proxies.believing(self._request_factory)
        self._timer: asyncio.TimerHandle | None = None
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        address = str((transport.get_extra_info("peername") or ("?",))[0])
        self._timer = asyncio.get_running_loop().call_later(HEADER_LIMIT_S, self.end)
        if self._keeper.enters(self, address):
            # Known only of who has a place: for the others none is given back.
            self.address = address
        else:
            self.end()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self.address:
            self._keeper.leaves(self, self.address)
        self.has_asked()
        super().connection_lost(exc)

    def has_asked(self) -> None:
        """It is a browser's: no limit any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self) -> None:
        """At once, without a word."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
