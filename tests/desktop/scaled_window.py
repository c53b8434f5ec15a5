"""Opens every page and the main dialogs at twice the size, in a process of its own, and prints what does not fit.

Usage: scaled_window.py HOME STUDY [PICTURES]   (QT_SCALE_FACTOR and the platform from the environment)
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QPoint, QSize

from tests.desktop.conftest import fake_command
from tests.desktop.fits import Look
from tests.waiting import until

PAGES = ["experiments", "configure", "preflight", "session", "data", "settings", "log"]
SIZE = QSize(1280, 720)
"""A screen of 2560 × 1440 at 200 %."""
SMALLER = QSize(960, 540)
"""A screen of 1920 × 1080 at 200 %."""
SMALLEST = QSize(683, 384)
"""A screen of 1366 × 768 at 200 %, where pages are scrolled, and long tables sideways."""


async def look_around(app: Any, study: Path, look: Look) -> None:
    window, launcher = app.window, app.launcher
    window.resize(SIZE)
    entries = launcher.library.entries
    await until(lambda: study in entries and entries[study].status == "ready", "the study")
    launcher.choose(study, "experiments")
    for name in PAGES[:3]:
        window.show_page(name)
        await look.at(name, window)
    preflight = window.pages["preflight"]
    await look.at_dialog("lab check", window, preflight.lab.open.click)
    launcher.start(study)
    await until(lambda: launcher.engine.mirror.participants, "participants")
    session = window.pages["session"]
    await look.at_tabs("session", window, session.tabs)
    session.tabs.setCurrentIndex(0)
    people = next(iter(launcher.engine.mirror.participants.values()))
    session.people.select(str(people["id"]))
    await look.at("session with details", window)
    actions = session.actions_of_session
    for name, opens in (
        ("message all", actions.message_all), ("exclude", lambda: actions.exclude([people])),
        ("withdraw", lambda: actions.withdraw([people])), ("end session", session.end.click),
        ("rehearsal", session.rehearse.click), ("close window", window.close),
    ):  # fmt: skip
        await look.at_dialog(name, window, opens)
    session.join.show_invitation()
    session.join.invitation.showNormal()
    session.join.invitation.resize(SIZE)
    await look.at("invitation", session.join.invitation)
    session.join.invitation.close()
    for name in PAGES[4:]:
        window.show_page(name)
        await look.at(name, window)
    window.resize(SMALLER)
    for name in PAGES:
        window.show_page(name)
        await look.at(f"small {name}", window)
    window.resize(SMALLEST)
    for name in PAGES:
        window.show_page(name)
        await look.at(f"smallest {name}", window)
    window.resize(SIZE)
    assert window.devicePixelRatio() == float(os.environ["QT_SCALE_FACTOR"]), window.devicePixelRatio()
    assert window.mapToGlobal(QPoint()) is not None and window.size() == SIZE, window.size()
    launcher.engine.stop(end_session=True)
    await until(lambda: not launcher.engine.alive, "the end")
    await app.shut_down()


def main() -> None:
    import qasync

    from igym_desktop.app import App, make_application
    from igym_desktop.flow.paths import AppPaths
    from igym_desktop.launcher import Launcher

    home, study = Path(sys.argv[1]), Path(sys.argv[2])
    qt = make_application()
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    paths = AppPaths.below(home)
    settings = {"port": 0, "address": "127.0.0.1", "may_sleep": True, "theme": "light"}
    Launcher(paths, examples=[]).change_settings(language=os.environ["IGYM_TEST_LANGUAGE"], **settings)
    app = App(qt, paths, command_line=fake_command, examples=[study])
    app.open()
    look = Look(SIZE, Path(sys.argv[3]) if len(sys.argv) > 3 else None, low=True)
    with loop:
        loop.run_until_complete(look_around(app, study, look))
    print(json.dumps({name: found for name, found in look.found.items() if found} | {"looked at": len(look.found)}))
    sys.stdout.flush()
    os._exit(0)  # Qt's objects have no order in which they like to go


if __name__ == "__main__":
    main()
