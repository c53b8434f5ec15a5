"""What Preflight says about firewalls, from what Windows and macOS tell a standard user."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from igym_desktop.flow.firewall import WindowsFacts, judge_macos, judge_windows, rule_of
from igym_desktop.flow.firewall_reader import POLICY, macos_facts, windows_facts

APP = r"C:\Users\Jürgen Groß\AppData\Local\Programs\Interactive Gym\interactive-gym.exe"
ALLOWED = (
    r"v2.33|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Private|App=c:\users\jürgen groß\appdata\local"
    r"\programs\interactive gym\interactive-gym.exe|Name=interactive-gym.exe|Desc=interactive-gym.exe|Defer=User|"
)
BLOCKED = ALLOWED.replace("Action=Allow", "Action=Block").replace("Profile=Private", "Profile=Public")
SYSTEM = (
    "v2.33|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=RPC|App=%systemroot%\\system32\\svchost.exe|Name=@x|",
    "v2.33|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=8000|Name=old|",
    "v2.33|Action=Allow|Active=TRUE|Dir=Out|Name=out|",
    "v2.33|Action=Allow|Active=TRUE|Dir=In|Name=an app of the store|",
)
NETWORKS = [{"InterfaceAlias": "Ethernet", "Kind": 1}, {"InterfaceAlias": "WLAN", "Kind": 0}]


def registry(rules: tuple[str, ...], **profiles: dict[str, int]) -> Any:
    """`winreg` with these values."""
    tree: dict[str, list[tuple[str, Any, int]]] = {
        rf"{POLICY}\FirewallRules": [(f"{{{number}}}", text, 1) for number, text in enumerate(rules)]
    }
    for name in ("PublicProfile", "StandardProfile", "DomainProfile"):
        values = {"EnableFirewall": 1, "DoNotAllowExceptions": 0, **profiles.get(name, {})}
        tree[rf"{POLICY}\{name}"] = [(key, value, 4) for key, value in values.items()]

    class Key:
        def __init__(self, _root: object, path: str) -> None:
            self.values = tree[path]

        def __enter__(self) -> Key:
            return self

        def __exit__(self, *_: object) -> None: ...

    return SimpleNamespace(
        HKEY_LOCAL_MACHINE=object(),
        OpenKey=Key,
        QueryInfoKey=lambda key: (0, len(key.values), 0),
        EnumValue=lambda key, number: key.values[number],
    )


def facts(*rules: str, admin: bool = False, networks: Any = NETWORKS, **profiles: dict[str, int]) -> WindowsFacts:
    def ask(command: list[str]) -> str:
        if command[0] == "whoami":
            return '"VORDEFINIERT\\Administratoren","Alias","S-1-5-32-544","…"' if admin else '"Jeder","","S-1-1-0",""'
        return json.dumps(networks)

    return windows_facts(ask, registry((*SYSTEM, *rules), **profiles))


def test_a_rule_for_this_program_in_this_network_lets_it_in() -> None:
    assert judge_windows(facts(ALLOWED), "Ethernet", APP, 8000).result == "go"


def test_a_rule_for_another_network_does_not() -> None:
    found = judge_windows(facts(ALLOWED, admin=True), "WLAN", APP, 8000)
    assert found.result == "warning" and "public network" in found.text and "Allow access" in found.text


def test_a_standard_user_gets_the_exact_rule_for_it_and_what_works_without() -> None:
    found = judge_windows(facts(), "Ethernet", APP, 8000)
    assert found.result == "warning" and "administrator" in found.text
    assert "browsers on this computer can take part" in found.text
    assert found.fix is not None and found.fix.kind == "copy"
    assert found.fix.value == (
        f'netsh advfirewall firewall add rule name="Interactive Gym" dir=in action=allow program="{APP}" '
        "profile=private enable=yes"
    )


def test_a_pressed_cancel_is_named_with_the_line_that_undoes_it() -> None:
    found = judge_windows(facts(ALLOWED, BLOCKED), "WLAN", APP, 8000)
    assert found.result == "stop" and "Cancel" in found.text
    assert found.fix is not None and "delete rule" in found.fix.value and "add rule" in found.fix.value


@pytest.mark.parametrize(
    ("ports", "result"),
    [("8000", "go"), ("7000-9000", "go"), ("80", "warning"), ("RPC", "warning")],
)
def test_a_rule_for_the_port_lets_it_in(ports: str, result: str) -> None:
    rule = f"v2.33|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort={ports}|Name=lab|"
    assert judge_windows(facts(rule), "Ethernet", APP, 8000).result == result


def test_a_firewall_that_is_off_or_locked_is_said() -> None:
    off = judge_windows(facts(StandardProfile={"EnableFirewall": 0}), "Ethernet", APP, 8000)
    assert off.result == "go" and "off" in off.text
    locked = judge_windows(facts(ALLOWED, StandardProfile={"DoNotAllowExceptions": 1}), "Ethernet", APP, 8000)
    assert locked.result == "stop" and "block all" in locked.text


def test_one_network_alone_is_answered_without_a_list() -> None:
    assert facts(networks=NETWORKS[0]).networks == {"Ethernet": "private"}


def test_rules_that_are_off_or_for_outgoing_connections_do_not_count() -> None:
    assert [rule_of(text) is None for text in SYSTEM] == [False, True, True, False]


@pytest.mark.parametrize(
    ("state", "block_all", "app", "result", "words"),
    [
        ("Firewall is disabled. (State = 0)", "", "", "go", "off"),
        ("Firewall is enabled. (State = 1)", "Block all DISABLED!",
         "Incoming connection to the application is permitted", "go", "lets this program in"),
        ("Firewall is enabled. (State = 1)", "Block all DISABLED!", "The application is not part of the firewall",
         "warning", "press “Allow”"),
        ("Firewall is enabled. (State = 1)", "Block all DISABLED!", "Incoming connection to the application is blocked",
         "stop", "blocks this program"),
        ("Firewall is enabled. (State = 2)", "Firewall is set to block all non-essential incoming connections",
         "The application is not part of the firewall", "stop", "blocks all"),
    ],
)  # fmt: skip
def test_macos_answers_are_judged(state: str, block_all: str, app: str, result: str, words: str) -> None:
    answers = {"--getglobalstate": state, "--getblockall": block_all, "--getappblocked": app}
    found = judge_macos(macos_facts(lambda command: answers[command[1]] + "\n", "/Applications/Interactive Gym.app"))
    assert found.result == result and words in found.text
