from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QPushButton

from igym_desktop.app import App
from igym_desktop.flow.processes import is_running
from tests.waiting import until

from .conftest import fake_command

SCENES = [{"id": "welcome", "title": "Welcome"}, {"id": "game", "title": "Game"}]


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, **info: Any) -> Path:
        folder = tmp_path / "studies" / name
        folder.mkdir(parents=True)
        (folder / "experiment.py").write_text('experiment = Experiment(id="x", title="X")\n')
        answer = {
            "ok": True,
            "id": name,
            "title": name.title(),
            "description": "",
            "players": 1,
            "scenes": SCENES,
            **info,
        }
        (folder / "describe.json").write_text(json.dumps(answer))
        return folder

    return make


@pytest.fixture
def open_app(make_app: Callable[..., App]) -> Callable[..., App]:
    return lambda *examples: make_app(examples, command_line=fake_command)


async def ready(app: App) -> None:
    entries = app.launcher.library.entries
    await until(lambda: entries and all(entry.status != "reading" for entry in entries.values()), "descriptions")


def press(root: Any, name: str) -> None:
    found = root.findChild(QPushButton, name)
    assert found is not None and found.isVisible() and found.isEnabled(), name
    found.click()


async def answer(key: str, text: str | None = None) -> None:
    await until(QApplication.activeModalWidget, "question")
    question: Any = QApplication.activeModalWidget()
    if text is not None:
        question.input.setText(text) if hasattr(question.input, "setText") else question.input.setPlainText(text)
    assert question.buttons[key].isEnabled()
    question.buttons[key].click()
    await until(lambda: QApplication.activeModalWidget() is not question, "question closed")


async def started(app: App, folder: Path) -> Any:
    await ready(app)
    press(app.window, f"start_{folder.name}")
    await until(lambda: app.launcher.engine.mirror.session, "session")
    return app.window.pages["session"]


async def stopped(app: App) -> None:
    app.launcher.engine.stop(end_session=True)
    await until(lambda: not app.launcher.engine.alive, "stopped")
    await app.shut_down()


