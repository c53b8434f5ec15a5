"""Opens everything the launcher can show, at two sizes of screen, in one language, and prints what is cut.

Usage: every_window.py HOME [PICTURES]   (the language and the theme from the environment)
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QScrollArea

from igym.protocol.passes import Pass
from igym_desktop.flow.paths import example_folders
from igym_desktop.flow.servers import Server, Trouble, trouble_text
from igym_desktop.flow.study_kinds import holder_kinds, scene_kinds
from igym_desktop.launcher import child_command
from tests.desktop.conftest import fake_command
from tests.desktop.fits import Look
from tests.desktop.test_data_page import stored
from tests.waiting import until

SCREENS = (QSize(1366, 768), QSize(1920, 1080))
NARROWER = QSize(1280, 800)
"""The pages of a session, with tables beside details, on this screen as well."""
SHOWN_EXAMPLES = ("mountain_car", "slime_duel", "survey_tour", "grid_kitchen")
REAL = {"describe", "convert"}
"""Kinds of child processes that are the product's own here; all others are played."""
GIVEN = Pass("anna", "k3VtQ0dFZ2JmN2h4WlJ5c0pIb1Z6d2c5bUxQYQ4wXy0")
SERVERS = (
    Server("https://study.example.org/lab1/", GIVEN), Server("http://10.0.0.7:8000/", Pass("lab_manager", GIVEN.secret))
)  # fmt: skip
LINK = f"https://study.example.org/lab1/remote#{GIVEN.text}"
TROUBLES = ("wrong_pass", "other_version", "unknown_name", "certificate", "no_tls")
"""The longest sentences; each has one of its own."""
PROBLEMS = [
    {"id": "p1", "at": 1.0, "level": "error", "title": "on_join failed", "text": "division by zero",
     "traceback": "Traceback (most recent call last):\n  File \"experiment.py\", line 12", "participant": "P001",
     "count": 2},
    {"id": "p2", "at": 2.0, "level": "warning", "title": "Slow answers", "text": "It took 4 s.", "count": 1},
]  # fmt: skip
CELLS = [
    {"id": f"{partner}/small", "levels": {"partner": partner, "size": "small"}, "open": partner == "human",
     "wanted": 10, "running": 2, "finished": 3, "dropped": 1}
    for partner in ("human", "ai")
]  # fmt: skip
PLAYED = {
    "participants": 10, "expected": 12, "problems": PROBLEMS, "cells": CELLS, "prepare_exit": 3,
    "prepare": [{"event": "prepared", "ok": False, "missing": ["cogrid is not on this computer."], "packages": []}],
    "check": [{"ok": True, "scenes": [{"scene": "match", "ok": True}],
               "study": {"ok": True, "people": 20, "ended": {"finished": 20}, "findings": []}}],
}  # fmt: skip


def command(kind: str, arguments: Sequence[str]) -> list[str]:
    return (child_command if kind in REAL else fake_command)(kind, arguments)


class Unconnected:
    """In place of a link that is lost."""

    is_connected = False


class Tour:
    """One thing after the other, each at every size."""

    def __init__(self, app: Any, pictures: Path | None) -> None:
        self.app, self.window, self.launcher = app, app.window, app.launcher
        self.looks = [Look(screen, pictures) for screen in SCREENS]
        self.narrower = Look(NARROWER, pictures)

    async def at(self, name: str) -> None:
        for look in self.looks:
            self.window.resize(look.screen)
            await look.at(f"{name} {look.screen.width()}", self.window)

    async def at_tabs(self, name: str, tabs: Any) -> None:
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            await self.at(f"{name} tab {index}")

    async def at_dialog(self, name: str, opens: Callable[[], Any]) -> None:
        """At its own size, which is the same on every screen that has room for it."""
        await self.looks[0].at_dialog(name, self.window, opens)

    def page(self, name: str) -> Any:
        self.window.show_page(name)
        return self.window.pages[name]


async def library(tour: Tour) -> None:
    page = tour.page("experiments")
    await tour.at("first start")
    page.close_first_steps()
    await tour.at("experiments")
    page.listed.click()
    await tour.at("experiments list")
    page.listed.click()
    page.search.setText("nothing is called so")
    await tour.at("nothing found")
    page.search.clear()
    first = next(iter(tour.launcher.library.entries))
    await tour.at_dialog("duplicate", lambda: page.ask_to_duplicate(first))
    await tour.at_dialog("personal links", lambda: page.ask_for_links(first))
    await tour.at_dialog("new study", page.ask_for_new_study)


