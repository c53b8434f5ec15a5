"""Network cards of this computer, and which of them a lab's computers are most likely connected to."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any, Literal

import psutil

Kind = Literal["cable", "wifi", "virtual"]

_WIRELESS = re.compile(r"wi-?fi|wlan|wireless|drahtlos|airport|^wl", re.IGNORECASE)
# Adapters of virtual machines, tunnels and pairings, as Windows, macOS and Linux name them.
_VIRTUAL = re.compile(
    r"vmware|virtualbox|vbox|hyper-v|virtual|parallels|vpn|wireguard|nordlynx|tailscale|zerotier|hamachi|anyconnect|"
    r"fortinet|pangp|npcap|loopback|bluetooth|\(wsl|docker|"
    r"^(vethernet|vmnet|veth|virbr|br-|zt|utun|tun|tap|wg|ppp|ipsec|awdl|llw|p2p|ap\d|anpi|feth|gif|stf|bridge\d|lxc|lxd)|"
    r"^(local area connection|lan-verbindung)\* ",
    re.IGNORECASE,
)
# First half of a hardware address: VMware, VirtualBox, Hyper-V, Parallels, Docker.
_VIRTUAL_MAKERS = ("00:50:56", "00:0c:29", "00:05:69", "0a:00:27", "08:00:27", "00:15:5d", "00:1c:42", "02:42:ac")
_MAC_NAME = re.compile(r"en\d+")


@dataclass(frozen=True)
class NetworkCard:
    """One IPv4 address of this computer; `is_default` when the way to other networks leads through it."""

    name: str
    address: str
    is_default: bool
    is_virtual: bool
    kind: Kind = "cable"

    @property
    def is_link_local(self) -> bool:
        """It gave itself the address, because no DHCP server answered. It reaches others who did the same."""
        return ipaddress.ip_address(self.address).is_link_local


def network_cards() -> list[NetworkCard]:
    """Addresses other computers can reach, the best guess first. Empty without a network."""
    default, stats = _default_address(), psutil.net_if_stats()
    cards = [
        _card(name, entry.address, entry.address == default, entries, stats.get(name))
        for name, entries in psutil.net_if_addrs().items()
        if name not in stats or stats[name].isup
        for entry in entries
        if entry.family == socket.AF_INET and _is_reachable(entry.address)
    ]
    return sorted(cards, key=_rank)


def is_up(name: str) -> bool:
    """A card the system says nothing about counts as up."""
    stats = psutil.net_if_stats()
    return name not in stats or bool(stats[name].isup)


def _rank(card: NetworkCard) -> tuple[bool, ...]:
    """A cable of the lab comes before the Wi-Fi that leads to the internet; what it gave itself comes last."""
    is_private = ipaddress.ip_address(card.address).is_private
    return (card.is_virtual, card.is_link_local, card.kind != "cable", not card.is_default, not is_private)


def _card(name: str, address: str, is_default: bool, entries: list[Any], stats: Any) -> NetworkCard:
    hardware = next((entry.address for entry in entries if entry.family == psutil.AF_LINK), "")
    kind = _kind(name, str(hardware).lower().replace("-", ":"), stats)
    return NetworkCard(name, address, is_default, kind == "virtual", kind)


def _kind(name: str, hardware: str, stats: Any) -> Kind:
    if _VIRTUAL.search(name) or hardware.startswith(_VIRTUAL_MAKERS):
        return "virtual"
    # macOS calls cable and Wi-Fi alike; only a cable has a speed.
    no_cable = _MAC_NAME.fullmatch(name) is not None and stats is not None and not stats.speed
    return "wifi" if _WIRELESS.search(name) or no_cable else "cable"


def _default_address() -> str | None:
    """Connecting a UDP socket sends nothing; it only asks the system which card it would use."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return None


def _is_reachable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_unspecified)
