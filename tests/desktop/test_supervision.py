"""When the launcher starts, restarts, gives up or kills an engine."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igym_desktop.flow.supervision import BACKOFF_S, CALM_S, READY_LIMIT_S, STOP_LIMIT_S, Supervisor


def test_supervisor_starts_restarts_and_gives_up() -> None:
    supervisor = Supervisor()
    assert supervisor.start(0) == ["spawn"]
    assert supervisor.start(0) == []
    assert supervisor.ready("s1") == ["connect"]
    now = 10.0
    for pause in BACKOFF_S:
        assert supervisor.exited(now) == ["forget"]
        assert supervisor.state == "restarting"
        assert supervisor.tick(now + pause - 0.01) == []
        assert supervisor.tick(now + pause) == ["spawn"]
        assert supervisor.session == "s1"
        supervisor.ready("s1")
        now += pause + 1
    assert supervisor.exited(now) == ["forget"]
    assert supervisor.state == "failed"
    assert "Everything stored so far is safe" in supervisor.problem


def test_supervisor_forgives_after_a_calm_while() -> None:
    supervisor = Supervisor()
    supervisor.start(0)
    supervisor.ready("s1")
    for round_ in range(20):
        now = round_ * (CALM_S + 1)
        supervisor.exited(now)
        assert supervisor.deadline == now + BACKOFF_S[0]
        supervisor.tick(now + BACKOFF_S[0])
        supervisor.ready("s1")


def test_supervisor_waits_for_an_engine_that_still_writes_files() -> None:
    supervisor = Supervisor()
    supervisor.start(0)
    supervisor.ready("s1")
    supervisor.stop(100, end_session=True)
    for now in range(100, 400, 10):
        assert supervisor.still_working(now) == []
        assert supervisor.tick(now + STOP_LIMIT_S - 1) == []
    assert supervisor.tick(390 + STOP_LIMIT_S) == ["kill"], "silent for the whole limit"


def test_supervisor_kills_what_does_not_stop_or_start() -> None:
    supervisor = Supervisor()
    supervisor.start(0)
    assert supervisor.tick(READY_LIMIT_S) == ["kill", "forget"]
    assert supervisor.state == "failed"
    supervisor.start(100)
    supervisor.ready("s1")
    assert supervisor.stop(200, end_session=True) == ["end"]
    assert supervisor.tick(200 + STOP_LIMIT_S) == ["kill"]
    assert supervisor.exited(220) == ["forget"]
    assert supervisor.state == "stopped"


def _orders(supervisor: Supervisor, event: str, now: float) -> list[Any]:
    calls: dict[str, Any] = {
        "start": lambda: supervisor.start(now),
        "ready": lambda: supervisor.ready("s"),
        "exited": lambda: supervisor.exited(now),
        "stop": lambda: supervisor.stop(now, end_session=True),
        "tick": lambda: supervisor.tick(now + 1000),
        "refused": lambda: supervisor.refused("no"),
        "attach": lambda: supervisor.attach("s"),
    }
    return list(calls[event]())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["start", "ready", "exited", "stop", "tick", "refused", "attach"]), max_size=40))
def test_supervisor_never_spawns_two_engines(events: list[str]) -> None:
    supervisor, living, now = Supervisor(), 0, 0.0
    for event in events:
        now += 1.0
        if event == "exited" and living == 0:
            continue
        if event in ("ready", "refused") and (living == 0 or supervisor.state not in ("starting", "stopping")):
            continue
        if event == "attach" and living:
            continue
        before = supervisor.alive
        orders = _orders(supervisor, event, now)
        living += (event == "attach" and not before) + orders.count("spawn")
        if event == "exited" or "kill" in orders or event == "refused":
            living = 0
        assert living <= 1
