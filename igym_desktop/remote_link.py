"""The control link to a session on another computer: asks, proves, and comes back whenever the connection is lost."""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import Any

from PySide6.QtCore import Signal

from igym.protocol.passes import REMOTE, REMOTE_VERSION, proof
from igym_desktop.control_link import NAMESPACE, Connection, ControlLink, shut
from igym_desktop.flow.servers import FOR_GOOD, Server, Trouble, is_open_to_all

ANSWER_LIMIT_S = 15.0
SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.3, 5.0
STALE_ATTEMPTS = 4
"""With several servers the challenge may be of another one than the answer goes to."""
PROGRAM = "interactive-gym"


class _NoWayError(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.trouble = Trouble(code, detail)


class RemoteLink(ControlLink):
    """`open` attaches to an engine of this computer, `attach` to one elsewhere."""

    trouble = Signal(object, bool)
    """A `Trouble`, and whether it is for good: then nothing is tried any more."""

    def attach(self, server: Server) -> None:
        """Starts to connect; `connected` or `trouble` follows, again and again until `close`."""
        self.close()
        connection = Connection(server.address, "")
        self._connection = connection
        self._spawn(connection, self._stay(connection, server))

    async def _stay(self, connection: Connection, server: Server) -> None:
        wait_s, was_there = SHORTEST_WAIT_S, False
        while connection is self._connection:
            try:
                await self._be_there(connection, server)
                wait_s, was_there = SHORTEST_WAIT_S, True
            except _NoWayError as error:
                # Whoever was never connected has perhaps mistyped: they are told at once, and try again themselves.
                is_final = not was_there or error.trouble.code in FOR_GOOD
                if connection is self._connection:
                    self.trouble.emit(error.trouble, is_final)
                if is_final:
                    return
            await asyncio.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 1.6)

    async def _be_there(self, connection: Connection, server: Server) -> None:
        """Connected until it is lost; raises `_NoWayError` when it never was."""
        if is_open_to_all(server.address) and not server.over_http:
            raise _NoWayError("plain_http")
        for left in reversed(range(STALE_ATTEMPTS)):
            challenge = await _challenge(server)
            code = await self._knock(connection, server, challenge)
            if not code:
                await connection.gone.wait()
                await shut(connection.client)
                return
            if code != "stale" or not left:
                raise _NoWayError(code if code != "stale" else "unreachable")

    async def _knock(self, connection: Connection, server: Server, challenge: str) -> str:
        """Tries once; the code of a refusal, "" when the door is open."""
        import socketio

        client = socketio.AsyncClient(reconnection=False, logger=False, handle_sigint=False)
        refusal: list[str] = []
        self._listen(client, connection)
        client.on("connect_error", lambda told=None: refusal.append(_code(told)), namespace=NAMESPACE)
        connection.client = client
        connection.gone.clear()
        auth = {
            "version": REMOTE_VERSION, "name": server.given.name, "challenge": challenge,
            "proof": proof(server.given, challenge),
        }  # fmt: skip
        try:
            await client.connect(
                server.address, auth=auth, namespaces=[NAMESPACE], transports=["websocket"],
                socketio_path=f"{server.prefix}/socket.io".lstrip("/"), wait_timeout=ANSWER_LIMIT_S,
            )  # fmt: skip
        except socketio.exceptions.ConnectionError:
            await shut(client)
            return next((code for code in refusal if code), "unreachable")
        return ""


def _code(told: Any) -> str:
    data = told.get("data") if isinstance(told, dict) else None
    return str(data.get("code") or "") if isinstance(data, dict) else ""


async def _challenge(server: Server) -> str:
    """Raises `_NoWayError`."""
    told = await _asked(f"{server.address}{REMOTE}")
    if told.get("program") != PROGRAM:
        raise _NoWayError("not_igym")
    if told.get("remote") is None:
        raise _NoWayError("no_remote")
    if told.get("remote") != REMOTE_VERSION:
        raise _NoWayError("other_version", str(told.get("version") or "")[:40])
    return str(told.get("challenge") or "")


async def _asked(url: str) -> dict[str, Any]:
    import aiohttp

    limit = aiohttp.ClientTimeout(total=ANSWER_LIMIT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.get(url, allow_redirects=False) as answer,
        ):
            body = await answer.content.read(100_000)
            return _read(answer.status, body, answer.headers.get("Location", ""))
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise _NoWayError(*_of_tls(error)) from error
    except aiohttp.ClientConnectorDNSError as error:
        raise _NoWayError("unknown_name") from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise _NoWayError("unreachable") from error


def _read(status: int, body: bytes, location: str) -> dict[str, Any]:
    if status in (502, 503, 504):
        raise _NoWayError("no_leader", str(status))
    if 300 <= status < 400 and location.startswith("https://"):
        raise _NoWayError("use_https")
    try:
        told = json.loads(body)
    except ValueError as error:
        raise _NoWayError("not_igym") from error
    if status == 421:
        raise _NoWayError("wrong_name")
    return told if isinstance(told, dict) and status == 200 else {}


def _of_tls(error: Exception) -> tuple[str, str]:
    """A certificate that is not believed is something else than no TLS at all."""
    inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    why = str(getattr(inner, "verify_message", "") or "")
    if why or "CERTIFICATE" in str(inner).upper():
        return "certificate", why or str(getattr(inner, "reason", "") or inner)[:120]
    return "no_tls", ""
