"""The lab check with real browsers: every seat measures itself, the game, and its way to every other seat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.lab_process import LabProcess
from tests.browser.participant_page import LOADING_LIMIT_MS

NO_WEBRTC = "delete window.RTCPeerConnection;"


@pytest.fixture
def seats(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Browser profiles of this test; closed after it."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def open_seat(browser: Browser, seats: list[BrowserContext], url: str, script: str = "") -> Page:
    seats.append(browser.new_context(viewport={"width": 1000, "height": 700}, locale="en"))
    if script:
        seats[-1].add_init_script(script)
    seats[-1].set_default_timeout(LOADING_LIMIT_MS)
    page = seats[-1].new_page()
    page.goto(url)
    return page


def test_three_seats_measure_themselves_the_game_and_each_other(
    browser: Browser, seats: list[BrowserContext], studies: Path, tmp_path: Path
) -> None:
    lab = LabProcess(studies / "duet", tmp_path / "data")
    try:
        assert lab.first["event"] == "ready", lab.first
        # By link parameter, by the lasting seat address of the lab's computers, and typed in.
        first = open_seat(browser, seats, f"{lab.url}?seat=PC01")
        open_seat(browser, seats, lab.url.removesuffix("labcheck") + "seat/PC02", NO_WEBRTC)
        third = open_seat(browser, seats, lab.url)
        third.get_by_label("What does it say on this computer?").fill("PC03")
        third.get_by_role("button", name="Start measuring").click()
        table = lab.until(lambda table: len(table["seats"]) == 3 and table["complete"])

        by_seat = {row["seat"]: row for row in table["seats"]}
        assert set(by_seat) == {"PC01", "PC02", "PC03"}
        for row in by_seat.values():
            assert row["browser"].startswith("Chrome ")
            assert row["screen_width"] > 0
            assert row["refresh_hz"] > 1
            assert row["step_ms"] > 0
            assert row["load_ms"] > 0
            assert row["rtt_ms"] >= 0
        ways = {frozenset((pair["a"], pair["b"])): pair for pair in table["pairs"]}
        assert ways[frozenset(("PC01", "PC03"))]["transport"] == "p2p"
        # A browser that cannot connect directly still reaches the others, through the host, and that is said.
        assert ways[frozenset(("PC01", "PC02"))]["transport"] == "relay"
        assert ways[frozenset(("PC02", "PC03"))]["transport"] == "relay"
        assert all(pair["rtt_ms"] >= 0 for pair in ways.values())
        codes = {seat: {finding["code"] for finding in row["findings"]} for seat, row in by_seat.items()}
        assert {"no_webrtc", "relayed"} <= codes["PC02"]
        assert "no_webrtc" not in codes["PC01"]
        assert by_seat["PC02"]["verdict"] == "warning"
        first.get_by_text("Connections to other computers: 2 of 2 measured").wait_for()

        # A seat that leaves is told to be gone; its page in another window takes over.
        seats[1].close()
        gone = lab.until(lambda table: any(not row["here"] for row in table["seats"]))
        left = [(row["here"], row["verdict"]) for row in gone["seats"] if row["seat"] == "PC02"]
        assert left == [(False, "warning")], "what was measured still holds"
        open_seat(browser, seats, f"{lab.url}?seat=PC01&lang=de")
        first.get_by_role("heading", name="Measured in another window").wait_for()

        assert lab.end() == 0
        third.get_by_role("heading", name="The lab check is over").wait_for()
        (kept,) = (tmp_path / "data").glob("*/lab_check.json")
        assert {row["seat"] for row in json.loads(kept.read_text())["seats"]} == {"PC01", "PC02", "PC03"}
    finally:
        lab.close()
