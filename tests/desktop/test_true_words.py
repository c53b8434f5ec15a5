"""What the launcher says is so: games that fail, people who are gone, its own port, seats, languages, packages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from igym_desktop.flow import study_package
from igym_desktop.flow.broken_games import broken_in, now_text, who_cannot_play
from igym_desktop.flow.findings import Situation
from igym_desktop.flow.library import Entry
from igym_desktop.flow.preflight import check_direct, check_port
from igym_desktop.flow.study_package import read_contents, write_package
from igym_desktop.flow.view import SessionMirror
from igym_desktop.models.participants_columns import columns
from igym_desktop.pages.session_seats import SeatTile
from igym_desktop.theme import current
from igym_desktop.widgets.languages import LanguagesEditor
from tests.waiting import until

from .test_main_window import answer, open_app, press, ready, started, stopped, study

__all__ = ["open_app", "study"]
FAILED = {
    "scenes": [
        {"scene": "duel", "problems": [{"text": "ZeroDivisionError", "file": "env.py", "line": 7}]},
        {"scene": "b"},
    ]
}
PROBLEM = {"id": "p1", "level": "error", "title": "Error in the browser (python)", "text": "boom (env.py, line 7)",
           "participant": "P001", "game_fails": True, "at": 1.0, "count": 1, "traceback": ""}  # fmt: skip
HOST = {**PROBLEM, "id": "p2", "title": "The env on the host failed", "participant": None,
        "match": "m1", "text": "boom (match m1, scene game)"}  # fmt: skip


def test_who_cannot_play_is_told_from_the_problems() -> None:
    matches = {"m1": {"participants": ["P003", "P004"]}}
    assert set(who_cannot_play([PROBLEM, HOST], matches)) == {"P001", "P003", "P004"}
    assert "not their fault" in now_text([PROBLEM]) and "close admission" in now_text([PROBLEM])
    harmless = {**HOST, "game_fails": False}
    assert now_text([harmless]) == "" and who_cannot_play([harmless], matches) == {}
    [game] = broken_in(FAILED)
    assert (game.scene, game.text, game.file, game.line) == ("duel", "ZeroDivisionError", "env.py", 7)


def test_a_new_game_error_repaints_the_row_it_is_about() -> None:
    mirror = SessionMirror()
    mirror.snapshot({"session": {"id": "s"}, "participants": [{"id": "P001"}, {"id": "P002"}]})
    assert mirror.changes({"problems": [PROBLEM]}).participants == ["P001"]
    assert mirror.changes({"problems": [{"id": "p1", "cleared": True}]}).participants == ["P001"]


def test_a_game_that_fails_is_red_before_and_in_a_session(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=2, check=[{**FAILED, "ok": False}], check_exit=1, problems=[PROBLEM])
        folder = study("mountain_car").resolve()
        app = open_app(folder)
        await ready(app)
        app.launcher.choose(folder, "preflight")
        page = app.window.pages["preflight"]
        await until(page.broken.isVisible, "told on the experiment's page")
        assert page.broken.text.text().startswith("The game duel fails in its first steps: ZeroDivisionError")
        app.window.show_page("experiments")
        session = await started(app, folder)
        assert session.broken.isVisible() and session.broken.text.text().startswith("A game fails:")
        assert "What participants see now" in session.broken.text.text()
        assert app.window.status_title.text() == "A game fails"
        model = session.people.model
        cell = model.data(model.index(model.row_of("P001"), model.column_index("state")), 9)
        assert cell.name() == current().stop.casefold()
        await stopped(app)

    play(scenario())


def test_a_start_tries_the_games_by_itself(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=1, check=[{**FAILED, "ok": False}], check_exit=1)
        folder = study("mountain_car").resolve()
        app = open_app(folder)
        session = await started(app, folder)
        await until(session.tried.isVisible, "told on the session's page")
        assert app.window.status_title.text() == "A game fails"
        await stopped(app)

    play(scenario())


def cell_of(key: str, **row: Any) -> Any:
    return next(column for column in columns() if column.key == key).cell({"id": "P1", **row})


def test_a_lost_person_shows_as_lost_and_a_finished_one_is_not_amber() -> None:
    gone = {"connection": "lost", "state": "playing", "rtt_ms": 9.0, "fps": 30.0, "focused": False}
    assert cell_of("state", **gone).text == "Lost, was: Playing" and cell_of("state", **gone).tone == "stop"
    assert [cell_of(key, **gone).text for key in ("rtt", "fps", "focus")] == ["", "", ""]
    assert cell_of("connection", connection="away", state="finished").tone == "off"
    assert cell_of("connection", connection="away", state="playing").tone == "warn"


def test_a_lost_person_is_lost_on_their_seat(qtbot: Any) -> None:
    tile = SeatTile("PC01", lambda seat: None)
    qtbot.addWidget(tile)
    tile.show_participant({"id": "P1", "state": "playing", "connection": "lost"})
    assert "Lost" in tile.accessibleName() and "Playing" not in tile.accessibleName()


def test_preflight_knows_the_port_of_the_running_session(tmp_path: Path) -> None:
    entry = Entry(tmp_path, "own", "ready", {"players": 2})
    situation = Situation(entry, tmp_path, 8080, "", True, own_port=8080)
    assert check_port(situation).text == "The session that is running uses port 8080."
    assert check_direct(situation).result == "go"


def test_languages_are_chosen_from_a_list(qtbot: Any) -> None:
    editor = LanguagesEditor()
    qtbot.addWidget(editor)
    editor.show_value(["en"])
    told: list[Any] = []
    editor.edited.connect(told.append)
    editor._added(editor.add.findData("de"))
    editor._to_front("de")
    editor._added(editor.add.findData("fr"))
    editor._remove("en")
    assert told == [["en", "de"], ["de", "en"], ["de", "en", "fr"], ["de", "fr"]]
    assert editor.add.findData("fr") == -1 and editor.add.findData("en") > 0


@pytest.mark.parametrize("choice", ["both", "replace", "cancel"])
def test_a_package_of_a_study_that_exists_is_asked_about(
    play: Any, study: Any, open_app: Any, tmp_path: Path, choice: str
) -> None:
    async def scenario() -> None:
        source = study("pilot")
        (source / "experiment.py").write_text('experiment = Experiment(id="pilot", title="Pilot")\n')
        app = open_app()
        studies = app.launcher.paths.studies
        package = tmp_path / "pilot.igymz"
        write_package(source, package, {"title": "Pilot", "id": "pilot"}, "1", [])
        study_package.open_package(package, studies, read_contents(package).digest)
        (studies / "pilot" / "mine.txt").write_text("here first")
        (studies / "pilot" / "describe.json").write_text((source / "describe.json").read_text())
        app.launcher.add_folder(studies / "pilot")
        await ready(app)
        page = app.window.pages["experiments"]
        page.open_package(package)
        await answer("yes")
        await answer(choice)
        if choice == "both":
            file = studies / "pilot_2" / "experiment.py"
            await until(lambda: file.is_file() and 'id="pilot_2"' in file.read_text(), "an id of its own")
        elif choice == "replace":
            await until(lambda: not (studies / "pilot" / "mine.txt").exists(), "replaced")
            [aside] = (studies / "_replaced").iterdir()
            assert (aside / "mine.txt").read_text() == "here first"
        assert (studies / "pilot" / "mine.txt").exists() is (choice != "replace")
        await until(lambda: not app.launcher.reader.busy, "read")
        await app.shut_down()

    play(scenario())


def test_a_name_without_an_id_is_refused_while_it_is_typed(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        folder = study("pilot").resolve()
        app = open_app(folder)
        await ready(app)
        app.window.pages["experiments"].ask_to_duplicate(folder)
        question: Any = QApplication.activeModalWidget()
        question.input.setText("研究")
        assert not question.buttons["yes"].isEnabled() and question.refused.isVisible()
        question.input.setText("Größe und Übung " * 6)
        assert question.buttons["yes"].isEnabled() and not question.refused.isVisible()
        await answer("cancel")
        await app.shut_down()

    play(scenario())


__all__ += ["press"]


def test_the_sender_chooses_how_long_and_sees_who_has_read_it(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        message = {
            "id": "m1",
            "at": 1.0,
            "text": "Fire drill",
            "until": None,
            "people": ["P001", "P002"],
            "read": ["P001"],
        }
        behave(participants=2, messages=[message])
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        assert page.messages._told(message, ["P001", "P002"], ["P002"]) == "Read by 1 of 2. Not yet: PC02."
        assert page.tabs.tabText(page.tabs.indexOf(page.messages)) == "Messages  1"
        press(page, "message_all")
        dialog = page.actions_of_session.dialog
        assert not dialog.buttons["yes"].isEnabled()
        dialog.shown.setCurrentIndex(dialog.shown.findData(60.0))
        await answer("yes", "Five minutes left")
        file = app.launcher.engine.plan.data_folder / "commands.jsonl"
        await until(lambda: file.exists() and "message" in file.read_text(), "sent")
        [sent] = [item for item in map(json.loads, file.read_text().splitlines()) if item["name"] == "message"]
        assert sent["args"] == {"to": "all", "text": "Five minutes left", "show_s": 60.0}
        await stopped(app)

    play(scenario())
