"""The lab check's decisions: who measures with whom, what a measurement means."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from igym.core.lab import AT_ONCE, PAIR_LIMIT_S, LabCheck
from igym.core.lab_verdict import Wanted, browser_words
from igym.experiment.participation import EntryScreening
from igym.protocol.client import Browser
from igym.protocol.lab import GameMeasured, PairMeasured, SeatMeasured, SeatProgress

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def browser(agent: str = CHROME, **more: Any) -> Browser:
    sizes = {"screen_width": 1920, "screen_height": 1080, "viewport_width": 1900, "viewport_height": 900}
    return Browser(user_agent=agent, **{**sizes, **more})


def measured(**more: Any) -> SeatMeasured:
    usual = {"wasm": True, "webrtc": True, "in_front": True, "refresh_hz": 60.0, "game": GameMeasured(step_ms=1.0)}
    return SeatMeasured(**{**usual, **more})


def a_check(*seats: str, **wanted: Any) -> LabCheck:
    check = LabCheck(Wanted(**{"title": "Study", "scene": "game", "fps": 30.0, "players": 2, **wanted}))
    for seat in seats:
        check.hello(seat, browser(), "10.0.0.7")
    return check


def ready(check: LabCheck, *seats: str) -> None:
    for seat in seats:
        check.measured(seat, measured())
        check.rtt(seat, 2.0)


def report(check: LabCheck, pair: Any, *, transport: str | None = "p2p", rtt_ms: float = 1.5) -> None:
    state = "connected" if transport else "failed"
    for seat in (pair.first, pair.second):
        message = PairMeasured(pair=pair.id, state=state, transport=transport, rtt_ms=[rtt_ms] if transport else [])
        assert check.reported(seat, message)


def codes(check: LabCheck, seat: str) -> list[str]:
    return [finding.code for finding in check.judged(seat)[1]]


def run_all(check: LabCheck) -> set[frozenset[str]]:
    met: set[frozenset[str]] = set()
    while pairs := check.next_pairs(0.0):
        busy = [seat for pair in check.running.values() for seat in (pair.first, pair.second)]
        assert len(busy) == len(set(busy)), "a seat measures one pair at a time"
        assert len(check.running) <= AT_ONCE
        for pair in pairs:
            met.add(frozenset((pair.first, pair.second)))
            report(check, pair)
    return met


@pytest.mark.parametrize("count", [2, 3, 7, 20])
def test_every_two_seats_are_measured_once(count: int) -> None:
    seats = [f"PC{number:02}" for number in range(count)]
    check = a_check(*seats)
    ready(check, *seats)
    assert run_all(check) == {frozenset(two) for two in combinations(seats, 2)}
    assert check.is_complete
    assert {check.judged(seat)[0] for seat in seats} == {"go"}
    assert len(check.to_json()["pairs"]) == count * (count - 1) // 2


def test_seats_that_still_measure_themselves_are_in_no_pair() -> None:
    check = a_check("A", "B", "C")
    ready(check, "A", "B")
    assert [(pair.first, pair.second) for pair in check.next_pairs(0.0)] == [("A", "B")]
    assert check.judged("C")[0] == "open"
    assert not check.is_complete


def test_who_plays_alone_needs_no_pairs() -> None:
    check = a_check("A", "B", players=1)
    ready(check, "A", "B")
    assert check.next_pairs(0.0) == []
    assert check.is_complete


def test_a_silent_end_costs_its_limit_and_stops_both() -> None:
    check = a_check("A", "B")
    ready(check, "A", "B")
    (pair,) = check.next_pairs(100.0)
    check.reported("A", PairMeasured(pair=pair.id, state="connected", transport="p2p", rtt_ms=[1.0]))
    assert check.next_pairs(100.0 + PAIR_LIMIT_S - 1) == []
    assert check.judged("A")[0] == "open"
    check.next_pairs(100.0 + PAIR_LIMIT_S)
    assert codes(check, "A") == codes(check, "B") == ["no_pair"]
    assert check.judged("A")[0] == "stop"


def test_a_way_one_end_calls_relayed_is_relayed() -> None:
    check = a_check("A", "B")
    ready(check, "A", "B")
    (pair,) = check.next_pairs(0.0)
    for seat, way in (("A", "p2p"), ("B", "relay")):
        check.reported(seat, PairMeasured(pair=pair.id, state="connected", transport=way, rtt_ms=[3.0, 5.0]))
    assert check.to_json()["pairs"] == [{"a": "A", "b": "B", "transport": "relay", "rtt_ms": 4.0}]
    assert codes(check, "A") == ["relayed"]
    assert check.judged("A")[0] == "warning"


def test_a_report_about_somebody_elses_pair_counts_for_nothing() -> None:
    check = a_check("A", "B", "C")
    ready(check, "A", "B")
    (pair,) = check.next_pairs(0.0)
    lie = PairMeasured(pair=pair.id, state="failed")
    assert not check.reported("C", lie)
    assert not check.reported("A", PairMeasured(pair="pair99", state="failed"))
    report(check, pair)
    assert codes(check, "A") == []


def test_a_seat_that_leaves_says_so_and_frees_its_partner() -> None:
    check = a_check("A", "B", "C")
    ready(check, "A", "B", "C")
    (pair,) = check.next_pairs(0.0)
    check.gone(pair.first)
    assert check.running == {}
    assert codes(check, pair.first) == ["gone"]
    (other,) = check.next_pairs(0.0)
    assert pair.first not in (other.first, other.second)


def test_whoever_closes_the_page_after_the_measurement_keeps_the_verdict() -> None:
    check = a_check("A", "B")
    ready(check, "A", "B")
    run_all(check)
    before = check.judged("A")
    check.gone("A")
    assert check.judged("A") == before and before[0] == "go"


def test_a_page_that_comes_back_is_measured_anew_with_everybody() -> None:
    check = a_check("A", "B")
    ready(check, "A", "B")
    run_all(check)
    check.hello("A", browser(), "10.0.0.8")
    assert check.judged("A")[0] == "open"
    assert check.judged("B")[0] == "open"
    ready(check, "A")
    assert run_all(check) == {frozenset(("A", "B"))}


def test_again_forgets_what_was_measured_and_who_is_gone() -> None:
    check = a_check("A", "B", "C")
    ready(check, "A", "B", "C")
    run_all(check)
    check.gone("C")
    assert check.again() == ["A", "B"]
    assert {row["verdict"] for row in check.to_json()["seats"]} == {"open"}
    assert check.to_json()["pairs"] == []


def test_a_forgotten_seat_is_in_no_result() -> None:
    check = a_check("A", "B")
    ready(check, "A", "B")
    run_all(check)
    check.forget("B")
    assert [row["seat"] for row in check.to_json()["seats"]] == ["A"]
    assert check.judged("A")[0] == "go"


def test_progress_is_shown_until_the_measurement_is_there() -> None:
    check = a_check("A")
    check.progress("A", SeatProgress(step="runtime", loaded=5, total=10))
    assert [(row["step"], row["fraction"]) for row in check.to_json()["seats"]] == [("runtime", 0.5)]
    check.measured("A", measured())
    assert [(row["step"], row["fraction"]) for row in check.to_json()["seats"]] == [("", None)]


@pytest.mark.parametrize(
    ("message", "code", "verdict"),
    [
        (measured(wasm=False, game=None), "no_wasm", "stop"),
        (measured(game=GameMeasured(problem="no module named foo")), "game_failed", "stop"),
        (measured(game=GameMeasured(step_ms=30.0)), "step_too_slow", "stop"),
        (measured(game=GameMeasured(step_ms=10.0)), "step_slow", "warning"),
        (measured(webrtc=False), "no_webrtc", "warning"),
        (measured(in_front=False, refresh_hz=None), "not_in_front", "warning"),
        (measured(refresh_hz=24.0), "slow_display", "warning"),
    ],
)
def test_what_a_measurement_means(message: SeatMeasured, code: str, verdict: str) -> None:
    check = a_check("A")
    check.measured("A", message)
    check.rtt("A", 1.0)
    assert codes(check, "A") == [code]
    assert check.judged("A")[0] == verdict


def test_slow_ways_are_told() -> None:
    check = a_check("A", "B")
    ready(check, "B")
    check.measured("A", measured())
    check.rtt("A", 90.0)
    (pair,) = check.next_pairs(0.0)
    report(check, pair, rtt_ms=120.0)
    assert codes(check, "A") == ["slow_host", "slow_pair"]
    assert codes(check, "B") == ["slow_pair"]


def test_the_experiments_own_screening_counts_here_too() -> None:
    check = a_check("A", screening=EntryScreening(min_screen=(2500, 1000)))
    assert codes(check, "A") == ["screened_out"]


def test_another_browser_than_most_is_worth_knowing() -> None:
    check = a_check("A", "B")
    check.hello("C", browser(FIREFOX), "10.0.0.9")
    assert codes(check, "C") == ["other_browser"]
    assert codes(check, "A") == []


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome 140"),
        (FIREFOX, "Firefox 128"),
        (CHROME + " Edg/139.0.1", "Edge 139"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15", "Safari 17"),
        ("curl", "?"),
    ],
)
def test_browsers_have_a_name_and_a_version(agent: str, words: str) -> None:
    assert browser_words(browser(agent)) == words
