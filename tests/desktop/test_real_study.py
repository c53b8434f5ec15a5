"""The real window, the real engine, the real researcher's process, protocol-level participants."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtWidgets import QLineEdit, QMenu

from igym.host.store.engine_file import read_engine_file
from igym_desktop.app import App
from igym_desktop.flow.launch import LaunchRecord
from igym_desktop.flow.paths import example_folders
from igym_desktop.flow.processes import is_running
from igym_desktop.launcher import child_command
from tests.waiting import LIMIT_S, until

from .test_main_window import answer, press, ready

MOUNTAIN_CAR = next(folder for folder in example_folders() if folder.name == "mountain_car")
WHOLE_S = 540
"""A whole story: many waits, of which each has its own limit."""
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def open_real(make_app: Callable[..., App]) -> Callable[[], App]:
    return lambda: make_app([MOUNTAIN_CAR])


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


async def set_option(page: Any, path: str, value: str) -> None:
    control: Any = page.findChild(QLineEdit, f"control_{path}")
    assert control is not None, path
    control.setText(value)


async def act_on_everybody(session: Any, mirror: Any, ids: list[str]) -> None:
    """The third's match is paused and goes on; the first is excluded, the second told something, the fourth moved."""
    act = session.actions_of_session
    await until(lambda: mirror.participants[ids[2]]["state"] == "playing", "third plays")
    match = mirror.participants[ids[2]]["match_id"]
    act.match_command("pause_match", match, "Pause", "")
    await answer("yes", "a question")
    session.people.select(ids[0])
    await until(lambda: "Joined" in session.people.details.timeline.toPlainText(), "timeline")
    act.exclude([mirror.participants[ids[0]]])
    await answer("yes", "<b>talks & laughs</b>")
    menu = QMenu()
    act.menu_for([mirror.participants[ids[3]]], menu)
    scenes = next(item.menu() for item in menu.actions() if item.text() == "Move to scene")
    scenes.actions()[[scene for scene, _ in act.scenes()].index("survey")].trigger()
    await answer("yes", "has seen enough")
    act.message([mirror.participants[ids[1]]])
    await answer("yes", "Take your time.")
    await until(lambda: mirror.participants[ids[0]]["state"] == "excluded", "excluded")
    await until(lambda: mirror.participants[ids[3]]["scene_id"] not in ("welcome", "drive"), "moved")
    await until(lambda: mirror.matches[match]["state"] == "paused", "paused")
    act.match_command("resume_match", match, "Resume", "")
    await answer("yes", "answered")
    await until(lambda: mirror.matches[match]["state"] != "paused", "goes on")


