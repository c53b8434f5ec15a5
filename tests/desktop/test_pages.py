from __future__ import annotations

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton

from igym_desktop.flow.launch import LaunchRecord
from igym_desktop.instance import SingleInstance
from tests.waiting import until

from .conftest import fake_command
from .test_main_window import answer, open_app, press, ready, started, stopped, study

__all__ = ["open_app", "study"]
SCHEMA = json.loads(Path(__file__).with_name("form_schema.json").read_text())


@pytest.fixture
def configured(study: Any) -> Path:
    folder: Path = study("mountain_car", title="Mountain Car", form=SCHEMA, scenes=[{"id": "welcome", "kind": "start"}])
    return folder


async def configure(app: Any, folder: Path) -> Any:
    await ready(app)
    press(app.window, f"setup_{folder.name}")
    assert app.window.page_name == "configure"
    return app.window.pages["configure"]


def test_options_are_changed_saved_and_used_at_the_next_start(
    play: Any, behave: Any, configured: Path, open_app: Any
) -> None:
    async def scenario() -> None:
        behave(participants=0)
        app = open_app(configured)
        page = await configure(app, configured)
        page.profiles.list.choose("match")
        page.profiles.forms["match"].groups[2].fold.setChecked(True)
        fps: Any = page.findChild(QLineEdit, "control_scenes_match_rendering_fps")
        row: Any = page.findChild(QObject, "field_scenes_match_rendering_fps")
        fps.setText("500")
        assert row.error.text() == "A whole number from 1 to 120."
        assert not page.save.isEnabled() and not page.start.isEnabled()
        fps.setText("60")
        assert not row.error.isVisible() and row.changed.isVisible()
        assert page.profiles.summary.text() == "1 change, not saved yet"
        press(page, "save_profile")
        await answer("yes", "Fast")
        file = app.launcher.paths.documents / "profiles" / configured.name / "Fast.toml"
        assert tomllib.loads(file.read_text()) == {"scenes": {"match": {"rendering": {"fps": 60}}}}
        assert page.profiles.profile.currentText() == "Fast"
        press(page, "configure_start")
        await until(lambda: app.launcher.engine.mirror.session, "session")
        assert app.launcher.engine.plan.profile == str(file)
        assert "profile Fast" in app.window.pages["session"].header.subtitle.text()
        await stopped(app)

    play(scenario())


