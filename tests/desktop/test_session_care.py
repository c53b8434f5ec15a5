"""A stored session is named, noted, sorted among pilots and deleted with a receipt, from the Data and Session pages."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from igym_desktop.flow.sessions import list_sessions
from igym_desktop.pages.data_session_care import confirmation
from tests.waiting import until

from .test_data_page import data_page, stored
from .test_main_window import answer, open_app, press, started, stopped, study

__all__ = ["data_page", "open_app", "study"]


def asked(file: Path) -> list[list[str]]:
    """The jobs on stored data that the launcher started."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [told for told in map(json.loads, lines) if told[0] in ("annotate", "retention")]


def test_names_notes_and_deleted_sessions_are_read(tmp_path: Path) -> None:
    made = stored(tmp_path / "duel")
    made.record("session_annotated", name="Monday", note="PC3 was slow")
    made.record("session_kind", session_kind="pilot")
    [session] = list_sessions(tmp_path).sessions
    assert (session.name, session.note, session.kind) == ("Monday", "PC3 was slow", "pilot")
    assert session.shown_name.endswith(": Monday")


def test_a_session_is_named_and_becomes_a_pilot(play: Any, behave: Any, data_page: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        with sqlite3.connect(page.chosen.folder / "session.sqlite3") as database:
            database.execute("UPDATE sessions SET state = 'ended'")
        database.close()
        page.reload()
        await until(lambda: page.chosen.state == "ended", "read again")
        told = tmp_path / "told"
        behave(annotate=[{"event": "annotated", "kind": "pilot", "removed": 3, "written": 3}], told_to=str(told))
        press(page.session, "annotate")
        dialog = page.session.care.dialog
        assert dialog.changes() == {}
        dialog.name.setText("Monday")
        dialog.note.setPlainText("PC3 was slow")
        dialog.kind.setCurrentIndex(dialog.kind.findData("pilot"))
        press(dialog, "save_note")
        await until(lambda: page.session.job is None and asked(told), "written")
        [[kind, folder, session, *given]] = asked(told)
        assert (kind, folder, session) == ("annotate", str(page.chosen.folder), "s-1")
        assert set(given) == {"--name=Monday", "--note=PC3 was slow", "--kind=pilot", "--json"}
        assert page.banner.text.text() == "The session was noted so. 3 files moved with it."
        await app.shut_down()

    play(scenario())


def test_deleting_asks_for_the_number_and_shows_the_receipt(
    play: Any, behave: Any, data_page: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        folder, told = page.chosen.folder, tmp_path / "told"
        (folder / "retention").mkdir()
        said = {"sessions": [{"session": "s-1", "participants": 2}], "erased_at": 5.0, "erased": "rows", "kept": "ids",
                "removed_files": ["duel/p1_ep0.csv"],
                "copies": [{"file": "backups/a.sqlite3", "done": "erased in it"}]}  # fmt: skip
        (folder / "retention" / "r.json").write_text(json.dumps(said))
        done = {"event": "retention", "receipt": "retention/r.json", "sessions": [{"session": "s-1", "files": 4}]}
        behave(retention=[done], told_to=str(told))
        from PySide6.QtWidgets import QApplication

        press(page.session, "delete_session")
        question: Any = QApplication.activeModalWidget()
        assert not question.buttons["yes"].isEnabled()
        question.input.setText("yes")
        assert not question.buttons["yes"].isEnabled(), "only the session's own number will do"
        assert asked(told) == []
        await answer("yes", confirmation(page.chosen))
        await until(lambda: page.session.care.receipt, "receipt")
        assert asked(told) == [["retention", str(folder), "--session", "s-1", "--erase", "--json"]]
        text = page.session.care.receipt.text.toPlainText()
        assert "Session s-1, 2 participants" in text and "backups/a.sqlite3: erased in it" in text
        assert "duel/p1_ep0.csv" in text
        press(page.session.care.receipt, "close_receipt")
        assert page.banner.text.text() == "Session s-1 was deleted. 4 files were removed."
        await app.shut_down()

    play(scenario())


def test_the_running_session_is_named_where_it_is_watched(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=0)
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        press(page, "annotate_running")
        page.note_dialog.name.setText("Trial run")
        page.note_dialog.kind.setCurrentIndex(page.note_dialog.kind.findData("pilot"))
        press(page.note_dialog, "save_note")
        await until(page.kind.isVisible, "marked on the page")
        assert page.kind_text.text().startswith("Pilot:")
        page._show_subtitle()
        assert "Trial run" in page.header.subtitle.text()
        await stopped(app)

    play(scenario())


def test_erasing_somebody_in_the_running_session_shows_every_copy(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        behave(participants=2)
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        page.people.select("P001")
        page.actions_of_session.withdraw(page.people.selected())
        await answer("erase", "asked to")
        await until(lambda: page.actions_of_session.receipt, "receipt")
        text = page.actions_of_session.receipt.text.toPlainText()
        assert "Participant P001" in text and "backups/a.sqlite3: erased in it" in text
        assert "game/P001_ep0.csv" in text
        press(page.actions_of_session.receipt, "print_receipt")
        assert "backups/a.sqlite3" in page.actions_of_session.receipt.paper.document.toPlainText()
        page.actions_of_session.receipt.paper.accept()
        press(page.actions_of_session.receipt, "close_receipt")
        assert page.banner.text.text() == "The data of P001 were erased."
        await stopped(app)

    play(scenario())
