"""Two browsers on two computers, on networks as bad as they come: the episodes finish and both record the same."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.conditions import end_the_game, stored_frames
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.rounds import Round, Rounds
from tests.browser.study_copy import spots_study
from tests.browser.test_links import WITHOUT_WEBSOCKETS, play_until_transport
from tests.browser.test_two_people import meet
from tests.browser.wrong_clock import shift_clock
from tests.chaos.room import Room
from tests.lan import Impairment

pytestmark = pytest.mark.timeout(900)
"""Several browsers share one computer here."""

HOUR_MS = 3_600_000
NETWORKS_AND_PLAIN = 5
PATIENT = 3


def seated(playwright: Playwright, chromium: str, study: Path, folder: Path) -> Room:
    return Room(playwright, chromium, study, folder).__enter__()


def room_of(one: Round) -> Room:
    assert isinstance(one.pair, Room)
    return one.pair


@pytest.fixture(scope="module")
def rounds(playwright: Playwright, quick_chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    """Games of two people on two computers, one for each test that asks."""
    folder = tmp_path_factory.mktemp("rounds")
    given = Rounds(partial(seated, playwright, quick_chromium), folder, rounds=NETWORKS_AND_PLAIN, frames=80)
    yield given
    given.close()


@pytest.fixture(scope="module")
def patient_rounds(
    playwright: Playwright, quick_chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rounds]:
    """Longer games that wait a minute for whoever is gone."""
    folder = tmp_path_factory.mktemp("patient")
    given = Rounds(partial(seated, playwright, quick_chromium), folder, rounds=PATIENT, frames=240, return_s=60)
    yield given
    given.close()
    given.assert_verified()


def press_keys(people: list[ParticipantPage], turns: int) -> None:
    for turn in range(turns):
        people[turn % len(people)].hold(("ArrowUp", "ArrowDown", "ArrowDown")[turn % 3], 150)


NETWORKS = {
    "200 ms": (Impairment(delay_ms=200), Impairment(delay_ms=200)),
    "50 ms one way and 200 ms the other": (Impairment(delay_ms=50), Impairment(delay_ms=200)),
    "100 ms with 75 ms of jitter": (Impairment(delay_ms=100, jitter_ms=75), Impairment(delay_ms=100, jitter_ms=75)),
    "15 % loss and 50 ms": (Impairment(delay_ms=50, loss=0.15), Impairment(delay_ms=50, loss=0.15)),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_both_record_the_same_on(network: str, rounds: Rounds) -> None:
    with rounds.round() as one:
        one.play(10)
        for name, impairment in zip(room_of(one).seats, NETWORKS[network], strict=True):
            room_of(one).lan.shape(name, impairment)
        one.play(60)
        rows = one.finish_alike()
    assert {"1", "2"} & {row["actions.left"] for row in rows}
    assert {"1", "2"} & {row["actions.right"] for row in rows}
    assert any(row["local.rollback_frames"] not in ("", "0") for row in rows)


def assert_direct(folder: Path) -> None:
    assert "p2p" in {row["local.transport"] for path in folder.glob("*_ep*.csv") for row in read_rows(path)}


def test_browsers_on_a_plain_lan_connect_to_each_other(rounds: Rounds) -> None:
    with rounds.round() as one:
        one.play(20)
        one.finish_alike()
        assert_direct(one.folder)


def test_on_a_lan_without_a_default_route_or_websockets_the_match_goes_over_the_host_without_udp_and_comes_back(
    playwright: Playwright, quick_chromium: str, tmp_path: Path
) -> None:
    with Room(playwright, quick_chromium, spots_study(tmp_path, "endless"), tmp_path, route=False) as room:
        room.people[0].context.add_init_script(WITHOUT_WEBSOCKETS)
        for name in room.seats:
            room.lan.shape(name, Impairment(delay_ms=40, jitter_ms=20))
        meet(room.people)
        # A match may begin over the host and change to the direct way once the browsers have found it.
        play_until_transport(room.people, room.engine, "p2p", 5)
        room.lan.shape("pc1", Impairment(delay_ms=40, drop_udp=True))
        play_until_transport(room.people, room.engine, "relay", 5)
        room.lan.mend("pc1")
        play_until_transport(room.people, room.engine, "p2p", 5)
        end_the_game(room.people, "Goodbye")
        for person in room.people:
            person.assert_clean()
        room.engine.stop()
        assert_parity(room.engine.folder / "play", members=2, episodes=1)


def renderers(room: Room, name: str) -> list[int]:
    """The page processes of a computer's browser."""
    pids = room.lan[name].processes()
    return [pid for pid in pids if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_page_frozen_for_six_seconds_catches_up(patient_rounds: Rounds) -> None:
    with patient_rounds.round() as one:
        one.play(40)
        frozen = renderers(room_of(one), "pc2")
        room_of(one).lan["pc2"].signal_processes(signal.SIGSTOP, frozen)
        press_keys(room_of(one).people[:1], 40)
        room_of(one).lan["pc2"].signal_processes(signal.SIGCONT, frozen)
        one.finish_alike()


def goes_on(one: Round, frames: int = 20) -> None:
    """Both press keys until this many more frames of each are stored."""
    one.play(min(stored_frames(one.pair.engine, one.scene).values(), default=0) + frames)


def rests(one: Round, seconds: float) -> None:
    """The network stays as it is for so long: how long is what is tried here."""
    one.pair.people[0].page.wait_for_timeout(1000 * seconds)


def test_pulled_cables_and_people_whom_nothing_reaches_only_pause_the_match(patient_rounds: Rounds) -> None:
    with patient_rounds.round() as one:
        lan, (first, second) = room_of(one).lan, one.pair.people
        goes_on(one)
        lan.cut("pc2")
        # Nobody can tell it: what its own links carry is all it has to go by.
        second.sees("Paused")
        press_keys([first], 6)
        lan.mend("pc2")
        goes_on(one)
        for deaf, seconds, person in (("pc2", 3, second), ("pc1", 8, first)):
            lan.shape(deaf, Impairment(deaf=True))
            person.sees("Paused")
            rests(one, seconds)
            lan.mend(deaf)
            goes_on(one)
        lan.cut("pc2")
        lan.shape("pc1", Impairment(deaf=True))
        for person in (first, second):
            person.sees("Paused")
        rests(one, 20)
        lan.mend("pc1")
        first.sees("This wait ends in")
        rests(one, 10)
        lan.mend("pc2")
        one.finish_alike()
    assert [record["reason"] for record in one.records("match_ended")] == ["complete"]


def test_bursts_a_thin_line_and_no_way_but_the_hosts_with_both_loading_anew_under_wrong_clocks(
    patient_rounds: Rounds,
) -> None:
    with patient_rounds.round() as one:
        lan = room_of(one).lan
        bursts = Impairment(burst_ms=300, duplication=0.3, jitter_ms=60, delay_ms=60)
        for impairment in (bursts, Impairment(rate_kbit_s=64)):
            for name in room_of(one).seats:
                lan.shape(name, impairment)
            goes_on(one, 50)
            room_of(one).tidy()
        lan.shape("pc1", Impairment(drop_udp=True))
        play_until_transport(one.pair.people, one.pair.engine, "relay", 5)
        for person, hours in zip(one.pair.people, (1, -1), strict=True):
            shift_clock(person.context, hours * HOUR_MS)
            person.page.evaluate("setTimeout(() => location.reload(), 50)")
        one.finish_alike()
    assert [record["reason"] for record in one.records("match_ended")] == ["complete"]
