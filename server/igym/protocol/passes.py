"""Passes of launchers on other computers: who has one shows that they know its secret, which itself never travels."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

REMOTE_VERSION = 1
"""Raised when what a remote launcher and an engine say to each other changes its meaning."""
REMOTE = "remote"
"""The path, below the session's address, at which an engine says whether launchers may attach."""
LEAST_SECRET = 32
"""Characters. Made ones have 43, of 256 random bits."""
MOST_SECRET = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_SECRET = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Pass:
    """`name` says who acts, in the log and in the data; 1–40 letters, digits, `.`, `_`, `-`."""

    name: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """One word to write down and to paste."""
        return f"{self.name}:{self.secret}"


def is_name(text: str) -> bool:
    """Whether a pass can be called so."""
    return _NAME.fullmatch(text) is not None


def read_pass(text: str) -> Pass | None:
    """What `Pass.text` gave; None when it is none."""
    name, _, secret = text.strip().partition(":")
    fits = LEAST_SECRET <= len(secret) <= MOST_SECRET and _SECRET.fullmatch(secret) is not None
    return Pass(name, secret) if is_name(name) and fits else None


def read_address(text: str) -> str:
    """The address of a session as somebody pastes it, whole and with "/" at its end; "" when it is none.

    Without http or https it is taken for https. A link to attach (`link`) and the page it names mean the same.
    """
    text = text.strip().partition("#")[0]
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        named, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not named or parts.username is not None or re.search(r"\s", text):
        return ""
    path = parts.path.rstrip("/")
    path = path.removesuffix(f"/{REMOTE}")
    return f"{parts.scheme}://{parts.netloc}{path}/"


def is_local(address: IPv4Address | IPv6Address) -> bool:
    """Whether somebody there sits at this computer or in its own network: what is said there passes no stranger."""
    own = getattr(address, "ipv4_mapped", None) or address
    return bool(own.is_private or own.is_loopback or own.is_link_local)


def link(address: str, given: Pass) -> str:
    """Address and pass in one line; what stands behind # is never sent to a server."""
    return f"{address.rstrip('/')}/{REMOTE}#{given.text}"


def read_link(text: str) -> tuple[str, Pass] | None:
    """(address, pass) of a link; None for everything else."""
    address, _, rest = text.strip().partition("#")
    found, given = read_address(address), read_pass(rest)
    return (found, given) if found and given else None


def proof(given: Pass, challenge: str) -> str:
    """HMAC-SHA256, in hex: it shows knowledge of the secret, for this challenge alone (RFC 2104)."""
    said = f"igym remote {REMOTE_VERSION}\n{given.name}\n{challenge}"
    return hmac.new(given.secret.encode(), said.encode(), hashlib.sha256).hexdigest()