async def profiles(tour: Tour) -> None:
    entries = tour.launcher.library.entries
    tour.launcher.choose(next(folder for folder in entries if folder.name == "grid_kitchen"), "configure")
    configure = tour.page("configure")
    for section in configure.profiles.sections:
        configure.profiles.list.choose(section.key)
        await tour.at(f"configure {section.key}")
    configure.profiles.search.setText("time")
    await tour.at("configure search")
    configure.profiles.search.clear()
    await tour.at_dialog("save profile", configure.profiles.ask_name)
    await tour.at_dialog("compare", configure.profiles.compare)
    preflight = tour.page("preflight")
    await tour.at("preflight before")
    preflight.run_checks()
    await until(lambda: len(preflight.findings) == len(preflight.rows), "checks")
    await tour.at("preflight")
    await tour.at_dialog("lab check", preflight.lab.open.click)


async def session(tour: Tour) -> None:
    tour.looks.append(tour.narrower)
    await session_pages(tour)
    tour.looks.remove(tour.narrower)


async def session_pages(tour: Tour) -> None:
    launcher = tour.launcher
    tour.page("session")
    await tour.at("no session")
    folder = next(folder for folder in launcher.library.entries if folder.name == "mountain_car")
    launcher.start(folder)
    await until(lambda: launcher.engine.mirror.participants, "participants")
    page = tour.page("session")
    await tour.at_tabs("session", page.tabs)
    page.tabs.setCurrentIndex(0)
    rows = list(launcher.engine.mirror.participants.values())
    page.people.select(str(rows[0]["id"]))
    await tour.at("session person")
    acts = page.actions_of_session
    for name, opens in (
        ("message all", acts.message_all), ("exclude", lambda: acts.exclude(rows[:1])),
        ("withdraw", lambda: acts.withdraw(rows[:1])), ("seat", lambda: acts._ask_seat(rows[:1])),
        ("end session", page.end.click), ("rehearsal", page.rehearse.click), ("close window", tour.window.close),
        ("invitation paper", page.join._print_invitation), ("seats", page.join._ask_for_seats),
        ("seat sheet", lambda: page.join._print_seats(["PC01", "PC02"])),
        ("personal links of session", page.join.ask_for_personal_links),
    ):  # fmt: skip
        await tour.at_dialog(name, opens)
    page.join.show_invitation()
    page.join.invitation.showNormal()
    for look in tour.looks:
        page.join.invitation.resize(look.screen)
        await look.at(f"invitation {look.screen.width()}", page.join.invitation)
    page.join.invitation.close()
    await tour.at("session again")
    await elsewhere(tour)
    launcher.engine.stop(end_session=True)
    await until(lambda: not launcher.engine.alive, "the end")
    await tour.at("session ended")


async def elsewhere(tour: Tour) -> None:
    """The dialog in all its states; and the pages of the session as they are when it runs on another computer."""
    launcher, engine, page = tour.launcher, tour.launcher.engine, tour.page("session")
    for server in SERVERS:
        launcher.servers.remember(server)
    for name, link in (("empty", ""), ("in the clear", "http://study.example.org/"), ("link", LINK)):
        await tour.at_dialog(f"connect {name}", lambda link=link: connect(page, link))
    for code in TROUBLES:
        told = trouble_text(Trouble(code, "certificate has expired"), SERVERS[0].shown)
        await tour.at_dialog(f"connect {code}", lambda told=told: connect(page, LINK, told))
    engine.server, engine.scenes, connected = SERVERS[0], ("welcome", "game"), engine.link
    page.refresh()
    await tour.at("session elsewhere")
    tour.page("data").server.refresh()
    await tour.at("data elsewhere")
    page = tour.page("session")
    await tour.at_dialog("end elsewhere", page.end.click)
    engine.mirror.session["state"] = "ended"
    await tour.at_dialog("stop elsewhere", page.end.click)
    engine.mirror.session["state"] = "running"
    engine.link = Unconnected()
    engine.trouble = trouble_text(Trouble("no_leader", "503"), SERVERS[0].shown)
    page.refresh()
    await tour.at("session elsewhere, lost")
    engine.server, engine.link = None, connected
    page.refresh()
    tour.page("data").server.refresh()
    tour.page("session")