def test_a_whole_study(loop: Any, open_real: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        app = open_real()
        await ready(app)
        launcher, window = app.launcher, app.window

        # A study of one's own from the example, with three options changed and kept as a profile.
        experiments = window.pages["experiments"]
        experiments.ask_to_duplicate(MOUNTAIN_CAR)
        await answer("yes", "Pilot")
        folder = launcher.paths.studies / "pilot"
        await until(lambda: launcher.library.entries[folder].status != "reading", "description")
        assert launcher.library.entries[folder].status == "ready", launcher.library.entries[folder].error
        press(window, "setup_pilot")
        page = window.pages["configure"]
        await set_option(page, "experiment_participants", "4")
        page.profiles.list.choose("drive")
        for group in page.profiles.forms["drive"].groups:
            group.fold.setChecked(True)
        await set_option(page, "scenes_drive_gameplay_max_steps", "300")
        await set_option(page, "scenes_drive_rendering_fps", "60")
        press(page, "save_profile")
        await answer("yes", "short")

        # Ready to start?
        launcher.choose(folder, "preflight")
        preflight = window.pages["preflight"]
        press(preflight, "run_checks")
        await until(lambda: len(preflight.findings) == len(preflight.rows), "checks")
        assert {key for key, finding in preflight.findings.items() if finding.result == "stop"} == set()
        assert preflight.findings["env"].result == "go", preflight.findings["env"].text

        # Run it with four simulated participants, and act on them.
        press(preflight, "preflight_start")
        engine = launcher.engine
        await until(lambda: engine.mirror.session, "session")
        session = window.pages["session"]
        await until(session.rehearse.isVisible, "the page of a running session")
        press(session, "rehearse")
        dialog = session.rehearsal
        dialog.number.setValue(4)
        dialog.frames.setValue(300)
        dialog.begin()
        await until(lambda: len(engine.mirror.participants) == 4, "four joined")
        assert session.counts.figure("joined") == "4 / 4"
        ids = list(engine.mirror.participants)
        await act_on_everybody(session, engine.mirror, ids)
        press(session, "admission")
        await until(lambda: engine.mirror.session["admission"] == "closed", "closed")
        await until(lambda: dialog.report is not None, "report")
        assert not dialog.report.ok
        assert (False, "3 of 4 simulated participants finished.") in dialog.report.lines
        agreed = [text for went_well, text in dialog.report.lines if went_well]
        assert {f"The recordings of {number} matches agree." for number in (2, 3, 4)} & set(agreed), agreed
        dialog.close()
        states = sorted(row["state"] for row in engine.mirror.participants.values())
        assert states == ["excluded", "finished", "finished", "finished"]
        assert session.counts.figure("finished") == "3" and session.counts.figure("early") == "1"
        pid = engine.pid
        press(session, "end_session")
        await answer("end")
        await until(lambda: engine.state == "stopped", "stopped")
        assert not is_running(pid)

        # What is on disk, and all of it below the study's own data folder.
        data = launcher.data_root / "pilot"
        window.show_page("data")
        stored = window.pages["data"]
        await until(lambda: stored.chosen is not None, "listed")
        assert (len(stored.chosen.people), stored.chosen.finished, stored.chosen.state) == (4, 3, "ended")
        assert stored.chosen.parity_text == "Identical"
        stored.session.run_export("jsonl")
        await until(lambda: stored.session.job is None, "export")
        assert "files were written" in stored.banner.text.text()
        press(stored.session, "verify")
        await until(lambda: "unchanged" in stored.banner.text.text(), "verified")
        # Nobody had joined before the rehearsal began, so its files are kept apart.
        apart = data / "_rehearsal"
        assert not (data / "participants.csv").exists() and stored.chosen.kind == "rehearsal"
        people = {row["participant"]: row for row in rows(apart / "participants.csv")}
        assert people[ids[0]]["status"] == "excluded"
        for finished in ids[1:3]:
            for episode in (0, 1):
                frames = [
                    int(row["frame"]) for row in rows(next((apart / "drive").glob(f"{finished}*_ep{episode}.csv")))
                ]
                assert frames == list(range(300))
        actions = rows(apart / "researcher_actions.csv")
        assert "<b>talks & laughs</b>" in json.dumps(actions)
        done = {row["action"] for row in actions}
        assert {"exclude", "message", "pause_match", "resume_match", "move", "close_admission", "end_session"} <= done

        # One of them wants their data erased; everything else still holds, and a changed file is noticed.
        panel = stored.session
        panel.tabs.setCurrentIndex(0)
        panel.people_table.selectRow([person.id for person in panel.people.rows].index(ids[1]))
        press(panel, "withdraw")
        await answer("erase", "asked for it")
        await until(lambda: panel.withdrawal.receipt, "receipt")
        assert ids[1] in panel.withdrawal.receipt.text.toPlainText()
        press(panel.withdrawal.receipt, "close_receipt")
        await until(lambda: [p.status for p in panel.people.rows if p.id == ids[1]] == ["withdrawn"], "listed again")
        assert not list((apart / "drive").glob(f"{ids[1]}*.csv"))
        assert list((apart / "drive").glob(f"{ids[2]}*_ep0.csv"))
        assert [path.name for path in launcher.data_root.iterdir()] == ["pilot"]
        press(panel, "verify")
        await until(lambda: panel.job is None, "verified")
        assert "Every exported file is there and unchanged." in panel.check.text.text()
        changed = next((apart / "drive").glob("*_ep0.csv"))
        changed.write_text("tampered")
        press(panel, "verify")
        await until(lambda: panel.job is None, "verified")
        assert ("Changed", f"_rehearsal/drive/{changed.name}") in panel.check.files.rows
        await app.shut_down()

    loop.run_until_complete(asyncio.wait_for(scenario(), WHOLE_S))


def test_a_killed_engine_comes_back_with_everybody(loop: Any, open_real: Any) -> None:
    async def scenario() -> None:
        app = open_real()
        await ready(app)
        engine = app.launcher.engine
        app.launcher.start(MOUNTAIN_CAR)
        await until(lambda: engine.mirror.session, "session")
        session = app.window.pages["session"]
        await until(session.rehearse.isVisible, "the page of a running session")
        press(session, "rehearse")
        session.rehearsal.number.setValue(2)
        session.rehearsal.frames.setValue(150)
        session.rehearsal.begin()
        await until(lambda: any(row["frame"] for row in engine.mirror.participants.values()), "play")
        pid, url, identifier = engine.pid, engine.join_url, engine.mirror.session["id"]
        os.kill(pid, signal.SIGKILL)
        await until(lambda: engine.pid not in (0, pid) and engine.link.is_connected, "restarted")
        assert (engine.join_url, engine.mirror.session["id"]) == (url, identifier)
        await until(lambda: session.rehearsal.report is not None, "report")
        assert session.rehearsal.report.ok, session.rehearsal.report.lines
        engine.stop(end_session=True)
        await until(lambda: not engine.alive, "stopped")
        data = app.launcher.data_root / "mountain_car"
        episodes = sorted((data / "_rehearsal" / "drive").glob("*_ep*.csv"))
        assert len(episodes) == 4
        for file in episodes:
            frames = [int(row["frame"]) for row in rows(file)]
            assert frames == list(range(len(frames))) and len(frames) == 150
        await app.shut_down()

    loop.run_until_complete(asyncio.wait_for(scenario(), WHOLE_S))


def start_launcher(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen([sys.executable, "-m", "igym_desktop", "--home", str(home), *arguments], env=environment)


def test_a_killed_launcher_leaves_the_session_and_the_next_one_shows_it(
    loop: Any, open_real: Any, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = {"port": 0, "address": "127.0.0.1", "may_sleep": True}
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.json").write_text(json.dumps(settings))
    record = LaunchRecord(home / "config" / "running-session.json")

    async def scenario() -> None:
        first = start_launcher(home, str(MOUNTAIN_CAR), "--start")
        await until(record.read, "engine ready")
        plan = record.read()
        assert plan is not None
        facts = read_engine_file(plan.data_folder)
        assert facts is not None
        visitor = await asyncio.create_subprocess_exec(
            *child_command("simulate", [plan.join_url, "--number", "1", "--frames", "90", "--json"]),
            stdout=subprocess.PIPE,
        )
        first.kill()
        first.wait(120)
        assert is_running(facts.pid)
        output, _ = await asyncio.wait_for(visitor.communicate(), LIMIT_S)
        assert json.loads(output.splitlines()[-1])["ok"], output
        app = open_real()
        engine = app.launcher.engine
        await until(lambda: engine.mirror.session, "re-attached")
        assert engine.pid == facts.pid and engine.mirror.session["id"] == plan.session
        assert [row["state"] for row in engine.mirror.participants.values()] == ["finished"]
        assert app.window.page_name == "session"
        engine.stop(end_session=True)
        await until(lambda: not engine.alive, "stopped")
        await until(lambda: not is_running(facts.pid), "engine gone")
        await app.shut_down()

    loop.run_until_complete(asyncio.wait_for(scenario(), WHOLE_S))


def test_launcher_and_engine_killed_together_resume(loop: Any, open_real: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    settings = {"port": 0, "address": "127.0.0.1", "may_sleep": True}
    (home / "config" / "settings.json").write_text(json.dumps(settings))
    record = LaunchRecord(home / "config" / "running-session.json")

    async def scenario() -> None:
        first = start_launcher(home, str(MOUNTAIN_CAR), "--start")
        await until(record.read, "engine ready")
        plan = record.read()
        assert plan is not None
        facts = read_engine_file(plan.data_folder)
        assert facts is not None
        os.kill(facts.pid, signal.SIGSTOP)  # so that the launcher cannot be seen restarting it in between
        first.kill()
        first.wait(120)
        os.kill(facts.pid, signal.SIGKILL)
        await until(lambda: not is_running(facts.pid), "engine dead")
        app = open_real()
        await until(lambda: app.window.page_name == "session", "session page")
        page = app.window.pages["session"]
        assert page.idle_state.title.text() == "A session of Mountain Car can be resumed"
        press(page, "resume_session")
        engine = app.launcher.engine
        await until(lambda: engine.mirror.session, "resumed")
        assert engine.mirror.session["id"] == plan.session
        assert engine.join_url == plan.join_url
        engine.stop(end_session=True)
        await until(lambda: not engine.alive, "stopped")
        await app.shut_down()

    loop.run_until_complete(asyncio.wait_for(scenario(), WHOLE_S))


def processes_of(home: Path) -> list[psutil.Process]:
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if str(home) in " ".join(process.info["cmdline"] or ())]


def test_a_launcher_told_to_end_leaves_the_session_to_itself(loop: Any, open_real: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    settings = {"port": 0, "address": "127.0.0.1", "may_sleep": True, "when_launcher_gone": "stop", "grace_s": 0}
    (home / "config" / "settings.json").write_text(json.dumps(settings))
    record = LaunchRecord(home / "config" / "running-session.json")

    async def scenario() -> None:
        launcher = start_launcher(home, str(MOUNTAIN_CAR), "--start")
        await until(record.read, "engine ready")
        launcher.terminate()
        assert await asyncio.to_thread(launcher.wait, 30) == 0
        await until(lambda: processes_of(home) == [], "engine stopped by the setting")

    loop.run_until_complete(asyncio.wait_for(scenario(), WHOLE_S))


def test_self_test_goes_well_and_leaves_no_process(tmp_path: Path) -> None:
    launcher = start_launcher(tmp_path / "home", "--self-test")
    assert launcher.wait(2 * LIMIT_S) == 0
    assert processes_of(tmp_path / "home") == []