def test_reset_scene_order_and_leaving_out(play: Any, configured: Path, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(configured)
        page = await configure(app, configured)
        page.profiles.list.choose("welcome")
        header: Any = page.findChild(QLineEdit, "control_scenes_welcome_scene_header")
        header.setText("Hello")
        row: Any = page.findChild(QObject, "field_scenes_welcome_scene_header")
        row.reset.click()
        assert header.text() == "Welcome" and page.profiles.draft.overrides() == {}
        page.profiles.list.choose("match")
        page.profiles.list.up.click()
        item = page.profiles.list.list.item(3)
        item.setCheckState(Qt.CheckState.Unchecked)
        assert page.profiles.draft.overrides() == {
            "order": ["match", "welcome", "order_1", "thanks"],
            "disabled_scenes": [item.data(Qt.ItemDataRole.UserRole)],
        }
        page.profiles.import_profile(Path("/nowhere.toml"))
        assert "could not be read" in page.banner.text.text()
        await app.shut_down()

    play(scenario())


def test_options_are_found_by_their_words(play: Any, configured: Path, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(configured)
        page = await configure(app, configured)
        page.profiles.search.setText("frame rate")
        shown = [group for group in page.profiles.forms["match"].groups if not group.isHidden()]
        assert "Rendering" in [group.group.title for group in shown]
        assert page.profiles.list.list.currentItem().data(Qt.ItemDataRole.UserRole) == "match"
        await app.shut_down()

    play(scenario())


def test_preflight_shows_every_finding_and_downloads(play: Any, behave: Any, configured: Path, open_app: Any) -> None:
    async def scenario() -> None:
        missing = {"event": "prepared", "ok": False, "missing": ["cogrid is not on this computer."], "packages": []}
        walked = {"ok": True, "people": 20, "ended": {"finished": 20}, "findings": []}
        checked = {"ok": True, "scenes": [{"scene": "match", "ok": True}], "study": walked}
        behave(prepare=[missing], prepare_exit=3, check=[checked])
        app = open_app(configured)
        await ready(app)
        app.launcher.choose(configured, "preflight")
        page = app.window.pages["preflight"]
        press(page, "run_checks")
        await until(lambda: len(page.findings) == len(page.rows), "all checks")
        found = {key: finding.result for key, finding in page.findings.items()}
        assert found.pop("space") in ("go", "warning")
        assert (found.pop("network"), found.pop("packages")) == ("warning", "stop")
        assert set(found.values()) == {"go"}
        assert page.rows["packages"].text.text() == "cogrid is not on this computer."
        assert page.result.text().startswith("1 check has to be put right")
        behave(
            prepare=[{"event": "progress", "label": "fetching cogrid", "done": 1, "total": 2}, {**missing, "ok": True}]
        )
        fix = next(item for item in page.rows["packages"].findChildren(QPushButton) if item.text() == "Download now")
        fix.click()
        await until(lambda: page.findings["packages"].result == "go", "downloaded")
        app.launcher.change_settings(theme="dark", notify=False)
        assert len(page.findings) == len(page.rows), "another look leaves what was found"
        app.launcher.change_settings(port=45678, theme="light")
        assert page.findings == {}, "another port has to be checked"
        await app.shut_down()

    play(scenario())


def test_table_sorts_filters_searches_and_saves(
    play: Any, behave: Any, study: Any, open_app: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        behave(participants=12)
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        people = page.people
        model = people.model

        def column(key: str) -> list[str]:
            return [model.index(row, model.column_index(key)).data() for row in range(model.rowCount())]

        people.table.sortByColumn(model.column_index("who"), Qt.SortOrder.DescendingOrder)
        assert column("who") == [f"PC{number:02d}" for number in range(12, 0, -1)]
        people.filters["playing"].click()
        assert set(column("state")) == {"Playing", "Paused"}
        people.filters["all"].click()
        people.search.setText("pc03 waiting")
        assert column("who") == ["PC03"]
        people.search.clear()
        people.save_table(tmp_path / "table.csv")
        lines = (tmp_path / "table.csv").read_text("utf-8-sig").splitlines()
        assert lines[0].startswith("Participant,Seat,State,Scene") and len(lines) == 13
        app.launcher.engine.mirror.participants["P001"]["label"] = '=HYPERLINK("http://x")'
        people.save_table(tmp_path / "table.csv")
        assert "\"'=HYPERLINK" in (tmp_path / "table.csv").read_text("utf-8-sig")
        counts = {key: page.counts.figure(key) for key in ("joined", "waiting", "finished")}
        states = [row["state"] for row in app.launcher.engine.mirror.participants.values()]
        assert counts == {
            "joined": "12",
            "waiting": str(states.count("waiting")),
            "finished": str(states.count("finished")),
        }
        await stopped(app)

    play(scenario())


def test_labels_are_shown_as_text_never_as_html(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=1)
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        evil = "<img src=x onerror=alert(1)><b>bold</b>"
        app.launcher.engine.mirror.participants["P001"]["label"] = evil
        page.people.select("P001")
        assert page.people.details.name.text() == evil
        assert page.people.details.name.textFormat() == Qt.TextFormat.PlainText
        await stopped(app)

    play(scenario())


def test_problems_are_listed_with_their_traceback_and_cleared(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        problem = {"id": "p1", "at": 1, "level": "error", "title": "on_join failed", "text": "division by zero",
                   "traceback": "Traceback: line 12", "participant": "P001", "count": 2}  # fmt: skip
        behave(participants=1, problems=[problem])
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        assert page.tabs.tabText(2) == "Problems  1"
        page.tabs.setCurrentIndex(2)
        clear = next(item for item in page.problems.findChildren(QPushButton) if item.accessibleName() == "Clear")
        clear.click()
        await until(lambda: not app.launcher.engine.mirror.problems, "cleared")
        await until(page.problems.nothing.isVisible, "empty list")
        await stopped(app)

    play(scenario())


def test_log_is_live_filtered_and_saved(play: Any, study: Any, open_app: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        app.window.show_page("log")
        page = app.window.pages["log"]
        for level in ("info", "warning", "error", "debug"):
            app.launcher.log.add({"at": 1, "level": level, "source": "browser", "text": f"line {level}"})
        await until(lambda: page.proxy.rowCount() == 3, "lines without details")
        page.levels.setCurrentIndex(2)
        assert [line.level for line in page.proxy.shown()] == ["warning", "error"]
        page.search.setText("error")
        page.save(tmp_path / "x.log")
        assert (
            "line error" in (tmp_path / "x.log").read_text() and "line warning" not in (tmp_path / "x.log").read_text()
        )
        page.save(tmp_path / "missing" / "x.log")
        assert "could not be saved" in page.banner.text.text()
        await app.shut_down()

    play(scenario())


def test_settings_hold_at_once_and_after_a_restart(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        app.window.show_page("settings")
        page = app.window.pages["settings"]
        page.network.port.setText("8123")
        page.network.port.editingFinished.emit()
        page.theme.setCurrentIndex(page.theme.findData("dark"))
        page.theme.activated.emit(page.theme.currentIndex())
        from igym_desktop import theme

        assert theme.is_dark()
        page.theme.activated.emit(page.theme.findData("light"))
        assert not theme.is_dark()
        box = next(item for item in page.findChildren(QCheckBox) if "awake" in item.text())
        box.click()
        again = open_app()
        assert again.launcher.settings.may_sleep is True
        await app.shut_down()
        await again.shut_down()

    play(scenario())


def test_no_stray_window_appears_while_pages_are_made(
    qapp: QApplication, play: Any, behave: Any, configured: Path, open_app: Any
) -> None:
    class Watch(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.strays: list[str] = []

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            shown = event.type() == QEvent.Type.Show and watched.isWidgetType()
            if shown and watched.isWindow() and watched is not app.window:  # type: ignore[attr-defined]
                self.strays.append(f"{watched} {watched.objectName()}")
            return False

    async def scenario() -> None:
        nonlocal app
        behave(participants=5)
        app = open_app(configured)
        qapp.installEventFilter(watch)
        await started(app, configured)
        for name in ("configure", "preflight", "data", "log", "settings", "experiments", "session"):
            app.window.show_page(name)
            await asyncio.sleep(0)
        for key in [section.key for section in app.window.pages["configure"].profiles.sections]:
            app.window.pages["configure"].profiles.list.choose(key)
        app.window.pages["session"].people.select("P001")
        qapp.removeEventFilter(watch)
        await stopped(app)

    app: Any = None
    watch = Watch()
    play(scenario())
    assert watch.strays == []


def test_a_second_start_raises_the_first(play: Any, qapp: QApplication, tmp_path: Path) -> None:
    async def scenario() -> None:
        first = SingleInstance(str(tmp_path))
        raised: list[bool] = []
        first.raised.connect(lambda: raised.append(True))
        assert first.claim()
        program = (
            "import sys; from PySide6.QtCore import QCoreApplication; from igym_desktop.instance import SingleInstance;"
            f"app = QCoreApplication([]); sys.exit(0 if SingleInstance({str(tmp_path)!r}).claim() else 7)"
        )
        import sys

        second = await asyncio.to_thread(_run, [sys.executable, "-c", program])
        assert second == 7
        await until(lambda: raised, "raised")
        first.release()
        assert await asyncio.to_thread(_run, [sys.executable, "-c", program]) == 0

    play(scenario())


def _run(command: list[str]) -> int:
    import subprocess

    return subprocess.run(command, timeout=120, check=False).returncode


def test_data_page_lists_nothing_kindly(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        app.window.show_page("data")
        page = app.window.pages["data"]
        await until(page.nothing.isVisible, "empty state")
        broken = app.launcher.data_root / "broken"
        broken.mkdir(parents=True)
        (broken / "session.sqlite3").write_text("this is no database")
        page.reload()
        await until(page.banner.isVisible, "warning")
        assert page.banner.text.text() == "These folders could not be read: broken"
        await app.shut_down()

    play(scenario())


def test_the_engine_is_told_whether_the_computer_may_sleep(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        folder = study("mountain_car")
        app = open_app(folder)
        await ready(app)
        entry = app.launcher.library.entries[folder]
        for may_sleep in (False, True):
            app.launcher.change_settings(may_sleep=may_sleep)
            assert ("--allow-sleep" in app.launcher.plan(entry).arguments(None)) is may_sleep

    play(scenario())


def test_record_survives_nonsense(tmp_path: Path) -> None:
    record = LaunchRecord(tmp_path / "record.json")
    (tmp_path / "record.json").write_text('{"unknown": 1}')
    assert record.read() is None
    assert fake_command("describe", ["x"])[-2:] == ["describe", "x"]