def connect(page: Any, link: str, told: str = "") -> None:
    page.ask_for_server()
    page.connecting.link.setText(link)
    page.connecting.problem.setText(told)
    page.connecting._show()


async def data(tour: Tour) -> None:
    page = tour.page("data")
    await tour.at("no data")
    made = stored(tour.launcher.data_root / "duel")
    made.record("session_annotated", name="Monday, second group", note="PC3 had to be started again.")
    page.reload()
    await until(lambda: page.chosen is not None and page.session.payments.model.rows, "listed")
    await tour.at_tabs("data", page.session.tabs)
    panel = page.session
    panel.people_table.selectRow(0)
    for name, opens in (
        ("report", panel.show_report), ("name and note", panel._annotate), ("delete", panel._delete),
        ("erase", panel._withdraw),
    ):  # fmt: skip
        await tour.at_dialog(name, opens)
    from igym_desktop.flow.papers import receipts, signature_list

    await tour.at_dialog("receipts", lambda: panel._show_payments(receipts))
    await tour.at_dialog("signatures", lambda: panel._show_payments(signature_list))


async def made_here(tour: Tour) -> None:
    """Every kind of scene, block and editor of a study put together in the window."""
    page = tour.page("experiments")
    page.make_study("partner", "Trust between partners")
    configure = tour.page("configure")
    editor = configure.study.editor
    await until(lambda: editor.draft is not None, "the new study")
    await tour.at("study whole")
    await tour.at_dialog("add scene", editor.ask_to_add)
    for kind in scene_kinds():
        editor.timeline.add_scene(kind.kind)
        await tour.at(f"study {kind.kind}")
    for kind in holder_kinds():
        editor.timeline.wrap(kind.kind)
        await tour.at(f"study {kind.kind}")
    await tour.at_dialog("prolific", configure.study.ask_about_prolific)
    await tour.at_dialog("to python", configure.study.ask_to_convert)
    await tour.at_dialog("unsaved", lambda: tour.window.go_to("data"))
    configure.study.discard()


async def rest(tour: Tour) -> None:
    settings = tour.page("settings")
    await tour.at("settings")
    area = settings.findChild(QScrollArea)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    await tour.at("settings below")
    for level, source in (("info", "browser"), ("warning", "checkpoint"), ("error", "researcher")):
        tour.launcher.log.add({"at": time.time(), "level": level, "source": source, "text": f"A line of {level}"})
    tour.page("log")
    await tour.at("log")


async def look_around(app: Any, pictures: Path | None) -> Tour:
    tour = Tour(app, pictures)
    entries = app.launcher.library.entries
    await until(lambda: all(entry.status == "ready" for entry in entries.values()), "descriptions")
    only = os.environ.get("IGYM_TOUR", "library,profiles,session,data,made_here,rest").split(",")
    for part in (library, profiles, session, data, made_here, rest):
        if part.__name__ in only:
            await part(tour)
    await app.shut_down()
    return tour


def main() -> None:
    import qasync

    from igym_desktop.app import App, make_application
    from igym_desktop.flow.paths import AppPaths
    from igym_desktop.launcher import Launcher

    home, pictures = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    os.environ["IGYM_FAKE"] = json.dumps(PLAYED)
    qt = make_application()
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    paths = AppPaths.below(home)
    theme = os.environ.get("IGYM_TEST_THEME", "light")
    Launcher(paths, examples=[]).change_settings(
        language=os.environ["IGYM_TEST_LANGUAGE"], port=0, address="127.0.0.1", may_sleep=True, theme=theme
    )
    examples = [folder for folder in example_folders() if folder.name in SHOWN_EXAMPLES]
    app = App(qt, paths, command_line=command, examples=examples)
    app.open()
    with loop:
        tour = loop.run_until_complete(look_around(app, pictures))
    seen = {name: found for look in (*tour.looks, tour.narrower) for name, found in look.found.items()}
    print(json.dumps({name: found for name, found in seen.items() if found} | {"looked at": len(seen)}))
    sys.stdout.flush()
    os._exit(0)  # Qt's objects have no order in which they like to go


if __name__ == "__main__":
    main()
