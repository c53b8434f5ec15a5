from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from igym.host.store.engine_file import read_engine_file
from igym_desktop.engine import EngineKeeper
from igym_desktop.flow.launch import LaunchPlan, LaunchRecord
from igym_desktop.flow.processes import is_running
from tests.waiting import until

from .conftest import fake_command


@pytest.fixture
def plan(tmp_path: Path) -> LaunchPlan:
    study, data = str(tmp_path / "study"), str(tmp_path / "data")
    return LaunchPlan(study, "mountain_car", "Mountain Car", data, port=0, address="127.0.0.1")


@pytest.fixture
def record(tmp_path: Path) -> LaunchRecord:
    return LaunchRecord(tmp_path / "session.json")


def new_engine(record: LaunchRecord) -> EngineKeeper:
    return EngineKeeper(fake_command, record)


def test_start_shows_the_session_and_stop_leaves_no_process(
    play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(participants=3)
        engine = new_engine(record)
        engine.start(plan)
        await until(lambda: engine.mirror.session, "snapshot")
        assert engine.join_url.startswith("http://127.0.0.1:")
        assert len(engine.mirror.participants) == 3
        assert record.read() is not None
        pid = engine.pid
        engine.stop(end_session=True)
        await until(lambda: engine.state == "stopped", "stopped")
        assert not is_running(pid)
        assert record.read() is None

    play(scenario())


def test_a_crashed_engine_is_restarted_with_its_session_and_port(
    play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(participants=1)
        engine = new_engine(record)
        engine.start(plan)
        await until(lambda: engine.mirror.session, "snapshot")
        session, url, pid = engine.mirror.session["id"], engine.join_url, engine.pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: engine.state == "restarting", "restarting")
        await until(
            lambda: engine.state == "running" and engine.link.is_connected and engine.pid != pid, "running again"
        )
        assert engine.mirror.session["id"] == session
        assert engine.join_url == url
        engine.stop(end_session=True)
        await until(lambda: engine.state == "stopped", "stopped")

    play(scenario())


def test_a_session_that_is_ended_from_elsewhere_is_not_started_again(
    play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(participants=1)
        engine = new_engine(record)
        states: list[str] = []
        engine.start(plan)
        await until(lambda: engine.mirror.session, "snapshot")
        engine.state_changed.connect(states.append)
        for command in ("end_session", "stop_engine"):  # as `igym end` does
            engine.link.command(command, {}, "", lambda reply: None)
        await until(lambda: engine.state != "running", "the engine has gone")
        assert engine.state == "stopped" and set(states) == {"stopped"}
        assert engine.unfinished() is None, "nothing is left to be resumed"

    play(scenario())


@pytest.mark.parametrize("by", ["this launcher", "another", "a signal"])
def test_an_engine_that_fails_after_its_session_has_ended_is_told(
    by: str, play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(participants=1, ends_with=4)
        engine = new_engine(record)
        told: list[Any] = []
        engine.failed.connect(lambda *what: told.append(what))
        engine.start(plan)
        await until(lambda: engine.mirror.session, "snapshot")
        if by == "this launcher":
            engine.stop(end_session=True)
        elif by == "another":
            for command in ("end_session", "stop_engine"):
                engine.link.command(command, {}, "", lambda reply: None)
        else:
            engine.link.close()
            engine.stop(end_session=False)
        await until(lambda: told, "told")
        assert told == [("crashed", "The server process ended unexpectedly (exit code 4).", {"output": ""})]
        assert engine.state == "stopped", "nothing is started again"

    play(scenario())


def test_an_engine_that_is_ended_from_here_has_not_failed(
    play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(participants=1)
        engine = new_engine(record)
        told: list[Any] = []
        engine.failed.connect(lambda *what: told.append(what))
        engine.start(plan)
        await until(lambda: engine.mirror.session, "snapshot")
        assert engine._child is not None
        engine._supervisor.stop(0, end_session=False)
        engine._child.kill()
        await until(lambda: engine.state == "stopped", "stopped")
        assert told == []

    play(scenario())


def test_a_new_launcher_takes_over_the_running_engine(
    play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(participants=2)
        first = new_engine(record)
        first.start(plan)
        await until(lambda: first.mirror.session, "snapshot")
        child = first._child
        pid = first.pid
        first.let_go()
        second = new_engine(record)
        assert second.reattach() == "attach"
        await until(lambda: second.mirror.session, "snapshot of the second launcher")
        assert len(second.mirror.participants) == 2
        assert second.pid == pid
        assert read_engine_file(plan.data_folder) is not None
        second.stop(end_session=True)
        await until(lambda: second.state == "stopped", "stopped")
        assert child is not None and child.join(60)
        assert record.read() is None

    play(scenario())


def test_an_attached_engine_that_crashes_is_restarted(
    play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(participants=1)
        first = new_engine(record)
        first.start(plan)
        await until(lambda: first.mirror.session, "snapshot")
        pid = first.pid
        first.let_go()
        second = new_engine(record)
        second.reattach()
        await until(lambda: second.link.is_connected, "attached")
        os.kill(pid, signal.SIGKILL)
        await until(
            lambda: second.state == "running" and second.pid not in (0, pid) and second.link.is_connected, "restarted"
        )
        second.stop(end_session=True)
        await until(lambda: second.state == "stopped", "stopped")

    play(scenario())


def test_a_session_cut_off_is_offered_for_resuming(record: LaunchRecord, plan: LaunchPlan, qapp: Any) -> None:
    ready = {"port": 8080, "session": "s1", "join_url": "http://10.0.0.1:8080/"}
    record.write(plan.after_ready(ready))
    plan.data_folder.mkdir(parents=True)
    gone = {"pid": 2**22 + 1, "port": 8080, "control_token": "x", "session": "s1", "started_at": 0}
    (plan.data_folder / "engine.json").write_text(json.dumps(gone))
    engine = new_engine(record)
    assert engine.reattach() == "resume"
    assert engine.state == "stopped"
    assert engine.unfinished() == plan.after_ready(ready)


def test_a_refusal_is_told_in_the_engines_words(play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord) -> None:
    async def scenario() -> None:
        behave(fail={"code": "port_in_use", "text": "Port 8080 is used by another program.", "details": {"port": 8080}})
        engine = new_engine(record)
        told: list[Any] = []
        engine.failed.connect(lambda *what: told.append(what))
        engine.start(plan)
        await until(lambda: told, "failed")
        assert told == [("port_in_use", "Port 8080 is used by another program.", {"port": 8080})]
        await until(lambda: engine.pid == 0, "exit")
        assert engine.state == "failed"

    play(scenario())


def test_an_engine_that_dies_while_starting_shows_its_output(
    play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(crash_at_start=True)
        engine = new_engine(record)
        told: list[Any] = []
        engine.failed.connect(lambda *what: told.append(what))
        engine.start(plan)
        await until(lambda: told, "failed")
        code, text, details = told[0]
        assert code == "crashed"
        assert "while it was starting" in text
        assert "Traceback: boom" in details["output"]

    play(scenario())


def test_commands_are_answered_and_refusals_are_shown(
    play: Any, behave: Any, plan: LaunchPlan, record: LaunchRecord
) -> None:
    async def scenario() -> None:
        behave(participants=2, refuse=["move"])
        engine = new_engine(record)
        engine.start(plan)
        await until(lambda: engine.mirror.session, "snapshot")
        replies: list[Any] = []
        engine.command("exclude", {"participant": "P001"}, "fell asleep", replies.append)
        await until(lambda: replies, "answer")
        assert replies[0].ok
        await until(lambda: engine.mirror.participants["P001"]["state"] == "excluded", "row")
        engine.command("move", {"participant": "P002", "scene": "survey"}, "", replies.append)
        await until(lambda: len(replies) == 2, "second answer")
        assert not replies[1].ok and replies[1].text == "The server refused move."
        written = [json.loads(line) for line in (plan.data_folder / "commands.jsonl").read_text().splitlines()]
        assert written[0] == {"name": "exclude", "args": {"participant": "P001"}, "reason": "fell asleep"}
        engine.stop(end_session=True)
        await until(lambda: engine.state == "stopped", "stopped")

    play(scenario())
