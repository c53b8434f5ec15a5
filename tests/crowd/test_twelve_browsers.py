"""Twelve browsers at four computers: who is near plays, who is far is told so, and nobody is measured in vain."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.conditions import keep_on
from tests.browser.exports import assert_parity_of_each_match, read_rows
from tests.browser.participant_page import LOADING_LIMIT_MS, ParticipantPage
from tests.browser.study_copy import spots_study
from tests.chaos.room import Room
from tests.lan import Impairment

NEAR, FAR, FAR_FROM_HOST, FAR_FROM_ALL = slice(0, 8), slice(8, 12), slice(8, 10), slice(10, 12)
EXPIRY_S = 8
TOLD = "Nobody with a fast enough connection was there."


def all_come(people: list[ParticipantPage]) -> None:
    """Everybody stands before the button that leads to the waitroom; their games have loaded by then."""
    for person in people:
        person.join()
    for person in people:
        person.sees("Hello there")
        person.press("Start")
    for person in people:
        person.stands_at("Find a partner")


def enter(room: Room) -> None:
    """Most far ones first: they wait when the others come, and stand in everybody's way as long as they can."""
    *far, last = room.people[FAR]
    for person in far:
        person.press("Find a partner")
    for person in far:
        expect(person.page.get_by_role("button", name="Find a partner")).to_be_hidden(timeout=LOADING_LIMIT_MS)
    for person in [*room.people[NEAR], last]:
        person.press("Find a partner")


def play_to_the_end(people: list[ParticipantPage]) -> None:
    """Each presses a key now and then until everybody has played both games."""
    ends = [person.page.get_by_text("Goodbye").first for person in people]

    def press(_turn: int) -> None:
        for person, end in zip(people, ends, strict=True):
            if not end.is_visible():
                person.hold("ArrowRight", 40)

    keep_on(press, lambda: all(end.is_visible() for end in ends), "everybody's end of both games")


def match_log(room: Room, scene: str) -> list[dict[str, Any]]:
    """The matchmaker's decisions about this scene, as exported."""
    text = (room.engine.folder / "match_logs" / f"{scene}.jsonl").read_text("utf-8")
    return [line for line in map(json.loads, text.splitlines()) if line["kind"] == "match_log"]


def probe_times(log: list[dict[str, Any]]) -> dict[tuple[str, ...], list[float]]:
    """When each pair had been measured."""
    found: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for line in log:
        for pair in line.get("probe_rtts_ms", {}):
            found[tuple(pair.split())].append(line["at"])
    return found


@pytest.mark.timeout(600)
def test_twelve_browsers_the_near_ones_play_and_the_far_ones_are_told(
    playwright: Playwright, quick_chromium: str, tmp_path: Path
) -> None:
    far = {
        "pc2": Impairment(delay_ms=1200),
        "pc3": Impairment(udp_delay_ms=600),
        "pc4": Impairment(udp_delay_ms=600),
    }
    study = spots_study(tmp_path, "crowd")
    with Room(playwright, quick_chromium, study, tmp_path, seats=(8, 2, 1, 1), shaped=far) as room:
        all_come(room.people)
        enter(room)
        play_to_the_end(room.people[NEAR])
        for person in room.people[FAR]:
            person.sees(TOLD)
        for person in room.people:
            person.assert_clean()
        joined = [record["participant"] for record in room.records("joined")]
        reports = room.records("probe")
        room.engine.stop()
    near, far_from_host, far_from_all = joined[NEAR], joined[FAR_FROM_HOST], joined[FAR_FROM_ALL]
    log = match_log(room, "first")

    matched = [tuple(sorted(line["group"])) for line in log if line["decision"] == "matched"]
    assert sorted(member for group in matched for member in group) == sorted(near)
    people = {row["participant"]: row for row in read_rows(room.engine.folder / "participants.csv")}
    assert [people[who]["status"] for who in joined] == ["finished"] * 8 + ["timed_out"] * 4

    assert {report["participant"] for report in reports}.isdisjoint(far_from_host), "filtered before any measurement"
    why = [line["passed_over"].get(who, "") for line in log for who in far_from_host]
    assert any("round trips add up to" in reason for reason in why)
    times = probe_times(log)
    assert all(later - earlier >= EXPIRY_S for of_pair in times.values() for earlier, later in pairwise(of_pair))
    assert {pair for pair in times if set(pair) & set(far_from_all) and set(pair) & set(near)}, ("too slow", times, why)
    assert len(times[tuple(sorted(far_from_all))]) >= 2, ("a rejected pair is tried again when its time is over", times)

    first = assert_parity_of_each_match(room.engine.folder / "first", episodes=2)
    assert sorted(first) == sorted(matched)
    assert sorted(assert_parity_of_each_match(room.engine.folder / "again", episodes=1)) == sorted(first)
    room.engine.assert_only_this_folder()
