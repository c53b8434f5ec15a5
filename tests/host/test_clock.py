"""Time is measured finely where the system's usual clock moves in steps, as Windows' does before Python 3.13."""

from __future__ import annotations

import asyncio
import itertools
import time
from types import SimpleNamespace
from typing import Any

import pytest

from igym.host.base import clock as clocks
from igym.host.base.clock import Clock, coarse_clock, fine_timers
from igym.host.engine.engine import Engine
from igym.host.hostenv.pace import Pace
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.sockets.pings import PingTimer
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import PAIR, SURVEY, StartEngine
from tests.ports import free_port
from tests.waiting import until

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


HOUR_S = 3600.0
WAITS_S = 3.0
ALONE = PAIR.replace("timeout_s=60", f"timeout_s={WAITS_S}, on_timeout='end'")
"""Whoever waits for a partner in vain is sent to the end."""


class Date:
    """The date of a computer, which somebody or a time server sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off_s = 0.0
        own = time.time
        monkeypatch.setattr(time, "time", lambda: own() + self.off_s)


def told(engine: Engine, *kinds: str) -> list[tuple[str, float]]:
    with StoreReader(engine.store.path) as reader:
        return [(record.kind, record.at) for record in reader.records(engine.begun.id, kinds=kinds)]


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S])
async def test_a_date_that_jumps_by_an_hour_moves_no_deadline(
    monkeypatch: pytest.MonkeyPatch, start_engine: StartEngine, jump_s: float
) -> None:
    date = Date(monkeypatch)
    engine = await start_engine(ALONE)
    waiting = asyncio.create_task(SimulatedParticipant(engine.join_url).run())
    await until(lambda: told(engine, "waiting_started"), "somebody waits")
    date.off_s = jump_s
    assert (await waiting).outcome == "timed_out"
    (began,) = [at for _, at in told(engine, "waiting_started")]
    (ended,) = [at for _, at in told(engine, "waitroom_timeout")]
    assert WAITS_S <= ended - began < HOUR_S / 2
    times = [at for _, at in told(engine)]
    assert times == sorted(times), "nothing is recorded before what went before"


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S])
async def test_an_engine_that_starts_again_under_another_date_shortens_no_wait_and_goes_back_in_no_time(
    monkeypatch: pytest.MonkeyPatch, start_engine: StartEngine, jump_s: float
) -> None:
    date = Date(monkeypatch)
    engine = await start_engine(ALONE, port=free_port())
    person = SimulatedParticipant(engine.join_url)
    waiting = asyncio.create_task(person.run())
    await until(lambda: told(engine, "waiting_started"), "somebody waits")
    await engine.stop("the computer is started anew")
    date.off_s = jump_s
    again = await start_engine(ALONE, resume="latest", port=engine.ready.port)
    assert (await waiting).outcome == "timed_out"
    at = dict(told(again, "waiting_started", "session_paused", "session_resumed", "waitroom_timeout"))
    waited_s = at["session_paused"] - at["waiting_started"] + at["waitroom_timeout"] - at["session_resumed"]
    assert WAITS_S - 0.001 <= waited_s < HOUR_S / 2
    times = [at for _, at in told(again)]
    assert times == sorted(times)


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
