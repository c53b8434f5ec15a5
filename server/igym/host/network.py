"""Which address participants reach this computer at, and why a port cannot be had."""

from __future__ import annotations

import errno
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from igym.host.errors import HostError

_VIRTUAL = ("docker", "veth", "br-", "virbr", "vmnet", "vboxnet", "vethernet", "tailscale", "zt", "utun")
_LOOPBACK = "127.0.0.1"
ONLY_IPV6 = (
    "This network offers IPv6 addresses only, and sessions need IPv4: browsers on other computers could not reach this "
    "one. Ask for an IPv4 address in this network, or use a network (or a router of your own) that has them. To try a "
    "study on this computer alone, choose the address 127.0.0.1 in the settings."
)


OWN_ADDRESSES_S = 5.0
LARGEST_PORT = 65_535


class OwnAddresses:
    """Whether an address is this computer's; they are read anew every few seconds: cards come and go."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: frozenset[str] = frozenset()
        self._read_at: float | None = None

    def has(self, address: str) -> bool:
        """`address` without brackets; False for whatever is none."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return parsed.is_loopback or str(parsed) in self._now()

    def _now(self) -> frozenset[str]:
        if self._read_at is None or self._clock() - self._read_at >= OWN_ADDRESSES_S:
            cards = psutil.net_if_addrs().values()
            found = {
                entry.address.split("%")[0]
                for entries in cards
                for entry in entries
                if entry.family in (socket.AF_INET, socket.AF_INET6)
            }
            self._known, self._read_at = frozenset(found), self._clock()
        return self._known


@dataclass(frozen=True)
class NetworkCard:
    """One IPv4 address of this computer; `is_default` when the way to other networks leads through it."""

    name: str
    address: str
    is_default: bool
    is_virtual: bool


def network_cards() -> list[NetworkCard]:
    """Addresses other computers can reach, the best guess first. Empty without a network."""
    default = _default_address()
    cards = [
        NetworkCard(name, entry.address, entry.address == default, _looks_virtual(name))
        for name, entries in psutil.net_if_addrs().items()
        if _is_up(name)
        for entry in entries
        if entry.family == socket.AF_INET and _is_reachable(entry.address)
    ]
    return sorted(cards, key=lambda card: (card.is_virtual, not card.is_default, not _is_private(card.address)))


def advertised_address(wanted: str | None) -> str:
    """The address for the join link: `wanted` when this computer has it; without a wish the best card."""
    if wanted in (None, "", "auto", "0.0.0.0"):
        cards = network_cards()
        if not cards and has_only_ipv6():
            raise HostError("no_address", ONLY_IPV6)
        return cards[0].address if cards else _LOOPBACK
    assert wanted is not None
    if ":" in wanted:
        raise HostError("no_address", ONLY_IPV6)
    own = {card.address for card in network_cards()} | {_LOOPBACK, "localhost"}
    if wanted not in own and not _can_bind(wanted):
        known = ", ".join(sorted(own - {_LOOPBACK, "localhost"})) or "none"
        raise HostError(
            "no_address",
            f"This computer does not have the network address {wanted}. It has: {known}. "
            "Choose one of these in the settings, or check the network cable or Wi-Fi.",
        )
    return wanted


def has_only_ipv6() -> bool:
    """This computer is in a network, but has no IPv4 address there."""
    found = [
        ipaddress.ip_address(entry.address.split("%")[0])
        for name, entries in psutil.net_if_addrs().items()
        if _is_up(name)
        for entry in entries
        if entry.family == socket.AF_INET6
    ]
    return any(not (each.is_loopback or each.is_link_local) for each in found) and not network_cards()


def bind_addresses(wanted: str | None) -> list[str]:
    """Where to listen: everywhere, or on the chosen card and, for the launcher, locally."""
    if wanted in (None, "", "auto", "0.0.0.0"):
        return ["0.0.0.0"]
    assert wanted is not None
    return list(dict.fromkeys([wanted, _LOOPBACK]))


def listening_sockets(addresses: list[str], port: int) -> list[socket.socket]:
    """Bound TCP sockets, all on one port (`port`, or a free one when 0); raises `HostError`."""
    if not 0 <= port <= LARGEST_PORT:
        raise HostError("bad_port", f"{port} is no port number. Choose one from 1 to 65535, for example 8000.")
    sockets: list[socket.socket] = []
    try:
        for address in addresses:
            sockets.append(_listen(address, port))
            port = sockets[0].getsockname()[1]
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise _explain(address, port, error) from error
    return sockets


def join_url(address: str, port: int, *, secure: bool = False) -> str:
    scheme, usual = ("https", 443) if secure else ("http", 80)
    return f"{scheme}://{address}/" if port == usual else f"{scheme}://{address}:{port}/"


def _listen(address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        made.listen(512)
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def _explain(address: str, port: int, error: OSError) -> HostError:
    if error.errno in (errno.EADDRINUSE, 10048):
        other = port + 1 if port < LARGEST_PORT else 8000
        return HostError(
            "port_in_use",
            f"Port {port} is already used by another program on this computer, perhaps an Interactive Gym that is "
            f"still running. Close that program, or choose another port (for example {other}).",
            str(error),
        )
    if error.errno in (errno.EACCES, errno.EPERM, 10013):
        return HostError(
            "port_in_use",
            f"This computer does not allow port {port} to be used. Choose a port above 1024, for example 8000.",
            str(error),
        )
    return HostError(
        "no_address",
        f"The address {address} cannot be used on this computer ({error.strerror or error}). Choose another network "
        "card in the settings, or check the network cable or Wi-Fi.",
        str(error),
    )


def _default_address() -> str | None:
    """Connecting a UDP socket sends nothing; it only asks the system which card it would use."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return None


def _is_up(name: str) -> bool:
    stats = psutil.net_if_stats().get(name)
    return stats is None or stats.isup


def _is_reachable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_link_local)


def _is_private(address: str) -> bool:
    return ipaddress.ip_address(address).is_private


def _looks_virtual(name: str) -> bool:
    return name.lower().startswith(_VIRTUAL)


def _can_bind(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
            return True
        except OSError:
            return False
