"""Which address participants reach this computer at, and why a port cannot be had."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable

import psutil

from igym.host.base.cards import NetworkCard, is_up, network_cards
from igym.host.base.clock import steady_s
from igym.host.base.errors import HostError
from igym.protocol.told import Told

_LOOPBACK = "127.0.0.1"
_ANY = (None, "", "auto", "0.0.0.0")
ONLY_IPV6 = Told(
    "This network offers IPv6 addresses only, and sessions need IPv4: browsers on other "
    "computers could not reach this one. Ask for an IPv4 address in this network, or use a "
    "network (or a router of your own) that has them. To try a study on this computer alone, "
    "choose the address 127.0.0.1 in the settings."
)


OWN_ADDRESSES_S = 5.0
LARGEST_PORT = 65_535


class OwnAddresses:
    """Whether an address is this computer's; they are read anew every few seconds: cards come and go."""

    def __init__(self, clock: Callable[[], float] = steady_s) -> None:
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


def advertised_address(wanted: str | None) -> str:
    """The address for the join link: of the card or address `wanted`; without a wish that of the best card."""
    if wanted in _ANY:
        cards = network_cards()
        if not cards and has_only_ipv6():
            raise HostError("no_address", ONLY_IPV6)
        return cards[0].address if cards else _LOOPBACK
    assert wanted is not None
    cards = network_cards()
    found = _of_card(wanted, cards)
    if ":" in found:
        raise HostError("no_address", ONLY_IPV6)
    own = {card.address for card in cards} | {_LOOPBACK, "localhost"}
    if found not in own and not _can_bind(found):
        known = ", ".join(f"{card.address} ({card.name})" for card in cards) or "none"
        raise HostError(
            "no_address",
            Told(
                "This computer does not have the network address {address}. It has: {known}. Choose one of "
                "these in the settings, or check the network cable or Wi-Fi.",
                address=wanted,
                known=known,
            ),
        )
    return found


def has_only_ipv6() -> bool:
    """This computer is in a network, but has no IPv4 address there."""
    found = [
        ipaddress.ip_address(entry.address.split("%")[0])
        for name, entries in psutil.net_if_addrs().items()
        if is_up(name)
        for entry in entries
        if entry.family == socket.AF_INET6
    ]
    return any(not (each.is_loopback or each.is_link_local) for each in found) and not network_cards()


def bind_addresses(wanted: str | None) -> list[str]:
    """Where to listen: everywhere, or on the chosen card and, for the launcher, locally."""
    if wanted in _ANY:
        return ["0.0.0.0"]
    assert wanted is not None
    return list(dict.fromkeys([_of_card(wanted, network_cards()), _LOOPBACK]))


def _of_card(wanted: str, cards: list[NetworkCard]) -> str:
    """A card keeps its name when its address changes, so a lab's choice is remembered by it."""
    return next((card.address for card in cards if card.name == wanted), wanted)


def listening_sockets(addresses: list[str], port: int) -> list[socket.socket]:
    """Bound TCP sockets, all on one port (`port`, or a free one when 0); raises `HostError`."""
    if not 0 <= port <= LARGEST_PORT:
        raise HostError(
            "bad_port", Told("{port} is no port number. Choose one from 1 to 65535, for example 8000.", port=port)
        )
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
            Told(
                "Port {port} is already used by another program on this computer, perhaps an Interactive Gym "
                "that is still running. Close that program, or choose another port (for example {next_port}).",
                port=port,
                next_port=other,
            ),
            str(error),
        )
    if error.errno in (errno.EACCES, errno.EPERM, 10013):
        return HostError(
            "port_in_use",
            Told(
                "This computer does not allow port {port} to be used. Choose a port above 1024, for example 8000.",
                port=port,
            ),
            str(error),
        )
    return HostError(
        "no_address",
        Told(
            "The address {address} cannot be used on this computer ({error}). Choose another network "
            "card in the settings, or check the network cable or Wi-Fi.",
            address=address,
            error=error.strerror or error,
        ),
        str(error),
    )


def _can_bind(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
            return True
        except OSError:
            return False


def network_of(address: str) -> str:
    """Whose limits count for this address: an IPv6 network of 64 bits is one household or one computer."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
