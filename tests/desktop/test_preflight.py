"""What the checks before a session find, and what they advise."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from igym.host.base.cards import NetworkCard
from igym.protocol.told import Told, together
from igym_desktop.flow import firewall_reader, preflight
from igym_desktop.flow.library import Entry
from igym_desktop.i18n import use_language


def situation(tmp_path: Path, **changes: Any) -> preflight.Situation:
    entry = Entry(tmp_path, "own", "ready", {"ok": True, "id": "x", "scenes": [1, 2], "players": 2})
    return preflight.Situation(**{"entry": entry, "data_root": tmp_path / "data", "port": 0, "address": "", **changes})


def test_preflight_names_port_trouble_and_a_port_that_works(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finding = preflight.check_port(situation(tmp_path, port=port, address="127.0.0.1"))
    assert finding.result == "stop" and f"Port {port} is already used" in finding.text
    assert finding.fix is not None and finding.fix.kind == "port" and int(finding.fix.value) > port
    assert preflight.check_port(situation(tmp_path)).result == "go"


def test_no_check_names_port_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands for: whichever is free at the start."""
    monkeypatch.setattr(firewall_reader.sys, "platform", "linux")  # where nothing can be read
    checks = (preflight.check_port, preflight.check_direct, preflight.check_firewall)
    texts = [check(situation(tmp_path)).text for check in checks]
    assert not any("0" in text for text in texts), texts
    assert "needs one that stays" in texts[2]
    texts = [check(situation(tmp_path, own_port=8123)).text for check in checks]
    assert all("8123" in text for text in texts), texts


def test_preflight_network(tmp_path: Path) -> None:
    lan, second = NetworkCard("eth0", "10.0.0.5", True, False), NetworkCard("wlan0", "10.1.0.5", False, False, "wifi")
    assert (
        preflight.check_network(situation(tmp_path), [lan]).text
        == "Participants reach this computer at 10.0.0.5 (eth0)."
    )
    none = preflight.check_network(situation(tmp_path), [])
    assert none.result == "warning" and "No network was found" in none.text
    several = preflight.check_network(situation(tmp_path), [lan, second])
    assert several.result == "warning" and "10.1.0.5 (wlan0, Wi-Fi)" in several.text
    alone = preflight.check_network(situation(tmp_path), [NetworkCard("Ethernet", "169.254.7.1", False, False)])
    assert alone.result == "warning" and "gave itself 169.254.7.1" in alone.text
    gone = preflight.check_network(situation(tmp_path, address="203.0.113.77"), [lan])
    assert gone.result == "stop" and "203.0.113.77" in gone.text and gone.fix is not None


def test_preflight_data_folder_and_space(tmp_path: Path) -> None:
    assert preflight.check_data(situation(tmp_path)).result == "go"
    (tmp_path / "file").write_text("")
    blocked = preflight.check_data(situation(tmp_path, data_root=tmp_path / "file" / "data"))
    assert blocked.result == "stop" and "cannot be written" in blocked.text
    results = [
        preflight.check_space(situation(tmp_path), lambda _, free=free: free).result
        for free in (10_000_000, 200_000_000, 10**12)
    ]
    assert results == ["stop", "warning", "go"]
    assert preflight.check_clock(situation(tmp_path), now=0.0).result == "warning"


def test_preflight_reads_the_children() -> None:
    missing = preflight.from_prepare({"event": "prepared", "ok": False, "missing": ["cogrid is missing."]}, "")
    assert (
        missing.result == "stop"
        and missing.text == "cogrid is missing."
        and missing.fix is not None
        and missing.fix.kind == "download"
    )
    assert preflight.from_prepare({"event": "prepared", "ok": True, "packages": ["a"]}, "").result == "go"
    assert preflight.from_prepare({}, "boom").text.endswith("boom")
    assert preflight.summary({"a": missing})[0] == "stop"
    assert preflight.summary({"a": preflight.Finding("go", "")}) == ("go", "Ready to start.")


def test_the_check_of_envs_says_what_a_frame_costs_in_a_browser() -> None:
    cost = {"strategy": "copy", "frame_ms": 1.24, "step_ms": 0.3, "save_ms": 0.1, "load_ms": 0.05}
    scenes = [
        {"scene": "duel", "ok": True, "warnings": [], "browser": cost},
        {"scene": "solo", "ok": True, "warnings": [], "browser": None},
        {"scene": "hosted", "ok": True, "warnings": [], "where": "host", "browser": None},
    ]
    found = preflight.from_check({"ok": True, "scenes": scenes}, "")
    assert found.result == "go"
    assert "duel: in this computer's browser a frame takes 1.2 ms (step 0.30, save 0.10, load 0.05 ms)." in found.text
    assert "solo: not measured in a browser" in found.text
    assert "hosted" not in found.text


def test_what_the_check_of_envs_warns_of_is_told_in_the_launchers_language() -> None:
    told = together(
        Told("Observations of more than {most} numbers are left out of the data ({scenes}).", most=64, scenes="a: 70"),
        Told("Set max_observation_numbers={most} in runtime() to keep them.", most=70),
    )
    scenes = [{"scene": "duel", "ok": True, "warnings": [told], "where": "host"}]
    assert preflight.from_check({"ok": True, "scenes": scenes}, "").text.startswith(told)
    use_language("de")
    try:
        found = preflight.from_check({"ok": True, "scenes": scenes}, "")
    finally:
        use_language("en")
    assert found.result == "warning"
    assert found.text.startswith(
        "Beobachtungen mit mehr als 64 Zahlen werden nicht aufgezeichnet (a: 70). Mit max_observation_numbers=70 in"
    )


def test_the_walk_through_the_study_is_told_with_its_place() -> None:
    ended = {"finished": 18, "dropped": 1, "withdrawn": 1}
    sound = {"ok": True, "study": {"ok": True, "people": 20, "ended": ended, "findings": []}}
    found = preflight.from_study(sound, "")
    assert (found.result, found.text.splitlines()[0][:29]) == ("go", "20 made-up people took part (")
    failing = {
        "level": "error",
        "text": "branches.more failed: KeyError: 'agian'",
        "file": "experiment.py",
        "path": "/study/experiment.py",
        "line": 4,
    }
    found = preflight.from_study({"ok": False, "study": {**sound["study"], "ok": False, "findings": [failing]}}, "")
    assert found.result == "stop"
    assert found.text.endswith("branches.more failed: KeyError: 'agian' (experiment.py, line 4)")
    assert found.fix is not None and found.fix.value == "/study/experiment.py|4"
    unread = preflight.from_study({"ok": False, "error": {"text": "It cannot be loaded."}}, "")
    assert (unread.result, unread.text) == ("warning", "The study could not be walked through. It cannot be loaded.")
