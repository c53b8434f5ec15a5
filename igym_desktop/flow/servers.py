"""Servers elsewhere whose sessions this launcher attaches to: which it remembers, and what is said when it cannot."""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from igym.host.base.held_files import write_private
from igym.protocol.passes import Pass, is_local, is_name, read_address
from igym_desktop.i18n import tr

MARK = "server.json"
"""In the folder of a copy: which server it was fetched from."""


@dataclass(frozen=True)
class Server:
    """`address` is whole and ends in "/"; `over_http`: the person said that it may be without encryption."""

    address: str
    given: Pass
    over_http: bool = False

    @property
    def shown(self) -> str:
        """How it is called wherever it is in sight."""
        parts = urlsplit(self.address)
        return f"{parts.netloc}{parts.path}".rstrip("/")

    @property
    def prefix(self) -> str:
        """The path below which a proxy serves it, without slashes at its ends; "" for none."""
        return urlsplit(self.address).path.strip("/")


@dataclass(frozen=True)
class Trouble:
    """Why there is no connection: a code, and what else the sentence needs."""

    code: str
    detail: str = ""


FOR_GOOD = frozenset({"wrong_pass", "no_remote", "other_version", "plain_http"})
"""What does not get better by waiting, also for a launcher that was connected before."""


class ServerList:
    """The remembered servers, the last used one first, in a file that this user alone can read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.servers: tuple[Server, ...] = _read(path)

    def remember(self, server: Server) -> None:
        """Raises `OSError`."""
        self._write((server, *(one for one in self.servers if not _is_same(one, server))))

    def forget(self, server: Server) -> None:
        """With its pass. Raises `OSError`."""
        self._write(tuple(one for one in self.servers if not _is_same(one, server)))

    def _write(self, servers: tuple[Server, ...]) -> None:
        self.servers = servers
        write_private(self._path, json.dumps([asdict(one) for one in servers], indent=2))


def _is_same(one: Server, other: Server) -> bool:
    return (one.address, one.given.name) == (other.address, other.given.name)


def _read(path: Path) -> tuple[Server, ...]:
    """A damaged entry is left out; the others hold."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(found for entry in (stored if isinstance(stored, list) else []) if (found := _server(entry)))


def _server(entry: Any) -> Server | None:
    try:
        address, given = read_address(str(entry["address"])), Pass(**entry["given"])
        fits = bool(address) and is_name(given.name) and isinstance(given.secret, str)
    except (KeyError, TypeError):
        return None
    return Server(address, given, entry.get("over_http") is True) if fits else None


def is_open_to_all(address: str) -> bool:
    """Whether what is sent there could be read on its way: http to somewhere beyond the local network."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return False
    host = (parts.hostname or "").lower()
    try:
        return not is_local(ipaddress.ip_address(host))
    except ValueError:
        return not (host == "localhost" or "." not in host or host.endswith((".local", ".lan", ".home.arpa")))


def trouble_text(trouble: Trouble, shown: str) -> str:
    """For the person who wants to attach to the server called `shown`."""
    texts = {
        "wrong_pass": tr(
            "{server} does not know this pass. Check that the whole link was copied; the pass may also have been "
            "removed or replaced there (igym passes shows those there are).",
            server=shown,
        ),
        "no_remote": tr(
            "A session is running at {server}, but launchers on other computers are not let in there. It has to be "
            "started with --remote.",
            server=shown,
        ),
        "other_version": tr(
            "{server} runs another version of Interactive Gym ({version}), and the two do not understand each other. "
            "Install that version on this computer.",
            server=shown, version=trouble.detail or "?",
        ),
        "plain_http": tr(
            "{server} takes no launcher without encryption from beyond its own network. Use its address with https://.",
            server=shown,
        ),
        "use_https": tr("{server} wants to be asked with encryption. Write https:// in its address.", server=shown),
        "unknown_name": tr(
            "There is no computer called {server}, as far as this one can find out. Check the address for typing "
            "errors, and this computer's connection to the network.",
            server=shown,
        ),
        "unreachable": tr(
            "Nothing answers at {server}. Check the address with its port, whether the session is running, and whether "
            "a firewall is in between.",
            server=shown,
        ),
        "no_leader": tr(
            "The proxy at {server} answers, but no session is running behind it at the moment (answer {status}).",
            server=shown, status=trouble.detail,
        ),
        "wrong_name": tr(
            "The computer at {server} does not know itself under this name. Use the address in its join link.",
            server=shown,
        ),
        "not_igym": tr(
            "Something answers at {server}, but it is no session of Interactive Gym. Check the address; a path such as "
            "/lab1 belongs to it.",
            server=shown,
        ),
        "certificate": tr(
            "The certificate of {server} cannot be trusted ({why}). Somebody could read along: nothing was sent. Ask "
            "whoever runs the server.",
            server=shown, why=trouble.detail,
        ),
        "no_tls": tr(
            "{server} answers without encryption where encryption was expected. Check the port; inside a lab's own "
            "network its address may begin with http://.",
            server=shown,
        ),
        "too_many": tr(
            "{server} refuses new launchers for the moment: too many wrong passes came from this network. Try again in "
            "a minute.",
            server=shown,
        ),
    }  # fmt: skip
    return texts.get(trouble.code) or texts["unreachable"]


def copy_folder(experiment_id: str, server: Server) -> str:
    """Name of the folder for what is fetched from there, beside those of this computer's own sessions."""
    return f"{experiment_id} ({re.sub(r'[^A-Za-z0-9._-]+', '_', server.shown)})"


def server_of(folder: Path) -> str:
    """Which server the sessions in a data folder were fetched from; "" for this computer's own."""
    try:
        return str(json.loads((folder / MARK).read_text(encoding="utf-8"))["server"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
