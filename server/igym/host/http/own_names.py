"""Under which names this computer may be asked for: no page of another name reaches a session through a browser."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from igym.host.base.network import OwnAddresses
from igym.host.http.responses import error_answer

WRONG_NAME = (
    "This computer is not known under the name in the address. Please use the link you were given. "
    "(For the researcher: enter a name of your own for this computer under Settings, Network, or with --join-name.)"
)


class OwnNames:
    """`localhost`, this computer's name with and without `.local`, its present addresses, and `more` names."""

    def __init__(self, more: Iterable[str] = (), addresses: OwnAddresses | None = None) -> None:
        here = socket.gethostname()
        first = here.split(".")[0]
        self._names = {_folded(name) for name in ("localhost", here, first, f"{first}.local", *more) if name}
        self._addresses = addresses or OwnAddresses()

    def admits(self, host: str, reached_at: str = "") -> bool:
        """`host` is a Host header, `reached_at` the address of ours that the request came in at."""
        name = host_name(host)
        if not name:
            return False
        return name in self._names or name == reached_at.split("%")[0] or self._addresses.has(name)


def host_name(host: str) -> str:
    """The name or address in a Host header, without port, brackets and a final dot; "" when it is none."""
    try:
        parts = urlsplit(f"//{host}")
        found = _folded(parts.hostname or "")
        _ = parts.port
    except ValueError:
        return ""
    has_more = parts.path or parts.query or parts.fragment or parts.username is not None
    return "" if has_more else found


def _folded(name: str) -> str:
    return name.lower().rstrip(".").split("%")[0]


def only_own_names(names: OwnNames) -> Middleware:
    """Answers requests under other names with a sentence, whatever they ask for."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not names.admits(request.host, _reached_at(request)):
            return error_answer(421, "wrong_name", WRONG_NAME)
        return await handler(request)

    return check


def _reached_at(request: web.Request) -> str:
    found: Any = request.transport.get_extra_info("sockname") if request.transport else None
    return str(found[0]) if isinstance(found, tuple) else ""
