"""Time is measured finely where the system's usual clock moves in steps, as Windows' does before Python 3.13."""

from __future__ import annotations

import itertools
import time
from types import SimpleNamespace
from typing import Any

import pytest

from igym.host import clock as clocks
from igym.host.clock import Clock, coarse_clock, fine_timers
from igym.host.hostenv.pace import Pace
from igym.host.pings import PingTimer
from tests.host.conftest import SURVEY, StartEngine

STEP_S = 1 / 64
"""15.6 ms, the period of Windows' system timer."""


class Now:
    """A computer whose usual clock stands still between two ticks of its timer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.s = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.s // STEP_S * STEP_S)
        monkeypatch.setattr(time, "perf_counter", lambda: self.s)


def test_round_trips_are_measured_between_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Now(monkeypatch)
    clock, pings, found = Clock(), PingTimer(), []
    for rtt_ms in (0.4, 3.0, 9.5):
        number = pings.send(clock())
        now.s += rtt_ms / 1000
        found.append(pings.answered(number, clock()))
    assert found == pytest.approx([0.4, 3.0, 9.5], abs=0.01)


def test_frames_on_the_host_keep_their_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Now(monkeypatch)
    clock, pace, played_at = Clock(), Pace(60.0), []
    pace.start(clock())
    while len(played_at) < 60:
        now.s += 0.001
        if clock() >= pace.due:
            pace.take(clock())
            played_at.append(now.s)
    gaps_ms = [1000 * (b - a) for a, b in itertools.pairwise(played_at)]
    assert min(gaps_ms) > 15.5 and max(gaps_ms) < 17.8


def info(coarse: str) -> Any:
    return lambda name: SimpleNamespace(resolution=STEP_S if name == coarse else 1e-7)


@pytest.mark.parametrize("coarse", ["perf_counter", "monotonic"])
async def test_a_coarse_clock_is_told_when_a_session_starts(
    monkeypatch: pytest.MonkeyPatch, start_engine: StartEngine, coarse: str
) -> None:
    monkeypatch.setattr(time, "get_clock_info", info(coarse))
    engine = await start_engine(SURVEY)
    told = [problem["text"] for problem in engine.problems.to_json() if problem["title"] == "Coarse clock"]
    assert len(told) == 1 and "15.6 ms" in told[0] and "Python 3.13" in told[0]


def test_the_clocks_of_this_system_are_fine() -> None:
    assert coarse_clock() == ""


def test_windows_timers_are_fine_while_a_session_runs_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, int]] = []
    library = SimpleNamespace(
        timeBeginPeriod=lambda ms: calls.append(("begin", ms)), timeEndPeriod=lambda ms: calls.append(("end", ms))
    )
    monkeypatch.setattr(clocks, "timer_library", lambda: library)
    with pytest.raises(KeyboardInterrupt), fine_timers():
        assert calls == [("begin", 1)]
        raise KeyboardInterrupt
    assert calls == [("begin", 1), ("end", 1)]
