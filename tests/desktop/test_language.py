"""Another language holds at once, everywhere, and costs nothing that is open or under way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from igym_desktop.child_job import ChildJob
from igym_desktop.language import WindowLanguage
from tests.waiting import until

from .test_main_window import open_app, ready, started, stopped, study

__all__ = ["open_app", "study"]


@pytest.fixture(autouse=True)
def english_again(qapp: QApplication) -> Iterator[None]:
    language = WindowLanguage(qapp)
    yield
    language.use("en")


def pick(app: Any, code: str) -> None:
    """As in the settings."""
    app.window.go_to("settings")
    combo = app.window.pages["settings"].language
    combo.setCurrentIndex(combo.findData(code))
    combo.activated.emit(combo.currentIndex())


def test_every_page_speaks_the_new_language_at_once_during_a_session(
    play: Any, behave: Any, study: Any, open_app: Any, qapp: QApplication
) -> None:
    async def scenario() -> None:
        behave(participants=4)
        folder = study("mountain_car", title="Mountain Car")
        app = open_app(folder)
        session = await started(app, folder)
        for name in ("configure", "preflight", "data", "log", "settings", "experiments"):
            app.window.show_page(name)
        gone = [*app.window.pages.values()]
        for code, words in (
            ("de", ["Experimente", "Einstellungen", "Sitzung läuft"]),
            ("fr", ["Expériences", "Réglages", "Session en cours"]),
            ("en", ["Experiments", "Settings", "Session running"]),
        ):
            pick(app, code)
            await until(lambda: app.window._buttons["experiments"].accessibleName() == words[0], code)  # noqa: B023
            assert app.window.page_name == "settings"
            assert app.window.pages["settings"].header.title.text() == words[1]
            assert app.window.pages["settings"].language.currentData() == code
            assert app.window.status_title.text() == words[2]
            qt_says = QCoreApplication.translate("QPlatformTheme", "Cancel")
            assert qt_says == {"de": "Abbrechen", "fr": "Annuler", "en": "Cancel"}[code]
            assert code == "en" or QLocale().name().startswith(code)
        app.window.show_page("session")
        page = app.window.pages["session"]
        assert page is not session and page.people.table.model().rowCount() == 4
        assert page.join.url.text() == app.launcher.engine.join_url
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        # Whatever the pages before had asked for or listened to reaches nobody now: an error would fail this test.
        app.launcher.engine.mirror.participants["P001"]["label"] = "Anna"
        app.launcher.change_settings(theme="dark")
        app.launcher.change_settings(theme="light")
        app.launcher.library_changed.emit()
        del gone
        await stopped(app)

    play(scenario())


def test_a_window_or_a_job_is_not_lost_to_another_language(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        await ready(app)
        other = QDialog(app.window)
        other.show()
        job = ChildJob([sys.executable, "-c", "input()"], 0, app.window.pages["experiments"], leash=True)
        job.start()
        await until(lambda: job.running, "a job")
        pick(app, "de")
        settings = app.window.pages["settings"]
        await until(settings.banner.isVisible, "told")
        assert "once the app's other windows are closed" in settings.banner.text.text()
        other.close()
        await until(lambda: not other.isVisible(), "closed")
        assert job.running and app.window.pages["settings"] is settings
        job.let_go(5000)
        await until(lambda: app.window.pages["settings"].header.title.text() == "Einstellungen", "German")
        press_all(app.window)
        await app.shut_down()

    play(scenario())


def press_all(window: QWidget) -> None:
    """Every page can be gone to."""
    for name, button in window._buttons.items():  # type: ignore[attr-defined]
        button.click()
        assert window.page_name == name  # type: ignore[attr-defined]
