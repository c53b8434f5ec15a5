"""Asks the system's firewall what a standard user may know."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from igym.host.base.cards import network_cards
from igym.host.base.network import advertised_address
from igym.host.base.spawn import is_frozen
from igym_desktop.flow.findings import Finding, Situation
from igym_desktop.flow.firewall import (
    MacFacts,
    Network,
    Rule,
    WindowsFacts,
    judge_macos,
    judge_windows,
    rule_of,
    unknown,
)

LIMIT_S = 20
POLICY = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
PROFILES = {"public": "PublicProfile", "private": "StandardProfile", "domain": "DomainProfile"}
CATEGORIES: Mapping[Any, Network] = {0: "public", 1: "private", 2: "domain"}
ASK_NETWORKS = "@(Get-NetConnectionProfile | Select-Object InterfaceAlias, @{n='Kind';e={[int]$_.NetworkCategory}})"
ADMINISTRATORS = "S-1-5-32-544"
MACOS_TOOL = "/usr/libexec/ApplicationFirewall/socketfilterfw"

Run = Callable[[list[str]], str]


def check_firewall(situation: Situation) -> Finding:
    """Never fails: what cannot be read is not known."""
    port = situation.port or situation.own_port
    try:
        if sys.platform == "win32":
            return judge_windows(windows_facts(), _card(situation), program(), port)
        elif sys.platform == "darwin":
            return judge_macos(macos_facts(run, program()))
        else:
            return unknown(port)
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        return unknown(port)


def program() -> str:
    """The file that the system sees as the server: in a virtual environment of Windows not the one that was started."""
    return sys.executable if is_frozen() else str(getattr(sys, "_base_executable", sys.executable))


def _card(situation: Situation) -> str:
    address = advertised_address(situation.address)
    return next((card.name for card in network_cards() if card.address == address), "")


def run(command: list[str]) -> str:
    """What a program of the system prints; raises `OSError` or `SubprocessError`."""
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", timeout=LIMIT_S, check=True,
        stdin=subprocess.DEVNULL, creationflags=flags,
    )  # fmt: skip
    return done.stdout


def windows_facts(ask: Run = run, registry: Any = None) -> WindowsFacts:
    """`registry` is `winreg`."""
    if registry is None:
        import winreg as registry
    profiles = {kind: _values(registry, rf"{POLICY}\{name}") for kind, name in PROFILES.items()}
    return WindowsFacts(
        on={kind: bool(found.get("EnableFirewall", 1)) for kind, found in profiles.items()},
        locked={kind: bool(found.get("DoNotAllowExceptions", 0)) for kind, found in profiles.items()},
        networks=_networks(ask),
        rules=tuple(_rules(registry)),
        is_admin=ADMINISTRATORS in ask(["whoami", "/groups", "/fo", "csv"]),
    )


def _networks(ask: Run) -> dict[str, Network]:
    """Card → kind of its network. Numbers, since the names are in the system's language."""
    told = json.loads(ask(["powershell", "-NoProfile", "-Command", f"ConvertTo-Json -InputObject {ASK_NETWORKS}"]))
    entries = told if isinstance(told, list) else [told]
    return {entry["InterfaceAlias"]: CATEGORIES[entry["Kind"]] for entry in entries}


def _rules(registry: Any) -> Iterator[Rule]:
    for text in _values(registry, rf"{POLICY}\FirewallRules").values():
        rule = rule_of(str(text))
        if rule is not None:
            yield rule


def _values(registry: Any, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, path) as key:
        for number in range(registry.QueryInfoKey(key)[1]):
            name, value, _ = registry.EnumValue(key, number)
            found[name] = value
    return found


def macos_facts(ask: Run, app: str) -> MacFacts:
    """Its answers are in English whatever the system's language is."""
    if "disabled" in ask([MACOS_TOOL, "--getglobalstate"]).lower():
        return MacFacts(False, False, None)
    block_all = ask([MACOS_TOOL, "--getblockall"]).lower()
    blocks_all = "set to block all" in block_all or "enabled" in block_all
    told = ask([MACOS_TOOL, "--getappblocked", app]).lower()
    known = "not part of the firewall" not in told
    return MacFacts(True, blocks_all, "blocked" in told if known else None)
