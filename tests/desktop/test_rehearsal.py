"""A rehearsal that is cancelled or cut off while its files are written."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

from PySide6.QtWidgets import QPushButton

from tests.waiting import until

from .test_main_window import open_app, press, ready, study

__all__ = ["open_app", "study"]

STEP = {"done": 1, "total": 9, "what": "duel: p1"}


async def begun(study: Any, open_app: Any) -> tuple[Any, Any]:
    """The dialog of a rehearsal that was just started."""
    app = open_app(study("duel"))
    await ready(app)
    app.launcher.start(next(iter(app.launcher.library.entries)))
    await until(lambda: app.launcher.engine.mirror.session, "session")
    await until(lambda: app.launcher.engine.link.is_connected, "connected")
    session = app.window.pages["session"]
    await until(session.rehearse.isVisible, "the page of a running session")
    press(session, "rehearse")
    session.rehearsal.begin()
    return app, session.rehearsal


async def writing(study: Any, open_app: Any) -> tuple[Any, Any]:
    """The same, whose export has begun and does not end by itself."""
    app, dialog = await begun(study, open_app)
    await until(lambda: dialog.text.text() == "1 of 9: duel: p1", "export progress")
    return app, dialog


def test_cancel_while_files_are_written_stops_the_export(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(simulate=[{"event": "simulated", "participants": []}], long_export=STEP)
        app, dialog = await writing(study, open_app)
        cancel = next(b for b in dialog.findChildren(QPushButton) if b.isVisible() and b.text() == "Cancel")
        cancel.click()
        await until(lambda: dialog.report is not None, "report")
        assert (False, "The export was stopped after 1 of 9 steps.") in dialog.report.lines
        folder = app.launcher.data_root / "mountain_car"
        names = [json.loads(line)["name"] for line in (folder / "commands.jsonl").read_text().splitlines()]
        assert names.index("export") < names.index("cancel_export")
        await app.shut_down()

    play(scenario())


def test_an_engine_that_dies_while_it_exports_does_not_keep_the_rehearsal_waiting(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        behave(simulate=[{"event": "simulated", "participants": []}], long_export=STEP)
        app, dialog = await writing(study, open_app)
        os.kill(app.launcher.engine.pid, signal.SIGKILL)
        await until(lambda: dialog.report is not None, "report")
        assert any("did not answer" in text for _, text in dialog.report.lines)
        await app.shut_down()

    play(scenario())


def test_nobody_is_simulated_before_the_server_knows_that_it_is_a_rehearsal(
    play: Any, behave: Any, study: Any, open_app: Any
) -> None:
    async def scenario() -> None:
        behave(simulate=[{"event": "simulated", "participants": [{"outcome": "finished"}]}], crashes_at="session_kind")
        app, dialog = await begun(study, open_app)
        await until(lambda: dialog.report is not None, "report")
        (told,) = [text for _, text in dialog.report.lines if "simulated participants" in text]
        assert told.startswith("The simulated participants could not take part. The server did not answer.")
        await app.shut_down()

    play(scenario())
