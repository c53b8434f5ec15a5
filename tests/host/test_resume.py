"""What a session is told when it goes on: events that could not be handled, another version, other rules."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from igym.core.events import Event, RttMeasured, Tick
from igym.core.session import Session
from igym.host.base.clock import Clock
from igym.host.base.errors import HostError
from igym.host.base.journal import Journal
from igym.host.base.troubles import HostProblems
from igym.host.engine.engine import Engine
from igym.host.export.exporter import Exporter
from igym.host.session.checkpoints import remove_checkpoint
from igym.host.session.runtime import RETRY_TICK_S, Runtime
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.host.conftest import SURVEY, StartEngine

NewClient = Callable[[Engine], ParticipantClient]


class StillClock(Clock):
    def __call__(self) -> float:
        return 100.0


def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the rule for a round trip of 13 ms is broken."""
    handle = Session.handle

    def broken(self: Session, event: Event, now: float, **more: Any) -> Any:
        if isinstance(event, RttMeasured) and event.rtt_ms == 13.0:
            raise ZeroDivisionError("thirteen")
        return handle(self, event, now, **more)

    monkeypatch.setattr(Session, "handle", broken)


def titles(engine: Engine) -> list[object]:
    return [problem["title"] for problem in engine.problems.to_json()]


async def paused(engine: Engine) -> Path:
    """The data folder of a session whose every event must be handled again."""
    await engine.stop("a pause")
    remove_checkpoint(engine.folder, engine.begun.id)
    return engine.folder


def changed(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        database.execute(statement)
        database.commit()


async def test_an_event_that_fails_is_kept_with_its_traceback_and_everybody_else_goes_on(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)
    person = await new_client(engine).join()
    failing(monkeypatch)

    outcome = await engine.runtime.submit(RttMeasured(person, 13.0))
    other = await SimulatedParticipant(engine.join_url).run()

    assert outcome.failed and outcome.effects == ()
    assert other.outcome == "finished"
    [problem] = engine.problems.to_json()
    assert problem["title"] == "Internal error"
    assert f"The event “rtt” of {person} could not be handled (thirteen)" in str(problem["text"])
    assert "ZeroDivisionError" in str(problem["traceback"])
    with StoreReader(engine.store.path) as reader:
        [record] = reader.records(engine.begun.id, kinds=("rule_failed",))
        [event] = [event for event in reader.events(engine.begun.id, types=("rtt",)) if event.seq == record.seq]
    assert record.participant == person, "and the answer to whoever sent it is no"
    assert "ZeroDivisionError: thirteen" in record.body["traceback"] and event.body["rtt_ms"] == 13.0

    folder = await paused(engine)
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_text("utf-8").splitlines()]
    assert [line["participant"] for line in lines if line["kind"] == "rule_failed"] == [person]
    again = await start_engine(SURVEY, resume="latest")
    assert (again.begun.failed_again, again.begun.broken_events) == ({"rtt": 1}, {})
    assert titles(again) == ["Events failed again"]
    assert again.begun.session.state.participants[person].rtt_ms is None, "it changes nothing this time either"


async def test_events_that_cannot_be_handled_again_are_told_with_number_and_kind(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)
    person = await new_client(engine).join()
    for rtt_ms in (13.0, 5.0, 13.0):
        await engine.runtime.submit(RttMeasured(person, rtt_ms))
    await paused(engine)
    failing(monkeypatch)

    again = await start_engine(SURVEY, resume="latest")

    assert again.begun.broken_events == {"rtt": 2}
    [problem] = again.problems.to_json()
    assert (problem["level"], problem["title"]) == ("error", "Events could not be handled again")
    assert "could not be handled again: 2 × rtt." in str(problem["text"])
    log = (again.folder / "engine.log").read_text("utf-8")
    assert "2 × rtt" in log
    assert person in again.begun.session.state.participants


async def test_a_log_of_another_version_is_gone_on_with_and_named(start_engine: StartEngine) -> None:
    folder = await paused(await start_engine(SURVEY))
    changed(folder, "UPDATE sessions SET app_version = '0.0.1'")

    again = await start_engine(SURVEY, resume="latest")

    assert titles(again) == ["The session was begun with another version"]
    [problem] = again.problems.to_json()
    assert "version 0.0.1" in str(problem["text"])


async def test_a_session_of_other_rules_is_refused_and_exported_as_ever(start_engine: StartEngine) -> None:
    engine = await start_engine(SURVEY)
    person = SimulatedParticipant(engine.join_url)
    await person.run()
    folder = await paused(engine)
    answers = folder / "words" / f"{person.client.participant}.csv"
    before = answers.read_bytes()
    answers.unlink()
    changed(folder, "UPDATE sessions SET options_json = json_set(options_json, '$.rules', 0)")

    with pytest.raises(HostError) as refused:
        await start_engine(SURVEY, resume="latest")

    assert refused.value.code == "other_version"
    assert refused.value.text.count(". ") <= 2 and "exported as ever" in refused.value.text
    with StoreReader(folder / DATABASE) as reader:
        [row] = reader.sessions()
        assert row.state != "ended"
    with StoreReader(folder / DATABASE) as reader:
        Exporter(reader, folder, engine.begun.id).export_all()
    assert answers.read_bytes() == before


async def test_a_deadline_whose_rule_fails_does_not_keep_the_engine_busy() -> None:
    """Nothing changes when a rule fails, so the deadline is still due."""
    clock = StillClock()

    async def append_events(*_: object) -> None: ...

    async def run_effects(*_: object) -> None: ...

    def handle(event: Event, _: float) -> Any:
        raise ZeroDivisionError("always")

    session: Any = SimpleNamespace(next_deadline=1.0, handle=handle)
    store: Any = SimpleNamespace(append_events=append_events)
    problems = HostProblems(clock, Journal(clock))
    runtime = Runtime(session, store, "s", clock, problems, run_effects)

    [tick] = await runtime._next_group()
    await runtime._work([tick])

    assert isinstance(tick.event, Tick) and len(problems.to_json()) == 1
    assert runtime._wait_s() == RETRY_TICK_S
