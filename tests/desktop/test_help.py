"""Help opens the manual that lies beside the app; F1 the page that belongs to what is on screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QToolButton

from igym_desktop import help as manual
from igym_desktop.windows.new_study import NewStudyDialog
from tests.waiting import until

from .test_main_window import open_app, ready, study

__all__ = ["open_app", "study"]
FORM = json.loads(Path(__file__).with_name("form_schema.json").read_text("utf-8"))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    urls: list[str] = []
    monkeypatch.setattr(manual, "manual_folder", lambda: tmp_path)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()) or True)
    return urls


def test_f1_opens_the_page_about_what_is_on_screen(
    play: Any, study: Any, open_app: Any, opened: list[str], qtbot: Any
) -> None:
    async def scenario() -> None:
        folder = study("mountain_car", form=FORM).resolve()
        app = open_app(folder)
        await ready(app)
        for page, there in (("data", "manual/data.html"), ("settings", "manual/network.html")):
            app.window.show_page(page)
            qtbot.keyClick(app.window, Qt.Key.Key_F1)
            assert opened.pop().endswith(there) and opened == []
        app.window.show_page("experiments")
        app.window.pages["experiments"].ask_for_new_study()
        dialog: Any = QApplication.activeModalWidget()
        assert isinstance(dialog, NewStudyDialog)
        qtbot.keyClick(dialog, Qt.Key.Key_F1)
        assert opened.pop().endswith("manual/make-a-study.html") and opened == []
        dialog.reject()
        app.launcher.choose(folder, "configure")
        page = app.window.pages["configure"]
        await until(lambda: page.profiles.draft is not None, "form")
        page.profiles.show_section("experiment")
        page.profiles.forms["experiment"].findChild(QToolButton, "help_Entry screening").click()
        assert opened.pop().endswith("authoring/experiment.html#who-may-take-part-entry_screening")
        app.window.findChild(QToolButton, "help").click()
        assert opened.pop().endswith("manual/index.html")
        await app.shut_down()

    play(scenario())


def test_a_copy_without_the_manual_says_so(
    play: Any, study: Any, open_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        monkeypatch.setattr(manual, "manual_folder", lambda: None)
        app.window.open_help()
        assert app.window.pages["experiments"].banner.text.text().startswith("The manual is not part of this copy")
        await app.shut_down()

    play(scenario())
