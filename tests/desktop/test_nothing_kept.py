"""A session with `save_data=False` in the launcher: told before and during it, never offered for resuming."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from igym.host.store import not_kept
from igym_desktop.flow import preflight
from igym_desktop.flow.launch import LaunchPlan, LaunchRecord, found_again
from igym_desktop.i18n import use_language
from tests.waiting import until

from .test_engine import new_engine, plan, record
from .test_main_window import open_app, press, ready, study
from .test_preflight import situation

__all__ = ["open_app", "plan", "record", "study"]
READY = {"port": 8080, "session": "s1", "join_url": "http://10.0.0.1:8080/", "keeps_data": False}


def test_preflight_warns_before_the_session(tmp_path: Path) -> None:
    finding = preflight.check_data(situation(tmp_path, keeps_data=False))
    assert finding.result == "warning" and "Nothing of the session will be kept" in finding.text
    assert finding.fix is not None and finding.fix.kind == "configure"
    use_language("de")
    try:
        assert preflight.check_data(situation(tmp_path, keeps_data=False)).text.startswith("Von der Sitzung")
    finally:
        use_language("en")


def test_what_a_cut_off_session_kept_not_is_not_offered(record: LaunchRecord, plan: LaunchPlan, qapp: Any) -> None:
    record.write(plan.after_ready(READY))
    assert found_again(record.read())[0] == "gone"
    engine = new_engine(record)
    assert engine.unfinished() is None
    assert engine.reattach() == "nothing"
    assert record.read() is None


def test_after_a_crash_a_new_session_takes_its_place(
    play: Any,
    behave: Any,
    plan: LaunchPlan,
    record: LaunchRecord,
) -> None:
    async def scenario() -> None:
        behave(participants=1, keeps_data=False, session="first")
        engine = new_engine(record)
        engine.start(plan)
        await until(lambda: engine.mirror.session, "snapshot")
        behave(participants=0, keeps_data=False, session="second")
        os.kill(engine.pid, signal.SIGKILL)
        await until(lambda: engine.mirror.session.get("id") == "second", "the new session")
        engine.stop(end_session=True)
        await until(lambda: engine.state == "stopped", "stopped")

    play(scenario())


@pytest.mark.parametrize(
    ("own", "profile", "keeps"), [(True, None, True), (False, None, False), (True, False, False), (False, True, True)]
)
def test_the_chosen_profile_has_the_last_word(
    play: Any,
    study: Any,
    open_app: Any,
    own: bool,
    profile: bool | None,
    keeps: bool,
) -> None:
    async def scenario() -> None:
        folder = study("pilot", configuration={"experiment": {"save_data": own}})
        if profile is not None:
            (folder / "profiles").mkdir()
            (folder / "profiles" / "lab.toml").write_text(f"[experiment]\nsave_data = {json.dumps(profile)}\n")
        app = open_app(folder)
        await ready(app)
        if profile is not None:
            app.launcher.choose_profile(folder, "lab")
        assert app.launcher.keeps_data(app.launcher.library.entries[folder]) is keeps
        await app.shut_down()

    play(scenario())


def test_a_rehearsal_expects_no_files(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(simulate=[{"event": "simulated", "ok": True, "participants": []}], keeps_data=False)
        folder = study("duel")
        app = open_app(folder)
        await ready(app)
        app.launcher.start(folder)
        await until(lambda: app.launcher.engine.link.is_connected, "connected")
        session = app.window.pages["session"]
        await until(session.rehearse.isVisible, "the page of a running session")
        press(session, "rehearse")
        session.rehearsal.begin()
        await until(lambda: session.rehearsal.report is not None, "report")
        texts = [text for _, text in session.rehearsal.report.lines]
        assert any("no files were written" in text for text in texts)
        assert "All files were written." not in texts
        app.launcher.engine.stop(end_session=True)
        await until(lambda: app.launcher.engine.state == "stopped", "stopped")
        await app.shut_down()

    play(scenario())


def test_session_and_data_page_say_so_while_it_runs(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=1, keeps_data=False)
        folder = study("mountain_car")
        app = open_app(folder)
        left = app.launcher.data_root / "old" / not_kept.FOLDER
        left.mkdir(parents=True)
        (left / "answers.csv").write_text("secret")
        app.after_paint()
        await until(lambda: not left.exists(), "what an engine left behind is removed")
        await ready(app)
        app.launcher.start(folder)
        session = app.window.pages["session"]
        await until(lambda: app.launcher.engine.mirror.session, "snapshot")
        await until(session.unkept.isVisible, "the notice")
        assert "Nothing of this session is kept" in session.unkept_text.text()
        app.window.show_page("data")
        data = app.window.pages["data"]
        await until(data.banner.isVisible, "banner")
        assert "“Save data” is off" in data.banner.text.text()
        app.launcher.engine.stop(end_session=True)
        await until(lambda: app.launcher.engine.state == "stopped", "stopped")

        behave(participants=1)
        app.launcher.start(folder)
        await until(lambda: app.launcher.engine.mirror.session, "snapshot")
        app.window.show_page("session")
        await until(session.join.isVisible, "session page")
        assert not session.unkept.isVisible()
        app.launcher.engine.stop(end_session=True)
        await until(lambda: app.launcher.engine.state == "stopped", "stopped")
        await app.shut_down()

    play(scenario())
