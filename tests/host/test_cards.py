"""The address participants get, from what psutil answers on labs' computers."""

from __future__ import annotations

import socket
from typing import Any, NamedTuple

import psutil
import pytest

from igym.host.base import cards, network
from igym.host.base.errors import HostError


class Entry(NamedTuple):
    """As psutil answers an address; Windows writes hardware addresses with dashes."""

    family: int
    address: str


class Stats(NamedTuple):
    isup: bool
    speed: int


def card(*addresses: str, mac: str = "", up: bool = True, speed: int = 1000) -> tuple[list[Entry], Stats]:
    link = [Entry(psutil.AF_LINK, mac)] if mac else []
    six = [Entry(socket.AF_INET6, "fe80::1c2d:3e4f%12")]
    return [*link, *(Entry(socket.AF_INET, address) for address in addresses), *six], Stats(up, speed)


Cards = dict[str, tuple[list[Entry], Stats]]
REAL = "A4-BB-6D-12-34-56"
WINDOWS_LOOPBACK = {"Loopback Pseudo-Interface 1": card("127.0.0.1", speed=1073)}

# name of the lab → (cards, address the system would use for other networks, addresses in the expected order)
LABS: dict[str, tuple[Cards, str | None, list[str]]] = {
    "Windows, isolated switch with a router, VMware": (
        {
            "VMware Network Adapter VMnet1": card("192.168.40.1", mac="00-50-56-C0-00-01", speed=100),
            "VMware Network Adapter VMnet8": card("192.168.98.1", mac="00-50-56-C0-00-08", speed=100),
            "Ethernet": card("10.10.0.5", mac=REAL),
            **WINDOWS_LOOPBACK,
        },
        None,
        ["10.10.0.5", "192.168.40.1", "192.168.98.1"],
    ),
    "Windows, VirtualBox's adapter named like a real one": (
        {
            "Ethernet 3": card("192.168.56.1", mac="0A-00-27-00-00-0B"),
            "Ethernet": card("192.168.1.20", mac=REAL),
            **WINDOWS_LOOPBACK,
        },
        None,
        ["192.168.1.20", "192.168.56.1"],
    ),
    "Windows, Hyper-V and WSL, Wi-Fi alone": (
        {
            "vEthernet (Default Switch)": card("172.28.96.1", mac="00-15-5D-01-02-03", speed=10000),
            "vEthernet (WSL (Hyper-V firewall))": card("172.20.0.1", mac="00-15-5D-01-02-04", speed=10000),
            "LAN-Verbindung* 1": card("169.254.11.12", mac="A6-BB-6D-12-34-57", up=False),
            "Bluetooth-Netzwerkverbindung": card("169.254.8.9", mac="A4-BB-6D-12-34-5A", up=False, speed=3),
            "WLAN": card("192.168.178.33", mac=REAL, speed=866),
            **WINDOWS_LOOPBACK,
        },
        "192.168.178.33",
        ["192.168.178.33", "172.28.96.1", "172.20.0.1"],
    ),
    "Windows, cable to the lab, Wi-Fi to the internet": (
        {"Wi-Fi": card("192.168.0.9", speed=866), "Ethernet": card("10.0.0.7", mac=REAL), **WINDOWS_LOOPBACK},
        "192.168.0.9",
        ["10.0.0.7", "192.168.0.9"],
    ),
    "Windows, a switch and nothing else": (
        {
            "VirtualBox Host-Only Network": card("192.168.56.1", mac="0A-00-27-00-00-0B"),
            "Ethernet": card("169.254.77.3", mac=REAL),
            **WINDOWS_LOOPBACK,
        },
        None,
        ["169.254.77.3", "192.168.56.1"],
    ),
    "Windows, VPN with the way to everywhere": (
        {
            "PANGP Virtual Ethernet Adapter": card("10.99.1.2", mac="02-50-41-00-00-01", speed=2000),
            "Ethernet": card("134.99.10.5", mac=REAL),
            **WINDOWS_LOOPBACK,
        },
        "10.99.1.2",
        ["134.99.10.5", "10.99.1.2"],
    ),
    "Windows, cable pulled out": (
        {"Ethernet": card("169.254.3.4", mac=REAL, up=False, speed=0), **WINDOWS_LOOPBACK},
        None,
        [],
    ),
    "macOS, adapter for the cable, Wi-Fi, Parallels, sharing, tunnels": (
        {
            "lo0": card("127.0.0.1", speed=0),
            "en0": card("192.168.178.40", mac="f0:18:98:11:22:33", speed=0),
            "en7": card("10.0.0.3", mac="00:e0:4c:68:01:02", speed=1000),
            "awdl0": card(mac="c6:98:11:22:33:44", speed=0),
            "bridge100": card("10.211.55.2", mac="f2:18:98:11:22:64", speed=0),
            "vmenet0": card(mac="5e:11:22:33:44:55", speed=0),
            "utun4": card("100.101.102.103", speed=0),
        },
        "100.101.102.103",
        ["10.0.0.3", "192.168.178.40", "100.101.102.103", "10.211.55.2"],
    ),
    "macOS, Wi-Fi": (
        {"lo0": card("127.0.0.1", speed=0), "en0": card("172.16.4.2", mac="f0:18:98:11:22:33", speed=0)},
        "172.16.4.2",
        ["172.16.4.2"],
    ),
    "Linux": (
        {
            "lo": card("127.0.0.1"),
            "docker0": card("172.17.0.1", mac="02:42:ac:11:00:01", speed=0),
            "enp3s0": card("10.0.0.7", mac="a4:bb:6d:12:34:56"),
            "wlp2s0": card("192.168.0.9", mac="a4:bb:6d:12:34:57", speed=0),
            "eno2": card("169.254.3.3", mac="a4:bb:6d:12:34:58"),
        },
        "192.168.0.9",
        ["10.0.0.7", "192.168.0.9", "169.254.3.3", "172.17.0.1"],
    ),
}


def install(monkeypatch: pytest.MonkeyPatch, found: Cards, default: str | None) -> None:
    def answer(part: int) -> Any:
        return lambda: {name: each[part] for name, each in found.items()}

    monkeypatch.setattr(cards.psutil, "net_if_addrs", answer(0))
    monkeypatch.setattr(cards.psutil, "net_if_stats", answer(1))
    monkeypatch.setattr(cards, "_default_address", lambda: default)


@pytest.mark.parametrize("lab", LABS)
def test_the_card_the_lab_is_connected_to_comes_first(monkeypatch: pytest.MonkeyPatch, lab: str) -> None:
    found, default, expected = LABS[lab]
    install(monkeypatch, found, default)
    assert [each.address for each in cards.network_cards()] == expected
    assert network.advertised_address(None) == (expected[0] if expected else "127.0.0.1")


def test_a_chosen_card_is_known_by_its_name_when_its_address_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"WLAN": card("192.168.0.9"), "Ethernet": card("10.0.0.7", mac=REAL)}
    install(monkeypatch, both, "192.168.0.9")
    assert network.advertised_address("WLAN") == "192.168.0.9"
    install(monkeypatch, {**both, "WLAN": card("192.168.0.44")}, None)
    assert network.advertised_address("WLAN") == "192.168.0.44"
    assert network.bind_addresses("WLAN") == ["192.168.0.44", "127.0.0.1"]
    install(monkeypatch, {"Ethernet": both["Ethernet"]}, None)
    with pytest.raises(HostError) as caught:
        network.advertised_address("WLAN")
    assert "WLAN" in caught.value.text and "10.0.0.7 (Ethernet)" in caught.value.text
