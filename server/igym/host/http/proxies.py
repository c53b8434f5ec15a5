"""A proxy in front of the engine: whose word about a visitor's address counts, and under which address it is public."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from yarl import URL

from igym.host.base.errors import HostError
from igym.host.http.own_names import host_name
from igym.protocol.told import Told

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MakeRequest = Callable[..., web.BaseRequest]


@dataclass(frozen=True)
class PublicAddress:
    """`url` ends in "/"; `prefix` is its path without that, "" for none; `name` its host."""

    url: str = ""
    prefix: str = ""
    name: str = ""


def public_address(text: str) -> PublicAddress:
    """The address that participants open, "" for that of this computer; raises `HostError` "bad_public_url"."""
    if not text:
        return PublicAddress()
    parts = urlsplit(text)
    name = host_name(parts.netloc)
    path = parts.path.rstrip("/")
    plain = path == str(URL.build(path=path)) and "//" not in path and "." not in path
    if parts.scheme not in ("http", "https") or not name or parts.query or parts.fragment or not plain:
        raise HostError(
            "bad_public_url",
            Told(
                "“{address}” is no address that participants could open. Write the whole address at which "
                "the proxy serves this session, such as https://study.example.org/ or "
                "https://example.org/lab1.",
                address=text,
            ),
        )
    return PublicAddress(f"{parts.scheme}://{parts.netloc}{path}/", path, name)


class Proxies:
    """What the proxies at the named addresses tell of their visitors is believed, and nobody else's word."""

    def __init__(self, trusted: str = "", prefix: str = "") -> None:
        """`trusted`: addresses or networks with commas between them; `prefix`: below which path a proxy serves us.

        Raises `HostError` "bad_proxy".
        """
        self._networks = trusted_networks(trusted)
        self._prefix = prefix

    def trusts(self, address: str) -> bool:
        """Whether this is the address of one of our proxies."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        own = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(own.version == network.version and own in network for network in self._networks)

    def visitor(self, peer: str, forwarded_for: list[str]) -> str:
        """Whose request came from `peer`: the last address in the X-Forwarded-For headers that is no proxy of ours.

        Each proxy adds at the end whom it has seen; what stands before the first stranger may be made up.
        """
        if not self.trusts(peer):
            return peer
        found = peer
        for told in reversed([part.strip() for header in forwarded_for for part in header.split(",")]):
            try:
                found = str(ipaddress.ip_address(_without_port(told)))
            except ValueError:
                return found
            if not self.trusts(found):
                return found
        return found

    def believing(self, make: MakeRequest) -> MakeRequest:
        """Like `make`, which makes a request of what came; `remote`, `scheme`, `host` and path are the visitor's."""
        if not self._networks and not self._prefix:
            return make

        def made(*arguments: Any, **more: Any) -> web.BaseRequest:
            request = make(*arguments, **more)
            told = {**self._within(request), **self._told(request)}
            return request.clone(**told) if told else request

        return made

    def _within(self, request: web.BaseRequest) -> dict[str, Any]:
        """A proxy may pass the whole path on, or what is left without the prefix: both mean the same."""
        path = request.rel_url.raw_path
        if not self._prefix or not (path == self._prefix or path.startswith(f"{self._prefix}/")):
            return {}
        rest = path.removeprefix(self._prefix) or "/"
        return {"rel_url": URL.build(path=rest, query_string=request.rel_url.raw_query_string, encoded=True)}

    def _told(self, request: web.BaseRequest) -> dict[str, Any]:
        peer = request.remote or ""
        if not self.trusts(peer):
            return {}
        told: dict[str, Any] = {"remote": self.visitor(peer, request.headers.getall("X-Forwarded-For", []))}
        scheme = _first(request, "X-Forwarded-Proto").lower()
        if scheme in ("http", "https"):
            told["scheme"] = scheme
        host = _first(request, "X-Forwarded-Host")
        if host_name(host):
            told["host"] = host
        return told


def trusted_networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks with commas between them; raises `HostError` "bad_proxy"."""
    try:
        return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise HostError(
            "bad_proxy",
            Told(
                "“{address}” names no proxy. Write its address (such as 127.0.0.1) or its network (such as "
                "10.0.0.0/24); put commas between several.",
                address=text,
            ),
            str(error),
        ) from error


def _first(request: web.BaseRequest, header: str) -> str:
    return request.headers.get(header, "").partition(",")[0].strip()


def _without_port(told: str) -> str:
    if told.startswith("["):
        return told[1:].partition("]")[0]
    return told.partition(":")[0] if told.count(":") == 1 else told