def test_start_from_a_card_shows_the_link_and_stop_ends_everything(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        behave(participants=5, expected=6)
        folder = study("mountain_car", title="Mountain Car")
        app = open_app(folder)
        page = await started(app, folder)
        assert app.window.page_name == "session"
        assert page.join.url.text() == app.launcher.engine.join_url != ""
        assert page.header.title.text() == "Mountain Car"
        assert page.counts.figure("joined") == "5 / 6"
        assert page.people.table.model().rowCount() == 5
        pid = app.launcher.engine.pid
        press(page, "copy_link")
        assert QApplication.clipboard().text() == page.join.url.text()
        press(page, "end_session")
        await answer("end")
        await until(lambda: app.launcher.engine.state == "stopped", "stopped")
        assert not is_running(pid)
        assert page.idle_state.title.text() == "No session is running"
        await app.shut_down()

    play(scenario())


def test_actions_reach_the_engine_with_their_reason(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=4, refuse=["requeue"])
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        engine = app.launcher.engine
        press(page, "admission")
        await until(lambda: engine.mirror.session["admission"] == "closed", "closed")
        assert page.admission.accessibleName() == "Open admission"
        press(page, "message_all")
        await answer("yes", "Five minutes left")
        page.people.select("P001")
        page.actions_of_session.exclude(page.people.selected())
        await answer("yes", "fell asleep")
        await until(lambda: engine.mirror.participants["P001"]["state"] == "excluded", "excluded")
        page.actions_of_session._ask_reason([engine.mirror.participants["P002"]], "requeue", "Queue again", "…")
        await answer("yes", "")
        await until(page.banner.isVisible, "refusal")
        assert page.banner.text.text() == "The server refused requeue."
        sent = [json.loads(line) for line in (engine.plan.data_folder / "commands.jsonl").read_text().splitlines()]
        shown = [(item["name"], item["args"], item["reason"]) for item in sent if item["name"] != "participant_details"]
        assert shown == [
            ("close_admission", {}, ""),
            ("message", {"to": "all", "text": "Five minutes left"}, ""),
            ("exclude", {"participant": "P001"}, "fell asleep"),
            ("requeue", {"participant": "P002"}, ""),
        ]
        await stopped(app)

    play(scenario())


def test_port_in_use_is_told_and_another_port_helps(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(fail={"code": "port_in_use", "text": "Port 8080 is used by another program.", "details": {}})
        folder = study("mountain_car")
        app = open_app(folder)
        app.launcher.change_settings(port=8080)
        await ready(app)
        press(app.window, "start_mountain_car")
        page = app.window.pages["session"]
        await until(page.banner.isVisible, "banner")
        assert page.banner.text.text() == "Port 8080 is used by another program."
        behave(participants=0)
        fix = next(item for item in page.banner.findChildren(QPushButton) if item.text() == "Use port 8081")
        fix.click()
        await until(lambda: app.launcher.engine.mirror.session, "session")
        assert app.launcher.settings.port == 8081
        assert not page.banner.isVisible()
        await stopped(app)

    play(scenario())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("no_write_permission", "Choose another folder…"),
        ("no_address", "Use any network card"),
        ("packages_missing", "Prepare packages"),
        ("bad_experiment", "Open in editor"),
        ("already_running", "Show that session"),
    ],
)
def test_every_failed_start_offers_a_way_out(
    code: str, words: str, play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        behave(fail={"code": code, "text": f"It is {code}.", "details": {"file": "experiment.py", "line": 3}})
        folder = study("mountain_car")
        app = open_app(folder)
        await ready(app)
        press(app.window, "start_mountain_car")
        page = app.window.pages["session"]
        await until(page.banner.isVisible, "banner")
        assert page.banner.text.text() == f"It is {code}."
        assert words in [item.text() for item in page.banner.findChildren(QPushButton)]
        await app.shut_down()

    play(scenario())


def test_closing_during_a_session_asks_and_can_leave_it_running(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        behave(participants=2)
        folder = study("mountain_car")
        app = open_app(folder)
        await started(app, folder)
        pid = app.launcher.engine.pid
        app.window.close()
        await answer("cancel")
        assert app.window.isVisible() and app.launcher.engine.alive
        closed: list[bool] = []
        app.window.closing.connect(lambda: closed.append(True))
        app.window.close()
        await answer("go_on")
        await until(lambda: closed, "closed")
        assert is_running(pid)
        await app.shut_down()
        again = open_app(folder)
        await until(lambda: again.launcher.engine.mirror.session, "re-attached")
        assert again.window.page_name == "session"
        assert again.launcher.engine.pid == pid
        await stopped(again)
        await until(lambda: not is_running(pid), "engine gone")

    play(scenario())


def test_closing_with_end_session_leaves_no_process(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=2)
        folder = study("mountain_car")
        app = open_app(folder)
        await started(app, folder)
        pid = app.launcher.engine.pid
        closed: list[bool] = []
        app.window.closing.connect(lambda: closed.append(True))
        app.window.close()
        await answer("end")
        await until(lambda: closed, "closed")
        assert not is_running(pid)
        await app.shut_down()

    play(scenario())


def test_a_session_cut_off_can_be_resumed_from_the_window(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=3)
        folder = study("mountain_car", title="Mountain Car")
        app = open_app(folder)
        page = await started(app, folder)
        press(page, "end_session")
        await answer("stop")
        await until(lambda: app.launcher.engine.state == "stopped", "stopped")
        assert page.idle_state.title.text() == "A session of Mountain Car can be resumed"
        press(page, "resume_session")
        await until(lambda: app.launcher.engine.mirror.session, "resumed")
        assert app.launcher.engine.mirror.session["id"] == "s-2026-01-01-1"
        await stopped(app)

    play(scenario())


def test_an_engine_crash_shows_and_heals(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=3)
        folder = study("mountain_car")
        app = open_app(folder)
        await started(app, folder)
        pid = app.launcher.engine.pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: app.launcher.engine.state == "restarting", "restarting")
        assert app.window.status_title.text() == "Server restarting…"
        await until(lambda: app.launcher.engine.link.is_connected and app.launcher.engine.pid != pid, "back")
        await until(lambda: app.window.status_title.text() == "Session running", "status")
        assert any("ended unexpectedly" in line.text for line in app.launcher.log.lines)
        await stopped(app)

    play(scenario())


def test_a_broken_experiment_shows_error_file_and_line_and_reloads_when_mended(
    play: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        folder = study(
            "pilot",
            ok=False,
            error={"text": "fps must be a number from 1 to 120.", "file": "experiment.py", "line": 14},
        )
        app = open_app(folder)
        await ready(app)
        card = app.window.pages["experiments"].cards[folder]
        assert card.error_text.text() == "fps must be a number from 1 to 120."
        assert card.error_place.text() == "experiment.py, line 14"
        assert card.start.isHidden() or not card.start.isVisible()
        (folder / "describe.json").write_text(json.dumps({"ok": True, "id": "pilot", "title": "Mended", "scenes": []}))
        await until(lambda: card.title.text() == "Mended" and card.start.isVisible(), "live reload")
        await app.shut_down()

    play(scenario())


def test_a_folder_without_experiment_is_refused_kindly(play: Any, study: Any, open_app: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        app = open_app()
        page = app.window.pages["experiments"]
        page.add(tmp_path)
        assert page.banner.text.text().startswith(f"There is no experiment.py and no study.toml in {tmp_path}.")
        folder = study("own_study", title="Own study")
        page.add(folder)
        await ready(app)
        assert page.cards[folder].title.text() == "Own study"
        assert app.launcher.settings.own_folders == (str(folder),)
        await app.shut_down()

    play(scenario())


def test_search_and_duplicate(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        folder, other = (
            study("mountain_car", title="Mountain Car"),
            study("pong", title="Pong", description="Two paddles"),
        )
        app = open_app(folder, other)
        await ready(app)
        page = app.window.pages["experiments"]
        page.search.setText("paddle")
        assert [card.folder for card in page.cards.values() if card.isVisible()] == [other]
        page.search.setText("")
        page.ask_to_duplicate(folder)
        await answer("yes", "My First Study")
        target = app.launcher.paths.studies / "my_first_study"
        assert 'id="my_first_study", title="My First Study"' in (target / "experiment.py").read_text()
        assert target in page.cards
        await app.shut_down()

    play(scenario())


def test_every_page_is_reached_by_keyboard(qtbot: Any, play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        await ready(app)
        app.window.activateWindow()
        names = ["experiments", "configure", "preflight", "session", "data", "log", "settings"]
        for number, name in enumerate(names, start=1):
            qtbot.keyClick(app.window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
            assert app.window.page_name == name
        await app.shut_down()

    play(scenario())


def test_the_window_is_never_larger_than_the_screen(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        app.window.fit(QSize(1920, 1040))
        assert app.window.size() == QSize(1400, 880) and not app.window.isMaximized()
        app.window.fit(QSize(1366, 728))
        assert app.window.isMaximized()
        await app.shut_down()

    play(scenario())
