"""What this computer's firewall does with participants' browsers, judged from what it tells a standard user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from igym_desktop.flow.findings import Finding
from igym_desktop.flow.start_problems import Fix
from igym_desktop.i18n import tr

Network = Literal["public", "private", "domain"]
RULE_NAME = "Interactive Gym"
TCP, UDP = "6", "17"


@dataclass(frozen=True)
class Rule:
    """One incoming rule that is switched on. Empty `networks`: all; empty `program`, `ports` or `protocol`: any."""

    allows: bool
    program: str = ""
    networks: frozenset[str] = frozenset()
    protocol: str = ""
    ports: str = ""


@dataclass(frozen=True)
class WindowsFacts:
    """`on` and `networks` are by kind and by card; `locked`: the firewall lets nothing in, whatever its rules say."""

    on: Mapping[str, bool]
    locked: Mapping[str, bool]
    networks: Mapping[str, Network]
    rules: tuple[Rule, ...]
    is_admin: bool


@dataclass(frozen=True)
class MacFacts:
    """`blocks_program` None: it was never asked about."""

    is_on: bool
    blocks_all: bool
    blocks_program: bool | None


def rule_of(text: str) -> Rule | None:
    """A rule as Windows keeps it (`v2.31|Action=Allow|Active=TRUE|Dir=In|…`); None if it is off or goes out."""
    fields: dict[str, list[str]] = {}
    for part in text.split("|"):
        name, _, value = part.partition("=")
        fields.setdefault(name.lower(), []).append(value)
    if fields.get("active") != ["TRUE"] or fields.get("dir") != ["In"]:
        return None
    return Rule(
        allows=fields.get("action") == ["Allow"],
        program=(fields.get("app") or [""])[0],
        networks=frozenset(name.lower() for name in fields.get("profile", ())),
        protocol=(fields.get("protocol") or [""])[0],
        ports=",".join(fields.get("lport", ())),
    )


def judge_windows(facts: WindowsFacts, card: str, program: str, port: int) -> Finding:
    """For the network behind the card that participants come through."""
    network = facts.networks.get(card, "public")
    if not facts.on.get(network, True):
        return Finding("go", tr("Windows' firewall is off in this network."))
    if facts.locked.get(network, False):
        return Finding("stop", _locked() + _without(facts), _for_it(_command(program, network)))
    rules = [rule for rule in facts.rules if _concerns(rule, program, network, port)]
    if any(not rule.allows for rule in rules):
        return Finding("stop", _blocked(facts, network), _for_it(_command(program, network, instead=True)))
    if any(rule.allows for rule in rules):
        return Finding("go", tr("Windows' firewall lets this program in ({network}).", network=_network(network)))
    return Finding("warning", _asks(facts, network), _for_it(_command(program, network)))


def judge_macos(facts: MacFacts) -> Finding:
    if not facts.is_on:
        return Finding("go", tr("macOS' firewall is off."))
    if facts.blocks_all:
        return Finding(
            "stop",
            tr(
                "macOS' firewall blocks all incoming connections, so only browsers on this computer can take part. In "
                "System Settings, Network, Firewall, Options, switch off “Block all incoming connections”."
            ),
        )
    if facts.blocks_program:
        return Finding(
            "stop",
            tr(
                "macOS' firewall blocks this program, so only browsers on this computer can take part. In System "
                "Settings, Network, Firewall, Options, set it to “Allow incoming connections”."
            ),
        )
    if facts.blocks_program is None:
        return Finding(
            "warning",
            tr(
                "macOS will ask at the first start whether this program accepts incoming connections: press “Allow”. "
                "The lab check from one seat proves that it worked."
            ),
        )
    return Finding("go", tr("macOS' firewall lets this program in."))


def unknown(port: int) -> Finding:
    """Where nothing can be read (Linux keeps it from standard users). Port 0: each start takes a free one."""
    if port == 0:
        return Finding(
            "go",
            tr(
                "If a firewall runs on this computer, it has to let this program in (TCP and UDP). A rule for a port "
                "needs one that stays: choose it under Settings, as each start takes another free port now. The lab "
                "check from one seat proves it."
            ),
        )
    return Finding(
        "go",
        tr(
            "If a firewall runs on this computer, it has to let port {port} in (TCP and UDP). The lab check from one "
            "seat proves it.",
            port=port,
        ),
    )


def _concerns(rule: Rule, program: str, network: str, port: int) -> bool:
    """A rule for any program counts when it names our port: rules of the system's own services say nothing about us."""
    if (rule.networks and network not in rule.networks) or rule.protocol not in ("", TCP):
        return False
    if rule.program:
        return _same(rule.program, program) and _has_port(rule.ports, port)
    return bool(rule.ports) and _has_port(rule.ports, port)


def _same(one: str, other: str) -> bool:
    return one.replace("/", "\\").lower() == other.replace("/", "\\").lower()


def _has_port(ports: str, port: int) -> bool:
    """`8000,8100-8200` or a word such as RPC; none means all."""
    if not ports:
        return True
    for part in ports.split(","):
        first, _, last = part.partition("-")
        if first.isdigit() and int(first) <= port <= int(last if last.isdigit() else first):
            return True
    return False


def _network(network: str) -> str:
    names = {"public": tr("public network"), "private": tr("private network"), "domain": tr("domain network")}
    return names[network]


def _command(program: str, network: str, *, instead: bool = False) -> str:
    """The exact rule, for somebody with administrator rights. Windows' block rules win, so those have to go first."""
    remove = f'netsh advfirewall firewall delete rule name=all program="{program}" dir=in & ' if instead else ""
    return (
        f'{remove}netsh advfirewall firewall add rule name="{RULE_NAME}" dir=in action=allow program="{program}" '
        f"profile={network} enable=yes"
    )


def _for_it(command: str) -> Fix:
    return Fix(tr("Copy the rule for IT"), "copy", command)


def _asks(facts: WindowsFacts, network: str) -> str:
    if facts.is_admin:
        return tr(
            "Windows' firewall has no rule for this program in this network ({network}). It will ask at the first "
            "start: tick this kind of network and press “Allow access”. The lab check from one seat proves that it "
            "worked.",
            network=_network(network),
        )
    return tr(
        "Windows' firewall has no rule for this program in this network ({network}), and only an administrator can add "
        "it. Hand the copied line to IT.",
        network=_network(network),
    ) + _without(facts)


def _blocked(facts: WindowsFacts, network: str) -> str:
    told = tr(
        "Windows' firewall blocks this program in this network ({network}); “Cancel” was pressed when it asked, "
        "perhaps. Somebody with administrator rights has to run the copied line once.",
        network=_network(network),
    )
    return told + _without(facts)


def _locked() -> str:
    return tr("Windows' firewall is set to block all incoming connections here; only IT can change that.")


def _without(facts: WindowsFacts) -> str:
    if facts.is_admin:
        return ""
    return " " + tr(
        "Until then browsers on this computer can take part, previews, checks and rehearsals work, and recorded data "
        "can be looked at; other computers cannot join."
    )
