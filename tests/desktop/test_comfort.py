"""Small things that people notice each day: lists and their order, widths, names, addresses, double clicks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QDesktopServices, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView, QWidget

from igym_desktop.flow import profiles
from igym_desktop.models.sessions import Shown, ThingsModel
from igym_desktop.pages.data_tables import sorted_table
from igym_desktop.widgets.basics import button
from igym_desktop.widgets.thumbnail import Thumbnail
from tests.waiting import LIMIT_MS, until

from .test_data_page import data_page
from .test_main_window import open_app, ready, started, study
from .test_pages import configure, configured

__all__ = ["configured", "data_page", "open_app", "ready", "started", "study"]


def titles(page: Any) -> list[str]:
    """The cards in the order they are shown."""
    return [card.title.text() for card in page.examples._cards]


def test_studies_are_listed_in_the_order_people_expect(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        folders = [study(name, title=title) for name, title in (("a", "Pilot 10"), ("b", "Pilot 2"), ("c", "Anna"))]
        app = open_app(*folders)
        await ready(app)
        page = app.window.pages["experiments"]
        assert titles(page) == ["Anna", "Pilot 2", "Pilot 10"]
        app.launcher.choose(folders[0])
        page.refresh()
        assert titles(page) == ["Pilot 10", "Anna", "Pilot 2"], "what was used last comes first"
        page.sort.setCurrentIndex(1)
        page.sort.activated.emit(1)
        assert titles(page) == ["Anna", "Pilot 2", "Pilot 10"]
        card = page.cards[folders[0]]
        tall = card.height()
        page.listed.click()
        await until(lambda: card.height() < tall / 2, "a list")
        assert card.start.isVisible() and card.title.isVisible()
        await until(lambda: len({page.cards[folder].x() for folder in folders}) == 1, "one below the other")
        assert app.launcher.settings.library_listed and app.launcher.settings.library_sort == "name"
        page.listed.click()
        await until(lambda: card.height() == tall, "cards again")
        assert card.start.accessibleName() == "Start: Pilot 10" and "Pilot 10" in card.setup.accessibleName()
        await app.shut_down()

    play(scenario())


def test_a_folder_of_studies_is_looked_through_now_and_later(
    play: Any, study: Any, open_app: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        app = open_app(study("example"))
        await ready(app)
        root = tmp_path / "all my studies"
        for name in ("one", "two"):
            (root / name).mkdir(parents=True)
            (root / name / "experiment.py").write_text("")
        (root / "_old").mkdir()
        (root / "_old" / "experiment.py").write_text("")
        page = app.window.pages["experiments"]
        page.add(root)
        names = {entry.folder.name for entry in app.launcher.library.entries.values() if entry.source == "own"}
        assert names == {"one", "two"} and "2 studies are in this folder" in page.banner.text.text()
        app.launcher.remove_folder((root / "two").resolve())
        (root / "three").mkdir()
        (root / "three" / "experiment.py").write_text("")
        app.window.show_page("settings")
        app.window.show_page("experiments")
        names = {entry.folder.name for entry in app.launcher.library.entries.values() if entry.source == "own"}
        assert names == {"one", "three"}, "a new one comes by itself, one that was taken off stays away"
        page.add(root)
        assert (root / "two").resolve() in app.launcher.library.entries, "unless its folder is added again"
        await app.shut_down()

    play(scenario())


def test_profiles_of_an_example_lie_with_the_user(play: Any, configured: Path, open_app: Any) -> None:
    async def scenario() -> None:
        folder = configured
        profiles.save(folder / "profiles", "beside", {"experiment": {"minutes": 3}})
        app = open_app(folder)
        page = await configure(app, folder)
        launcher = app.launcher
        page.profiles._save_as("pilot")
        file = launcher.paths.documents / "profiles" / folder.name / "pilot.toml"
        assert file.is_file() and launcher.profile_path(folder, "pilot") == file
        assert not (folder / "profiles" / "pilot.toml").exists()
        assert launcher.profile_names(folder) == ["beside", "pilot"], "one that is there already is still found"
        assert launcher.plan(launcher.library.entries[folder]).profile == str(file)
        page.profiles.delete(folder, "pilot")
        assert not file.exists() and launcher.profile_names(folder) == ["beside"]
        await app.shut_down()

    play(scenario())


def test_columns_take_the_width_there_is_and_keep_what_somebody_chose(qtbot: Any) -> None:
    shown = [Shown(title, width, str, str) for title, width in (("A", 200), ("B", 100), ("C", 100))]
    holder = QWidget()
    qtbot.addWidget(holder)
    model = ThingsModel(shown, holder)
    _, table = sorted_table("things", "Things", model, holder)
    table.setParent(holder)
    holder.show()
    table.resize(802, 200)
    table.show()
    first, second, third = widths(table)
    assert first + second + third == table.viewport().width() and abs(first - 2 * second) <= 2
    table.setColumnHidden(0, True)
    table.resize(190, 200)
    table.setColumnHidden(0, False)
    table.resize(240, 200)
    assert sum(widths(table)) == table.viewport().width(), "what is empty gives way"
    model.show_things(["a word of some length", "short"])
    qtbot.waitUntil(lambda: widths(table)[0] >= table.sizeHintForColumn(0), timeout=LIMIT_MS)
    assert all(widths(table)[index] >= table.sizeHintForColumn(index) for index in range(3)), "never less than it says"


def widths(table: QTableView) -> list[int]:
    return [table.columnWidth(index) for index in range(table.model().columnCount())]


def test_started_tells_day_and_time(play: Any, data_page: Any) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        app.window.resize(1366, 768)
        at = next(index for index, shown in enumerate(page.sessions.columns) if shown.title == "Started")
        text = page.session_proxy.index(0, at).data()
        assert page.table.columnWidth(at) > page.table.fontMetrics().horizontalAdvance(text) + 24, text
        await app.shut_down()

    play(scenario())


def test_seats_have_a_column_in_labs_that_have_seats(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=2, expected=2)
        folder = study("duel")
        app = open_app(folder)
        page = await started(app, folder)
        people = page.people
        at = people.model.column_index("seat")
        first = app.launcher.engine.mirror.participants
        assert people.table.isColumnHidden(at) is not any(row.get("seat") for row in first.values())
        for row in first.values():
            row["seat"] = "PC01"
        people.apply(app.launcher.engine.mirror.changes({"participants": [next(iter(first.values()))]}))
        assert not people.table.isColumnHidden(at)
        people._choose_column(at, False)
        people.apply(app.launcher.engine.mirror.changes({"participants": [next(iter(first.values()))]}))
        assert people.table.isColumnHidden(at), "who wants no such column has none"
        app.launcher.engine.stop(end_session=True)
        await until(lambda: not app.launcher.engine.alive, "stopped")
        await app.shut_down()

    play(scenario())


def test_a_picture_on_a_card_is_whole(qtbot: Any, tmp_path: Path) -> None:
    tall = QImage(100, 400, QImage.Format.Format_RGB32)
    tall.fill(Qt.GlobalColor.blue)
    for y in (*range(12), *range(388, 400)):
        for x in range(100):
            tall.setPixelColor(x, y, Qt.GlobalColor.red)
    tall.save(str(tmp_path / "thumbnail.png"))
    shown = Thumbnail()
    qtbot.addWidget(shown)
    shown.resize(300, 152)
    shown.show_entry(tmp_path, "x", broken=False)
    drawn = shown.grab().toImage()
    middle = [drawn.pixelColor(150, y) for y in range(152)]
    assert middle[1].red() > middle[1].blue() and middle[-1].red() > middle[-1].blue(), "both of its ends are there"
    assert middle[76].blue() > 200


def test_a_double_click_presses_a_button_once(qtbot: Any) -> None:
    for kind, presses in (("primary", 1), ("", 1), ("quiet", 2)):
        count: list[int] = []
        shown = button("Open", kind=kind, on=lambda count=count: count.append(1))  # type: ignore[misc]
        qtbot.addWidget(shown)
        shown.show()
        at = QPointF(shown.rect().center())
        QTest.mouseClick(shown, Qt.MouseButton.LeftButton)
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        for kind_of_event in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
            event = QMouseEvent(kind_of_event, at, shown.mapToGlobal(at), left, left, none)
            shown.mouseDoubleClickEvent(event) if "Dbl" in kind_of_event.name else shown.mouseReleaseEvent(event)
        assert len(count) == presses, kind


def test_where_no_browser_opens_the_address_is_told(
    play: Any, behave: Any, data_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)

    async def scenario() -> None:
        app, page = await data_page()
        behave(replay=[{"event": "ready", "url": "http://127.0.0.1:9/?t=x", "replays": []}], replay_waits=True)
        page.session.replay()
        await until(lambda: "No browser opened" in page.banner.text.text(), "told")
        assert page.banner.details.text() == "http://127.0.0.1:9/?t=x"
        await app.shut_down()

    play(scenario())
