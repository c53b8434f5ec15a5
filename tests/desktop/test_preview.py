"""Looking at a scene as a participant would, and comparing profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from igym_desktop.flow import profiles
from igym_desktop.flow.telemetry import newest, series
from tests.waiting import until

from .test_main_window import open_app, press, started, stopped, study
from .test_pages import SCHEMA, configure

__all__ = ["open_app", "study"]


@pytest.fixture
def configured(study: Any) -> Path:
    scenes = [{"id": "welcome", "kind": "start"}, {"id": "game", "kind": "gym"}]
    folder: Path = study("mountain_car", title="Mountain Car", form=SCHEMA, scenes=scenes)
    return folder


def test_a_preview_shows_the_unsaved_options_and_leaves_nothing(
    play: Any, behave: Any, configured: Path, open_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)

    async def scenario() -> None:
        behave(participants=4)
        app = open_app(configured)
        page = await configure(app, configured)
        page.profiles.draft.enable("welcome", False)
        preview = app.launcher.preview
        preview.show(app.launcher.chosen, page.profiles.draft.overrides(), "game")
        await until(lambda: opened, "browser")
        assert opened == [preview.url] and preview.url.startswith("http://127.0.0.1:")
        await until(lambda: preview.engine.mirror.participants["P004"]["scene_id"] == "game", "brought to the scene")
        place = Path(preview.engine.plan.data_root).parent
        assert "disabled_scenes" in (place / "preview.toml").read_text()
        assert not app.launcher.engine.alive and not app.launcher.data_root.exists()
        press(page, "preview_sizes")
        assert opened.pop() == f"{preview.url}&sizes=1&lang=en"
        press(page, "preview_stop")
        await until(lambda: not preview.engine.alive, "stopped")
        assert not place.exists(), "nothing is kept"
        assert page.profiles.preview.open.isEnabled() and not page.profiles.preview.stop.isVisible()
        behave(fail={"code": "bad_experiment", "text": "experiment.py, line 3: no such scene.", "details": {}})
        press(page, "preview")
        await until(lambda: page.banner.text.text() == "experiment.py, line 3: no such scene.", "refusal")
        await app.shut_down()

    play(scenario())


def test_a_preview_follows_changes_in_the_page_that_is_open(
    play: Any, behave: Any, configured: Path, open_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)

    async def scenario() -> None:
        behave(participants=4)
        app = open_app(configured)
        page = await configure(app, configured)
        preview = app.launcher.preview
        press(page, "preview")
        await until(lambda: opened, "browser")
        first, address = preview.engine.pid, preview.url
        page.profiles.list.choose("welcome")
        await until(lambda: preview.scene == "welcome", "another scene is gone to")
        assert preview.engine.pid == first, "for another scene nothing has to start again"
        page.profiles.draft.enable("welcome", False)
        page.profiles.list.edited.emit()
        await until(lambda: preview.url and preview.engine.pid != first, "started again with the change")
        place = Path(preview.engine.plan.data_root).parent
        assert "disabled_scenes" in (place / "preview.toml").read_text()
        assert (opened, preview.engine.plan.port) == ([address], QUrl(address).port()), "the open page comes back"
        page.profiles.preview.follows.setChecked(False)
        page.profiles.draft.enable("welcome", True)
        page.profiles.list.edited.emit()
        assert not page.profiles.preview._calm.isActive(), "it stays as it is when nobody wants it to follow"
        press(page, "preview_stop")
        await until(lambda: not preview.engine.alive, "stopped")
        await app.shut_down()

    play(scenario())


def test_profiles_are_compared(play: Any, configured: Path, open_app: Any) -> None:
    async def scenario() -> None:
        profiles.save(
            configured / "profiles",
            "pilot",
            {"scenes": {"match": {"rendering": {"fps": 20}}}, "disabled_scenes": ["a"]},
        )
        app = open_app(configured)
        page = await configure(app, configured)
        page.profiles.draft.enable("welcome", False)
        page.profiles.compare()
        dialog = page.profiles.comparison
        assert [(item[0], item[2]) for item in dialog.model.rows] == [("disabled_scenes", ["welcome"])]
        dialog.other.setCurrentIndex(dialog.other.findData("pilot"))
        assert dialog.text.text() == "2 differences"
        cells = [dialog.model.index(row, column).data() for row in range(2) for column in range(3)]
        assert cells == ["scenes that are left out", "a", "welcome",
                         "match: Frame rate", "20", "as in the experiment"]  # fmt: skip
        (configured / "profiles" / "pilot.toml").write_text("= nonsense")
        dialog.other.setCurrentIndex(0)
        dialog.other.setCurrentIndex(dialog.other.findData("pilot"))
        assert "pilot.toml is not valid TOML" in dialog.text.text()
        press(dialog, "close_compare")
        await app.shut_down()

    play(scenario())


def test_differences_name_what_only_one_says() -> None:
    found = profiles.differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}, "d": None})
    assert found == [("a.c", 2, profiles.MISSING), ("d", profiles.MISSING, None)]


def test_what_browsers_measured_becomes_lines() -> None:
    def entry(who: str, at: float, **values: Any) -> dict[str, Any]:
        return {"participant": who, "at": at, "body": {"values": values}}

    found = series(
        [
            entry("p1", 1.0, fps=30, rollbackFrames=4, stalls=0, link={"1": {"rttMs": 8.5}, "2": {"rttMs": 3}}),
            entry("p1", 2.0, fps=29.5, rollbackFrames=10, stalls=1, link={}),
            entry("p2", 2.5, event={"type": "desync"}),
            entry("p1", 3.0, fps=None, rollbackFrames=2, stalls=1),
        ]
    )
    assert found["fps"] == {"p1": [(1.0, 30.0), (2.0, 29.5)]}
    assert found["rollback_frames"] == {"p1": [(1.0, 4.0), (2.0, 6.0), (3.0, 2.0)]}, "a new episode counts from 0"
    assert found["rtt_ms"] == {"p1": [(1.0, 8.5)]}
    assert newest([entry("p1", 1.0, fps=30.123456)]) == "p1\n  fps: 30.12"


def test_a_match_has_a_drawer_that_stays_with_it(play: Any, behave: Any, configured: Path, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=4)
        app = open_app(configured)
        page = await started(app, configured)
        matches = page.matches
        page.tabs.setCurrentIndex(page.tabs.indexOf(matches))
        matches.table.selectRow(matches.model.rowCount() - 1)
        drawer = matches.details
        assert drawer.isVisible() and drawer.name.text() == "Match m1"
        assert drawer.parity.text() == "Recordings: Not checked yet"
        await until(lambda: "Entered the scene game" in drawer.timeline.toPlainText(), "timeline")
        assert "fps: 30" in drawer.telemetry.toPlainText()
        assert drawer.charts["fps"].caption.text() == "Pictures per second; newest: PC01 30"
        app.launcher.engine.mirror.matches["m9"] = {**app.launcher.engine.mirror.matches["m1"], "id": "m9"}
        matches.refresh()
        assert drawer.match == "m1" and matches.table.selectionModel().hasSelection()
        await stopped(app)

    play(scenario())
