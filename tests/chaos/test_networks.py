"""Two browsers on two computers, on networks as bad as they come: the episodes finish and both record the same."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.browser.conditions import end_the_game
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import spots_study, study_copy
from tests.browser.test_links import play_until_transport
from tests.browser.test_two_people import meet, play
from tests.chaos.room import Room
from tests.lan import Impairment

GOODBYE_LIMIT_MS = 90_000


def finish_alike(room: Room, frames: int = 180) -> list[dict[str, str]]:
    """Wait for the last page of everybody; files must be whole and the same. Returns one member's rows."""
    for person in room.people:
        person.sees("Goodbye", limit_ms=GOODBYE_LIMIT_MS)
        person.assert_clean()
    room.engine.stop()
    assert_parity(room.engine.folder / "play", members=len(room.people), episodes=2)
    rows = read_rows(next((room.engine.folder / "play").glob("*_ep0.csv")))
    assert len(rows) == frames
    return rows


def press_keys(people: list[ParticipantPage], turns: int) -> None:
    for turn in range(turns):
        people[turn % len(people)].hold(("ArrowUp", "ArrowDown", "ArrowDown")[turn % 3], 150)


NETWORKS = {
    "100 ms": (Impairment(delay_ms=100), Impairment(delay_ms=100)),
    "200 ms": (Impairment(delay_ms=200), Impairment(delay_ms=200)),
    "50 ms one way and 200 ms the other": (Impairment(delay_ms=50), Impairment(delay_ms=200)),
    "100 ms with 75 ms of jitter": (Impairment(delay_ms=100, jitter_ms=75), Impairment(delay_ms=100, jitter_ms=75)),
    "15 % loss and 50 ms": (Impairment(delay_ms=50, loss=0.15), Impairment(delay_ms=50, loss=0.15)),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_both_record_the_same_on(network: str, playwright: Playwright, chromium: str, tmp_path: Path) -> None:
    study = study_copy(tmp_path, "duet")
    with Room(playwright, chromium, study, tmp_path) as room:
        meet(room.people)
        play(room.people, room.engine, 10)
        for name, impairment in zip(("pc1", "pc2"), NETWORKS[network], strict=True):
            room.lan.shape(name, impairment)
        play(room.people, room.engine, 90)
        rows = finish_alike(room)
    assert {"1", "2"} & {row["actions.left"] for row in rows}
    assert {"1", "2"} & {row["actions.right"] for row in rows}
    assert any(row["local.rollback_frames"] not in ("", "0") for row in rows)


@pytest.mark.parametrize("route", [True, False], ids=["with a default route", "without a default route"])
def test_browsers_on_a_plain_lan_connect_to_each_other(
    route: bool, playwright: Playwright, chromium: str, tmp_path: Path
) -> None:
    study = study_copy(tmp_path, "duet")
    with Room(playwright, chromium, study, tmp_path, route=route) as room:
        meet(room.people)
        play(room.people, room.engine, 20)
        finish_alike(room)
    files = (room.engine.folder / "play").glob("*_ep*.csv")
    assert "p2p" in {row["local.transport"] for path in files for row in read_rows(path)}


def test_without_udp_the_match_goes_on_over_the_host_and_comes_back(
    playwright: Playwright, chromium: str, tmp_path: Path
) -> None:
    with Room(playwright, chromium, spots_study(tmp_path, "endless"), tmp_path) as room:
        meet(room.people)
        play_until_transport(room.people, room.engine, "p2p", 5)
        room.lan.shape("pc1", Impairment(drop_udp=True))
        play_until_transport(room.people, room.engine, "relay", 5)
        room.lan.mend("pc1")
        play_until_transport(room.people, room.engine, "p2p", 5)
        end_the_game(room.people, "Goodbye")
        for person in room.people:
            person.assert_clean()
        room.engine.stop()
        assert_parity(room.engine.folder / "play", members=2, episodes=1)


def test_a_cable_pulled_for_two_seconds_only_pauses_the_match(
    playwright: Playwright, chromium: str, tmp_path: Path
) -> None:
    patient = {".matchmaking(": ".multiplayer(reconnection={'timeout_s': 60}).matchmaking("}
    study = study_copy(tmp_path, "duet", **patient)
    with Room(playwright, chromium, study, tmp_path) as room:
        meet(room.people)
        play(room.people, room.engine, 30)
        room.lan.cut("pc2")
        # Nobody can tell it: what its own links carry is all it has to go by.
        room.people[1].sees("Paused")
        press_keys(room.people[:1], 6)
        room.lan.mend("pc2")
        finish_alike(room)


def renderers(room: Room, name: str) -> list[int]:
    """The page processes of a computer's browser."""
    pids = room.lan[name].processes()
    return [pid for pid in pids if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_page_frozen_for_six_seconds_catches_up(playwright: Playwright, chromium: str, tmp_path: Path) -> None:
    longer: dict[str, Any] = {
        '"frames": 180': '"frames": 300',
        ".matchmaking(": ".multiplayer(reconnection={'timeout_s': 60}).matchmaking(",
    }
    study = study_copy(tmp_path, "duet", **longer)
    with Room(playwright, chromium, study, tmp_path) as room:
        meet(room.people)
        play(room.people, room.engine, 40)
        frozen = renderers(room, "pc2")
        room.lan["pc2"].signal_processes(signal.SIGSTOP, frozen)
        press_keys(room.people[:1], 40)
        room.lan["pc2"].signal_processes(signal.SIGCONT, frozen)
        finish_alike(room, frames=300)
