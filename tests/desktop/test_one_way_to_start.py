"""Card, Preflight and Configure start in one way: what is unsaved is named and asked about, the profile is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from igym_desktop.flow import profiles
from tests.waiting import until

from .test_main_window import answer, open_app, press, ready, stopped, study

__all__ = ["open_app", "study"]
FORM = json.loads(Path(__file__).with_name("form_schema.json").read_text("utf-8"))
TITLE = ("experiment", "title")


def listing() -> str:
    question: Any = QApplication.activeModalWidget()
    shown = question.findChild(QPlainTextEdit, "question_listing")
    return str(shown.toPlainText())


def integer(page: Any) -> Any:
    """Some option that takes whole numbers."""
    return next(field for field in page.profiles.draft._fields.values() if field.kind == "integer" and field.editable)


async def configured(app: Any, folder: Path) -> Any:
    await ready(app)
    app.launcher.choose(folder.resolve(), "configure")
    page = app.window.pages["configure"]
    await until(lambda: page.profiles.draft is not None, "form")
    return page


@pytest.mark.parametrize("where", ["card", "preflight", "configure"])
def test_every_start_asks_about_what_is_not_saved(
    play: Any, behave: Any, study: Any, open_app: Any, where: str
) -> None:
    async def scenario() -> None:
        behave(participants=1)
        folder = study("mountain_car", form=FORM).resolve()
        profiles.save(folder / "profiles", "loud", {})
        app = open_app(folder)
        app.launcher.choose_profile(folder, "loud")
        page = await configured(app, folder)
        page.profiles.draft.type(TITLE, "Another title")
        page.profiles.edited()
        if where == "configure":
            press(page, "configure_start")
        else:
            app.window.show_page("experiments" if where == "card" else "preflight")
            press(app.window, f"start_{folder.name}" if where == "card" else "preflight_start")
        await until(QApplication.activeModalWidget, "question")
        assert listing() == "Title"
        assert not app.launcher.engine.alive
        await answer("save")
        await until(lambda: app.launcher.engine.mirror.session, "session")
        assert profiles.load(app.launcher.profile_path(folder, "loud")) == {"experiment": {"title": "Another title"}}
        assert page.unsaved() is None
        app.window.pages["session"]._show_subtitle()
        assert "profile loud" in app.window.pages["session"].header.subtitle.text()
        await stopped(app)

    play(scenario())


def test_invalid_values_block_a_start_and_are_named(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=1)
        folder = study("mountain_car", form=FORM).resolve()
        app = open_app(folder)
        page = await configured(app, folder)
        field = integer(page)
        with pytest.raises(ValueError):
            page.profiles.draft.type(field.path, "many")
        page.profiles.edited()
        app.launcher.start(folder)
        await until(QApplication.activeModalWidget, "question")
        question: Any = QApplication.activeModalWidget()
        assert "save" not in question.buttons
        assert listing() == f"not allowed: {page.profiles.draft.title_of('.'.join(field.path))}"
        await answer("cancel")
        assert not app.launcher.engine.alive and app.window.page_name == "configure"
        await app.shut_down()

    play(scenario())


def test_leaving_configure_and_closing_the_window_ask(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        folder = study("mountain_car", form=FORM).resolve()
        app = open_app(folder)
        page = await configured(app, folder)
        app.window.go_to("data")
        assert app.window.page_name == "data", "nothing to ask about"
        app.window.go_to("configure")
        page.profiles.draft.type(TITLE, "Another title")
        page.profiles.edited()
        app.window.go_to("data")
        assert app.window.page_name == "configure"
        await answer("cancel")
        event = QCloseEvent()
        app.window.closeEvent(event)
        assert not event.isAccepted()
        await answer("cancel")
        app.window.go_to("log")
        await answer("drop")
        assert app.window.page_name == "log" and page.unsaved() is None
        await app.shut_down()

    play(scenario())


def test_a_profile_that_is_gone_is_told_and_nothing_runs_without_it(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        folder = study("mountain_car", form=FORM).resolve()
        profiles.save(folder / "profiles", "loud", {})
        app = open_app(folder)
        await ready(app)
        app.launcher.choose(folder, "preflight")
        page = app.window.pages["preflight"]
        assert page.header.subtitle.text().endswith("no profile: as the study is written")
        app.launcher.choose_profile(folder, "loud")
        assert page.header.subtitle.text().endswith("profile loud")
        profiles.remove(folder / "profiles" / "loud.toml")
        press(page, "preflight_start")
        assert page.banner.text.text().startswith("The profile loud of Mountain_Car is not there any more.")
        assert not app.launcher.engine.alive
        await app.shut_down()

    play(scenario())


def test_a_session_that_nobody_else_can_reach_says_so_instead_of_a_code(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        behave(participants=1)
        folder = study("mountain_car")
        app = open_app(folder)
        app.launcher.change_settings(address="")
        await ready(app)
        press(app.window, f"start_{folder.name}")
        await until(lambda: app.launcher.engine.mirror.session, "session")
        join = app.window.pages["session"].join
        assert join.alone.isVisible() and join.alone.text.text().startswith("Nobody else can join")
        assert not join.qr.isVisible() and not join.invite.isEnabled()
        join.show_url("http://192.168.1.7:8080/")
        assert not join.alone.isVisible() and join.qr.isVisible() and join.invite.isEnabled()
        await stopped(app)

    play(scenario())
